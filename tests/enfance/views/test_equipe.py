"""The gate as the team uses it: the sheet with and without script, the search, a child's file, the paper."""

from __future__ import annotations

import gzip
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from enfance.models import Absence, AnneeScolaire, Appel, Geste, PersonneAutorisee
from enfance.pointages import enregistrer, terminer
from tests.accounts.conftest import journal  # noqa: F401  (a fixture)
from tests.clients import Client
from tests.enfance import gate
from tests.enfance.gate import JEUDI, NOW, at, inscrire, state
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
JOUR = "/equipe/2026-12-10/"
PAGE = f"{JOUR}?creneau=soir"
POINTAGE = f"{JOUR}pointage/"
KB = 1024


@pytest.fixture(autouse=True)
def school(db, time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    call_command("sync_groups", verbosity=0)


def logged_in(group: str) -> Client:
    agent = StaffFactory(is_superuser=False, first_name="Alix", last_name="Durand")
    agent.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def equipe() -> Client:
    """An animator."""
    return logged_in("Équipe")


@pytest.fixture
def mairie() -> Client:
    return logged_in("Secrétariat")


@pytest.fixture
def lea():
    enfant = make_enfant()
    inscrire(enfant)
    return enfant


def close():
    return terminer(JEUDI, "soir", StaffFactory(first_name="Alix", last_name="Durand"), now=NOW - timedelta(minutes=1))


def send(client, *, follow=True, **data):
    """The form, as a browser without script sends it; the page that follows, without its markup."""
    response = client.post(PAGE, {"creneau": "soir", **data}, follow=follow)
    return re.sub("[ \n]+", " ", re.sub("<[^>]+>", " ", response.text))


def tap(*enfants, quoi="present", coche="1", a=NOW, **fields):
    n = len(enfants)
    return {
        "id": [str(uuid4()) for _ in enfants],
        "enfant": [enfant.pk for enfant in enfants],
        "quoi": [quoi] * n,
        "coche": [coche] * n,
        "a": [a.isoformat()] * n,
        "creneau": "soir",
    } | fields


# --- The way in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "to"),
    [(NOW, JOUR), (NOW - timedelta(days=1), JOUR), (NOW + timedelta(days=2), "/equipe/2026-12-14/")],
)
def test_equipe_leads_to_the_next_sheet(time_machine, today, to):
    time_machine.move_to(today, tick=False)
    assert logged_in("Équipe").get("/equipe/")["Location"] == to


def test_equipe_says_that_no_year_is_ready(equipe):
    AnneeScolaire.objects.update(fin=NOW.date() - timedelta(days=1))
    assert "La mairie n’a pas encore préparé l’année scolaire suivante" in equipe.get("/equipe/").text


@pytest.mark.parametrize("path", ["/equipe/2031-12-11/", "/equipe/2026-12-10/?creneau=nuit", "/equipe/2026-12-32/"])
def test_sheet_that_does_not_exist_is_404(equipe, path):
    assert equipe.get(path).status_code == 404


@pytest.mark.parametrize("path", ["", "imprimer/", "imprimer/?semaine=1"])
def test_day_without_school_is_said(equipe, path):
    html = equipe.get(f"/equipe/2026-10-22/{path}").text
    assert "Pas de garderie" in html
    assert 'type="checkbox"' not in html


# --- The sheet --------------------------------------------------------------------------------------------------------


def test_sheet_names_its_boxes_and_what_to_know(equipe, lea):
    lea.pai, lea.consigne = True, "Allergie aux noix."
    lea.save()
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", lien="tante")
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    Absence.objects.create(enfant=lea, jour=JEUDI)
    html = equipe.get(PAGE).text
    for text in (
        "Léa Morel, présent", "Léa Morel, parti", "Peut repartir avec Odile Morel (tante)",
        "Ne pas remettre à Claude Interdit", "PAI\u00a0: voir la fiche", "Absence signalée par la famille",
    ):  # fmt: skip
        assert text in html, text
    assert "noix" not in html


def test_sheet_to_come_has_no_box_to_tick(equipe, lea):
    inscrire(lea, jour=date(2026, 12, 11))
    html = equipe.get("/equipe/2026-12-11/?creneau=soir").text
    assert "Cette feuille s’ouvrira vendredi 11\u00a0décembre" in html
    assert html.count("disabled") == 2
    assert "Enregistrer l’appel" not in html


def test_ticks_of_the_form_are_kept(equipe, lea):
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    response = equipe.post(PAGE, {"creneau": "soir", "avant": "", "present": [lea.pk, tom.pk], "parti": tom.pk})
    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert (state(lea), state(tom)) == ((True, NOW, None), (True, NOW, NOW))
    assert "Dernier pointage reçu à 17\u00a0h" in equipe.get(PAGE).text


