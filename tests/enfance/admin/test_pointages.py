"""What the town hall reads of the gate: differences, presences with their taps, closed sheets."""

from __future__ import annotations

import pytest

from enfance.models import Appel, Pointage
from enfance.pointages import enregistrer, rouvrir, terminer
from tests.clients import Client
from tests.enfance.gate import JEUDI, NOW, inscrire, tap
from tests.factories import AnneeFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
ECARTS = "/admin/enfance/pointage/ecarts/"
PHRASE = "inscrite, absente"


@pytest.fixture
def mairie(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    client = Client()
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def absente(mairie):
    lea = make_enfant(sexe="f")
    inscrire(lea)
    terminer(JEUDI, "soir", StaffFactory(), now=NOW)
    return lea


@pytest.mark.parametrize(
    ("query", "seen"),
    [("", True), ("?du=10/12/2026&au=10/12/2026", True), ("?du=01/11/2026&au=09/12/2026", False)],
)
def test_ecarts_are_those_of_the_period(mairie, absente, query, seen):
    html = mairie.get(f"{ECARTS}{query}").text
    assert (PHRASE in html, "Aucun écart sur ces jours." in html) == (seen, not seen)
    assert ('/equipe/2026-12-10/?creneau=soir"' in html) == seen


@pytest.mark.parametrize(
    "query", ["?du=10/12/2026&au=01/12/2026", "?du=01/01/2020&au=10/12/2026", "?du=hier&au=", "?du=99999999999"]
)
def test_ecarts_of_no_period_say_why(mairie, absente, query):
    response = mairie.get(f"{ECARTS}{query}")
    assert (response.status_code, "errorlist" in response.text, PHRASE in response.text) == (200, True, False)


def test_ecarts_name_the_sheets_that_nobody_closed(mairie, time_machine):
    enregistrer([tap(make_enfant())], JEUDI, "soir", StaffFactory(), now=NOW)
    time_machine.shift(86_400)
    mairie.force_login(StaffFactory())
    html = mairie.get(ECARTS).text
    assert "Feuilles commencées, pas terminées" in html
    assert "Jeudi 10 décembre 2026, soir" in html


def test_presence_is_read_with_its_taps_and_never_written(mairie):
    lea = make_enfant()
    enregistrer([tap(lea)], JEUDI, "soir", StaffFactory(first_name="Alix"), now=NOW)
    enregistrer([tap(lea, coche=False)], JEUDI, "soir", StaffFactory(), now=NOW, correction="Erreur de prénom")
    address = f"/admin/enfance/pointage/{Pointage.objects.get().pk}/change/"
    assert "Erreur de prénom" in mairie.get(address).text
    assert mairie.post(address, {"present": "on"}).status_code == 403
    assert ECARTS in mairie.narrow("/admin/enfance/pointage/", "q=lea").text
    assert mairie.get("/admin/enfance/pointage/add/").status_code == 403


def test_sheet_opened_again_keeps_its_reason(mairie, absente):
    rouvrir(JEUDI, "soir", StaffFactory(), "Terminé trop tôt", now=NOW)
    assert "Terminé trop tôt" in mairie.get("/admin/enfance/appel/").text
    assert mairie.get(f"/admin/enfance/appel/{Appel.objects.get().pk}/change/").status_code == 200
