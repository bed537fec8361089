"""A gate to try: a school of one evening, its agent, and taps."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

from enfance.equipe.pointages import GesteRecu
from enfance.models import Creneau, Enfant, Inscription, Pointage
from portail.dates import PARIS

JEUDI = date(2026, 12, 10)
NOW = datetime(2026, 12, 10, 17, 0, tzinfo=PARIS)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, 10, hour, minute, tzinfo=PARIS)


def inscrire(enfant: Enfant, creneau: str = "soir", etat: str = "inscrit", jour: date = JEUDI) -> Inscription:
    return Inscription.objects.create(
        enfant=enfant,
        jour=jour,
        creneau=Creneau.objects.get(code=creneau),
        etat=etat,
        attente_depuis=NOW if etat == "attente" else None,
    )


def tap(enfant: Enfant, quoi: str = "present", coche: bool = True, a: datetime = NOW, id: UUID | None = None):  # noqa: A002
    return GesteRecu(id or uuid4(), enfant.pk, quoi, coche, a)


def state(enfant: Enfant) -> tuple[bool, datetime | None, datetime | None]:
    """Present, since when, gone when; as somebody whom nobody has tapped when there is no row."""
    pointage = Pointage.objects.filter(enfant=enfant).first() or Pointage()
    return pointage.present, pointage.arrivee, pointage.depart