def test_form_opened_before_another_phone_ticked_undoes_nothing(equipe, lea):
    """Tom is ticked on the other phone since: not being ticked here says nothing of him."""
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    enregistrer([gate.tap(tom, a=at(16, 50))], JEUDI, "soir", StaffFactory(), now=at(16, 50))
    send(equipe, avant="", present=lea.pk)
    assert (state(lea)[0], state(tom)) == (True, (True, at(16, 50), None))


def test_form_unticks_what_it_showed_as_ticked(equipe, lea):
    enregistrer([gate.tap(lea, a=at(16, 50))], JEUDI, "soir", StaffFactory(), now=at(16, 50))
    send(equipe, avant=f"{lea.pk}:present")
    assert state(lea) == (False, None, None)


def test_sheet_names_who_is_not_ticked_before_it_is_closed(equipe, lea):
    assert "À l’ouverture de cette page\u00a0: Léa Morel. Ensuite," in equipe.get(PAGE).text


@pytest.mark.parametrize("jour", ["2026-12-11", "2026-12-09", "2000-01-03"])
def test_sheet_of_a_day_that_has_none_is_not_closed(equipe, jour):
    assert equipe.post(f"/equipe/{jour}/", {"creneau": "soir", "avant": "", "terminer": "1"}).status_code == 404


@pytest.mark.parametrize("pk", ["9" * 23, "0" * 19 + "1" + "9" * 5000])
def test_key_beyond_any_is_404(equipe, pk):
    assert equipe.get(f"/equipe/2026-12-10/enfants/{pk[:23]}/").status_code == 404
    assert equipe.post(PAGE, {"creneau": "soir", "avant": "", "present": pk}).status_code == 404


def test_late_tap_is_taken_half_a_day_at_most_after_the_sheet_was_closed(equipe, lea, time_machine):
    equipe.post(PAGE, {"creneau": "soir", "avant": "", "terminer": "1"})
    time_machine.move_to(NOW + timedelta(hours=12, minutes=1), tick=False)
    equipe.force_login(StaffFactory())
    answer = equipe.post("/equipe/2026-12-10/pointage/", tap(lea, a=NOW - timedelta(minutes=5))).json()
    assert (answer["recus"], len(answer["refus"])) == ([], 1)


def test_form_sent_twice_changes_nothing_more(equipe, lea):
    for _ in range(2):
        send(equipe, avant="", present=lea.pk)
    assert state(lea) == (True, NOW, None)


@pytest.mark.parametrize(
    "data",
    [
        {"avant": "x:present"}, {"avant": "1:arrive"}, {"avant": "1"}, {"avant": "²:present"}, {"present": "0"},
        {"present": "x"}, {"parti": "9" * 30}, {"creneau": "nuit"}, {"motif": "x" * 201},
    ],
)  # fmt: skip
def test_form_that_no_page_has_is_404(equipe, data):
    assert equipe.post(PAGE, {"creneau": "soir", **data}).status_code == 404
    assert not Geste.objects.exists()


def test_child_of_another_school_is_refused_with_a_sentence(equipe):
    assert "Cet enfant n’est pas à l’école ce jour-là." in send(equipe, present="987654321")


# --- Closing, correcting, opening again -------------------------------------------------------------------------------


def test_appel_termine_keeps_the_ticks_then_closes(equipe, lea, journal):  # noqa: F811
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    html = send(equipe, avant="", present=lea.pk, terminer="1")
    assert state(lea)[0]
    assert "Appel terminé Jeudi 10\u00a0décembre à 17\u00a0h, par Alix Durand." in html
    assert Appel.objects.get().clos_par.first_name == "Alix"
    assert [(e["event"], e["day"]) for e in journal.events if e["event"].startswith("sheet")] == [
        ("sheet_closed", "2026-12-10")
    ]


def test_closed_sheet_is_read_only_for_the_team(equipe, lea):
    close()
    html = equipe.get(PAGE).text
    assert html.count("disabled") == 2
    assert "Corriger cette feuille" not in html
    assert "L’appel est terminé depuis jeudi 10\u00a0décembre à 16\u00a0h\u00a059" in send(equipe, present=lea.pk)
    assert state(lea) == (False, None, None)


@pytest.mark.parametrize("bouton", ["corriger", "rouvrir"])
def test_team_corrects_nothing(equipe, lea, bouton):
    close()
    assert "Rien n’est changé." in send(equipe, present=lea.pk, motif="Oubli", **{bouton: "1"})
    assert (state(lea)[0], Appel.objects.clos().count()) == (False, 1)


