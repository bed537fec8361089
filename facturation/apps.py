from django.apps import AppConfig


class FacturationConfig(AppConfig):
    name = "facturation"
    verbose_name = "Factures"

    def ready(self) -> None:
        from enfance.demo.suites import add_to_demo
        from enfance.famille.suites_absence import add_suite
        from enfance.planning.argent import Adresses, add_argent
        from facturation import recompte, registres
        from facturation.famille import absences, accueil
        from facturation.famille.suite_absence import RaisonAbsence
        from facturation.views.mairie import rubriques
        from facturation.views.regie import rubriques as regie
        from portail.accueil import add_to_accueil
        from portail.bureau import add_pages
        from portail.menu import OngletFamille, add_to_menu_famille

        add_pages("facturation.views.mairie.urls")
        add_pages("facturation.views.regie.urls")
        regie.register()
        add_to_demo("facturation.demo.load")
        recompte.register()
        rubriques.register()
        registres.register()
        add_to_accueil(10, accueil.a_payer)
        add_to_accueil(30, absences.affaires)
        add_argent(Adresses("facturation:prix", "facturation:devient", "facturation:tarifs"))
        add_suite(10, RaisonAbsence())
        plan = "Factures\u00a0: à payer, payées, le mois en cours, les reçus"
        add_to_menu_famille(OngletFamille("factures", "Factures", "facturation:factures", 40, plan))
