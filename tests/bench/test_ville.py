"""The town of the bench, at a very small size: its rows are such as the portal could have written."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.db import connection

from bench.report import Line, write_json
from bench.ville.mesures import compare
from bench.ville.ville import ECOLES, Ville, is_made, make_ville
from enfance.models import Creneau, Ecole, Enfant, Evenement, Inscription, Pointage, Repas, Scolarite

TODAY = date(2026, 11, 27)
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


def test_lines_stand_beside_those_of_an_older_run(tmp_path):
    write_json(tmp_path / "avant.json", {}, [Line("accueil", {"ms": 800}), Line("export", {"s": 10})])
    lignes = [Line("accueil", {"ms": 200}, {"ms": 300}), Line("export", {"s": 5}), Line("nouvelle", {"ms": 1})]

    compare(lignes, tmp_path / "avant.json")

    assert [ligne.note for ligne in lignes] == ["800 ms avant, × 0,25", "10 s avant, × 0,50", ""]
    assert json.loads((tmp_path / "avant.json").read_text("utf-8"))["lignes"][0]["values"] == {"ms": 800}
