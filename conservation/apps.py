from django.apps import AppConfig


class ConservationConfig(AppConfig):
    name = "conservation"
    verbose_name = "Conservation"

    def ready(self) -> None:
        """Give what this app adds to the others (`EXTENSION`), where `Extension.installed` looks for it."""
        from conservation.extension import EXTENSION

        self.extension = EXTENSION
