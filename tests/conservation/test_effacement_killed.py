"""Killed at any moment, an erasure has erased a family whole or not at all, and its keys are told or wait (REL-03)."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from conservation.bases import on_database
from conservation.effaces import read, write_pending
from conservation.models import Effacement
from enfance.models import Creneau, Enfant, Inscription, Responsable
from tests.conservation.kills import killer
from tests.conservation.places import checksums
from tests.conservation.traces import in_tables
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
WORDS = ("Zwinbourg", "2000001", "sente des Gargouillis")
DEBUT = date(2026, 9, 7)


@pytest.fixture
def portal(places, dossier, monkeypatch):
    monkeypatch.setenv("SAUVEGARDES", str(dossier))
    database = places.migrated()
    with on_database(database):
        AnneeFactory()
        make_creneaux()
        neighbour = ResponsableFactory(user__identifiant="3000001", user__last_name="Voisinet")
        book(make_enfant(neighbour, nom="Voisinet"), neighbour)
    return database


def book(enfant: Enfant, adulte: Responsable) -> None:
    jours = [DEBUT + timedelta(days=n) for n in range(150)]
    Inscription.objects.bulk_create(
        Inscription(enfant=enfant, jour=jour, creneau=creneau, foyer=adulte.foyer, etat="inscrit")
        for jour in jours
        for creneau in Creneau.objects.all()
    )


def make_family() -> None:
    foyer = FoyerFactory(adresse="17 sente des Gargouillis")
    adulte = ResponsableFactory(user__identifiant="2000001", user__last_name="Zwinbourg", foyer=foyer)
    for prenom in ("Léa", "Tom"):
        book(make_enfant(adulte, prenom=prenom, nom="Zwinbourg"), adulte)


def whole_or_gone(dossier, before: dict[str, str], told: int) -> bool:
    """Whether the family is gone. Nothing is between: neither rows, nor keys, nor what the folder says."""
    there, rows = checksums(), set(Effacement.objects.values_list("pk", flat=True))
    assert {ligne.id for ligne in read(dossier)} <= rows
    if User.objects.filter(identifiant="2000001").exists():
        assert there == before
        assert len(rows) == told
        return False
    assert in_tables(WORDS) == {}
    assert len(rows) == told + 5
    assert Inscription.objects.count() == 450  # the neighbour's
    return True


def kill_at_random(portal, dossier, var, times: int) -> list[bool]:
    came: list[bool] = []
    told, whole = 0, 120.0
    with killer(portal, var, "effacer_famille", "2000001", "--oui") as command:
        for number in range(times + 1):
            with on_database(portal):
                if not User.objects.filter(identifiant="2000001").exists():
                    make_family()
                before = checksums()
            said, lived = command.run(random.uniform(0, whole * 1.1) if number else whole).split()  # noqa: S311 - no secret
            whole = whole if number else float(lived)
            assert said in {"done", "killed"}
            with on_database(portal):
                gone = whole_or_gone(dossier, before, told)
                assert gone or said == "killed"
                told += 5 * gone
            came.append(gone)
    with on_database(portal):
        write_pending(dossier, now=timezone.now())
        assert {ligne.id for ligne in read(dossier)} == set(Effacement.objects.values_list("pk", flat=True))
        assert len(read(dossier)) == told
    return came


def test_erasure_that_is_killed_is_whole_or_nothing(portal, dossier, var):  # REL-03
    assert len(kill_at_random(portal, dossier, var, 4)) == 5


@pytest.mark.lent
def test_erasure_killed_fifty_times_is_whole_or_nothing(portal, dossier, var):
    came = kill_at_random(portal, dossier, var, 50)
    assert set(came) == {True, False}
