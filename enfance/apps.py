from django.apps import AppConfig

from accounts.apps import TownHallConfig


class EnfanceConfig(AppConfig):
    name = "enfance"
    verbose_name = "Enfance"


class MairieConfig(TownHallConfig):
    """The same admin, opened by what the secretary does."""

    default_site = "enfance.site.MairieSite"
