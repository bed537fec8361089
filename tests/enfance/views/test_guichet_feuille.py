"""Registering at the counter into a sheet that the team has closed: the page asks what is meant."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages

from enfance.equipe.pointages import terminer
from enfance.equipe.presences import load_constats
from enfance.models import Creneau, Geste, Inscription, Pointage
from enfance.regles import Cle
from portail.dates import PARIS
from tests.factories import ResponsableFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
JEUDI_MATIN = datetime(2026, 12, 3, 9, 40, tzinfo=PARIS)
JEUDI = JEUDI_MATIN.date()
MOTIF = "Oubli de la mère"


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(JEUDI_MATIN, tick=False)


@pytest.fixture
def lea(db):
    make_creneaux()
    return make_enfant(ResponsableFactory(), prenom="Léa")


@pytest.fixture
def agente(db):
    return StaffFactory()


@pytest.fixture
def mairie(client, agente, lea):
    """The morning's sheet is closed, without Léa."""
    terminer(JEUDI, "matin", agente, now=JEUDI_MATIN)
    client.force_login(agente)
    return client


def cle_of(lea, code: str = "matin") -> str:
    return str(Cle(lea.pk, JEUDI, code))


def save(client, lea, code: str = "matin", **champs):
    data = {"avant": "", "r": cle_of(lea, code), "motif": MOTIF, "enregistrer": "1"} | champs
    return client.send(f"/guichet/{lea.gardes.get().foyer_id}/planning/2026-12/", data)


def test_what_is_meant_is_asked_and_nothing_typed_is_lost(mairie, lea):
    response = save(mairie, lea)

    page = response.text
    assert "L’appel de ce moment est terminé" in page
    assert f'name="feuille:{cle_of(lea)}" value="present"' in page
    assert (f'value="{MOTIF}"' in page, f'value="{cle_of(lea)}" checked' in page) == (True, True)
    assert not Inscription.objects.exists()


def test_present_after_all_is_noted_on_the_sheet(mairie, lea, agente):
    response = save(mairie, lea, **{f"feuille:{cle_of(lea)}": "present"})

    assert response.status_code == 303
    assert Inscription.objects.get().etat == "inscrit"
    geste = Geste.objects.get()
    assert (geste.auteur, geste.motif, geste.pointage.present) == (agente, MOTIF, True)
    assert load_constats(JEUDI, JEUDI) == []
    trace = LogEntry.objects.get().change_message
    assert "Présence notée sur la feuille terminée\u00a0: Léa" in trace


def test_place_that_nobody_used_leaves_the_sheet_as_it_is(mairie, lea):
    save(mairie, lea, **{f"feuille:{cle_of(lea)}": "place"})

    assert Inscription.objects.get().etat == "inscrit"
    assert not Pointage.objects.exists()
    assert [constat.phrase for constat in load_constats(JEUDI, JEUDI)] == ["inscrit, absent"]
    assert "Présence" not in LogEntry.objects.get().change_message


def test_refused_for_want_of_a_reason_keeps_the_answer(mairie, lea):
    response = save(mairie, lea, motif="", **{f"feuille:{cle_of(lea)}": "present"})

    page = response.text
    assert f'name="feuille:{cle_of(lea)}" value="present" checked' in page
    assert not Inscription.objects.exists()
    assert not Pointage.objects.exists()


@pytest.mark.parametrize("reponse", ["", "autre", "absent"])
def test_another_answer_is_none(mairie, lea, reponse):
    save(mairie, lea, **{f"feuille:{cle_of(lea)}": reponse})

    assert not Inscription.objects.exists()


def test_open_sheet_asks_nothing(mairie, lea):
    assert save(mairie, lea, code="soir").status_code == 303
    assert not Pointage.objects.exists()


def test_child_who_is_on_the_sheet_already_asks_nothing(mairie, lea):
    matin = Pointage(enfant=lea, jour=JEUDI, present=True, arrivee=JEUDI_MATIN, arrivee_recue=JEUDI_MATIN)
    matin.creneau = lea.inscriptions.model._meta.get_field("creneau").related_model.objects.get(code="matin")
    matin.save()

    assert save(mairie, lea).status_code == 303


def test_who_may_not_correct_a_sheet_cannot_say_present(client, lea, mairie):
    agent = StaffFactory(is_superuser=False)
    agent.user_permissions.add(Permission.objects.get(codename="change_inscription"))
    client.force_login(agent)

    response = save(client, lea, **{f"feuille:{cle_of(lea)}": "present"})

    assert 'value="present"' not in response.text
    assert not Inscription.objects.exists()
    assert save(client, lea, **{f"feuille:{cle_of(lea)}": "place"}).status_code == 303
    assert date(2026, 12, 3) == Inscription.objects.get().jour


def test_place_of_a_day_that_has_no_garderie_any_more_is_no_presence(mairie, lea):
    """Sent again, a box that is registered already is asked nothing of the planning: the sheet alone refuses it."""
    save(mairie, lea, **{f"feuille:{cle_of(lea)}": "place"})
    Creneau.objects.filter(code="matin").update(jeudi=False)

    response = save(mairie, lea, **{f"feuille:{cle_of(lea)}": "present"})

    assert [str(message) for message in get_messages(response.wsgi_request)] == [
        "Présence non notée sur la feuille, jeudi 3\u00a0décembre, matin\u00a0: Il n’y a pas de garderie ce jour-là."
    ]
    assert Pointage.objects.count() == 0
