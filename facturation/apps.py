from django.apps import AppConfig


class FacturationConfig(AppConfig):
    name = "facturation"
    verbose_name = "Factures"

    def ready(self) -> None:
        """Give the app its `extension`: what `facturation` adds to the pages of the other apps."""
        from facturation.extension import EXTENSION

        self.extension = EXTENSION
