from django.apps import AppConfig
from django.db.models.signals import post_migrate

from accounts.apps import TownHallConfig


class EnfanceConfig(AppConfig):
    name = "enfance"
    verbose_name = "Enfance"

    def ready(self) -> None:
        from accounts.agents import AccountOption, add_option
        from accounts.log import hide_values
        from enfance.cantine.suite_absence import CantinePrevenue
        from enfance.ecoles import assign, check_ecoles, ecoles_to_choose, make_first_school
        from enfance.equipe import pointages
        from enfance.famille import effacement_tables, rappels
        from enfance.famille.partie import add_to_donnees
        from enfance.famille.parties import AILLEURS, PARTIES
        from enfance.famille.suites_absence import add_suite
        from enfance.mairie import durees, fusion_enfants, fusions, partis
        from enfance.views.mairie.rubriques import register
        from portail.fusions import add_transferts
        from portail.guides import Aide, add_guide
        from portail.menu import Entree, OngletFamille, add_to_menu, add_to_menu_famille

        post_migrate.connect(make_first_school, sender=self)
        hide_values("enfance.enfant", "pai", "pai_fin", "consigne", "pai_cantine")  # health is never told
        register()
        durees.register()
        partis.register()
        ecole = AccountOption(
            name="ecole",
            metavar="CODE",
            help="code d’une école où l’agent travaille, s’il y en a plusieurs\u202f; à répéter pour chacune",
            keep=assign,
            label="Écoles où travaille l’agent",
            aide="Pour la garderie et la cantine\u00a0: l’agent ne voit que les enfants de ses écoles.",
            choices=ecoles_to_choose,
            check=check_ecoles,
        )
        add_option(ecole)
        add_transferts("enfance.Responsable", fusions.ADULTE)
        add_transferts("accounts.User", fusions.COMPTE)
        add_transferts("enfance.Foyer", fusions.FOYER)
        add_transferts("enfance.Enfant", {**fusion_enfants.ENFANT, **pointages.ENFANT})
        effacement_tables.register()
        add_suite(20, CantinePrevenue())
        add_to_donnees(*PARTIES, rappels.PARTIE, ailleurs=AILLEURS)
        add_to_menu_famille(
            OngletFamille("accueil", "Accueil", "enfance:accueil", 10),
            OngletFamille("planning", "Planning", "enfance:planning", 20),
            OngletFamille("semaine_type", "Semaine", "enfance:semaine_type", 30, suite="type"),
        )
        add_guide(Aide("enfance:aide_mairie", "enfance.view_foyer", 10, "guide de la mairie"))
        add_to_menu(
            Entree("Familles", "admin:enfance_foyer_changelist", "enfance.view_foyer", 10),
            Entree("Enfants", "admin:enfance_enfant_changelist", "enfance.view_enfant", 20),
            Entree("Attente", "admin:enfance_inscription_attente", "enfance.view_inscription", 30),
            Entree("Inscriptions", "admin:enfance_inscription_changelist", "enfance.view_inscription", 40),
            Entree("Cantine", "admin:enfance_repas_changelist", "enfance.view_repas", 50),
            Entree("Messages", "admin:enfance_message_changelist", "enfance.view_message", 60),
            Entree("Calendrier", "admin:enfance_fermeture_changelist", "enfance.view_fermeture", 70),
            Entree("Chiffres", "admin:enfance_inscription_chiffres", "enfance.view_inscription", 80),
        )


class MairieConfig(TownHallConfig):
    """The same admin, opened by what the secretary does."""

    default_site = "enfance.site.MairieSite"
