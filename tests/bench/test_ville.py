"""The town of the bench, at a very small size: its rows are such as the portal could have written."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest
from django.db import connection

from bench.report import Line, write_json
from bench.ville.argent import close_month
from bench.ville.mesures import close_day, compare, import_school
from bench.ville.ville import ECOLES, Ville, is_made, make_ville
from enfance.models import Creneau, Ecole, Enfant, Evenement, Fermeture, Inscription, Pointage, Repas, Scolarite
from facturation.models import Compte, Mois
from portail.dates import PARIS

TODAY = date(2026, 11, 27)
NOW = datetime(2026, 11, 27, 9, tzinfo=PARIS)
PETITE = Ville(0.004, TODAY)


def test_ten_children_in_seven_homes():
    assert len(Ville(1, TODAY).enfants) == 20_000
    assert {ecole for _, ecole in Ville(1, TODAY).enfants} == set(range(ECOLES))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="par COPY")
@pytest.mark.django_db(transaction=True)
def test_town_is_made_with_all_that_its_tables_ask_for():
    index = make_ville(PETITE)

    assert is_made(PETITE)
    assert not is_made(Ville(0.008, TODAY))
    assert (Ecole.objects.count(), Creneau.objects.count()) == (ECOLES, 3 * ECOLES)
    assert Enfant.objects.count() == Scolarite.objects.count() == len(PETITE.enfants)
    assert Inscription.objects.count() == Evenement.objects.count() > 180 * len(PETITE.enfants)
    assert {"inscription_places", "evenement_enfant"} <= index.keys()
    assert Pointage.objects.exists()
    assert Repas.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT nextval(pg_get_serial_sequence('enfance_classe', 'id')) > max(id) FROM enfance_classe")
        assert cursor.fetchone() == (True,)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="par COPY")
@pytest.mark.django_db(transaction=True)
def test_works_of_the_town_are_done_and_taken_back():
    make_ville(PETITE)

    importee, fermee = import_school(NOW), close_day(TODAY, NOW)
    [arretee] = close_month(TODAY)

    assert importee.name == "mairie : import ONDE d’une école, 220 élèves"
    assert importee.values.keys() == importee.budget.keys() == {"s", "s, de nouveau"}
    assert fermee.note.endswith("foyers")
    assert (Ecole.objects.count(), Enfant.objects.count()) == (ECOLES, len(PETITE.enfants))
    assert not Fermeture.objects.exists()
    assert arretee.values["factures"] > 0
    assert not Mois.objects.exists()
    assert not Compte.objects.exists()


def test_lines_stand_beside_those_of_an_older_run(tmp_path):
    write_json(tmp_path / "avant.json", {}, [Line("accueil", {"ms": 800}), Line("export", {"s": 10})])
    lignes = [Line("accueil", {"ms": 200}, {"ms": 300}), Line("export", {"s": 5}), Line("nouvelle", {"ms": 1})]

    compare(lignes, tmp_path / "avant.json")

    assert [ligne.note for ligne in lignes] == ["800 ms avant, × 0,25", "10 s avant, × 0,50", ""]
    assert json.loads((tmp_path / "avant.json").read_text("utf-8"))["lignes"][0]["values"] == {"ms": 800}
