from django.apps import AppConfig


class SurveillanceConfig(AppConfig):
    name = "surveillance"
    verbose_name = "Surveillance"

    def ready(self) -> None:
        """Give what this app adds to the others (`EXTENSION`), where `Extension.installed` looks for it."""
        from surveillance.extension import EXTENSION

        self.extension = EXTENSION
