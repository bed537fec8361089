"""« Préparer la rentrée » in the admin: four steps on one page, for those who may change the calendar."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry

from enfance.models import AnneeScolaire, Enfant, Scolarite
from tests.enfance.onde.ecole import run
from tests.factories import AnneeFactory
from tests.reading import html_of, messages_of, plain_all

pytestmark = pytest.mark.ci

PAGE, PAGE_2027 = "/admin/enfance/anneescolaire/rentree/", "/admin/enfance/anneescolaire/rentree/2027/"


@pytest.fixture
def annee(clock):
    annee = AnneeFactory()
    run(annee)
    return annee


def test_page_leads_to_the_year_to_prepare_from_the_list_of_years(mairie, annee):
    assert f'href="{PAGE}"' in html_of(mairie.get("/admin/enfance/anneescolaire/"))
    assert mairie.get(PAGE)["Location"] == PAGE_2027


def test_page_says_what_it_will_make_and_makes_nothing(mairie, annee):
    page = html_of(mairie.get(PAGE_2027))

    assert "Vacances de la Toussaint : du 23 octobre 2027 au 7 novembre 2027" in page
    assert "11 élèves montent d’un niveau, sans classe encore" in page
    assert "Quittent l’école après le CM2 (1)" in page
    assert "Jules LEFORT, CM1-CM2 Mme Saule" in page
    assert "Le planning de septembre ouvre le mardi 1er juin." in page
    assert AnneeScolaire.objects.count() == 1


def test_year_is_prepared_once_and_said(mairie, agente, annee, caplog):
    with caplog.at_level("INFO", "journal"):
        response = mairie.post(PAGE_2027, {"preparer": "1"}, follow=True)

    suivante = AnneeScolaire.objects.get(debut=date(2027, 9, 2))
    assert messages_of(response) == [
        "La rentrée 2027 est prête. Congés : 5, jours fériés : 11, créneaux : 3, élèves qui montent : 11."
    ]
    entree = LogEntry.objects.get()  # ADM-04
    assert (entree.user, entree.object_id) == (agente, str(suivante.pk))
    fields = next(record.fields for record in caplog.records if record.getMessage() == "year_prepared")
    assert (fields["user"], fields["year"], fields["pupils"]) == (agente.pk, 2027, 11)
    assert "Tout est prêt." in html_of(response)

    response = mairie.post(PAGE_2027, {"preparer": "1"}, follow=True)
    assert messages_of(response) == ["La rentrée 2027 était déjà prête : rien n’a été changé."]
    assert LogEntry.objects.count() == 1


def test_date_on_which_parents_begin_is_chosen_here(mairie, annee):
    mairie.post(PAGE_2027, {"preparer": "1"}, follow=True)

    response = mairie.post(PAGE_2027, {"ouvrir": "1", "ouverture": "14/06/2027"}, follow=True)

    assert messages_of(response) == ["Le planning de septembre ouvre le lundi 14 juin."]
    assert AnneeScolaire.objects.get(debut__year=2027).ouverture == date(2027, 6, 14)
    assert "Le planning de septembre ouvre le lundi 14 juin." in plain_all(
        LogEntry.objects.order_by("-pk").values_list("change_message", flat=True)
    )
    response = mairie.post(PAGE_2027, {"ouvrir": "1", "ouverture": ""}, follow=True)
    assert messages_of(response) == ["Le planning de septembre n’est pas encore ouvert : la mairie dira quand."]


@pytest.mark.parametrize(
    ("saisi", "phrase"),
    [
        ("01/09/2028", "Indiquez un jour du 1er\u00a0janvier 2027 au "),
        ("31/12/2026", "Indiquez un jour du 1er\u00a0janvier 2027 au "),
        ("demain", "Saisissez une date"),
    ],
)
def test_date_that_cannot_be_is_refused(mairie, annee, saisi, phrase):
    mairie.post(PAGE_2027, {"preparer": "1"})

    response = mairie.post(PAGE_2027, {"ouvrir": "1", "ouverture": saisi})

    assert phrase in response.context["form"].errors["ouverture"][0]
    assert AnneeScolaire.objects.get(debut__year=2027).ouverture == date(2027, 6, 1)


def test_next_file_is_imported_for_that_year(mairie, annee):
    mairie.post(PAGE_2027, {"preparer": "1"})
    suivante = AnneeScolaire.objects.get(debut__year=2027)

    lien = f"/admin/enfance/importonde/add/?annee={suivante.pk}"
    assert f'href="{lien}"' in html_of(mairie.get(PAGE_2027))
    assert f'<option value="{suivante.pk}" selected>2027-2028</option>' in html_of(mairie.get(lien))


def test_differences_are_shown_each_time(mairie, annee):
    mairie.post(PAGE_2027, {"preparer": "1"})
    Scolarite.objects.filter(annee=annee, enfant__prenom="Léa").update(depart=date(2026, 12, 1))

    assert "Léa MOREL : parti depuis, le sera aussi à la rentrée" in html_of(mairie.get(PAGE_2027))
    response = mairie.post(PAGE_2027, {"preparer": "1"}, follow=True)
    assert messages_of(response) == ["La rentrée 2027 est prête. Partis : 1."]
    assert "Tout est prêt." in html_of(response)


def test_year_that_nobody_knows_says_what_to_enter(mairie, annee):
    page = html_of(mairie.get("/admin/enfance/anneescolaire/rentree/2040/"))

    assert "Les vacances de l’année 2040-2041 ne sont pas encore connues." in page
    assert 'href="/admin/enfance/anneescolaire/add/"' in page
    response = mairie.post("/admin/enfance/anneescolaire/rentree/2040/", {"preparer": "1"}, follow=True)
    assert messages_of(response)[0].startswith("Les vacances de l’année 2040-2041 ne sont pas encore connues.")
    assert AnneeScolaire.objects.count() == 1


@pytest.mark.parametrize("debut", ["1999", "2101", "99999999999999999999"])
def test_year_out_of_reach_does_not_exist(mairie, annee, debut):
    assert mairie.get(f"/admin/enfance/anneescolaire/rentree/{debut}/").status_code == 404


def test_reading_and_preparing_ask_for_their_rights(agent_with, annee):
    assert agent_with("view_enfant").get(PAGE_2027).status_code == 403
    lectrice = agent_with("view_anneescolaire")
    page = html_of(lectrice.get(PAGE_2027))
    assert "Quittent l’école après le CM2 (1)" in page
    assert 'name="preparer"' not in page
    assert lectrice.post(PAGE_2027, {"preparer": "1"}).status_code == 403
    assert lectrice.post(PAGE_2027, {"ouvrir": "1", "ouverture": "14/06/2027"}).status_code == 403
    assert (AnneeScolaire.objects.count(), Enfant.objects.count()) == (1, 12)
