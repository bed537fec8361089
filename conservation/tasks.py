"""What the worker does for what is kept."""

from __future__ import annotations

from django.conf import settings
from django.tasks import task
from django.utils import timezone

from conservation import annuelle, effaces, fichier


@task()
def write_effacements() -> None:
    """Empty SQLite's log of what was erased, then write the erasures that wait into the list in the folder of backups.
    Run after each erasure, and each night for what could not be done then. Without SAUVEGARDES, they go on waiting.
    """
    fichier.fold_log()
    if settings.SAUVEGARDES is not None:
        effaces.write_pending(settings.SAUVEGARDES, now=timezone.now())


@task()
def purge_annuelle() -> None:
    """Run each night: announce the yearly purge a month before its day (PURGE_ANNUELLE), and do it on that day, or on
    the first night after.
    """
    annuelle.passer(now=timezone.now())
