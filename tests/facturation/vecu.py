"""A month that was lived: who registered, who came, which sheets are closed. November 2026 unless told."""

from __future__ import annotations

from datetime import date, datetime, time

from enfance.models import Appel, Creneau, Enfant, Enregistrement, Evenement, Foyer, Inscription, Pointage
from enfance.regles import foyers_with_garde
from facturation.models import Quotient
from facturation.payeurs.comptes import compte_of
from portail.dates import PARIS
from tests.factories import AnneeFactory, make_creneaux
from tests.facturation.grille import make_tarifs

NOVEMBRE = date(2026, 11, 1)
LUNDI = date(2026, 11, 2)
ENSUITE = datetime(2026, 12, 1, 10, 24, tzinfo=PARIS)  # when the month may be closed
AOUT = datetime(2026, 8, 27, 21, 3, tzinfo=PARIS)


def make_commune() -> None:
    """The year, its créneaux and its tariffs."""
    AnneeFactory()
    make_creneaux()
    make_tarifs()


def a(jour: date, heures: str) -> datetime:
    """« 17:42 » of this day, in Paris."""
    return datetime.combine(jour, time.fromisoformat(heures), tzinfo=PARIS)


def inscrire(
    enfant: Enfant,
    *jours: date,
    creneau: str = "midi",
    foyer: Foyer | None = None,
    auteur=None,
    porte: str = "portail",
    quand: datetime = AOUT,
) -> list[Inscription]:
    """A place on each of these days, paid by `foyer`, by default the first that has garde then; with its trace."""
    moment = Creneau.objects.get(code=creneau)
    ecrites = []
    enregistrement = Enregistrement.objects.create(porte=porte, quand=quand, auteur=auteur, foyer=foyer)
    for jour in jours:
        payants = foyers_with_garde(enfant.gardes.all(), jour, moment)
        ecrites.append(
            Inscription.objects.create(
                enfant=enfant, jour=jour, creneau=moment, foyer_id=foyer.pk if foyer else payants[0]
            )
        )
        Evenement.objects.create(
            enregistrement=enregistrement, enfant=enfant, jour=jour, creneau=moment, avant="", apres="inscrit"
        )
    return ecrites


def pointer(enfant: Enfant, jour: date, *, creneau: str = "soir", arrivee: str = "16:31", depart: str = "") -> Pointage:
    """The gate saw the child."""
    venue, partie = a(jour, arrivee), a(jour, depart) if depart else None
    return Pointage.objects.create(
        enfant=enfant,
        jour=jour,
        creneau=Creneau.objects.get(code=creneau),
        present=True,
        arrivee=venue,
        arrivee_recue=venue,
        depart=partie,
        depart_recu=partie,
    )


def clore(*jours: date, creneaux: tuple[str, ...] = ("matin", "midi", "soir")) -> None:
    """These sheets are closed."""
    for jour in jours:
        for creneau in creneaux:
            Appel.objects.create(jour=jour, creneau=Creneau.objects.get(code=creneau), clos_le=a(jour, "18:45"))


def dire_quotient(foyer: Foyer, valeur: int, debut: date = date(2026, 9, 1), **fields) -> Quotient:
    """The quotient of this foyer, its attestation seen."""
    return Quotient.objects.create(
        compte=compte_of(foyer), valeur=valeur, source="caf", debut=debut, vu_le=date(2026, 8, 28), **fields
    )
