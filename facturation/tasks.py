"""The nightly count of money, outside the request."""

from __future__ import annotations

from django.tasks import task
from django.utils import timezone

from facturation.recompte import note_differences
from facturation.registres.durees import first_whole_year
from facturation.verification import verifier


@task()
def verify_factures() -> None:
    """Task run each night: count all issued money again, and keep how many differences there are."""
    now = timezone.now()
    note_differences(sum(1 for _ in verifier(depuis=first_whole_year(now))), now=now)
