"""Taps as a phone sends them, and the state that it asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from enfance.equipe.pointages import enregistrer
from enfance.models import Creneau, Geste, PersonneAutorisee, Pointage, RemiseEnfant
from enfance.models.garderie import CreneauQuerySet
from tests.clients import Client
from tests.enfance import gate
from tests.enfance.equipe.pages.conftest import JOUR, PAGE, close, logged_in
from tests.enfance.equipe.pages.pointage import POINTAGE, tap
from tests.enfance.gate import JEUDI, NOW, at, state
from tests.factories import ResponsableFactory, StaffFactory, make_enfant


def test_tap_answers_with_the_state(equipe, lea):
    enregistrer([gate.tap(lea, a=at(16, 31))], JEUDI, "soir", equipe.agent, now=NOW)
    data = tap(lea, quoi="parti", a=at(16, 53))
    answer = equipe.post(POINTAGE, data).json()
    assert (answer["recus"], answer["refus"], answer["avis"]) == (data["id"], [], [])
    assert answer["etat"]["enfants"][str(lea.pk)]["depart"] == "16\u00a0h\u00a053"


def test_departure_alone_is_asked_about_in_the_state(equipe, lea):
    """A page that does not know the question shows the child there."""
    etat = equipe.post(POINTAGE, tap(lea, quoi="parti", a=at(16, 53))).json()["etat"]
    assert etat["enfants"][str(lea.pk)] == {
        "present": True,
        "parti": False,
        "depart": "",
        "retard": "",
        "sans_arrivee": "16\u00a0h\u00a053",
        "remis": "",
    }


def test_tap_that_undoes_comes_among_the_others(equipe, lea):
    faits = tap(lea, lea, a=at(16, 31)) | {"quoi": ["present", "parti"]}
    annule = tap(lea, a=at(16, 54), quoi="annule", coche=faits["id"][1])
    assert equipe.post(POINTAGE, faits).json()["refus"] == []
    assert equipe.post(POINTAGE, annule).json()["recus"] == annule["id"]
    assert state(lea) == (True, at(16, 31), None)


def test_who_fetched_is_kept_as_taps_are(equipe, lea):
    odile = PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", lien="grand-mère")
    equipe.post(POINTAGE, tap(lea, lea, a=at(16, 31)) | {"quoi": ["present", "parti"]})
    data = tap(lea, quoi="remise", coche=f"autorisee:{odile.pk}:remis:", a=at(16, 54))
    for _ in range(2):
        answer = equipe.post(POINTAGE, data).json()
        assert (answer["recus"], answer["etat"]["enfants"][str(lea.pk)]["remis"]) == (
            data["id"],
            f"autorisee:{odile.pk}:remis:",
        )
    remise = RemiseEnfant.objects.get()
    assert (remise.personne, remise.auteur, remise.fait_le, remise.recu_le) == (odile, equipe.agent, at(16, 54), NOW)
    equipe.post(POINTAGE, tap(lea, quoi="parti", coche="0", a=at(16, 56)))  # still there: it was another one
    assert equipe.get(f"{JOUR}etat.json?creneau=soir").json()["enfants"][str(lea.pk)]["remis"] == ""


@pytest.mark.parametrize("coche", ["", "1", "parent:12", "autorisee::remis:", "interdite:12:remis:", "parent::appel:3"])
def test_tap_that_says_no_one_who_came_does_not_read(equipe, lea, coche):
    assert equipe.post(POINTAGE, tap(lea, quoi="remise", coche=coche)).status_code == 400
    assert not Pointage.objects.exists()


def test_tap_is_kept_once_however_often_it_is_sent(equipe, lea):
    data = tap(lea)
    assert {tuple(equipe.post(POINTAGE, data).json()["recus"]) for _ in range(3)} == {tuple(data["id"])}
    assert Geste.objects.count() == 1


def test_several_taps_come_in_one_sending(equipe, lea):
    enfants = [lea, *(make_enfant(prenom=prenom) for prenom in ("Tom", "Ana"))]
    assert equipe.post(POINTAGE, tap(*enfants)).json()["etat"]["enfants"].keys() == {str(e.pk) for e in enfants}


def test_refused_tap_says_why(equipe):
    data = tap(make_enfant())
    close()
    [refus] = equipe.post(POINTAGE, data).json()["refus"]
    assert refus == {
        "id": data["id"][0],
        "phrase": "L’appel est terminé depuis jeudi 10\u00a0décembre à 16\u00a0h\u00a059\u00a0: "
        "la mairie peut encore le corriger.",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "1"}, {"enfant": "x"}, {"enfant": "-1"}, {"enfant": "9" * 30}, {"quoi": "ailleurs"}, {"coche": "oui"},
        {"a": "hier"}, {"a": ""}, {"id": []}, {"a": [NOW.isoformat()] * 2}, {"envoye": "hier"},
    ],
)  # fmt: skip
def test_tap_that_cannot_be_read_is_400(equipe, lea, wrong):
    assert equipe.post(POINTAGE, tap(lea) | wrong).status_code == 400
    assert not Geste.objects.exists()


@pytest.mark.parametrize("a", ["0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"])
def test_tap_of_any_clock_gets_the_hour_of_the_server(equipe, lea, a):
    answer = equipe.post(POINTAGE, tap(lea) | {"a": a}).json()
    assert answer["avis"] == ["L’heure de cet appareil est fausse\u00a0: le pointage est noté à 17\u00a0h."]
    assert state(lea) == (True, NOW, None)


@pytest.mark.parametrize("minutes", [7, -7, 60 * 24 * 365 * 50])
def test_tap_of_a_wrong_clock_gets_its_true_hour(equipe, lea, minutes):
    slow = timedelta(minutes=minutes)
    answer = equipe.post(POINTAGE, tap(lea, a=at(16, 53) - slow, envoye=(NOW - slow).isoformat())).json()
    assert (answer["avis"], state(lea)) == ([], (True, at(16, 53), None))


def test_clock_is_known_for_the_session(equipe, lea, time_machine):
    """The second sending was longer on its way: what the first one told of the clock stands."""
    equipe.post(POINTAGE, tap(lea, a=at(16, 53), envoye=at(16, 59).isoformat()))
    time_machine.move_to(at(17, 10) + timedelta(seconds=14), tick=False)
    equipe.post(POINTAGE, tap(lea, quoi="parti", a=at(17, 8), envoye=at(17, 9).isoformat()))
    assert state(lea) == (True, at(16, 54), at(17, 9))


@pytest.mark.parametrize("envoye", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
@pytest.mark.parametrize("a", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_no_clock_leads_out_of_the_day(equipe, lea, a, envoye):
    equipe.post(POINTAGE, tap(lea, envoye=envoye) | {"a": a})
    assert state(lea) == (True, NOW, None)


def test_taps_ask_for_the_token(lea):
    client = Client(enforce_csrf_checks=True)
    client.force_login(StaffFactory())
    assert client.post(POINTAGE, tap(lea)).status_code == 403  # SES-06


def test_unknown_creneau_is_refused_as_the_phone_understands_it(equipe, lea):
    response = equipe.post(POINTAGE, tap(lea, creneau="nuit"))
    assert (response.status_code, response.json()) == (400, {"refus": [], "avis": ["Ce pointage ne se lit pas."]})
    assert equipe.get(f"{JOUR}etat.json?creneau=nuit").status_code == 404


def test_state_names_the_agents_whose_taps_wait_on_a_shared_phone(equipe):
    ines, nobody = StaffFactory(first_name="Inès"), StaffFactory(first_name="")
    parent = ResponsableFactory().user
    canteen, closed = logged_in("Cantine").agent, StaffFactory(first_name="Zoé", is_active=False)
    asked = "+".join(str(pk) for pk in (ines.pk, nobody.pk, parent.pk, canteen.pk, closed.pk, 9**12, "x"))

    answer = equipe.get(f"{JOUR}etat.json?creneau=soir&agents={asked}").json()

    assert answer["agents"] == {str(ines.pk): {"prenom": "Inès", "de": "d’Inès"}}
    many = "+".join(str(StaffFactory(first_name="Inès").pk) for _ in range(11))
    assert len(equipe.get(f"{JOUR}etat.json?creneau=soir&agents={many}").json()["agents"]) == 10
    assert equipe.get(f"{JOUR}etat.json?creneau=soir").json()["agents"] == {}


def test_etat_keeps_no_session_alive(equipe, time_machine):  # SES-02
    equipe.get(PAGE)
    seen = equipe.session["seen"]
    time_machine.move_to(NOW + timedelta(minutes=5), tick=False)
    equipe.get(f"{JOUR}etat.json?creneau=soir")
    assert equipe.session["seen"] == seen
    equipe.get(PAGE)
    assert equipe.session["seen"] != seen


def test_late_tap_is_taken_half_a_day_at_most_after_the_sheet_was_closed(equipe, lea, time_machine):
    equipe.post(PAGE, {"creneau": "soir", "avant": "", "terminer": "1"})
    time_machine.move_to(NOW + timedelta(hours=12, minutes=1), tick=False)
    equipe.force_login(StaffFactory())
    answer = equipe.post("/equipe/2026-12-10/pointage/", tap(lea, a=NOW - timedelta(minutes=5))).json()
    assert (answer["recus"], len(answer["refus"])) == ([], 1)


def test_creneau_deleted_under_a_tap_is_no_error(equipe, monkeypatch):  # VAL-16
    tom, lock_one = make_enfant(), CreneauQuerySet.lock_one

    def deleted_meanwhile(creneaux, code):
        Creneau.objects.filter(code=code).delete()
        return lock_one(creneaux, code)

    monkeypatch.setattr(CreneauQuerySet, "lock_one", deleted_meanwhile)

    answers = [equipe.post(POINTAGE, tap(tom)), equipe.post(JOUR, {"creneau": "soir", "avant": "", "present": tom.pk})]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Geste.objects.count() == 0
    Creneau.objects.filter(code="soir").delete()
    again = equipe.post(POINTAGE, tap(tom))
    assert (again.status_code, again.json()["avis"]) == (400, ["Ce pointage ne se lit pas."])
