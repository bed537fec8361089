"""« Rappelez-moi »: a parent asks for a call about the health of a child, and takes it back. No word of it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from enfance.extensions import Partie
from enfance.models import DemandeRappel, Enfant, Responsable


@dataclass(frozen=True)
class RappelVu:
    """What this parent reads: since when they wait for a call, or when they had the last one."""

    attend_depuis: datetime | None = None
    rappele_le: date | None = None


def load_rappel(enfant: Enfant, responsable: Responsable) -> RappelVu:
    """What this parent reads about the call that they asked for about this child; what the other parent asked is not
    theirs to read. Both None without any. One query.
    """
    derniere = _demandes(enfant, responsable).filter(retiree_le=None).order_by("-demandee_le", "-pk").first()
    if derniere is None:
        return RappelVu()
    return RappelVu(None if derniere.rappele_le else derniere.demandee_le, derniere.rappele_le)


def demander(enfant: Enfant, responsable: Responsable, *, now: datetime) -> bool:
    """Ask the town hall to call this parent about the health of the child; False when such a request already waits."""
    _, is_new = DemandeRappel.objects.get_or_create(
        enfant=enfant, demandee_par=responsable.user, rappele_le=None, retiree_le=None, defaults={"demandee_le": now}
    )
    return is_new


def retirer_demande(enfant: Enfant, responsable: Responsable, *, now: datetime) -> bool:
    """Take back this parent's request for a call about the child; False when the town hall has answered meanwhile, or
    when no request waits.
    """
    return bool(_demandes(enfant, responsable).waiting().update(retiree_le=now))


def _demandes(enfant: Enfant, responsable: Responsable) -> Any:
    return enfant.demandes_rappel.filter(demandee_par=responsable.user_id)


PARTIE = Partie(
    "demandes de rappel",
    DemandeRappel,
    lambda personne: personne.user.demandes_rappel.select_related("enfant"),
    {"enfant": "enfant.prenom", "demandée le": "demandee_le", "retirée le": "retiree_le", "rappelé le": "rappele_le"},
    sans=frozenset({"id", "demandee_par", "repondue_par"}),
)
