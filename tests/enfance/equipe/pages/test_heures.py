"""The hours that are written on the sheet of a past day, or with a correction; without script."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from enfance.equipe.pointages import enregistrer, terminer
from enfance.models import Geste, Pointage
from portail.dates import PARIS
from tests.enfance.equipe.pages.conftest import PAGE, close, logged_in, send
from tests.enfance.gate import JEUDI, NOW, at, state, tap
from tests.factories import EnfantFactory, StaffFactory
from tests.reading import plain

PLUS_TARD = datetime(2026, 12, 17, 10, 49, tzinfo=PARIS)


@pytest.fixture
def partie(lea):
    """Léa was tapped at 16 h 31, gone at 17 h 50, on a sheet that is closed; a week goes by."""
    agent = StaffFactory()
    enregistrer([tap(lea, a=at(16, 31)), tap(lea, "parti", a=at(17, 50))], JEUDI, "soir", agent, now=at(17, 50))
    terminer(JEUDI, "soir", agent, now=at(18, 35))
    return lea


@pytest.fixture
def plus_tard(time_machine):
    time_machine.move_to(PLUS_TARD, tick=True)  # each save has its instant


@pytest.fixture
def secretaire(plus_tard):
    """She logs in that day."""
    return logged_in("Secrétariat")


def shown(html):
    """What the fields of the page hold, as a browser sends them back."""
    data = dict(re.findall(r'<input[^>]* name="((?:arrivee|depart)-\d+|avant|heures)" value="([^"]*)"', html))
    for quoi in ("present", "parti"):
        data[quoi] = re.findall(rf'name="{quoi}" value="(\d+)" checked', html)
    return data


def correct(client, enfant, motif="Partie à 17 h 20", **changes):
    """The page of the closed sheet, sent back with these changes."""
    return send(client, **(shown(client.get(PAGE).text) | changes | {"motif": motif, "corriger": "1"}))


def test_departure_written_without_an_arrival_is_asked_about(secretaire, partie):
    answer = correct(secretaire, partie, present=[], **{f"arrivee-{partie.pk}": ""})
    assert "départ à 17\u00a0h\u00a050, parti sans être arrivé, cochez aussi «\u00a0Présent\u00a0»" in answer
    assert state(partie) == (True, at(16, 31), at(17, 50))


def test_closed_sheet_shows_its_hours_in_fields(secretaire, partie):
    html = secretaire.get(PAGE).text
    assert shown(html) == {
        "avant": f"{partie.pk}:present {partie.pk}:parti",
        "heures": f"{partie.pk}:present:1631 {partie.pk}:parti:1750",
        f"arrivee-{partie.pk}": "16:31",
        f"depart-{partie.pk}": "17:50",
        "present": [str(partie.pk)],
        "parti": [str(partie.pk)],
    }
    assert 'aria-label="Léa Morel, heure de départ" inputmode="numeric"' in html
    assert "feuille.js" not in html


def test_hour_that_is_corrected_is_of_the_day_of_the_sheet(secretaire, partie, journal):
    html = correct(secretaire, partie, **{f"depart-{partie.pk}": "17:20"})
    assert "Léa Morel : départ à 17 h 20, au lieu de 17 h 50." in plain(html)
    assert state(partie) == (True, at(16, 31), at(17, 20))
    geste = Geste.objects.latest("recu_le")
    assert (geste.heure, geste.motif, geste.fait_le >= PLUS_TARD) == (at(17, 20), "Partie à 17 h 20", True)
    [event] = [e for e in journal.events if e["event"] == "sheet_corrected"]
    assert (event["count"], event["hours"]) == (1, f"{partie.pk}:parti:1750>1720")


def test_unticked_then_ticked_again_has_no_hour_of_another_day(secretaire, partie):
    correct(secretaire, partie, parti=[])
    assert state(partie) == (True, at(16, 31), None)
    assert shown(secretaire.get(PAGE).text)[f"depart-{partie.pk}"] == ""
    html = correct(secretaire, partie, parti=[partie.pk])
    assert "départ, heure inconnue" in html
    assert state(partie) == (True, at(16, 31), None)
    assert Pointage.objects.get().depart_recu >= PLUS_TARD
    correct(secretaire, partie, **{f"depart-{partie.pk}": "1720"})
    assert state(partie) == (True, at(16, 31), at(17, 20))


def test_nothing_that_was_not_changed_is_written_over_what_another_agent_corrected(secretaire, partie):
    before = shown(secretaire.get(PAGE).text)
    correct(secretaire, partie, **{f"depart-{partie.pk}": "17:20"})
    send(secretaire, **(before | {f"arrivee-{partie.pk}": "16:40", "motif": "Arrivée", "corriger": "1"}))
    assert state(partie) == (True, at(16, 40), at(17, 20))


def test_sheet_sent_twice_writes_the_hour_it_says(secretaire, partie):
    data = shown(secretaire.get(PAGE).text) | {f"depart-{partie.pk}": "17:20", "motif": "Erreur", "corriger": "1"}
    for _ in range(2):
        send(secretaire, **data)
    assert state(partie) == (True, at(16, 31), at(17, 20))


@pytest.mark.parametrize("texte", ["16:10", "midi", "25:00"])
def test_wrong_hour_is_said_and_nothing_is_lost(secretaire, partie, texte):
    data = shown(secretaire.get(PAGE).text) | {f"depart-{partie.pk}": texte, "motif": "Erreur", "corriger": "1"}
    html = secretaire.post(PAGE, {"creneau": "soir", **data}).text
    assert "Rien n’est enregistré" in html
    assert shown(html)[f"depart-{partie.pk}"] == texte
    assert f'aria-invalid="true" aria-describedby="faute-{partie.pk}-parti"' in html
    assert f'id="faute-{partie.pk}-parti"' in html
    assert 'value="Erreur"' in html
    assert "Ces heures sont justes" not in html
    assert state(partie) == (True, at(16, 31), at(17, 50))


def test_hour_far_from_the_evening_is_asked_about(secretaire, partie):
    data = shown(secretaire.get(PAGE).text) | {f"depart-{partie.pk}": "21:20", "motif": "Panne", "corriger": "1"}
    html = secretaire.post(PAGE, {"creneau": "soir", **data}).text
    assert "à plus d’une heure du moment" in html
    [justes] = re.findall(r'name="justes" value="([^"]+)"', html)
    send(secretaire, **(shown(html) | {"motif": "Panne", "corriger": "1", "justes": justes}))
    assert state(partie) == (True, at(16, 31), at(21, 20))


def test_hours_typed_without_a_reason_are_kept(secretaire, partie):
    data = shown(secretaire.get(PAGE).text) | {f"depart-{partie.pk}": "17:20", "motif": "", "corriger": "1"}
    html = secretaire.post(PAGE, {"creneau": "soir", **data}).text
    assert "Dites pourquoi" in html
    assert shown(html)[f"depart-{partie.pk}"] == "17:20"
    assert state(partie) == (True, at(16, 31), at(17, 50))


def test_correction_of_the_same_evening_writes_its_hour(mairie, lea, time_machine):
    close()
    time_machine.move_to(at(19, 10), tick=False)
    mairie.force_login(mairie.agent)
    correct(mairie, lea, present=[lea.pk], parti=[lea.pk])
    assert state(lea) == (True, None, None)  # not the hour at which the secretary ticked
    html = correct(mairie, lea, **{f"depart-{lea.pk}": "19:30"})
    assert "ce n’est pas encore passé" in html
    correct(mairie, lea, **{f"depart-{lea.pk}": "18:42"})
    assert state(lea) == (True, None, at(18, 42))


def test_team_writes_the_hours_of_a_sheet_that_nobody_closed(lea, plus_tard, journal):
    equipe = logged_in("Équipe")
    page = equipe.get(PAGE).text
    assert ("feuille.js" in page, "data-barre" in page) == (False, False)
    data = shown(page) | {f"arrivee-{lea.pk}": "16:40", f"depart-{lea.pk}": "17:20"}
    send(equipe, **data, enregistrer="1")
    assert state(lea) == (True, at(16, 40), at(17, 20))
    assert [e["count"] for e in journal.events if e["event"] == "sheet_written"] == [2]


def test_sheet_of_the_day_and_that_of_a_reader_have_no_field(equipe, mairie, lea, time_machine):
    for client in (equipe, mairie):
        assert "depart-" not in client.get(PAGE).text
    close()
    assert "depart-" not in equipe.get(PAGE).text


def test_name_of_a_child_of_another_sheet_is_not_told(lea, plus_tard):
    ailleurs = EnfantFactory(prenom="Zoé", nom="Inconnue")
    data = {"heures": "", "avant": "", f"depart-{ailleurs.pk}": "midi", "creneau": "soir"}
    html = logged_in("Équipe").post(PAGE, data).text
    assert "Cet enfant\u00a0: départ, écrivez l’heure comme 17:20." in html
    assert "Inconnue" not in html


def test_hours_sent_to_the_sheet_of_the_day_are_not_read(equipe, lea):
    send(equipe, heures="", present=lea.pk, **{f"arrivee-{lea.pk}": "16:00"})
    assert state(lea) == (True, NOW, None)


@pytest.mark.parametrize("heures", ["x", "1:present", "1:present:2500", "1:autre:1630", "9" * 30])
def test_hours_that_no_page_showed_are_404(secretaire, partie, heures):
    assert secretaire.post(PAGE, {"creneau": "soir", "avant": "", "heures": heures}).status_code == 404
