from django.apps import AppConfig


class FacturationConfig(AppConfig):
    name = "facturation"
    verbose_name = "Factures"

    def ready(self) -> None:
        from facturation.extension import EXTENSION

        self.extension = EXTENSION
