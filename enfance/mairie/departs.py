"""A departure as the town hall writes it: what it cancels, what a date moved or cleared gives back."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from enfance.calendrier import UN_JOUR
from enfance.inscriptions import Refus, annuler_departs, retablir_departs
from enfance.models import Evenement, Scolarite
from enfance.regles import Acteur
from portail.dates import jour_annee
from portail.francais import NBSP

MOTIF_DEPART = "Départ de l’école"
MOTIF_RETOUR = "Retour à l’école"


@dataclass(frozen=True)
class BilanDepart:
    """What was cancelled, what was given back, and what could not be."""

    annulees: tuple[Evenement, ...]
    rendues: tuple[Evenement, ...]
    refus: tuple[Refus, ...]

    def __bool__(self) -> bool:
        return bool(self.annulees or self.rendues or self.refus)

    @property
    def jours_annules(self) -> list[tuple[str, int]]:
        return _jours(self.annulees)

    @property
    def jours_rendus(self) -> list[tuple[str, int]]:
        return _jours(self.rendues)

    @property
    def non_rendues(self) -> list[str]:
        """« mardi 8 décembre 2026, soir : il n’y a plus de place. »"""
        phrases = []
        for refus in self.refus:
            cle = refus.cle
            phrases.append(f"{jour_annee(cle.jour)}, {cle.creneau}{NBSP}: {refus.obstacles[0].message}")
        return phrases

    @property
    def empreinte(self) -> str:
        """The same as long as it says the same."""
        lignes = sorted((e.enfant_id, e.jour, e.creneau_id, e.apres) for e in (*self.annulees, *self.rendues))
        return hashlib.sha256(repr((lignes, self.non_rendues)).encode()).hexdigest()[:20]


def suivre(scolarite: Scolarite, user_id: int, *, now: datetime) -> BilanDepart:
    """Make the inscriptions of this year follow the departure just written, moved or cleared. Other years have their
    own. Only what is given back is told to the family.
    """
    enfants, annee, depart = [scolarite.enfant_id], scolarite.annee, scolarite.depart
    presence = annee.debut, depart - UN_JOUR if depart else annee.fin
    retour = retablir_departs(enfants, Acteur.mairie(user_id, MOTIF_RETOUR), now=now, jours=presence)
    annulees: tuple[Evenement, ...] = ()
    if depart:
        acteur = Acteur.mairie(user_id, MOTIF_DEPART)
        annulees = annuler_departs(enfants, depart, acteur, now=now, fin=annee.fin).evenements
    return BilanDepart(annulees, retour.evenements, retour.refus)


def _jours(evenements: Collection[Evenement]) -> list[tuple[str, int]]:
    """How many by day, in words."""
    comptes = Counter(evenement.jour for evenement in evenements)
    return [(jour_annee(jour), comptes[jour]) for jour in sorted(comptes)]
