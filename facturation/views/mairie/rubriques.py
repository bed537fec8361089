"""What the secretary deals with of money, on the town hall's home: quotients that are missing."""

from __future__ import annotations

from facturation.views.mairie import absences, attestations, chiffres, payeurs, reglages, signalements, tarifs
from facturation.views.mairie.mois import VIEW as MOIS
from facturation.views.mairie.mois import compter_a_arreter
from facturation.views.mairie.quotients import LISTE, VIEW, compter_sans
from facturation.views.mairie.suppressions import LISTE as TARIFS
from portail.bureau import Raccourci, Rubrique, Tables, Urgence, add_to_bureau
from portail.menu import Entree, LienFamille, add_to_chiffres, add_to_famille, add_to_menu

RUBRIQUES = [
    Rubrique(
        MOIS,
        "mois à arrêter,mois à arrêter",
        "admin:facturation_mois",
        Urgence.SEMAINE,
        25,
        compter_a_arreter,
    ),
    Rubrique(
        absences.VIEW,
        "absence à juger,absences à juger",
        absences.LISTE,
        Urgence.SEMAINE,
        24,
        absences.compter_absences,
    ),
    Rubrique(
        signalements.VIEW,
        "erreur signalée sur une facture,erreurs signalées sur des factures",
        signalements.LISTE,
        Urgence.PRESSE,
        16,
        signalements.compter_signalements,
    ),
    Rubrique(
        payeurs.VIEW,
        "payeur dont la résidence est à dire,payeurs dont la résidence est à dire",
        payeurs.RESIDENCES,
        Urgence.TOT,
        61,
        payeurs.compter_a_dire,
    ),
    Rubrique(VIEW, "payeur sans quotient,payeurs sans quotient", LISTE, Urgence.SEMAINE, 26, compter_sans),
    Rubrique(
        attestations.ADD,
        "année d’attestations fiscales à faire,années d’attestations fiscales à faire",
        attestations.LISTE,
        Urgence.SEMAINE,
        27,
        attestations.compter_annees,
    ),
]
RACCOURCIS = [
    Raccourci("Quotients des familles", LISTE, VIEW, 101, "info"),
    Raccourci("Tarifs votés", TARIFS, tarifs.VIEW, 102, "info"),
    Raccourci("Attestations fiscales", attestations.LISTE, attestations.VIEW, 103, "imprimer"),
    Raccourci("Réglages des factures", reglages.PAGE_REGLAGES, reglages.CHANGE, 104, "info"),
]
TABLES = Tables(
    "factures",
    "Les factures",
    45,
    ("facturation.facture", "facturation.encaissement", "facturation.versement", "facturation.essaipaiement"),
)


def register() -> None:
    """Add all of it. For `AppConfig.ready`."""
    add_to_bureau(*RUBRIQUES, *RACCOURCIS, TABLES)
    add_to_menu(Entree("Factures", "admin:facturation_mois", MOIS, 45, "/admin/facturation/"))
    add_to_famille(LienFamille("Factures et quotient", "admin:facturation_payeur", payeurs.VIEW, 10))
    add_to_chiffres(Entree("Les factures en chiffres", chiffres.PAGE_CHIFFRES, chiffres.VIEW, 10))
