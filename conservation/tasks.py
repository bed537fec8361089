"""What the worker does for what is kept."""

from __future__ import annotations

from django.conf import settings
from django.tasks import task
from django.utils import timezone

from conservation import effaces


@task()
def write_effacements() -> None:
    """Tell the folder of backups what was erased: after each erasure, and each night what it could not take then."""
    if settings.SAUVEGARDES is not None:
        effaces.write_pending(settings.SAUVEGARDES, now=timezone.now())
