"""The groups of staff as the database has them, brought to the table of `portail.groupes` (ADM-02)."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from accounts import journal
from accounts.models import StaffUser, User
from portail.groupes import GROUPES, droits


@dataclass(frozen=True)
class RightsChange:
    """What `sync` did to one group: permissions as `has_perm` names them."""

    group: str
    is_new: bool
    added: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.is_new or bool(self.added or self.removed)


@transaction.atomic
def sync() -> list[RightsChange]:
    """Give each group of the table of rights (`portail.groupes`) exactly its permissions in the database, and take away
    all others; a `RightsChange` for each group, false when nothing changed. A missing group is made; groups outside the
    table are left alone. Raises LookupError when a right of the table is not a permission of the database."""
    known = _permissions()
    changes = [_difference(name, known) for name in GROUPES]
    for change in changes:
        group, _ = Group.objects.get_or_create(name=change.group)
        group.permissions.set([known[right] for right in droits(change.group)])
    for change in filter(None, changes):
        journal.event("rights_changed", group=change.group, added=len(change.added), removed=len(change.removed))
    return changes


def differences() -> list[RightsChange]:
    """What `sync` would change in each group, without changing it: one `RightsChange` each, false for none. Raises
    LookupError when a right of the table is not a permission of the database."""
    known = _permissions()
    return [_difference(name, known) for name in GROUPES]


def _permissions() -> dict[str, Permission]:
    return {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }


def _difference(name: str, known: dict[str, Permission]) -> RightsChange:
    wanted = droits(name)
    if missing := wanted - known.keys():
        raise LookupError(f"No such permission, for {name}: {', '.join(sorted(missing))}. Is the database migrated?")
    group = Group.objects.filter(name=name).first()
    owned = group.permissions.values_list("content_type__app_label", "codename") if group else []
    present = {f"{app}.{codename}" for app, codename in owned}
    return RightsChange(name, group is None, tuple(sorted(wanted - present)), tuple(sorted(present - wanted)))


def members(name: str) -> list[User]:
    """The agents of the group of this name whose account is open and has an e-mail address."""
    return list(StaffUser.objects.filter(groups__name=name, is_active=True).exclude(email="").order_by("pk"))
