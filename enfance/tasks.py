"""Work outside the request. A task takes identifiers only."""

from __future__ import annotations

from django.tasks import task


@task
def send_confirmation(enregistrement_pk: int) -> None:
    """Confirm a save by mail."""
