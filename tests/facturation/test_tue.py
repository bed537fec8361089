"""Killed with -9 at any statement, money adds up: fifty times, and what comes next goes on from there."""

import os
import signal
import subprocess
import sys
from random import Random

import pytest
from django.conf import settings

from facturation.models import Facture, Mois, Serie
from facturation.verification import verifier
from tests.facturation.ecole_tiree import draw
from tests.pannes import database_url

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
FOIS = 50


def run(n: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.facturation.killed_money", str(n)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def check(fois: int, seed: int) -> None:
    rnd = Random(seed)
    draw(rnd, 6)
    ordres = sorted(rnd.sample(range(1, 320), fois))  # the first ones die within the closing

    for n in ordres:
        tue = run(n)
        assert (tue.returncode, tue.stderr) in ((-signal.SIGKILL, ""), (0, ""))
        assert list(verifier()) == []
        if not Mois.objects.exists():
            assert not Facture.objects.exists()

    vivant = run(0)
    assert (vivant.returncode, vivant.stderr) == (0, "")
    assert int(vivant.stdout) > 100
    assert list(verifier()) == []
    assert Serie.objects.get(code="F").dernier == Facture.objects.factures().count()


def test_money_adds_up_after_three_kills():
    check(3, 1)


@pytest.mark.lent
def test_money_adds_up_after_fifty_kills():
    check(FOIS, 2)
