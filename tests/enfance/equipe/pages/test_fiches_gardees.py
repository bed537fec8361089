"""The cards that a device keeps for the day, and the openings that it tells of once the network is back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest

from enfance.models import Absence, PersonneAutorisee
from portail.groupes import EQUIPE
from tests.enfance.equipe.pages.conftest import JOUR, PAGE, logged_in
from tests.enfance.gate import NOW, at, inscrire
from tests.factories import ResponsableFactory, make_enfant

FICHES, LECTURES = "/equipe/fiches.json", f"{JOUR}lectures/"
RESULTS = ("ok", "refused")


def cards(client):
    """The HTML of each card, by key."""
    return {int(pk): fiche["html"] for pk, fiche in client.get(FICHES).json()["fiches"].items()}


def told(journal, event):
    return [line for line in journal.events if line["event"] == event]


def opening(enfant, *, quoi="fiche", a=NOW, **fields):
    return {"id": str(uuid4()), "enfant": enfant.pk, "quoi": quoi, "a": a.isoformat(), "creneau": "soir"} | fields


@pytest.fixture
def watched(lea):
    """Léa, of whom there is something to read."""
    lea.pai, lea.consigne = True, "Allergie aux noix."
    lea.save()
    return lea


def test_card_says_whom_to_call_and_who_may_fetch(equipe):
    lea = make_enfant(ResponsableFactory(telephone="06 39 98 00 12"))
    inscrire(lea)
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", telephone="06 39 98 00 85")
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    Absence.objects.create(enfant=lea, jour=NOW.date())
    html = cards(equipe)[lea.pk]
    assert [text for text in ("tel:+33639980012", "tel:+33639980085", "Absence signalée") if text not in html] == []
    assert "Ne pas remettre Léa à Claude Interdit." in html


def test_children_of_today_alone_are_given(equipe, lea):  # RGP-13
    waiting, came, tomorrow, cancelled = (make_enfant(prenom=prenom) for prenom in ("Ana", "Tom", "Zoé", "Lou"))
    inscrire(waiting, "matin", etat="attente")
    equipe.post(PAGE, {"creneau": "soir", "avant": "", "present": came.pk})
    inscrire(tomorrow, jour=NOW.date() + timedelta(days=1))
    inscrire(cancelled, etat="annulee")
    assert set(cards(equipe)) == {lea.pk, waiting.pk, came.pk}


def test_instruction_is_for_who_may_read_it(equipe, watched):  # RGP-13
    assert "Allergie aux noix." in cards(equipe)[watched.pk]
    equipe.agent.groups.get(name=EQUIPE).permissions.get(codename="view_sante").group_set.clear()
    html = cards(equipe)[watched.pk]
    assert ("noix" in html, "Demandez la consigne" in html) == (False, True)


def test_names_are_escaped(equipe):
    enfant = make_enfant(prenom="<b>Léa")
    inscrire(enfant)
    fiche = equipe.get(FICHES).json()["fiches"][str(enfant.pk)]
    assert "<b>Léa" not in fiche["nom"] + fiche["html"]


def test_answer_is_kept_for_this_agent_and_this_day(equipe, lea):
    expected = f"{equipe.agent.pk}:2026-12-10"
    pages = (PAGE, FICHES, "/equipe/hors-ligne/", "/equipe/2026-12-11/")
    assert [equipe.get(page).headers.get("X-Feuille-Du-Jour") for page in pages] == [expected] * 3 + [None]


def test_cards_are_given_again_when_one_of_them_changed(equipe, lea):
    odile = PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel")
    known = {"If-None-Match": equipe.get(FICHES).headers["ETag"]}
    assert equipe.get(FICHES, headers=known).status_code == 304
    odile.delete()
    response = equipe.get(FICHES, headers=known)
    assert (response.status_code, "Odile" in response.text) == (200, False)


def test_download_is_told_once_a_child(equipe, lea, journal):  # ADM-03
    equipe.get(FICHES)
    inscrire(tom := make_enfant(prenom="Tom"))
    equipe.get(FICHES)
    assert [(line["child"], line["day"], line["health"]) for line in told(journal, "card_kept")] == [
        (lea.pk, "2026-12-10", 0),
        (tom.pk, "2026-12-10", 0),
    ]


def test_download_is_told_again_once_an_instruction_comes_with_it(equipe, lea, journal):  # ADM-03
    equipe.get(FICHES)
    lea.consigne = "Allergie aux noix."
    lea.save()
    for _ in range(2):
        equipe.get(FICHES)
    assert [line["health"] for line in told(journal, "card_kept")] == [0, 1]
    assert "noix" not in journal.text


def test_download_of_another_session_is_told_too(equipe, lea, journal):
    for client in (equipe, logged_in(EQUIPE)):
        client.get(FICHES)
    assert len(told(journal, "card_kept")) == 2


def test_cards_take_as_many_queries_whatever_their_number(equipe, lea, django_assert_num_queries):
    equipe.get(FICHES)
    with django_assert_num_queries(9):
        equipe.get(FICHES)
    for prenom in ("Tom", "Ana", "Zoé"):
        inscrire(make_enfant(ResponsableFactory(), prenom=prenom))
    equipe.get(FICHES)
    with django_assert_num_queries(9):
        equipe.get(FICHES)


@pytest.mark.parametrize("n", [1, 4])
def test_cards_with_forbidden_persons_take_two_queries_more(equipe, lea, django_assert_num_queries, n):
    camille = ResponsableFactory()
    lea.responsabilites.create(responsable=camille)
    for rang in range(n):
        enfant = make_enfant(camille, prenom=f"Enfant {rang}", date_naissance=date(2018, 1, 1 + rang))
        enfant.personnes_autorisees.create(nom="Jean Dupont", interdite=True)
        inscrire(enfant)
    equipe.get(FICHES)
    with django_assert_num_queries(11):
        equipe.get(FICHES)
    assert "interdite pour Enfant 0, du même foyer" in cards(equipe)[lea.pk]


def test_opening_without_network_is_told_with_its_hour(equipe, watched, journal):  # ADM-03
    for quoi in ("fiche", "consigne"):
        assert equipe.post(LECTURES, opening(watched, quoi=quoi, a=at(16, 53))).status_code == 200
    [card], [health] = told(journal, "card_opened"), told(journal, "health_read")
    assert (card["child"], health["child"], card["user"]) == (watched.pk, watched.pk, equipe.agent.pk)
    assert datetime.fromisoformat(card["opened"]) == at(16, 53)
    assert (card["day"], card["slot"], card["offline"]) == ("2026-12-10", watched.inscriptions.get().creneau_id, 1)


def test_opening_is_told_once_however_often_it_is_sent(equipe, lea, journal):
    data = opening(lea)
    for _ in range(3):
        equipe.post(LECTURES, data)
    assert len(told(journal, "card_opened")) == 1


def test_several_openings_come_in_one_sending(equipe, lea, journal):
    inscrire(tom := make_enfant(prenom="Tom"))
    rows = [opening(lea), opening(tom)]
    equipe.post(LECTURES, {name: [row[name] for row in rows] for name in rows[0]} | {"creneau": ""})
    assert [line["slot"] for line in told(journal, "card_opened")] == [None, None]


def test_opening_is_told_of_the_children_of_the_sheets_that_were_carried(equipe, lea, journal):  # ADM-03
    """Today's of this agent, and who has left them since the device took the cards; of nobody else, on no other day:
    that is told as refused.
    """
    inscrire(tom := make_enfant(prenom="Tom"))
    equipe.get(FICHES)
    tom.inscriptions.update(etat="annulee")
    ailleurs, demain = make_enfant(prenom="Ana"), NOW.date() + timedelta(days=1)
    inscrire(ailleurs, jour=demain)
    rows = [opening(enfant, quoi=quoi) for enfant in (lea, tom, ailleurs) for quoi in ("fiche", "consigne")]
    assert equipe.post(LECTURES, {name: [row[name] for row in rows] for name in rows[0]} | {"creneau": ""}).json() == {}
    assert equipe.post(f"/equipe/{demain}/lectures/", opening(ailleurs)).status_code == 200
    for event, autres in (("card_opened", [ailleurs.pk] * 2), ("health_read", [ailleurs.pk])):
        lines = {result: [x["child"] for x in told(journal, event) if x["result"] == result] for result in RESULTS}
        assert lines == {"ok": [lea.pk, tom.pk], "refused": autres}


def test_more_openings_than_one_sending_holds_are_400(equipe, lea, journal):
    rows = [opening(lea) for _ in range(201)]
    columns = {name: [row[name] for row in rows] for name in rows[0]} | {"creneau": ""}
    assert equipe.post(LECTURES, columns).status_code == 400
    assert told(journal, "card_opened") == []
    for _ in range(2):  # the answer was lost
        equipe.post(LECTURES, {name: column[:200] for name, column in columns.items()})
    assert len(told(journal, "card_opened")) == 200


def test_opening_of_a_wrong_clock_is_told_with_the_hour_of_the_server(equipe, lea, journal):
    wrong = timedelta(minutes=7)
    equipe.post(LECTURES, opening(lea, a=NOW - wrong, envoye=(NOW - wrong).isoformat()))
    [line] = told(journal, "card_opened")
    assert datetime.fromisoformat(line["opened"]) == NOW


@pytest.mark.parametrize("field", [{"id": "1"}, {"enfant": "x"}, {"quoi": "autre"}, {"a": ""}, {"envoye": "x"}])
def test_opening_that_cannot_be_read_is_400_and_not_told(equipe, lea, journal, field):
    assert equipe.post(LECTURES, opening(lea) | field).status_code == 400
    assert told(journal, "card_opened") == []
