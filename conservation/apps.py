from django.apps import AppConfig


class ConservationConfig(AppConfig):
    name = "conservation"
    verbose_name = "Conservation"

    def ready(self) -> None:
        from conservation.extension import EXTENSION

        self.extension = EXTENSION
