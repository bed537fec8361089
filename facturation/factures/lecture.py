"""One invoice as the town hall reads it: all that its family reads, then what was tapped, and the errors reported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from enfance.models import Foyer, Responsable
from facturation.factures.gestes import Seance, load_gestes, seance_of
from facturation.models import Facture, Imputation
from facturation.papiers.facture import FactureLue, load_facture
from facturation.papiers.jours import GroupeFacture, JourFacture
from facturation.payeurs.reports import vivant_of
from facturation.signalements.lecture import SignalementVu, load_signalements_of

SIGNALE = ("att", "signalé")
GESTES = "Gestes"


@dataclass(frozen=True)
class FactureMairie:
    """An invoice for an agent. `foyer`: the home that owes it today, if it is still there; `recus`: what each
    receipt paid of it, the first first; `signalements`: the errors reported on it.
    """

    lue: FactureLue
    foyer: Foyer | None
    adultes: list[Responsable]
    recus: list[Imputation]
    signalements: list[SignalementVu]

    @property
    def payeur(self) -> str:
        """The name of the payer as the paper bears it."""
        nom: str = self.lue.facture.entete.get("payeur", {}).get("nom", "")
        return nom

    @property
    def attendent(self) -> list[SignalementVu]:
        """The reported errors that nobody has answered."""
        return [vu for vu in self.signalements if vu.dit.repondu_le is None]

    @property
    def repondus(self) -> list[SignalementVu]:
        """The reported errors that have their answer."""
        return [vu for vu in self.signalements if vu.dit.repondu_le is not None]

    @property
    def signales(self) -> set[str]:
        """The days that a reported error without answer is about, by their keys on the page."""
        lignes = {vu.dit.prestation_id for vu in self.attendent}
        return {jour.cle for jour in self.lue.jours if any(ligne.pk in lignes for ligne in jour.lignes)}


def find_facture(numero: str) -> Facture | None:
    """The invoice or avoir of this number, with its payer. One query, more past three mergers."""
    chaine = "mois", "origine", "compte__foyer", "compte__reuni_dans__foyer", "compte__reuni_dans__reuni_dans__foyer"
    facture: Facture | None = Facture.objects.select_related(*chaine).filter(numero=numero).first()
    return facture


def load_facture_mairie(
    facture: Facture, *, detail: bool, gestes: bool, signalements: bool, today: date
) -> FactureMairie:
    """All that the town hall's page of this invoice says on `today`, as much as its agent may read: `detail`, the
    children, their days and prices; `gestes`, the taps behind each of them; `signalements`, the errors reported.

    Ten queries at most, and one where avoirs correct it; more where a report settled some of it.
    """
    foyer = vivant_of(facture.compte).foyer
    lue = load_facture(facture, {foyer.pk} if foyer else set())
    vue = FactureMairie(
        lue=lue,
        foyer=foyer,
        adultes=list(foyer.responsables.select_related("user").order_by("pk")) if foyer else [],
        recus=_recus(facture),
        signalements=load_signalements_of(facture, today) if signalements else [],
    )
    if not detail:
        return replace(vue, lue=replace(lue, groupes=[], corrections=[], prix=[], prenoms_by_key={}))
    dits = load_gestes(lue.lignes) if gestes else {}
    signales = vue.signales
    groupes, corrections = (_told(siens, dits, signales) for siens in (lue.groupes, lue.corrections))
    return replace(vue, lue=replace(lue, groupes=groupes, corrections=corrections))


def _recus(facture: Facture) -> list[Imputation]:
    recus = facture.imputations.exclude(encaissement=None).select_related("encaissement")
    return list(recus.order_by("encaissement__recu_le", "pk"))


def _told(groupes: list[GroupeFacture], gestes: Mapping[Seance, str], signales: Collection[str]) -> list[GroupeFacture]:
    """These days, each moment with its taps, once, and each day of which an error is reported with a word for it."""
    return [replace(groupe, jours=[_jour(jour, gestes, signales) for jour in groupe.jours]) for groupe in groupes]


def _jour(jour: JourFacture, gestes: Mapping[Seance, str], signales: Collection[str]) -> JourFacture:
    dits: set[Seance] = set()
    pourquoi = []
    for ligne, why in zip(jour.lignes, jour.pourquoi, strict=True):
        seance = seance_of(ligne)
        if seance in gestes and seance not in dits:
            why = replace(why, faits=[*why.faits, (GESTES, gestes[seance])])
            dits.add(seance)
        pourquoi.append(why)
    puces = [*jour.puces, SIGNALE] if jour.cle in signales else jour.puces
    return replace(jour, pourquoi=pourquoi, puces=puces)
