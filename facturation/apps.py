from django.apps import AppConfig
from django.core import checks


class FacturationConfig(AppConfig):
    name = "facturation"
    verbose_name = "Factures"

    def ready(self) -> None:
        """Give the app its `extension`: what `facturation` adds to the pages of the other apps;
        and its own check."""
        from facturation.checks import check_invoices_say_who_issues_them
        from facturation.extension import EXTENSION

        checks.register(check_invoices_say_who_issues_them, checks.Tags.compatibility, deploy=True)
        self.extension = EXTENSION
