"""A throw-away app above the others: what it adds to each registry, as an app of its own does. Nothing names it but its
test.
"""

from __future__ import annotations

from django.apps import AppConfig


class JetableConfig(AppConfig):
    name = "tests.jetable"
    label = "jetable"
    path = "."

    def ready(self) -> None:
        from accounts.models import User
        from enfance.famille.partie import Partie, add_to_donnees
        from enfance.famille.suites_absence import SectionAbsence, SuiteAbsence, add_suite
        from enfance.mairie.partis import add_retenues
        from enfance.regles import Obstacle, Regle, add_regles
        from portail.accueil import Affaire, add_to_accueil
        from portail.bureau import Compteur, Rubrique, Urgence, add_to_bureau
        from portail.durees import Duree, add_durees
        from portail.effacements import add_effacements, reste
        from portail.fusions import add_transferts
        from portail.menu import (
            Entree,
            LienFamille,
            OngletFamille,
            add_to_chiffres,
            add_to_famille,
            add_to_menu,
            add_to_menu_famille,
        )
        from portail.vie_privee import Chapitre, Mention, add_to_vie_privee

        add_to_menu(Entree("Jetons", "admin:enfance_enfant_changelist", "enfance.view_enfant", 45))
        add_to_chiffres(Entree("Les jetons en chiffres", "admin:index", "enfance.view_enfant", 45))
        add_to_famille(LienFamille("Jetons de la famille", "admin:enfance_foyer_famille", "enfance.view_foyer", 45))
        add_to_menu_famille(OngletFamille("jetons", "Jetons", "enfance:historique", 40, "Jetons\u00a0: les vôtres"))
        add_to_bureau(
            Rubrique(
                "enfance.view_foyer",
                "jeton à compter,jetons à compter",
                "admin:index",
                Urgence.PRESSE,
                5,
                lambda now: Compteur(2),
            )
        )
        jeton = SuiteAbsence()
        jeton.lire = lambda *args, now: SectionAbsence("", "Jetons", ["Un jeton vous reste."])
        add_suite(30, jeton)
        add_to_accueil(10, lambda request, now: [Affaire("Un jeton vous attend.", "Le prendre", "/historique/")])
        add_to_vie_privee(*(Mention(chapitre, f"Un jeton, {chapitre.value}.", 10) for chapitre in Chapitre))
        add_to_donnees(
            Partie("jetons", User, lambda personne: [personne.user], {"jeton": "identifiant"}),
            ailleurs={"jetable.Sac": "où sont les jetons\u202f; personne n’y est nommé"},
        )
        add_durees(Duree("jetons", "Jetons", lambda: "un jour", 500), ailleurs={"jetable.Sac": "nul n’y est nommé"})
        add_transferts("enfance.Foyer", {"enfance.Actualite.texte": lambda lien: 3})
        add_retenues(lambda foyers, today: set(foyers))
        add_effacements("enfance.Foyer", {"enfance.Enregistrement.foyer": reste("Vos jetons\u00a0: dix ans.")})
        add_regles(
            Regle(
                frozenset({"jeton"}),
                15,
                lambda situation, cle, creneau, action: [
                    Obstacle("jeton", "il manque un jeton.", court="jeton manquant")
                ],
            )
        )
