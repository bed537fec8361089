"""What is kept and for how long: each table that may name somebody, each setting, in one register."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from accounts.models import User
from enfance.models import Enfant, Foyer, Responsable
from portail import durees as register
from portail.durees import Cadence, Duree, erase, jours, phrases, rows
from portail.extensions import Extension

ROOT = Path(settings.BASE_DIR)
DUREES, AILLEURS = Extension.installed().durees, Extension.installed().sans_duree


def linked_or_dated():
    """Every model that leads to a person, directly or by another one, and every one that holds a date."""
    tables = [model for model in apps.get_models() if not model._meta.proxy]
    linked = {User, Responsable, Enfant, Foyer}
    while found := {
        model
        for model in set(tables) - linked
        if any(f.related_model in linked for f in [*model._meta.fields, *model._meta.many_to_many] if f.remote_field)
    }:
        linked |= found
    dated = {m for m in tables if any(isinstance(f, models.DateField) for f in m._meta.fields)}
    return {model._meta.label for model in linked | dated}


def named(durees=DUREES):
    return {modele for duree in durees for modele in duree.modeles}


def test_every_table_of_people_or_dates_has_its_time_or_a_reason():  # RGP-06
    assert sorted(linked_or_dated() - named() - AILLEURS.keys()) == []


def test_table_has_its_time_or_a_reason_not_both_and_is_there():
    modeles = [modele for duree in DUREES for modele in duree.modeles]
    assert sorted(named() & AILLEURS.keys()) == []
    assert len(modeles) == len(set(modeles))
    assert all(apps.get_model(modele) for modele in [*modeles, *AILLEURS])


def test_model_without_a_time_fails():
    sans = [duree for duree in DUREES if duree.code != "school_years"]
    assert "enfance.Inscription" in linked_or_dated() - named(sans) - AILLEURS.keys()


def test_kinds_have_words_of_their_own():
    assert len({duree.code for duree in DUREES}) == len({duree.nom for duree in DUREES}) == len(DUREES)
    assert all(duree.nom and duree.combien() for duree in DUREES)


def test_settings_of_conservation_are_those_of_the_kinds_and_are_documented():
    noms = {nom for nom in dir(settings) if nom.startswith("CONSERVATION_")}
    assert {reglage for duree in DUREES for reglage in duree.reglages} == noms
    guide = (ROOT / "docs" / "exploitation-donnees.md").read_text("utf-8")
    chapitre = guide.split("## Ce qui s’efface tout seul")[1].split("\n## ")[0]
    assert set(re.findall(r"CONSERVATION_\w+", chapitre)) == noms
    assert [duree.nom for duree in DUREES if f"| {duree.nom} |" not in chapitre] == []


@pytest.mark.parametrize(("n", "texte"), [(1, "1 jour"), (30, "30 jours"), (365, "1 an"), (730, "2 ans")])
def test_days_are_said_in_years_where_they_are(settings, n, texte):
    settings.CONSERVATION_JOURNAL = n
    assert jours("CONSERVATION_JOURNAL") == texte.replace(" ", "\u00a0")


def kind(lots):
    return Duree("x", "X", str, Cadence.NUIT, lots=lots)


def test_simulation_counts_and_takes_back(db):
    Session.objects.create(session_key="a", expire_date=timezone.now())
    sessions = kind(lambda now: rows(Session.objects.all()))
    assert erase(sessions, now=timezone.now(), simuler=True) == {"sessions.Session": 1}
    assert Session.objects.count() == 1
    assert erase(sessions, now=timezone.now()) == {"sessions.Session": 1}
    assert Session.objects.count() == 0


def test_parts_done_before_a_failure_stay_done(db, monkeypatch):
    for n in range(3):
        Session.objects.create(session_key=str(n), expire_date=timezone.now())
    monkeypatch.setattr(register, "LOT", 1)

    def broken():
        raise RuntimeError

    def lots(now):
        yield from list(rows(Session.objects.order_by("pk")))[:2]
        yield broken

    with pytest.raises(RuntimeError):
        erase(kind(lots), now=timezone.now())
    assert Session.objects.count() == 1


def test_words_are_those_of_the_tables_the_most_first():
    assert phrases({"enfance.Enfant": 1, "enfance.Inscription": 12, "enfance.Foyer": 0}) == [
        "12\u00a0inscriptions",
        "1\u00a0enfant",
    ]
