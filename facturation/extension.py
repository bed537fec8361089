"""What money adds to the house."""

from enfance.extensions import Adresses, ExtensionEnfance
from facturation import recompte
from facturation.absences.silences import absences_a_temps
from facturation.factures.recherche import find_papiers
from facturation.famille import absences, accueil, tardives
from facturation.famille.suite_absence import RaisonAbsence
from facturation.registres import donnees, durees, effacements, reunions, vie_privee
from facturation.views.mairie import rubriques
from facturation.views.regie import rubriques as regie
from portail.menu import OngletFamille

EXTENSION = ExtensionEnfance(
    menu=(rubriques.MENU, *regie.entrees()),
    pages=(
        "facturation.absences.urls",
        "facturation.regie.acte.urls",
        "facturation.essai_regle.urls",
        "facturation.regie.relances.urls",
        "facturation.regie.remboursements.urls",
        "facturation.regie.versements.urls",
        "facturation.titres.urls",
        "facturation.views.mairie.urls",
        "facturation.views.regie.urls",
    ),
    a_traiter=(*rubriques.RUBRIQUES, *regie.RUBRIQUES),
    raccourcis=rubriques.RACCOURCIS,
    panneaux=(recompte.PANNEAU,),
    tables=rubriques.TABLES,
    papiers=(find_papiers,),
    famille=rubriques.FAMILLE,
    chiffres=rubriques.CHIFFRES,
    guides=(regie.GUIDE,),
    menu_famille=(
        OngletFamille(
            "factures",
            "Factures",
            "facturation:factures",
            "Factures\u00a0: à payer, payées, le mois en cours, les reçus",
            avant="compte",
        ),
    ),
    accueil=(accueil.a_payer, absences.affaires),
    vie_privee=vie_privee.MENTIONS,
    durees=durees.DUREES,
    sans_duree=durees.AILLEURS,
    effacements=effacements.EFFACEMENTS,
    fusions={
        "enfance.Enfant": reunions.ENFANT,
        "enfance.Foyer": reunions.FOYER,
        "enfance.Responsable": reunions.ADULTE,
        "accounts.User": reunions.COMPTE,
    },
    verrous=(reunions.lock,),
    hidden={"facturation.quotient": ("valeur", "source")},
    parameters={"reponses": "facturation.ReponseAbsence"},
    absences=(RaisonAbsence(),),
    suites_silence=(absences_a_temps,),
    donnees=donnees.PARTIES,
    sans_donnees=donnees.AILLEURS,
    retenues=(durees.retenus,),
    argent=(Adresses("facturation:prix", "facturation:devient", "facturation:tarifs"),),
    tardives=(tardives.load_tardives,),
    demo=("facturation.demo.load",),
)