@pytest.mark.parametrize("bouton", ["corriger", "rouvrir"])
def test_town_hall_gives_a_reason(mairie, lea, bouton):
    close()
    assert "Dites pourquoi" in send(mairie, present=lea.pk, motif="  ", **{bouton: "1"})
    assert (state(lea)[0], Appel.objects.clos().count()) == (False, 1)


def test_town_hall_corrects_a_closed_sheet_with_a_trace(mairie, lea, journal):  # noqa: F811
    close()
    send(mairie, present=lea.pk, motif="Oubliée dans la cour", corriger="1")
    assert (state(lea), Appel.objects.clos().count()) == ((True, NOW, None), 1)
    assert Geste.objects.get().motif == "Oubliée dans la cour"
    assert [(e["event"], e["count"]) for e in journal.events if e["event"].startswith("sheet")] == [
        ("sheet_corrected", 1)
    ]


def test_town_hall_opens_a_sheet_again(mairie, equipe, lea, journal):  # noqa: F811
    close()
    send(mairie, motif="Terminé trop tôt", rouvrir="1")
    assert Appel.objects.get().motif == "Terminé trop tôt"
    assert [e["event"] for e in journal.events if e["event"].startswith("sheet")] == ["sheet_reopened"]
    send(equipe, avant="", present=lea.pk)
    assert state(lea)[0]


# --- Taps -------------------------------------------------------------------------------------------------------------


def test_tap_answers_with_the_state(equipe, lea):
    data = tap(lea, a=at(16, 53))
    answer = equipe.post(POINTAGE, data).json()
    assert (answer["recus"], answer["refus"], answer["avis"]) == (data["id"], [], [])
    assert answer["etat"]["enfants"][str(lea.pk)]["arrivee"] == "16\u00a0h\u00a053"


def test_tap_is_kept_once_however_often_it_is_sent(equipe, lea):
    data = tap(lea)
    assert {tuple(equipe.post(POINTAGE, data).json()["recus"]) for _ in range(3)} == {tuple(data["id"])}
    assert Geste.objects.count() == 1


def test_several_taps_come_in_one_sending(equipe, lea):
    enfants = [lea, *(make_enfant(prenom=prenom) for prenom in ("Tom", "Ana"))]
    assert equipe.post(POINTAGE, tap(*enfants)).json()["etat"]["presents"] == 3


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
        {"a": "hier"}, {"a": ""}, {"id": []}, {"a": [NOW.isoformat()] * 2},
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


def test_taps_ask_for_the_token(lea):
    client = Client(enforce_csrf_checks=True)
    client.force_login(StaffFactory())
    assert client.post(POINTAGE, tap(lea)).status_code == 403  # SES-06


def test_unknown_creneau_is_refused_as_the_phone_understands_it(equipe, lea):
    response = equipe.post(POINTAGE, tap(lea, creneau="nuit"))
    assert (response.status_code, response.json()) == (400, {"erreur": "Ce pointage ne se lit pas."})
    assert equipe.get(f"{JOUR}etat.json?creneau=nuit").status_code == 404


def test_etat_keeps_no_session_alive(equipe, time_machine):  # SES-02
    equipe.get(PAGE)
    seen = equipe.session["seen"]
    time_machine.move_to(NOW + timedelta(minutes=5), tick=False)
    equipe.get(f"{JOUR}etat.json?creneau=soir")
    assert equipe.session["seen"] == seen
    equipe.get(PAGE)
    assert equipe.session["seen"] != seen


# --- A child ----------------------------------------------------------------------------------------------------------


def test_child_who_is_not_registered_is_found_and_ticked(equipe):
    munoz = make_enfant(prenom="Léa", nom="Muñoz")
    html = equipe.get(f"{JOUR}ajouter/?creneau=soir&nom=munoz").text
    assert f'name="present" value="{munoz.pk}"' in html
    send(equipe, present=munoz.pk)
    html = equipe.get(PAGE).text
    assert "Présents sans inscription" in html
    assert "déjà sur la feuille" in equipe.get(f"{JOUR}ajouter/?creneau=soir&nom=munoz").text


@pytest.mark.parametrize(("nom", "text"), [("zut", "Aucun enfant de ce nom"), ("", "Ce champ est obligatoire")])
def test_search_that_finds_nothing_says_so(equipe, nom, text):
    assert text in equipe.get(f"{JOUR}ajouter/?creneau=soir&nom={nom}").text


