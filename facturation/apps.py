from django.apps import AppConfig
from django.core import checks


class FacturationConfig(AppConfig):
    name = "facturation"
    verbose_name = "Factures"

    def ready(self) -> None:
        """Give the app its `extension`: what `facturation` adds to the pages of the other apps;
        and its own checks."""
        from facturation.checks import check_invoices_say_who_issues_them
        from facturation.extension import EXTENSION
        from facturation.regie.acte.controle import check_regie_is_said

        for own in (check_invoices_say_who_issues_them, check_regie_is_said):
            checks.register(own, checks.Tags.database, deploy=True)
        self.extension = EXTENSION
