"""What the town hall reads of the gate: differences, presences with their taps, closed sheets."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from enfance.equipe.pointages import enregistrer, rouvrir, terminer, voir
from enfance.equipe.presences import load_constats, load_lignes, prenoms_a_voir
from enfance.models import Appel, EcartVu, Pointage
from portail.formulaires import INCOMPLETE
from tests.clients import Client
from tests.enfance.gate import JEUDI, NOW, inscrire, tap
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)
from tests.reading import plain

pytestmark = pytest.mark.django_db
ECARTS = "/admin/enfance/pointage/ecarts/"
PHRASE = "inscrite, absente"
MARDI = date(2026, 12, 8)


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
    lea = make_enfant(ResponsableFactory(), sexe="f")
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
    assert (response.status_code, "resume-erreurs" in response.text, PHRASE in response.text) == (200, True, False)


def test_ecart_leads_to_the_child_and_to_the_planning_of_its_homes(mairie, absente):
    garde = absente.gardes.get()
    autre = FoyerFactory(adresse="3 rue du Lac")
    absente.gardes.create(foyer=autre)

    html = mairie.get(ECARTS).text

    assert f'href="/admin/enfance/enfant/{absente.pk}/change/"' in html
    for foyer in (garde.foyer, autre):
        assert f'href="/guichet/{foyer.pk}/planning/2026-12/?enfant={absente.pk}"' in html


def test_ecart_is_seen_once_by_whom_and_when(mairie, absente):  # ADM-04
    agent = StaffFactory(first_name="Alix", last_name="Roux")
    mairie.force_login(agent)
    [valeur] = set(re.findall(r'name="vus" value="(\S+) *"', mairie.get(ECARTS).text))

    for _ in "12":
        response = mairie.post(f"{ECARTS}?du=2026-12-10&au=2026-12-10", {"vus": valeur}, follow=True)

    assert response.request["QUERY_STRING"] == "du=2026-12-10&au=2026-12-10"
    assert [(vu.enfant, vu.vu_par, vu.vu_le) for vu in EcartVu.objects.all()] == [(absente, agent, NOW)]
    assert LogEntry.objects.get().get_change_message() == (
        "Écart vu\u00a0: Léa, soir, jeudi 10\u00a0décembre\u00a0: inscrite, absente."
    )
    assert f"{agent}, 10\u00a0décembre 2026" in response.text
    assert 'name="vus"' not in response.text


def test_seen_is_taken_back_and_kept_in_the_history(mairie, absente):  # ADM-04
    [constat] = load_constats(JEUDI, JEUDI)
    voir([constat], StaffFactory(), now=NOW)

    for _ in "12":
        page = mairie.post(ECARTS, {"revoir": constat.valeur}, follow=True)

    assert prenoms_a_voir(JEUDI, JEUDI) == ["Léa"]
    assert f'name="vus" value="{constat.valeur}"' in page.text
    assert LogEntry.objects.get().get_change_message() == (
        "Écart à revoir\u00a0: Léa, soir, jeudi 10\u00a0décembre\u00a0: inscrite, absente."
    )


def test_home_counts_the_ecarts_that_nobody_has_seen(mairie, absente):
    before = mairie.get("/admin/").text
    voir(load_constats(JEUDI, JEUDI), StaffFactory(), now=NOW)

    phrase = "<b>1</b> <span>écart de présence à voir"
    assert (phrase in before, phrase in mairie.get("/admin/").text) == (True, False)


def test_ecarts_of_a_day_are_seen_together_and_those_of_others_are_not(mairie, absente):
    tom = make_enfant(prenom="Tom")
    inscrire(tom)
    inscrire(tom, jour=MARDI)
    terminer(MARDI, "soir", StaffFactory(), now=NOW)
    du_jour = re.findall(r'name="vus" value="(\S+ \S+ )"', mairie.get(ECARTS).text)

    mairie.post(ECARTS, {"vus": du_jour[0]})

    assert EcartVu.objects.filter(jour=JEUDI).count() == EcartVu.objects.count() == 2
    assert [ligne.constat.jour for ligne in load_lignes(MARDI, JEUDI) if not ligne.vu] == [MARDI]


@pytest.mark.parametrize(
    ("vus", "said"),
    [
        ("", INCOMPLETE),
        *((vus, "0\u00a0écart vu.") for vus in ("x", "1:2026-12-10:1:absent", "{pk}:2026-12-10:999:absent")),
    ],
)
def test_what_is_no_ecart_is_not_seen(mairie, absente, vus, said):
    response = mairie.post(ECARTS, {"vus": vus.format(pk=absente.pk)}, follow=True)

    assert said in response.text
    assert not EcartVu.objects.exists()


def test_ecart_is_marked_by_who_may(absente):
    lecteur = StaffFactory(is_superuser=False)
    lecteur.user_permissions.set(Permission.objects.filter(codename__in=["view_pointage", "view_absence"]))
    client = Client()
    client.force_login(lecteur)

    page = client.get(ECARTS).text

    assert [part in page for part in (PHRASE, 'name="vus"', "/admin/enfance/enfant/")] == [True, False, False]
    assert client.post(ECARTS, {"vus": "x"}).status_code == 403


def test_ecarts_name_the_sheets_that_nobody_closed(mairie, time_machine):
    enregistrer([tap(make_enfant())], JEUDI, "soir", StaffFactory(), now=NOW)
    time_machine.shift(86_400)
    mairie.force_login(StaffFactory())
    html = mairie.get(ECARTS).text
    assert "Feuilles commencées, pas terminées" in html
    assert "Jeudi 10\u00a0décembre 2026, soir" in html


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


def test_children_whom_nobody_saw_leave_are_named_on_the_home_until_they_are_seen(mairie):
    for classe in ("CM1 M. Frêne", "GS Mme Noyer"):
        lea = make_enfant(sexe="f")
        lea.scolarites.update(classe=ClasseFactory(nom=classe))
        inscrire(lea)
        enregistrer([tap(lea)], JEUDI, "soir", StaffFactory(), now=NOW)
    terminer(JEUDI, "soir", StaffFactory(), now=NOW)

    html = mairie.get("/admin/").text
    assert "<b>2</b> <span>enfants non repartis" in html
    assert "Léa Morel (CM1 M. Frêne), jeudi 10 ; Léa Morel (GS Mme Noyer), jeudi 10" in plain(html)
    [vus] = re.findall(r'name="vus" value="(\S+ \S+ )"', mairie.get(ECARTS).text)
    assert "présente, départ non noté" in mairie.post(ECARTS, {"vus": vus}, follow=True).text
    assert "non repartis" not in mairie.get("/admin/").text
