"""What the garderie adds to the house."""

from accounts.extensions import AccountOption
from enfance import ecoles
from enfance.cantine.suite_absence import CantinePrevenue
from enfance.equipe import pointages
from enfance.extensions import ExtensionEnfance
from enfance.famille import effacement_tables, parties, rappels
from enfance.mairie import durees, partis
from enfance.mairie.doubles import fusion_enfants, fusions
from enfance.mairie.silences import ecriture as silences
from enfance.regles import REGLES
from enfance.views.mairie import rubriques
from portail.guides import Aide
from portail.menu import Entree, OngletFamille

EXTENSION = ExtensionEnfance(
    menu=(
        Entree("Familles", "admin:enfance_foyer_changelist", "enfance.view_foyer"),
        Entree("Enfants", "admin:enfance_enfant_changelist", "enfance.view_enfant"),
        Entree("Liste d’attente", "admin:enfance_inscription_attente", "enfance.view_inscription"),
        Entree("Inscriptions", "admin:enfance_inscription_changelist", "enfance.view_inscription"),
        Entree("Repas", "admin:enfance_repas_changelist", "enfance.view_repas"),
        Entree("Messages", "admin:enfance_message_changelist", "enfance.view_message"),
        Entree("Fermetures", "admin:enfance_fermeture_changelist", "enfance.view_fermeture"),
        Entree("Chiffres", "admin:enfance_inscription_chiffres", "enfance.view_inscription"),
    ),
    pages=(
        "enfance.mairie.absences.urls",
        "enfance.mairie.attente.urls",
        "enfance.mairie.doubles.urls",
        "enfance.mairie.enfants.urls",
        "enfance.mairie.envois.urls",
        "enfance.mairie.familles.urls",
        "enfance.mairie.fermetures.urls",
        "enfance.mairie.onde.urls",
        "enfance.mairie.silences.urls",
        "enfance.views.mairie.urls",
    ),
    a_traiter=rubriques.RUBRIQUES,
    raccourcis=rubriques.RACCOURCIS,
    panneaux=rubriques.PANNEAUX,
    tables=rubriques.TABLES,
    guides=(Aide("enfance:aide_mairie", "enfance.view_foyer", "guide de la mairie"),),
    menu_famille=(
        OngletFamille("accueil", "Accueil", "enfance:accueil", avant="compte"),
        OngletFamille("planning", "Planning", "enfance:planning", avant="compte"),
        OngletFamille("semaine_type", "Semaine", "enfance:semaine_type", suite="type", avant="compte"),
    ),
    durees=(*durees.DUREES, *partis.DUREES),
    sans_duree=durees.AILLEURS,
    effacements=effacement_tables.EFFACEMENTS,
    fusions={
        "enfance.Responsable": fusions.ADULTE,
        "accounts.User": fusions.COMPTE,
        "enfance.Foyer": fusions.FOYER,
        "enfance.Enfant": {**fusion_enfants.ENFANT, **pointages.ENFANT},
    },
    options=(
        AccountOption(
            name="ecole",
            metavar="CODE",
            help="code d’une école où l’agent travaille, s’il y en a plusieurs\u202f; à répéter pour chacune",
            keep=ecoles.assign,
            label="Écoles où travaille l’agent",
            aide="Pour la garderie et la cantine\u00a0: l’agent ne voit que les enfants de ses écoles.",
            choices=ecoles.ecoles_to_choose,
            check=ecoles.check_ecoles,
        ),
    ),
    hidden={"enfance.enfant": ("pai", "pai_fin", "consigne", "pai_cantine")},  # health is never told
    parameters={
        "absences": "enfance.Absence",
        "enfant_pk": "enfance.Enfant",
        "enfants": "enfance.Enfant",
        "enregistrement_pk": "enfance.Enregistrement",
        "personnes": "enfance.PersonneAutorisee",
        "premier_pk": "enfance.Enregistrement",
        "responsable_pk": "enfance.Responsable",
    },
    regles=REGLES,
    absences=(CantinePrevenue(),),
    silences=(silences.proposer,),
    donnees=(*parties.PARTIES, rappels.PARTIE),
    sans_donnees=parties.AILLEURS,
)
