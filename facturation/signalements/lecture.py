"""Errors that families report on their invoices, as they and the town hall read them. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from facturation.models import Facture, Prestation, SignalementFacture
from facturation.papiers.facture import FactureLue
from facturation.papiers.jours import moment_of
from portail.bureau import Compteur, compter
from portail.dates import PARIS, jour_long

VIEW, CHANGE = "facturation.view_signalementfacture", "facturation.change_signalementfacture"
LISTE = "admin:facturation_signalements"
REPONDUS = 20  # answered ones that stay on the page
AVEC = (
    "facture__mois",
    "facture__compte__foyer",
    "prestation__enfant",
    "prestation__creneau",
    "dit_par",
    "repondu_par",
)
DELAI = timedelta(days=15)  # in which the town hall answers: families read the day


@dataclass(frozen=True)
class SignalementVu:
    """An error that a parent reported, as the town hall reads it."""

    dit: SignalementFacture
    today: date

    @property
    def objet(self) -> str:
        """What it is about: « Léa, jeudi 1er octobre, soir », « toute la facture »."""
        return objet_of(self.dit)

    @property
    def feuille(self) -> str:
        """The address of the attendance sheet of the moment that it is about, in the school that holds it; empty when
        it is about none.
        """
        ligne = self.dit.prestation
        return feuille_of(ligne) if ligne else ""

    @property
    def moment(self) -> str:
        """The day and the créneau of that sheet, in words: « jeudi 1er octobre, soir »."""
        ligne = self.dit.prestation
        return f"{jour_long(ligne.jour)}, {ligne.creneau.nom_court}" if ligne and ligne.creneau else ""

    @property
    def avant(self) -> date:
        """The day by which the family was told that it has the answer."""
        return repondre_avant(self.dit)

    @property
    def tarde(self) -> bool:
        """Whether that day is past and nobody has answered."""
        return self.dit.repondu_le is None and self.avant < self.today


def feuille_of(ligne: Prestation) -> str:
    """The address of the attendance sheet of this line's day and créneau; empty for a line of no créneau. A créneau's
    code is that of one créneau of the town: the sheet is that of the schools that hold it.
    """
    if ligne.creneau is None:
        return ""
    return reverse("enfance:feuille", args=[ligne.jour], query={"creneau": ligne.creneau.code})


@dataclass(frozen=True)
class SignalementsVus:
    """Those that wait, the first told first; the last answered."""

    attendent: list[SignalementVu]
    repondus: list[SignalementVu]


def signalements_en_attente() -> QuerySet[SignalementFacture]:
    """The errors reported on invoices that nobody has answered, the first reported first."""
    return SignalementFacture.objects.filter(repondu_le=None).order_by("dit_le", "pk")


def compter_signalements(now: datetime) -> Compteur:
    """For the town hall's home: how many errors reported on invoices wait for an answer, and on which invoices."""
    return compter(signalements_en_attente().select_related("facture"), lambda dit: dit.facture.numero)


def load_signalements_vus(today: date) -> SignalementsVus:
    """The errors that parents reported on invoices, as they are read on `today`: all those that wait for an answer, and
    the last twenty answered. Two queries.
    """
    repondus = SignalementFacture.objects.exclude(repondu_le=None).order_by("-repondu_le", "-pk")
    return SignalementsVus(_vus(signalements_en_attente(), today), _vus(repondus[:REPONDUS], today))


def load_signalements_of(facture: Facture, today: date) -> list[SignalementVu]:
    """The errors that parents reported on this invoice, as the town hall reads them on `today`, the first told first.
    One query.
    """
    return _vus(facture.signalements.order_by("dit_le", "pk"), today)


def _vus(dits: QuerySet[SignalementFacture], today: date) -> list[SignalementVu]:
    return [SignalementVu(dit, today) for dit in dits.select_related(*AVEC)]


def load_signalements(lue: FactureLue) -> list[tuple[SignalementFacture, str]]:
    """What parents said was wrong on this invoice, the oldest first, each with what it is about in words: « Léa,
    vendredi 27 novembre, soir », « toute la facture ». One query.
    """
    dits: Iterable[SignalementFacture] = lue.facture.signalements.select_related("dit_par").order_by("dit_le", "pk")
    par_pk = {ligne.pk: ligne for ligne in lue.lignes}
    lignes = [(dit, par_pk.get(dit.prestation_id or 0)) for dit in dits]
    return [
        (dit, _objet(ligne, lue.prenoms_by_key.get(ligne.cle_enfant, "") if ligne else "")) for dit, ligne in lignes
    ]


def objet_of(dit: SignalementFacture) -> str:
    """What this error is about, in words, by the name that the child has today: « Léa, jeudi 1er octobre, soir »,
    « toute la facture ».
    """
    enfant = dit.prestation.enfant if dit.prestation else None
    return _objet(dit.prestation, enfant.prenom if enfant else "")


def _objet(ligne: Prestation | None, prenom: str) -> str:
    if ligne is None:
        return "toute la facture"
    return ", ".join(filter(None, [prenom, jour_long(ligne.jour), moment_of(ligne).nom]))


def repondre_avant(dit: SignalementFacture) -> date:
    """The day by which the town hall answers this error, in Paris: that of its report and 15 more."""
    return timezone.localdate(dit.dit_le, PARIS) + DELAI
