"""The ten codes on paper that replace an agent's phone, each once (ADM-01)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts import tasks, typable
from accounts.models import RecoveryCode, User

NUMBER = 10
LENGTH = 10  # 49 bits


@sensitive_variables()
def draw(user: User, *, now: datetime) -> list[str]:
    """Draw ten new recovery codes for this agent and return them, once: they are kept only as hashes. Those drawn
    before no longer serve."""
    codes = [typable.draw(LENGTH) for _ in range(NUMBER)]
    # Hashed before the transaction: SQLite has one writer, and ten of them take half a second.
    rows = [RecoveryCode(user=user, digest=make_password(code), created_at=now) for code in codes]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(rows)
    return [typable.in_groups(code, 5) for code in codes]


@sensitive_variables()
def use(user: User, text: str, *, now: datetime) -> bool:
    """Whether this text is a recovery code of this agent that has not served; it is then used up, and a mail tells the
    agent."""
    code = typable.plain(text)
    if len(code) != LENGTH:
        return False
    matching = next((row for row in _unused(user) if check_password(code, row.digest)), None)
    if matching is None:
        return False
    taken = RecoveryCode.objects.filter(pk=matching.pk, used_at=None).update(used_at=now) == 1
    if taken:
        tasks.send_second_factor_notice.enqueue(user.pk, "used", now.isoformat())
    return taken


def left(user: User) -> int:
    """How many recovery codes of this agent have not served yet."""
    return len(_unused(user))


def _unused(user: User) -> list[RecoveryCode]:
    return list(RecoveryCode.objects.filter(user=user, used_at=None))
