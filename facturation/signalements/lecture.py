"""Errors that families report on their invoices, as they and the town hall read them. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from facturation.models import Prestation, SignalementFacture
from facturation.papiers.facture import FactureLue
from facturation.papiers.jours import moment_of
from portail.bureau import Compteur, compter
from portail.dates import PARIS, jour_long

VIEW, CHANGE = "facturation.view_signalementfacture", "facturation.change_signalementfacture"
LISTE = "admin:facturation_signalements"
REPONDUS = 20  # answered ones that stay on the page
DELAI = timedelta(days=15)  # in which the town hall answers: families read the day


@dataclass(frozen=True)
class SignalementsVus:
    """Those that wait, the first told first; the last answered."""

    attendent: list[SignalementFacture]
    repondus: list[SignalementFacture]


def signalements_en_attente() -> QuerySet[SignalementFacture]:
    """The errors reported on invoices that nobody has answered, the first reported first."""
    return SignalementFacture.objects.filter(repondu_le=None).order_by("dit_le", "pk")


def compter_signalements(now: datetime) -> Compteur:
    """For the town hall's home: how many errors reported on invoices wait for an answer, and on which invoices."""
    return compter(signalements_en_attente().select_related("facture"), lambda dit: dit.facture.numero)


def load_signalements_vus() -> SignalementsVus:
    """The errors that parents reported on invoices: all those that wait for an answer, and the last twenty answered.
    Two queries.
    """
    avec = (
        "facture__mois",
        "facture__compte__foyer",
        "prestation__enfant",
        "prestation__creneau",
        "dit_par",
        "repondu_par",
    )
    repondus = SignalementFacture.objects.exclude(repondu_le=None).order_by("-repondu_le", "-pk")
    return SignalementsVus(
        list(signalements_en_attente().select_related(*avec)), list(repondus.select_related(*avec)[:REPONDUS])
    )


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
