"""The gate as the team uses it: the sheet, its form without script, its taps, the search, the child's file."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from accounts import second_factor
from enfance.models import Geste, Inscription, Pointage
from portail.dates import PARIS
from tests.factories import AnneeFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
JEUDI = date(2026, 12, 10)
NOW = datetime(2026, 12, 10, 17, 0, tzinfo=PARIS)
PAGE = "/equipe/2026-12-10/?creneau=soir"


@pytest.fixture
def creneaux(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    return make_creneaux()


@pytest.fixture
def equipe(client, creneaux):
    """An animator, logged in."""
    client.force_login(StaffFactory(first_name="Alix", last_name="Durand"))
    session = client.session
    session[second_factor.MARK] = True
    session.save()
    return client


def inscrire(enfant, creneau, etat="inscrit", jour=JEUDI):
    attente = NOW if etat == "attente" else None
    return Inscription.objects.create(enfant=enfant, jour=jour, creneau=creneau, etat=etat, attente_depuis=attente)


@pytest.fixture
def lea(creneaux):
    enfant = make_enfant()
    inscrire(enfant, creneaux["soir"])
    return enfant


def tap(enfant, quoi="present", coche=1, a=NOW, **fields):
    return {
        "id": str(uuid4()), "enfant": enfant.pk, "quoi": quoi, "coche": coche, "a": a.isoformat(), "creneau": "soir"
    } | fields  # fmt: skip


def test_feuille_shows_who_is_expected(equipe, lea):
    html = equipe.get(PAGE).text
    assert "Léa Morel" in html
    assert f'name="present" value="{lea.pk}"' in html


def test_form_without_script_keeps_ticks(equipe, lea):
    response = equipe.post(PAGE, {"creneau": "soir", "avant": "", "present": lea.pk})
    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert Pointage.objects.get().arrivee == NOW


def test_tap_is_kept_once_however_often_it_is_sent(equipe, lea):
    data = tap(lea, a=NOW - timedelta(minutes=7))
    for _ in range(3):
        answer = equipe.post("/equipe/2026-12-10/pointage/", data).json()
    assert answer["recus"] == [data["id"]]
    assert answer["etat"]["enfants"][str(lea.pk)]["arrivee"] == "16\u00a0h\u00a053"
    assert Geste.objects.count() == 1


def test_other_pages_open(equipe, lea):
    for path in [
        "imprimer/",
        "imprimer/?semaine=1",
        "ajouter/?creneau=soir&nom=LEA",
        f"enfants/{lea.pk}/",
        "etat.json?creneau=soir",
    ]:
        assert equipe.get(f"/equipe/2026-12-10/{path}").status_code == 200, path
    assert equipe.get("/equipe/")["Location"] == "/equipe/2026-12-10/"
