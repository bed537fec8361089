"""What a town of twenty thousand children waits for, backed up and verified.

The figures are in docs/decisions/2026-11-27-sauvegardes.md.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.utils import timezone

from bench import school
from conservation.archives import write_archive
from conservation.copies import size_of_database
from conservation.verification import verify
from enfance.models import Enfant, Inscription


@contextmanager
def timed(told: dict[str, float], what: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    told[what] = round(time.perf_counter() - begin, 1)


@pytest.mark.lent
@pytest.mark.django_db(transaction=True)
def test_twenty_thousand_children_are_backed_up_and_verified(request, dossier, settings, cle, capsys):
    now = timezone.now()
    call_command("sync_groups")
    ecole = school.make_school(now)
    school.crowd(ecole, ecole.mois(timezone.localdate(now)))
    inscriptions = Inscription.objects.count()

    for public in ("", settings.SAUVEGARDES_CLE_PUBLIQUE):
        settings.SAUVEGARDES_CLE_PUBLIQUE = public
        told: dict[str, float] = {"inscriptions": inscriptions, "base, Mio": size_of_database() // 2**20}
        with timed(told, "sauvegarder, s"):
            made = write_archive(dossier, now=now)
        with timed(told, "verifier_sauvegarde, s"):
            verdict = verify(made, cle=cle)
        told |= {"archive, Mio": made.stat().st_size // 2**20}
        with capsys.disabled():
            print(f"\n{made.name}\u00a0: {told}")  # noqa: T201
        assert verdict.manifeste.lignes["enfance_enfant"] == Enfant.objects.count() == school.FOULE
        assert verdict.manifeste.lignes["enfance_inscription"] == inscriptions
