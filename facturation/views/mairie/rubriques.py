"""What the secretary deals with of money, on the town hall's home and menu."""

from __future__ import annotations

from facturation.absences import lecture as absences
from facturation.essai_regle.acces import ESSAYER, PAGE_ESSAI
from facturation.quotients.vus import LISTE, VIEW
from facturation.regie.acte import pages as acte
from facturation.signalements import lecture as signalements
from facturation.views.mairie import attestations, chiffres, payeurs, reglages
from facturation.views.mairie.mois import VIEW as MOIS
from facturation.views.mairie.mois import compter_a_arreter
from facturation.views.mairie.quotients import compter_sans
from facturation.votes import pages as tarifs
from facturation.votes.suppressions import LISTE as TARIFS
from portail.bureau import Raccourci, Rubrique, Tables, Urgence
from portail.menu import Entree, LienFamille

SEMAINE = "admin:enfance_enfant_proches"  # after who waits for a place, before all else of the week
RUBRIQUES = (
    Rubrique(
        absences.VIEW,
        "absence à juger,absences à juger",
        absences.LISTE,
        Urgence.SEMAINE,
        absences.compter_absences,
        avant=SEMAINE,
    ),
    Rubrique(
        MOIS,
        "mois à arrêter,mois à arrêter",
        "admin:facturation_mois",
        Urgence.SEMAINE,
        compter_a_arreter,
        avant=SEMAINE,
    ),
    Rubrique(
        signalements.VIEW,
        "erreur signalée sur une facture,erreurs signalées sur des factures",
        signalements.LISTE,
        Urgence.PRESSE,
        signalements.compter_signalements,
        avant="admin:enfance_inscription_attente",
    ),
    Rubrique(
        payeurs.VIEW,
        "payeur dont la résidence est à dire,payeurs dont la résidence est à dire",
        payeurs.RESIDENCES,
        Urgence.TOT,
        payeurs.compter_a_dire,
        avant="admin:enfance_responsable_sans_courriel",
    ),
    Rubrique(VIEW, "payeur sans quotient,payeurs sans quotient", LISTE, Urgence.SEMAINE, compter_sans, avant=SEMAINE),
    Rubrique(
        attestations.ADD,
        "année d’attestations fiscales à faire,années d’attestations fiscales à faire",
        attestations.LISTE,
        Urgence.SEMAINE,
        attestations.compter_annees,
        avant=SEMAINE,
    ),
)
EXPORT = "admin:enfance_inscription_export"
RACCOURCIS = (
    Raccourci("Quotients des familles", LISTE, VIEW, "info", avant=EXPORT),
    Raccourci("Tarifs votés", TARIFS, tarifs.VIEW, "info", avant=EXPORT),
    Raccourci("Attestations fiscales", attestations.LISTE, attestations.VIEW, "imprimer", avant=EXPORT),
    Raccourci("La régie", acte.PAGE_REGIE, acte.CHANGE, "info", avant=EXPORT),
    Raccourci("Réglages des factures", reglages.PAGE_REGLAGES, reglages.CHANGE, "info", avant=EXPORT),
)
TABLES = (
    Tables(
        "factures",
        "Les factures",
        ("facturation.facture", "facturation.encaissement", "facturation.versement", "facturation.essaipaiement"),
        avant="ecrits",
    ),
)
MENU = Entree("Factures", "admin:facturation_mois", MOIS, "/admin/facturation/", avant="admin:enfance_repas_changelist")
FAMILLE = (
    LienFamille("Dernière facture", "admin:facturation_derniere", "facturation.view_facture", icone="euro"),
    LienFamille("Factures et quotient", "admin:facturation_payeur", payeurs.VIEW, icone="euro"),
)
CHIFFRES = (
    Entree("Les factures en chiffres", chiffres.PAGE_CHIFFRES, chiffres.VIEW),
    Entree("Essayer une règle avant le vote", PAGE_ESSAI, ESSAYER),
)
