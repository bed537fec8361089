"""The canteen on the family's pages: what is to be put right, and the button that does it."""

from datetime import date, datetime

import pytest

from enfance.models import Creneau, Enregistrement, Evenement, Fermeture, Garde, Inscription
from portail.dates import PARIS
from tests.enfance.views.repas.repas import JEUDI_10, MARDI_8, MARDI_15, MOIS, PAGES, VENDREDI_4, cle, inscrire, manger
from tests.factories import (
    EnfantFactory,
    FoyerFactory,
    ResponsableFactory,
    make_enfant,
)
from tests.reading import html_of

pytestmark = pytest.mark.django_db
ECART = "Tom mange à la cantine mardi 8 mais n’est pas inscrit à la pause méridienne."


# --- A meal without its lunch break ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_meal_without_midi_is_shown_with_its_button(client, tom, page):
    manger(tom, MARDI_8)
    html = html_of(client.get(page))
    assert '<h2 id="t-repas">Cantine : un midi à compléter</h2>' in html
    assert ECART in html
    assert f'name="repas" value="{cle(tom, MARDI_8)}">Inscrire Tom à la pause méridienne mardi 8</button>' in html


def test_meals_of_a_girl_are_said_of_her(client, camille):
    lea = make_enfant(camille, sexe="f")
    manger(lea, MARDI_8, JEUDI_10)
    html = html_of(client.get("/"))
    assert "Cantine : deux midis à compléter" in html
    assert "Léa mange à la cantine mardi 8 et jeudi 10 mais n’est pas inscrite à la pause méridienne." in html
    assert "Inscrire Léa à la pause méridienne ces 2 jours</button>" in html


@pytest.mark.parametrize("page", PAGES)
def test_one_button_puts_the_meal_right(client, camille, tom, page):
    manger(tom, MARDI_8)
    response = client.post(page, {"repas": cle(tom, MARDI_8)})
    assert (response.status_code, response["Location"]) == (
        303,
        f"{page}?enregistre={Enregistrement.objects.get().pk}#resultat",
    )
    assert list(Inscription.objects.values_list("enfant", "jour", "creneau__code", "etat", "origine")) == [
        (tom.pk, MARDI_8, "midi", "inscrit", "portail")
    ]
    html = html_of(client.get(response["Location"]))
    assert "C’est enregistré" in html
    assert "Tom : midi ajouté, mardi 8" in html
    assert "Le repas de Tom (mardi 8) est déjà commandé auprès de l’association de la cantine." in html
    assert "à compléter" not in html


def test_button_works_past_the_limit_and_is_flagged(client, tom):
    manger(tom, VENDREDI_4)
    client.post("/", {"repas": cle(tom, VENDREDI_4)})
    assert Inscription.objects.get().etat == "inscrit"
    assert Enregistrement.objects.get().motif == "Repas de cantine commandé"


def test_button_works_beyond_the_places_and_is_flagged(client, tom):
    Creneau.objects.filter(code="midi").update(places=1)
    inscrire(EnfantFactory(), MARDI_8)
    manger(tom, MARDI_8)
    client.post("/", {"repas": cle(tom, MARDI_8)})
    assert Inscription.objects.get(enfant=tom).etat == "inscrit"
    assert Enregistrement.objects.get().motif == "Repas de cantine commandé"


def test_button_takes_a_child_off_the_waiting_list(client, tom):
    Creneau.objects.filter(code="midi").update(places=1)
    inscrire(EnfantFactory(), MARDI_8)
    inscrire(tom, MARDI_8, etat="attente")
    manger(tom, MARDI_8)
    client.post("/", {"repas": cle(tom, MARDI_8)})
    assert Inscription.objects.get(enfant=tom).etat == "inscrit"


def test_button_in_time_and_with_places_passes_over_nothing(client, tom):
    manger(tom, MARDI_8)
    client.post("/", {"repas": cle(tom, MARDI_8)})
    assert Enregistrement.objects.get().motif == ""


