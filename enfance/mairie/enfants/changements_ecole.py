"""A change of school as the town hall writes it, where the commune has several: what follows the child, what cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from enfance.changement_ecole import MOTIF, changer_place, deplacees, perdues, suivre
from enfance.mairie.enfants.departs import lasts
from enfance.models import AnneeScolaire, Ecole, Evenement, Inscription, Scolarite
from enfance.regles import Acteur
from portail.dates import PARIS


@dataclass(frozen=True)
class BilanEcole:
    """The new place, from `jour` on; what goes to the new school, what it cannot take, how many stay as they are."""

    place: Scolarite
    jour: date
    deplacees: tuple[Evenement, ...]
    perdues: tuple[Evenement, ...]
    gardees: int


def place_of(places: Sequence[Scolarite], annee: AnneeScolaire) -> Scolarite | None:
    """The place that a child who changes school would leave, among its `places`: the last one of the year `annee`. None
    where it has none, or has left it already.
    """
    return next((place for place in lasts(places) if place.annee == annee and place.depart is None), None)


def changer(place: Scolarite, ecole: Ecole, jour: date, user_id: int, *, now: datetime) -> BilanEcole:
    """Write that the pupil of this place is in the school `ecole` from `jour` on, and make its inscriptions follow. The
    caller holds the lock on the child.

    What ONDE said of the class is forgotten, for it was of the school that is left; the choice is the town hall's own,
    which an import asks about before it takes the pupil back.
    """
    dites = place.enfant.onde.setdefault("scolarites", {}).setdefault(str(place.annee.debut.year), {})
    for champ in ("classe", "parti"):
        dites.pop(champ, None)
    dites.setdefault("niveau", "")
    place.enfant.save(update_fields=["onde"])
    ici, arrivee = changer_place(place, ecole, jour)
    resultat = suivre([arrivee], Acteur.mairie(user_id, MOTIF), now=now)
    depuis = max(arrivee.jour, now.astimezone(PARIS).date())
    actives = Inscription.objects.active().filter(enfant=place.enfant_id, jour__gte=depuis).count()
    vont = tuple(deplacees(resultat.evenements))
    return BilanEcole(ici, arrivee.jour, vont, tuple(perdues(resultat.evenements)), actives - len(vont))
