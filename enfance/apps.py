from django.apps import AppConfig
from django.db.models.signals import post_migrate

from accounts.apps import TownHallConfig


class EnfanceConfig(AppConfig):
    name = "enfance"
    verbose_name = "Enfance"

    def ready(self) -> None:
        """Have every emptied database get its first school, and declare what this app adds to the house."""
        from enfance.ecoles import make_first_school
        from enfance.extension import EXTENSION

        post_migrate.connect(make_first_school, sender=self)
        self.extension = EXTENSION


class MairieConfig(TownHallConfig):
    """The same admin, opened by what the secretary does."""

    default_site = "enfance.site.MairieSite"
