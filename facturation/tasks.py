"""The nightly count of money, outside the request."""

from __future__ import annotations

from django.tasks import task
from django.utils import timezone

from facturation.recompte import note_differences
from facturation.registres.durees import first_whole_year
from facturation.scellement import sceller_d_abord
from facturation.verification import verifier


@task()
def verify_factures() -> None:
    """Task run each night: count all issued money again, and keep how many differences there are. The first night
    seals what was received before there were seals.
    """
    now = timezone.now()
    sceller_d_abord(now)
    note_differences(sum(1 for _ in verifier(depuis=first_whole_year(now))), now=now)
