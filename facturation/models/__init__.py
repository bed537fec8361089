"""The tables of money. Amounts are integer centimes in every one of them."""

from facturation.models.absences import Justification, ReponseAbsence
from facturation.models.encaissements import Encaissement, Imputation, Versement
from facturation.models.factures import Facture, GenreFacture, Mois, Prestation, Serie
from facturation.models.paiements import EssaiPaiement, PartPaiement
from facturation.models.payeurs import Compte, NombreEnfants, Partage, Quotient
from facturation.models.regie import Nomination, Regie
from facturation.models.suites import Attestation, ReglageFacturation, Relance, SignalementFacture
from facturation.models.tarifs import Deliberation, LieuResidence, LigneTarif, Plafond, Supplement, Tarif

__all__ = [
    "GenreFacture",
    "Attestation",
    "Compte",
    "Deliberation",
    "Encaissement",
    "EssaiPaiement",
    "Facture",
    "Imputation",
    "Justification",
    "LieuResidence",
    "LigneTarif",
    "Mois",
    "NombreEnfants",
    "Nomination",
    "PartPaiement",
    "Partage",
    "Plafond",
    "Prestation",
    "Quotient",
    "Regie",
    "ReglageFacturation",
    "Relance",
    "ReponseAbsence",
    "Serie",
    "SignalementFacture",
    "Supplement",
    "Tarif",
    "Versement",
]
