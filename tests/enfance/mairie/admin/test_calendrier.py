"""The calendar of a year: looked at, corrected once it is known whom that touches, and what becomes of them."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from enfance.mairie.annee import preparer_annee
from enfance.models import AnneeScolaire, Conge, Enregistrement, Inscription, Scolarite
from tests.enfance.mairie.admin.formulaires import form_of, page_of, save
from tests.enfance.mairie.conftest import LUNDI
from tests.factories import AnneeFactory, ResponsableFactory, make_enfant
from tests.reading import messages_of

pytestmark = pytest.mark.ci

ANNEES = "/admin/enfance/anneescolaire/"


@pytest.fixture
def annee(inscription) -> AnneeScolaire:
    return AnneeScolaire.objects.get()


def rang(annee, nom="Vacances de Noël"):
    return list(annee.conges.values_list("nom", flat=True)).index(nom)


def noel_early(client, annee, **more):
    """Christmas holidays from the 5th: Monday the 7th is booked."""
    return save(client, page_of(annee), **{f"conges-{rang(annee)}-debut": "05/12/2026"}, **more)


def choose(client, response, suite):
    return client.confirm_preview(response, suite)


# --- Looked at ------------------------------------------------------------------------------------------------------


def test_twelve_months_are_shown(mairie, annee):
    response = mairie.get(f"{ANNEES}{annee.pk}/calendrier/")

    assert len(response.context["almanach"].mois) == 12
    assert f'href="{page_of(annee)}"' in response.text


def test_calendar_wants_the_right_to_see_years(agent_with, annee):
    page = f"{ANNEES}{annee.pk}/calendrier/"

    assert agent_with("view_classe").get(page).status_code == 403
    seen = agent_with("view_anneescolaire").get(page)
    assert f'href="{page_of(annee)}"' not in seen.text


def test_list_of_years_leads_to_the_months(mairie, annee):
    assert f'href="{ANNEES}{annee.pk}/calendrier/"' in mairie.get(ANNEES).text


# --- Corrected ------------------------------------------------------------------------------------------------------


def test_year_is_shown_with_its_holidays(mairie):
    form = form_of(mairie, page_of(AnneeFactory()))

    assert form["conges-TOTAL_FORMS"] == Conge.objects.count() + 1  # to add one without script
    assert "Vacances de Noël" in form.values()


def test_holiday_over_nobody_is_corrected_at_once(mairie, annee):
    save(mairie, page_of(annee), **{f"conges-{rang(annee)}-debut": "18/12/2026"})

    assert annee.conges.get(nom="Vacances de Noël").debut == date(2026, 12, 18)


@pytest.mark.parametrize("suite", ["", "autre"])
def test_holiday_over_inscriptions_is_asked_about_and_nothing_is_written(mairie, annee, suite):
    response = noel_early(mairie, annee, confirmer=suite)

    hors_ecole = response.context["hors_ecole"]
    assert (hors_ecole.jours, hors_ecole.touches.phrase) == (
        (("lundi 7\u00a0décembre 2026", 1),),
        "1\u00a0inscription, 1\u00a0enfant, 1\u00a0foyer",
    )
    assert annee.conges.get(nom="Vacances de Noël").debut == date(2026, 12, 19)
    assert Inscription.objects.get().etat == "inscrit"


def test_inscriptions_are_cancelled_and_families_told(mairie, annee):
    response = choose(mairie, noel_early(mairie, annee), "annuler")

    assert annee.conges.get(nom="Vacances de Noël").debut == date(2026, 12, 5)
    assert Inscription.objects.get().etat == "annulee"
    assert Enregistrement.objects.get().motif == "Changement du calendrier"
    assert DBTaskResult.objects.get().task_path == "enfance.courriels.tasks.tell_family"
    assert messages_of(response)[0] == (
        "Inscriptions annulées par le changement de calendrier : 1. Les familles sont prévenues par e-mail."
    )
    assert LogEntry.objects.count() == 2


def test_inscriptions_are_left_and_not_asked_about_again(mairie, annee):
    response = choose(mairie, noel_early(mairie, annee), "laisser")

    assert Inscription.objects.get().etat == "inscrit"
    assert messages_of(response)[0].startswith("Laissées, sans prévenir personne : 1 inscription")

    save(mairie, page_of(annee), zone="B")
    assert AnneeScolaire.objects.get().zone == "B"
    assert [jour.jour for jour in mairie.get(f"{ANNEES}{annee.pk}/calendrier/").context["almanach"].a_voir] == [LUNDI]


def test_inscription_made_meanwhile_is_asked_about_again(mairie, annee, creneaux):
    question = noel_early(mairie, annee)
    autre = make_enfant(ResponsableFactory(), prenom="Tom")
    Inscription.objects.create(enfant=autre, jour=date(2026, 12, 8), creneau=creneaux["soir"])

    response = choose(mairie, question, "annuler")

    assert len(response.context["hors_ecole"].pks) == 2
    assert set(Inscription.objects.values_list("etat", flat=True)) == {"inscrit"}


@pytest.mark.parametrize(
    "change", [{"lundi": False}, {"fin": "04/12/2026"}], ids=["a weekday less", "the year ends before"]
)
def test_days_that_the_year_loses_are_asked_about(mairie, annee, change):
    response = save(mairie, page_of(annee), **change)

    assert response.context["hors_ecole"].touches.inscriptions == 1


def test_cancelled_and_past_inscriptions_are_nobody(mairie, annee, inscription, creneaux):
    Inscription.objects.update(etat="annulee")
    Inscription.objects.create(enfant=inscription.enfant, jour=date(2026, 11, 30), creneau=creneaux["soir"])

    save(mairie, page_of(annee), lundi=False)

    assert not AnneeScolaire.objects.get().lundi


# --- A year typed by hand -------------------------------------------------------------------------------------------


def test_year_that_no_package_knows_is_typed_and_prepared(mairie, lea):
    """2040: its holidays by hand, then the pupils move up as in any year."""
    AnneeScolaire.objects.update(debut=date(2039, 9, 1), fin=date(2040, 7, 4))
    data = {
        "debut": "03/09/2040",
        "fin": "05/07/2041",
        "zone": "A",
        "ouverture": "",
        "lundi": "on",
        "mardi": "on",
        "conges-TOTAL_FORMS": "1",
        "conges-INITIAL_FORMS": "0",
        "conges-0-genre": "vacances",
        "conges-0-nom": "Vacances de Noël",
        "conges-0-debut": "22/12/2040",
        "conges-0-fin": "06/01/2041",
        "conges-0-id": "",
        "conges-0-annee": "",
    }

    mairie.post(f"{ANNEES}add/", data)
    preparation = preparer_annee(2040, "A")

    assert (preparation.annee_creee, preparation.vacances, preparation.scolarites) == (False, (), 1)
    assert Scolarite.objects.get(annee=preparation.annee).niveau == "CE2"
    assert preparation.annee.conges.get(genre="vacances").debut == date(2040, 12, 22)


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"debut": "01/06/2027", "fin": "05/07/2028"}, {"debut": ["Ces dates recouvrent l’année 2026-2027."]}),
        (
            {"debut": "01/09/2027", "fin": "05/07/2028", "ouverture": "31/12/2026"},
            {
                "ouverture": [
                    "Indiquez un jour du 1er\u00a0janvier 2027 au 5\u00a0juillet 2028, dernier jour de l’année "
                    "scolaire."
                ]
            },
        ),
        ({"debut": "05/07/2028", "fin": "01/09/2027"}, {"__all__": ["Le dernier jour doit suivre le premier."]}),
    ],
)
def test_year_of_impossible_dates_is_refused(mairie, annee, change, errors):
    data = {"zone": "A", "ouverture": "", "conges-TOTAL_FORMS": "0", "conges-INITIAL_FORMS": "0"} | change

    assert mairie.post(f"{ANNEES}add/", data).context["adminform"].form.errors == errors


def test_holidays_outside_the_year_are_refused(mairie, annee):
    noel = f"conges-{rang(annee)}"

    response = save(mairie, page_of(annee), **{f"{noel}-debut": "18/12/2027", f"{noel}-fin": "03/01/2028"})

    formset = response.context["inline_admin_formsets"][0].formset
    assert [form.errors for form in formset.forms if form.errors] == [
        {"debut": ["Ces jours sont hors de l’année scolaire."]}
    ]
