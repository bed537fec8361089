"""What the worker does for what is kept."""

from __future__ import annotations

from django.conf import settings
from django.tasks import task
from django.utils import timezone

from conservation import annuelle, effaces, fichier


@task()
def write_effacements() -> None:
    """Clear the file of SQLite of what was erased, and tell it to the folder of backups: after each erasure, and each
    night what could not be done then.
    """
    fichier.fold_log()
    if settings.SAUVEGARDES is not None:
        effaces.write_pending(settings.SAUVEGARDES, now=timezone.now())


@task()
def purge_annuelle() -> None:
    """Each night: what goes once a year, on its day (PURGE_ANNUELLE); announced a month before."""
    annuelle.passer(now=timezone.now())
