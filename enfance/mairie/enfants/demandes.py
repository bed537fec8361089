"""Names like that of a person to whom a child is never handed: what parents asked, beside whom it is like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from enfance.famille.homonymes import proches
from enfance.models import DemandeAutorisation, PersonneAutorisee


@dataclass(frozen=True)
class AVerifier:
    """What a parent asked, and the forbidden persons whom the name is like today."""

    demande: DemandeAutorisation
    interdites: list[PersonneAutorisee]


def load_a_verifier(demandes: Iterable[DemandeAutorisation]) -> list[AVerifier]:
    """These requests of parents, each with the forbidden persons of the child, not withdrawn (even if their last day is
    past), whose name is near the one asked for. Two queries.
    """
    lues = list(demandes)
    interdites: dict[int, list[PersonneAutorisee]] = {}
    enfants = {demande.enfant_id for demande in lues}
    for personne in PersonneAutorisee.objects.filter(enfant__in=enfants, interdite=True, retiree_le=None):
        interdites.setdefault(personne.enfant_id, []).append(personne)
    return [AVerifier(d, proches(d.nom, d.lien, interdites.get(d.enfant_id, []))) for d in lues]