def test_tick_of_the_planning_does_what_the_button_does(client, tom):
    manger(tom, VENDREDI_4)
    client.post(MOIS, {"avant": "", "r": f"{cle(tom, VENDREDI_4)}:midi", "enregistrer": "1"})
    assert Inscription.objects.get().etat == "inscrit"
    assert Enregistrement.objects.get().motif == "Repas de cantine commandé"


def test_save_that_also_cancels_is_flagged_too(client, tom):
    inscrire(tom, JEUDI_10, creneau="soir")
    manger(tom, VENDREDI_4)
    client.post(MOIS, {"avant": f"{cle(tom, JEUDI_10)}:soir", "r": f"{cle(tom, VENDREDI_4)}:midi", "enregistrer": "1"})
    assert Enregistrement.objects.get().motif == "Repas de cantine commandé"
    assert Evenement.objects.count() == 2


def test_without_a_meal_the_limit_stands(client, tom):
    response = client.send("/", {"repas": cle(tom, VENDREDI_4)})
    assert "Tom, vendredi 4, midi : la date limite est passée (jeudi 3 décembre, 12 h)." in html_of(response)
    assert not Inscription.objects.exists()


def test_a_meal_excuses_nothing_but_its_lunch_break(client, tom):
    manger(tom, VENDREDI_4)
    response = client.send(MOIS, {"avant": "", "r": f"{cle(tom, VENDREDI_4)}:soir", "enregistrer": "1"})
    assert "Tom, vendredi 4, soir : la date limite est passée" in html_of(response)
    assert not Inscription.objects.exists()


@pytest.mark.parametrize(
    ("instant", "etat"), [(datetime(2026, 12, 4, 13, 29), "inscrit"), (datetime(2026, 12, 4, 13, 30), None)]
)
def test_meal_of_the_day_excuses_until_the_lunch_is_over(client, camille, tom, time_machine, instant, etat):
    time_machine.move_to(instant.replace(tzinfo=PARIS), tick=False)
    client.force_login(camille.user)
    manger(tom, VENDREDI_4)
    client.post("/", {"repas": cle(tom, VENDREDI_4)})
    assert Inscription.objects.values_list("etat", flat=True).first() == etat


def test_past_meal_is_past(client, tom):
    manger(tom, date(2026, 12, 1))
    assert "à compléter" not in html_of(client.get(MOIS))
    client.post(MOIS, {"repas": cle(tom, date(2026, 12, 1))})
    assert not Inscription.objects.exists()


def test_box_of_a_meal_says_so(client, tom):
    manger(tom, VENDREDI_4)
    html = html_of(client.get(MOIS))
    box = f'name="r" value="{cle(tom, VENDREDI_4)}:midi" aria-describedby="aide-repas"'
    assert f'<input class="tuile tuile--repas" type="checkbox" {box}>' in html
    assert '<p id="aide-repas" hidden>repas de cantine commandé, pas encore inscrit</p>' in html
    assert "Repas commandé, pas encore inscrit</li>" in html
    assert "à modifier avant jeudi" not in html  # the limit of the week is not that of the box


def test_home_says_it_of_the_day(client, tom):
    manger(tom, MARDI_8)
    inscrire(tom, VENDREDI_4)
    assert 'Midi<span class="vh"> : repas de cantine commandé, pas encore inscrit</span>' in html_of(client.get("/"))


def test_home_looks_as_far_as_the_list(client, tom):
    manger(tom, date(2027, 1, 12), au=date(2027, 1, 29))
    assert "Tom mange à la cantine mardi 12 janvier" in html_of(client.get("/"))


@pytest.mark.parametrize("creneaux", [[], ["midi"]])
def test_closed_day_shows_no_mismatch(client, tom, creneaux):
    manger(tom, MARDI_8)
    fermeture = Fermeture.objects.create(debut=MARDI_8, fin=MARDI_8, motif="grève")
    fermeture.creneaux.set(Creneau.objects.filter(code__in=creneaux))
    for page in PAGES:
        assert "à compléter" not in html_of(client.get(page))
    assert client.send("/", {"repas": cle(tom, MARDI_8)}).status_code == 200
    assert not Inscription.objects.exists()


