"""Inscriptions that a change of the calendar leaves on days without school. The town hall decides of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from enfance.inscriptions import Resultat, annuler_hors_ecole
from enfance.mairie.touches import Touches, touches_of
from enfance.models import Inscription, load_calendrier
from enfance.regles import Acteur
from portail.dates import jour_annee

MOTIF = "Changement du calendrier"


@dataclass(frozen=True)
class HorsEcole:
    """Those that stand on days without school, by day in words."""

    pks: frozenset[int]
    jours: tuple[tuple[str, int], ...]
    touches: Touches


def load_hors_ecole(*, now: datetime, sauf: Collection[int] = frozenset()) -> HorsEcole:
    """The inscriptions, from the day of `now` on, that stand on days without school; those of `sauf` (primary keys),
    which stood there already before the change, are left out.
    """
    calendrier = load_calendrier()
    a_venir = Inscription.objects.active().filter(jour__gte=timezone.localdate(now)).exclude(pk__in=sauf)
    fermes = [
        jour
        for jour in a_venir.order_by("jour").values_list("jour", flat=True).distinct()
        if not calendrier.is_ecole(jour)
    ]
    lignes = list(a_venir.filter(jour__in=fermes).select_related("enfant", "creneau"))
    comptes = Counter(ligne.jour for ligne in lignes)
    jours = tuple((jour_annee(jour), comptes[jour]) for jour in fermes)
    return HorsEcole(frozenset(ligne.pk for ligne in lignes), jours, touches_of(lignes))


def annuler(hors_ecole: HorsEcole, user_id: int, *, now: datetime) -> Resultat:
    """Cancel without charge these inscriptions on days without school, for the agent `user_id`; each adult who may see
    the child gets a mail.
    """
    return annuler_hors_ecole(hors_ecole.pks, Acteur.mairie(user_id, MOTIF), now=now)
