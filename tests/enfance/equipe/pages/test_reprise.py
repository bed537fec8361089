"""A sheet sent with a session that had ended: kept half an hour, shown again, and not saved (SES-02)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from enfance.equipe.pointages import enregistrer
from enfance.models import Geste
from tests.enfance import gate
from tests.enfance.equipe.pages.conftest import JOUR, PAGE, close, send
from tests.enfance.gate import JEUDI, NOW, inscrire, state
from tests.factories import STAFF_PASSWORD, StaffFactory, make_enfant


@pytest.fixture
def sent_too_late(time_machine):
    """What leads agents back to their sheet: their form came after half an hour of rest, they log in again."""

    def back(client, *, follow=False, **data):
        client.get(PAGE)
        time_machine.shift(timedelta(minutes=31))
        answer = client.post(PAGE, {"creneau": "soir", **data})
        assert answer["Location"] == f"/connexion/?next={JOUR}%3Fcreneau%3Dsoir"
        assert "Vos changements en cours sont gardés 30" in client.get("/connexion/").text
        login = {"identifiant": client.agent.identifiant, "password": STAFF_PASSWORD, "next": PAGE}
        address = client.post("/connexion/", login)["Location"]
        client.show_second_factor()
        return client.get(address, follow=follow)

    return back


def boxes(html):
    """« 12:present » of each box that is ticked."""
    return [f"{pk}:{quoi}" for quoi, pk in re.findall(r'name="(present|parti)" value="(\d+)" checked', html)]


def test_ticks_are_shown_again_marked_and_not_saved(mairie, lea, sent_too_late):
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    enregistrer([gate.tap(tom)], JEUDI, "soir", StaffFactory(), now=NOW)
    avant = f"{tom.pk}:present"
    html = sent_too_late(mairie, avant=avant, present=lea.pk).text
    assert "Vos changements sont gardés" in html
    assert (boxes(html), html.count("case--p modif"), f'name="avant" value="{avant}"' in html) == (
        [f"{lea.pk}:present"],
        2,
        True,
    )
    assert (state(lea)[0], state(tom)[0]) == (False, True)

    send(mairie, avant=avant, present=lea.pk)
    assert (state(lea)[0], state(tom)[0]) == (True, False)
    assert "Vos changements sont gardés" not in mairie.get(PAGE).text


def test_child_who_was_being_added_is_on_the_sheet(equipe, lea, sent_too_late):
    tom = make_enfant(prenom="Tom")
    html = sent_too_late(equipe, present=tom.pk).text
    assert "Présents sans inscription" in html
    assert boxes(html) == [f"{tom.pk}:present"]
    assert not Geste.objects.exists()


def test_page_is_the_form_alone_which_no_device_keeps(equipe, lea, sent_too_late):
    """The script would show what the server knows, the device would show these ticks the whole day."""
    response = sent_too_late(equipe, present=lea.pk)
    assert ("feuille.js" in response.text, "X-Feuille-Du-Jour" in response.headers) == (False, False)


def test_search_is_answered(equipe, time_machine):
    make_enfant(prenom="Tom")
    page = f"{JOUR}ajouter/"
    equipe.get(f"{page}?creneau=soir")
    time_machine.shift(timedelta(minutes=31))
    equipe.post(page, {"creneau": "soir", "nom": "tom"})
    equipe.post("/connexion/", {"identifiant": equipe.agent.identifiant, "password": STAFF_PASSWORD})
    equipe.show_second_factor()
    assert "Noter présent" in equipe.get(page, follow=True).text


def test_sheet_that_was_being_closed_is_still_open(equipe, lea, sent_too_late):
    """Its script sends no box with that button."""
    html = sent_too_late(equipe, terminer="1").text
    assert ("Rien n’est enregistré\u00a0: recommencez" in html, "marquées d’un point" in html) == (True, False)
    assert "Appel terminé</button>" in html


def test_correction_keeps_its_reason(mairie, lea, sent_too_late):
    close()
    html = sent_too_late(mairie, present=lea.pk, motif="Oubliée dans la cour", corriger="1").text
    assert 'value="Oubliée dans la cour"' in html
    assert boxes(html) == [f"{lea.pk}:present"]


def test_correction_keeps_its_hours(mairie, lea, sent_too_late):
    close()
    html = sent_too_late(mairie, heures="", motif="Oubliée", corriger="1", **{f"depart-{lea.pk}": "17:20"}).text
    assert f'name="depart-{lea.pk}" value="17:20"' in html
    assert html.count("case--p modif") == 1
    assert state(lea) == (False, None, None)


def test_form_that_no_page_has_is_forgotten(equipe, lea, sent_too_late):
    response = sent_too_late(equipe, present="x")
    assert (response.status_code, "Vos changements sont gardés" in response.text) == (200, False)


def test_sheet_closed_meanwhile_says_that_nothing_is_saved(equipe, lea, sent_too_late):
    close()
    html = sent_too_late(equipe, follow=True, present=lea.pk).text
    assert "vos cases n’ont pas été enregistrées" in html
    assert boxes(html) == []