def test_fiche_shows_whom_to_call_and_not_the_instruction(equipe, journal):  # noqa: F811
    lea = make_enfant(ResponsableFactory(telephone="06 39 98 00 12"), consigne="Allergie aux noix.")
    inscrire(lea)
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    html = equipe.get(f"{JOUR}enfants/{lea.pk}/").text
    assert "tel:+33639980012" in html
    assert "Ne pas remettre Léa à Claude Interdit." in html
    assert "noix" not in html
    assert [e for e in journal.events if e["event"] == "health_read"] == []


def test_instruction_is_one_tap_further_and_each_reading_is_kept(equipe, lea, journal):  # noqa: F811  # ADM-03
    lea.pai, lea.consigne = True, "Allergie aux noix."
    lea.save()
    link = re.search(rf'href="({JOUR}enfants/{lea.pk}/[^"#]*consigne=1)#consigne"', equipe.get(PAGE).text).group(1)
    assert "Allergie aux noix." in equipe.get(link.replace("&amp;", "&")).text
    [read] = [e for e in journal.events if e["event"] == "health_read"]
    assert (read["child"], "noix" in str(read)) == (lea.pk, False)


def test_child_without_instruction_leaves_no_reading(equipe, lea, journal):  # noqa: F811
    equipe.get(f"{JOUR}enfants/{lea.pk}/?consigne=1")
    assert [e for e in journal.events if e["event"] == "health_read"] == []


def test_child_of_no_sheet_of_the_day_is_404(equipe):
    assert equipe.get(f"{JOUR}enfants/{make_enfant().pk}/").status_code == 404


# --- Paper ------------------------------------------------------------------------------------------------------------


def test_paper_says_that_there_is_something_to_read_never_what(equipe, lea):
    lea.pai, lea.consigne = True, "Allergie aux noix."
    lea.save()
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    Absence.objects.create(enfant=lea, jour=JEUDI)
    for query in ("", "?semaine=1", "?creneau=soir"):
        html = equipe.get(f"{JOUR}imprimer/{query}").text
        assert "MOREL Léa" in html
        assert "PAI, voir fiche. Remise\u00a0: voir fiche. Absence signalée" in html
        assert not re.search("noix|Interdit", html)


def test_paper_of_a_day_has_a_box_where_a_child_is_expected(equipe, lea):
    tom = make_enfant(prenom="Tom")
    inscrire(tom, "midi")
    inscrire(tom, "soir", "attente")
    html = equipe.get(f"{JOUR}imprimer/").text
    assert re.findall(r"(matin|midi|soir) <b>(\d+)</b>", html) == [("matin", "0"), ("midi", "1"), ("soir", "1")]
    assert (html.count(">attendu<"), html.count(">non inscrit<")) == (2, 4)
    assert "Soir\u00a0: attente n°\u00a01" in html


def test_paper_of_a_week_has_its_four_days(equipe, lea):
    inscrire(lea, jour=date(2026, 12, 11))
    html = equipe.get(f"{JOUR}imprimer/?semaine=1").text
    assert re.findall(r'scope="colgroup"[^>]*>([^<]+)', html) == ["Lundi 7", "Mardi 8", "Jeudi 10", "Vendredi 11"]
    assert (html.count(">attendu<"), html.count(">non inscrit<")) == (2, 10)


def test_paper_of_one_creneau_holds_its_children_alone(equipe, lea):
    inscrire(make_enfant(prenom="Tom"), "midi")
    html = equipe.get(f"{JOUR}imprimer/?creneau=soir").text
    assert ("MOREL Léa" in html, "MOREL Tom" in html) == (True, False)
    assert equipe.get(f"{JOUR}imprimer/?creneau=nuit").status_code == 404


# --- What it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 3, 80])
def test_sheet_costs_8_queries_and_15_kb(equipe, django_assert_num_queries, n):
    enfants = [make_enfant(prenom=f"Prénom {rang}", nom=f"Nom-de-famille {rang}") for rang in range(n)]
    for rang, enfant in enumerate(enfants):
        inscrire(enfant)
        PersonneAutorisee.objects.create(enfant=enfant, nom=f"Odile Morel {rang}", lien="grand-mère")
    enregistrer([gate.tap(enfant, "parti") for enfant in enfants[::2]], JEUDI, "soir", StaffFactory(), now=NOW)
    equipe.get(PAGE)
    with django_assert_num_queries(8):
        html = equipe.get(PAGE).content
    assert html.count(b'name="present"') == n
    assert len(gzip.compress(html, 9)) <= 15 * KB


@pytest.mark.parametrize("n", [1, 3, 80])
def test_paper_costs_the_same_queries(equipe, django_assert_num_queries, n):
    for rang in range(n):
        inscrire(make_enfant(prenom=f"Prénom {rang}"))
    equipe.get(f"{JOUR}imprimer/")
    with django_assert_num_queries(11):
        equipe.get(f"{JOUR}imprimer/")
