"""A lunch break that a meal locks, and the meal that its family says it cancelled."""

import re
from datetime import date, datetime

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Inscription
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.views.repas.repas import JEUDI_10, MARDI_8, MOIS, NOW, PAGES, cle, inscrire, manger
from tests.factories import (
    PASSWORD,
    ResponsableFactory,
)
from tests.reading import html_of

pytestmark = pytest.mark.django_db
ECART = "Tom mange à la cantine mardi 8 mais n’est pas inscrit à la pause méridienne."


def test_locked_midi_says_why_and_is_no_box(client, tom):
    inscrire(tom, MARDI_8)
    manger(tom, MARDI_8)
    html = html_of(client.get(MOIS))
    assert '<span class="vh">oui, lié au repas de cantine commandé</span> <span aria-hidden="true">repas</span>' in html
    assert f'value="{cle(tom, MARDI_8)}:midi"' not in html
    assert "lié au repas</span>" in html_of(client.get("/jour/2026-12-08/"))


def test_midi_is_not_cancelled_under_a_meal(client, tom):
    inscrire(tom, MARDI_8)
    manger(tom, MARDI_8)
    response = client.send(MOIS, {"avant": f"{cle(tom, MARDI_8)}:midi", "enregistrer": "1"})
    html = html_of(response)
    assert (
        "Tom, mardi 8, midi : un repas de cantine est commandé. Annulez d’abord le repas auprès de l’association."
    ) in html
    assert f'name="annule" value="{cle(tom, MARDI_8)}">Oui, j’ai annulé</button>' in html
    assert Inscription.objects.get().etat == "inscrit"


def test_meal_locks_only_its_lunch_break(client, tom):
    inscrire(tom, MARDI_8, creneau="soir")
    inscrire(tom, JEUDI_10)
    manger(tom, MARDI_8)
    avant = f"{cle(tom, MARDI_8)}:soir {cle(tom, JEUDI_10)}:midi"
    assert client.post(MOIS, {"avant": avant, "enregistrer": "1"}).status_code == 303
    assert set(Inscription.objects.values_list("etat", flat=True)) == {"annulee"}


def test_rank_on_the_waiting_list_is_given_up_under_a_meal(client, tom):
    inscrire(tom, MARDI_8, etat="attente")
    manger(tom, MARDI_8)
    client.post(MOIS, {"avant": f"{cle(tom, MARDI_8)}:midi", "enregistrer": "1"})
    assert Inscription.objects.get().etat == "annulee"


def test_town_hall_passes_over_a_meal_with_a_motif_only(tom):
    inscrire(tom, MARDI_8)
    manger(tom, MARDI_8)
    changement = [Changement(Cle(tom.pk, MARDI_8, "midi"), "annulee")]
    user = ResponsableFactory().user
    assert [o.code for o in enregistrer(changement, Acteur.mairie(user.pk), now=NOW).refus[0].obstacles] == ["repas"]
    assert enregistrer(changement, Acteur.mairie(user.pk, "Liste périmée"), now=NOW).refus == ()


@pytest.mark.parametrize("page", PAGES)
def test_cancelled_meal_unlocks_its_lunch_break(client, tom, page):
    inscrire(tom, MARDI_8)
    (meal,) = manger(tom, MARDI_8)
    response = client.post(page, {"annule": cle(tom, MARDI_8)})
    assert response.status_code == 303
    html = html_of(client.get(response["Location"]))
    assert "C’est noté : le repas est annulé" in html
    assert "<li>Tom : repas dit annulé, mardi 8</li>" in html
    assert "L’association de la cantine le verra. La pause méridienne reste prévue" in html
    meal.refresh_from_db()
    assert meal.annule_le == NOW  # the association sees it until its next list
    client.post(MOIS, {"avant": f"{cle(tom, MARDI_8)}:midi", "enregistrer": "1"})
    assert Inscription.objects.get().etat == "annulee"


def test_cancelled_meal_is_no_mismatch_any_more(client, tom):
    manger(tom, MARDI_8)
    client.post("/", {"annule": cle(tom, MARDI_8)})
    assert "à compléter" not in html_of(client.get("/"))


def test_meal_that_was_eaten_is_not_cancelled(client, tom):
    (meal,) = manger(tom, date(2026, 12, 3))
    response = client.send("/", {"annule": cle(tom, date(2026, 12, 3))})
    assert "la date limite est passée" in html_of(response)
    meal.refresh_from_db()
    assert meal.annule_le is None


def test_meal_cancelled_twice_keeps_its_first_time(client, tom, time_machine):
    (meal,) = manger(tom, MARDI_8)
    client.post("/", {"annule": cle(tom, MARDI_8)})
    time_machine.move_to(datetime(2026, 12, 3, 21, 0, tzinfo=PARIS), tick=False)
    client.post("/", {"annule": cle(tom, MARDI_8)})
    meal.refresh_from_db()
    assert meal.annule_le == NOW


def test_button_pressed_after_the_session_ended_keeps_no_form(client, camille, tom, time_machine):
    manger(tom, MARDI_8)
    client.get(MOIS)
    time_machine.move_to(datetime(2026, 12, 3, 23, 30, tzinfo=PARIS), tick=False)
    assert client.post(MOIS, {"repas": cle(tom, MARDI_8)})["Location"].startswith("/connexion/")
    client.post("/connexion/", {"identifiant": camille.user.identifiant, "password": PASSWORD})
    html = html_of(client.get(MOIS))
    assert ECART in html
    assert "data-reprises" not in html


@pytest.mark.parametrize("page", PAGES)
def test_it_is_asked_in_place_before_it_is_said(client, tom, page):
    inscrire(tom, JEUDI_10)
    manger(tom, MARDI_8, JEUDI_10)
    html = html_of(client.get(page))
    assert 'href="#question-ecart-' in html
    assert "Avez-vous annulé" in html
    assert '">Oui, j’ai annulé</button><a class="btn btn--2 btn--s" href="#annuler-ecart-' in html
    assert len(re.findall(r'name="annule"[^>]*>J’ai annulé', html)) == 0  # no button sends without the question
