"""Two services of the lunch break in a school: on a day when the child eats, the parent goes from one to the other in
one save; the lunch break alone cannot be left.
"""

from datetime import date, datetime, time

import pytest

from enfance.calendrier import bornes
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Inscription, ListeRepas, Repas
from enfance.planning import remplissage
from enfance.planning.mois import build_mois
from enfance.regles import Acteur, Cle
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import AnneeFactory, CreneauFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
DECEMBRE, MARDI = date(2026, 12, 1), date(2026, 12, 8)


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    CreneauFactory(
        code="midi-2", moment="midi", nom="Second service", nom_court="midi 2", debut=time(12, 30), fin=time(13, 30)
    )
    return ResponsableFactory()


@pytest.fixture
def lea(camille):
    """Léa eats on Tuesday, at the first service."""
    lea = make_enfant(camille)
    liste = ListeRepas.objects.create(debut=MARDI, fin=MARDI)
    Repas.objects.create(enfant=lea, jour=MARDI, liste=liste)
    enregistrer([Changement(Cle(lea.pk, MARDI, "midi"), "inscrit")], Acteur.parent(camille), now=NOW)
    return lea


@pytest.fixture
def connected(client, camille, lea) -> Client:
    client.force_login(camille.user)
    return client


def month_of(camille):
    situation = load_situation(Acteur.parent(camille), *bornes(DECEMBRE), now=NOW)
    return build_mois(situation, DECEMBRE)


def case_of(camille, code):
    mois = month_of(camille)
    return next(c for s in mois.semaines for c in s.cases if (c.cle.jour, c.cle.creneau) == (MARDI, code))


def services():
    return list(Inscription.objects.inscrit().order_by("creneau").values_list("creneau__code", flat=True))


def send(connected, lea, *codes, adresse="/planning/2026-12/"):
    boxes = [f"{lea.pk}:{MARDI}:{code}" for code in codes]
    return connected.send(adresse, {"avant": f"{lea.pk}:{MARDI}:midi", "r": boxes, "enregistrer": "1"})


def test_lunch_break_of_a_meal_is_a_box_where_another_may_take_it(camille, lea):
    case = case_of(camille, "midi")

    assert (case.genre, case.coche, case.lie, case.note) == ("libre", True, True, "repas")
    assert "aide-service" in case.description
    assert not case.en_bloc


def test_box_is_locked_where_the_other_service_is_full(camille, lea):
    Creneau.objects.filter(code="midi-2").update(places=0)

    case = case_of(camille, "midi")

    assert (case.genre, case.lie) == ("fige", True)


def test_box_is_locked_where_the_other_service_is_not_held_that_day(camille, lea):
    Creneau.objects.filter(code="midi-2").update(mardi=False)

    assert case_of(camille, "midi").genre == "fige"


@pytest.mark.parametrize("adresse", ["/planning/2026-12/", f"/jour/{MARDI}/"])
def test_parent_swaps_the_hour_in_one_save(connected, lea, adresse):
    assert send(connected, lea, "midi-2", adresse=adresse).status_code == 303

    assert services() == ["midi-2"]


@pytest.mark.parametrize("adresse", ["/planning/2026-12/", f"/jour/{MARDI}/"])
def test_day_of_a_meal_is_never_left_without_lunch_break(connected, lea, adresse):
    page = send(connected, lea, adresse=adresse)

    assert services() == ["midi"]
    assert "un repas de cantine est commandé" in page.text


def test_pages_say_how_the_hour_changes(connected, lea):
    planning = connected.get("/planning/2026-12/").text
    jour = connected.get(f"/jour/{MARDI}/").text

    assert f'value="{lea.pk}:{MARDI}:midi" checked' in planning
    assert 'id="aide-service"' in planning
    assert "cochez l’autre midi et décochez celui-ci" in jour
    assert f'name="annule" value="{lea.pk}:{MARDI}"' in jour


def test_pages_say_nothing_of_an_hour_where_there_is_one(connected):
    Creneau.objects.filter(code="midi-2").delete()

    for address in ["/planning/2026-12/", f"/jour/{MARDI}/"]:
        assert "cochez l’autre midi" not in connected.get(address).text


def test_buttons_that_fill_leave_it_as_it_is(camille, lea):
    mois = month_of(camille)

    remplissage.rapide(mois, coche=False, creneau="midi", jour=None, enfant=None)

    assert [str(case.cle) for case in mois.libres if case.coche] == [f"{lea.pk}:{MARDI}:midi"]
