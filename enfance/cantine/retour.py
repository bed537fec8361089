"""The last list of meals, undone: what was there before it, given back. Nothing of it is guessed: where something has
changed since, it is refused with what stands in the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from enfance.models import Creneau, Enfant, ListeRepas, Repas
from enfance.models.repas import ListeRepasQuerySet
from enfance.planning.historique import jours_phrase
from portail.francais import NBSP, accord
from portail.rehearsal import writing

LOT = 1000  # rows a statement, below what SQLite takes


class RetourRefuse(Exception):
    """The list cannot be undone; nothing is written. Its words say why."""


@dataclass(frozen=True)
class Retour:
    """What undoing a list gives back and takes away: by child, in words."""

    liste: ListeRepas
    rendus: tuple[str, ...]
    retires: tuple[str, ...]
    nombres: tuple[int, int]  # meals given back, meals taken away

    @property
    def phrase(self) -> str:
        """How many meals are given back and taken away, in words: « Repas : 3 rendus, 1 retiré. »"""
        rendus, retires = self.nombres
        return f"Repas\u00a0: {accord(rendus, 'rendu')}, {accord(retires, 'retiré')}."


def souvenir(connus: QuerySet[Repas]) -> list[list[Any]]:
    """The meals that a list is about to replace, as JSON values kept with the list to undo it: child, day, list, and
    when the family said that it cancelled the meal (or None).
    """
    lignes = connus.order_by("pk").values_list("enfant", "jour", "liste", "annule_le")
    return [[enfant, jour.isoformat(), liste, le and le.isoformat()] for enfant, jour, liste, le in lignes]


def listes_de(ecoles: Collection[int]) -> ListeRepasQuerySet:
    """The lists of meals that are about these schools (primary keys) and no other; all the lists when no school is
    given.
    """
    listes: ListeRepasQuerySet = ListeRepas.objects.all()
    if not ecoles:
        return listes
    dites = ListeRepas.ecoles.through._default_manager.filter(listerepas=OuterRef("pk"))
    return listes.filter(Exists(dites), ~Exists(dites.exclude(ecole__in=ecoles)))


def dernieres_listes(ecoles: Collection[int] = ()) -> list[ListeRepas]:
    """The last list of meals imported for each of these schools (primary keys), the latest first; the last list of all
    when no school is given. A list that is also about other schools is left out, as it is not theirs to see.
    """
    if not ecoles:
        return list(ListeRepas.objects.order_by("-pk")[:1])
    retenues: list[ListeRepas] = []
    restent = set(ecoles)
    for liste in listes_de(ecoles).order_by("-pk").prefetch_related("ecoles"):
        siennes = {ecole.pk for ecole in liste.ecoles.all()}
        if siennes & restent:
            retenues.append(liste)
            restent -= siennes
        if not restent:
            break
    return retenues


def defaire(pk: int, *, simuler: bool = False) -> Retour:
    """Put the meals back as they were before this list (primary key), and delete the list. `simuler` does it and takes
    it back.

    Raises RetourRefuse when another list has been imported since, when what it replaced was not kept, when a family has
    cancelled one of its meals since, or when a child of the meals to give back is no longer there. Lunch breaks
    registered because of the list stay.
    """
    with writing(rehearsed=simuler):
        ecoles = set(ListeRepas.objects.filter(pk=pk, ecoles__isnull=False).values_list("ecoles", flat=True))
        midis = Creneau.objects.midis()
        (midis.held_by(ecoles) if ecoles else midis).lock()
        liste = ListeRepas.objects.about(ecoles).order_by("pk").last()
        if liste is None or liste.pk != pk:
            raise RetourRefuse("Cette liste n’est plus la dernière\u00a0: rien à annuler.")
        if liste.avant is None:
            raise RetourRefuse("Ce que cette liste a remplacé n’a pas été gardé\u00a0: importez la bonne liste.")
        retour = _defaire(liste, liste.avant)
    return retour


def _defaire(liste: ListeRepas, avant: list[list[Any]]) -> Retour:
    siens = Repas.objects.filter(liste=liste)
    if n := siens.filter(annule_le__gt=liste.importee_le).count():
        mot = (
            "repas de cette liste a été annulé par sa famille"
            if n == 1
            else ("repas de cette liste ont été annulés par leur famille")
        )
        raise RetourRefuse(f"{n}{NBSP}{mot} depuis\u00a0: importez plutôt la bonne liste.")
    rendus = [
        Repas(enfant_id=enfant, jour=date.fromisoformat(jour), liste_id=pk, annule_le=le and datetime.fromisoformat(le))
        for enfant, jour, pk, le in avant
    ]
    siennes = siens.values_list("enfant", flat=True)
    enfants = Enfant.objects.in_bulk({*siennes, *(repas.enfant_id for repas in rendus)})
    listes = set(ListeRepas.objects.values_list("pk", flat=True))
    if any(repas.enfant_id not in enfants or repas.liste_id not in listes for repas in rendus):
        raise RetourRefuse("Un enfant des repas d’avant n’est plus au portail\u00a0: importez plutôt la bonne liste.")
    present = set(siens.values_list("enfant", "jour"))
    before = {(repas.enfant_id, repas.jour) for repas in rendus}
    liste.delete()  # its meals go with it
    Repas.objects.bulk_create(rendus, batch_size=LOT)
    return Retour(
        liste,
        _par_enfant(before - present, enfants),
        _par_enfant(present - before, enfants),
        (len(before - present), len(present - before)),
    )


def _par_enfant(jours: Iterable[tuple[int, date]], enfants: dict[int, Enfant]) -> tuple[str, ...]:
    par_enfant: dict[int, list[date]] = {}
    for pk, jour in sorted(jours):
        par_enfant.setdefault(pk, []).append(jour)
    lignes = sorted(par_enfant.items(), key=lambda ligne: (enfants[ligne[0]].tri, ligne[0]))
    return tuple(f"{enfants[pk]}{NBSP}: {jours_phrase(siens, date.min)}" for pk, siens in lignes)
