"""Pairs of files that look like those of one child: mostly a child typed by hand, then given by ONDE. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from itertools import combinations

from django.db.models import Count, QuerySet

from enfance.mairie.fusion_enfants import refus_phrases
from enfance.models import Enfant, Scolarite
from enfance.onde.eleves import is_from_onde
from portail.cles import cle

PROCHE = 0.8  # of two names, before a letter typed for another makes them two


def load_paires() -> list[tuple[Enfant, Enfant]]:
    """The pairs born on one day under near names that nothing says are two children. The file that ONDE knows comes
    first. Two that ONDE gives side by side are two children, such as twins.
    """
    dates = Enfant.objects.values("date_naissance").annotate(n=Count("pk")).filter(n__gt=1).order_by()
    enfants = Enfant.objects.filter(date_naissance__in=dates.values("date_naissance"))
    a_l_ecole = set(Scolarite.objects.present().filter(enfant__in=enfants).values_list("enfant", flat=True))
    return [
        (ici, la)
        for ici, la in _near_pairs(enfants)
        if not (is_from_onde(la) and {ici.pk, la.pk} <= a_l_ecole) and not refus_phrases(ici, la)
    ]


def _near_pairs(enfants: QuerySet[Enfant]) -> Iterator[tuple[Enfant, Enfant]]:
    par_date: dict[object, list[Enfant]] = {}
    for enfant in enfants:
        par_date.setdefault(enfant.date_naissance, []).append(enfant)
    for groupe in par_date.values():
        groupe.sort(key=lambda enfant: not is_from_onde(enfant))
        yield from ((ici, la) for ici, la in combinations(groupe, 2) if are_near(ici, la))


def are_near(ici: Enfant, la: Enfant) -> bool:
    """Whether first names and surnames are the same, but for a part left out or a few letters."""
    noms = [[nom for nom in (enfant.nom, enfant.nom_usage) if nom] for enfant in (ici, la)]
    return _are_alike([ici.prenom], [la.prenom]) and _are_alike(*noms)


def _are_alike(uns: Iterable[str], autres: Iterable[str]) -> bool:
    paires = [(cle(un), cle(autre)) for un in uns for autre in autres]
    return any(
        un.startswith(autre) or autre.startswith(un) or SequenceMatcher(None, un, autre).ratio() >= PROCHE
        for un, autre in paires
        if un and autre
    )
