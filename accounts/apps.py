from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Comptes"

    def ready(self) -> None:
        from accounts.extension import EXTENSION

        self.extension = EXTENSION


class TownHallConfig(admin_apps.AdminConfig):
    """The admin on our own site. Rights come from the commands, and the queue is read by its own tools: in French."""

    default = False
    default_site = "accounts.site.TownHallSite"

    def ready(self) -> None:
        """Remove from the admin the pages of groups, of the task queue, and of phones, which would show their keys."""
        super().ready()
        from django.contrib.admin import site
        from django.contrib.auth.models import Group
        from django_otp.plugins.otp_totp.models import TOTPDevice
        from django_tasks_db.models import DBTaskResult

        site.unregister([Group, DBTaskResult, TOTPDevice])  # the last one would show the keys