# --- Whose day it is --------------------------------------------------------------------------------------------------


@pytest.fixture
def jules(camille):
    """Jules lives one week in two with Camille; the week of 7 December is the other foyer's."""
    dominique = ResponsableFactory(user__first_name="Dominique", foyer=FoyerFactory(adresse="3 rue du Lac"))
    jules = make_enfant(camille, dominique, prenom="Jules")
    for parent, depuis in ((camille, date(2026, 9, 14)), (dominique, date(2026, 9, 7))):
        Garde.objects.filter(enfant=jules, foyer=parent.foyer).update(rythme="alternee", depuis=depuis)
    assert Garde.objects.get(foyer=camille.foyer).holds(MARDI_15) is False
    return jules


def test_mismatch_is_that_of_the_foyer_of_the_day(client, camille, jules):
    manger(jules, MARDI_8, MARDI_15)
    html = html_of(client.get(MOIS))
    assert "Jules mange à la cantine mardi 8 mais n’est pas inscrit" in html
    assert "mardi 15" not in html.split("</form>")[1]


@pytest.mark.parametrize("bouton", ["repas", "annule"])
def test_buttons_do_nothing_on_the_other_foyers_day(client, jules, bouton):
    (meal,) = manger(jules, MARDI_15)
    response = client.send("/", {bouton: cle(jules, MARDI_15)})
    assert "Jules est chez l’autre parent ce jour-là." in html_of(response)
    meal.refresh_from_db()
    assert (meal.annule_le, Inscription.objects.exists()) == (None, False)


@pytest.mark.parametrize("bouton", ["repas", "annule"])
@pytest.mark.parametrize("page", PAGES)
def test_buttons_do_nothing_to_another_familys_child(client, camille, bouton, page):  # ACC-02
    zoe = make_enfant(ResponsableFactory(), prenom="Zoé")
    (meal,) = manger(zoe, MARDI_8)
    response = client.send(page, {bouton: cle(zoe, MARDI_8)})
    html = html_of(response)
    assert response.status_code == 200
    assert "cet enfant n’est pas rattaché à votre compte." in html
    assert "Zoé" not in html
    meal.refresh_from_db()
    assert (meal.annule_le, Inscription.objects.exists()) == (None, False)


@pytest.mark.parametrize("valeur", ["x", "1:2026-13-45", "1:2026-12-08:midi", "9" * 30 + ":2026-12-08"])
@pytest.mark.parametrize("bouton", ["repas", "annule"])
def test_value_that_the_page_never_had_is_404(client, tom, bouton, valeur):
    assert client.post("/", {bouton: valeur}).status_code == 404


def test_empty_button_changes_nothing(client, tom):
    assert client.post("/", {"repas": ""})["Location"] == "/?enregistre=0#resultat"


# --- A lunch break without meal ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_midi_without_meal_is_said_softly(client, tom, page):
    inscrire(tom, MARDI_8)
    manger(make_enfant(prenom="Zoé"), MARDI_8)
    html = html_of(client.get(page))
    assert "Tom : pause méridienne prévue mardi 8, mais aucun repas dans la liste de la cantine." in html
    assert "à compléter" not in html


@pytest.mark.parametrize("page", PAGES)
def test_midi_of_a_day_without_list_is_not_said(client, tom, page):
    inscrire(tom, MARDI_8)
    manger(make_enfant(prenom="Zoé"), JEUDI_10, du=date(2026, 12, 9), au=JEUDI_10)
    assert "pas de repas" not in html_of(client.get(page))


# --- What it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "cout"), [("/", 17), (MOIS, 13), ("/jour/2026-12-08/", 14)])
@pytest.mark.parametrize("enfants", [1, 4])
def test_meals_cost_no_query(client, camille, django_assert_max_num_queries, page, cout, enfants):
    for n in range(enfants):
        enfant = make_enfant(camille, prenom=f"Enfant{n}")
        manger(enfant, MARDI_8, JEUDI_10)
        inscrire(enfant, JEUDI_10)
    client.get(page)
    with django_assert_max_num_queries(cout):
        assert "à compléter" in client.get(page).text
