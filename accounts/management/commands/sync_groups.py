"""Bring the groups of staff to the table of rights: after each migration, and whenever in doubt."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError

from accounts import groups
from accounts.models import User
from portail.commandes import FrenchCommand


class Command(FrenchCommand):
    help = (
        "Met les groupes du personnel (Secrétariat, Équipe, Cantine, Régie, École, Informatique) et leurs droits à "
        "jour. À lancer après chaque « migrate »."
    )
    example = "manage.py sync_groups"

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring the groups and their rights in the database to the table of rights, and print what has changed and who
        has rights outside it."""
        try:
            changes = groups.sync()
        except LookupError as error:
            raise CommandError(f"Un droit de la table n’existe pas : lancez d’abord « migrate ». ({error})") from None
        for change in changes:
            state = "nouveau" if change.is_new else "mis à jour" if change else "à jour"
            self.stdout.write(f"{change.group} : {state}.")
            for sign, rights in [("+", change.added), ("-", change.removed)]:
                for right in rights:
                    self.stdout.write(f"  {sign} {right}")
        self._tell_exceptions()

    def _tell_exceptions(self) -> None:
        """Rights that come from no group: nobody works as a superuser (ADM-02)."""
        staff = User.objects.filter(is_active=True)
        for title, users in [
            ("Superutilisateurs, à ne pas utiliser au quotidien", staff.filter(is_superuser=True)),
            ("Droits donnés hors des groupes", staff.filter(user_permissions__isnull=False).distinct()),
            ("Agents sans groupe, qui n’ouvrent rien", staff.filter(is_staff=True, is_superuser=False, groups=None)),
        ]:
            if users:
                self.stdout.write(f"{title} : {', '.join(user.identifiant for user in users)}.")
