"""The association's pages: its day, its week, its table, its list, its hour."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Absence, Fermeture, ListeRepas, ReglageCantine, Repas
from enfance.planning.repas import annuler
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.clients import Client
from tests.enfance.views.cantine.gestes import (
    IMPORTER,
    LUNDI,
    MARDI,
    NOW,
    REGLAGES,
    apercu,
    confirme,
    csv_of,
    inscrire,
    manger,
)
from tests.factories import STAFF_PASSWORD, AnneeFactory, make_enfant
from tests.reading import html_of

pytestmark = pytest.mark.django_db


# --- The day ----------------------------------------------------------------------------------------------------------


def test_day_shows_who_eats_and_the_disagreements(cantine, parent):
    lea = make_enfant(parent, sexe="f", pai=True, pai_cantine=True, consigne="Arachide")
    tom = make_enfant(parent, prenom="Tom", pai=True)
    manger(lea, tom)
    inscrire(parent, lea)
    Absence.objects.create(enfant=lea, jour=MARDI)
    response = cantine.get("/cantine/2026-12-08/")
    page = html_of(response)
    assert '<b class="chiffre">1</b> repas avec inscription' in page
    assert "Écarts à régler (1)" in page
    assert ("<b>MOREL Tom</b>" in page, "mange, pas inscrit" in page) == (True, True)
    assert (page.count("allergie ou PAI"), page.count("absence signalée")) == (1, 1)
    assert "Repas : liste de l’association, importée jeudi 3 décembre à 8 h 15." in page
    for word in ["Arachide", "Camille", "06 39", "Tilleuls", "courriel.example"]:  # nothing of the family
        assert word not in page
    assert 'href="/cantine/2026-12-08.csv"' in page


def test_page_opens_on_the_next_school_day(cantine, agent, time_machine):
    time_machine.move_to(datetime(2026, 12, 5, 9, tzinfo=PARIS), tick=False)
    cantine.logout()
    cantine.force_login(agent)
    page = html_of(cantine.get("/cantine/"))
    assert ("<h1>Lundi 7 décembre</h1>" in page, 'href="/cantine/2026-12-04/"' in page) == (True, True)


def test_day_of_holidays_says_so(cantine):
    page = html_of(cantine.get("/cantine/2026-12-24/"))
    assert ("Vacances de Noël : pas d’école." in page, "Télécharger" in page) == (True, False)
    assert ('href="/cantine/2026-12-18/"' in page, 'href="/cantine/2027-01-04/"' in page) == (True, True)


@pytest.mark.parametrize(
    "path",
    [
        "/cantine/2030-01-01/",
        "/cantine/0001-01-01/",
        "/cantine/9999-12-31/",
        "/cantine/2026-13-01/",
        "/cantine/9999-12-31.csv",
        "/cantine/semaine/2026-12-08/",
        "/cantine/semaine/0001-01-01/",
        "/cantine/semaine/9999-12-27/",
    ],
)
def test_day_of_no_school_year_is_an_unknown_page(cantine, path):
    assert cantine.get(path).status_code == 404


def test_day_between_two_years_is_shown_when_it_is_today(cantine, agent, time_machine):
    time_machine.move_to(datetime(2027, 7, 20, 9, tzinfo=PARIS), tick=False)
    cantine.logout()  # the session of the autumn is over
    cantine.force_login(agent)
    assert cantine.get("/cantine/").status_code == cantine.get("/cantine/semaine/").status_code == 200
    assert "Pas d’école ce jour-là." in html_of(cantine.get("/cantine/2027-07-20/"))


def test_school_without_any_year_has_its_page(cantine):
    ListeRepas.objects.all().delete()
    AnneeFactory._meta.model.objects.all().delete()
    assert (cantine.get("/cantine/").status_code, cantine.get("/cantine/semaine/").status_code) == (200, 200)


def test_day_without_list_asks_for_one(cantine, parent):
    inscrire(parent, make_enfant(parent))
    page = html_of(cantine.get("/cantine/2026-12-08/"))
    assert "Aucune liste de repas ne couvre ce jour. 1 enfant est inscrit à la pause méridienne." in page
    assert "MOREL" not in page


def test_changes_since_the_list_are_on_the_day(cantine, parent):
    lea = make_enfant(parent, sexe="f")
    manger(lea)
    assert "Ni inscription ni repas n’a changé depuis jeudi 3 décembre à 8 h 15." in html_of(
        cantine.get("/cantine/2026-12-08/")
    )
    change = Changement(Cle(lea.pk, MARDI, "midi"), "inscrit")
    enregistrer([change], Acteur.parent(parent), now=NOW + timedelta(minutes=1))
    response = cantine.get("/cantine/2026-12-08/")
    assert [(str(ligne.eleve), ligne.inscrits) for ligne in response.context["changements"]] == [
        ("MOREL Léa", "mardi 8")
    ]


def test_meal_said_to_be_cancelled_is_a_change_of_its_day_and_of_those_before(cantine, parent):
    lea = make_enfant(parent, sexe="f")
    manger(lea)
    annuler([Cle(lea.pk, MARDI, "midi")], Acteur.parent(parent), now=NOW + timedelta(minutes=1))
    page = html_of(cantine.get("/cantine/2026-12-08/"))
    assert "Repas que la famille dit avoir annulés (1)" in page
    assert "repas dit annulé" in page.split("Changements depuis votre liste")[1]
    page = html_of(cantine.get("/cantine/2026-12-07/"))
    assert "Repas dits annulés, jours suivants" in page
    assert "Mardi 8 décembre</a> : MOREL Léa, CE1-CE2 Mme Sorbier" in page
    assert "Repas dits annulés, jours suivants" not in html_of(cantine.get("/cantine/2026-12-10/"))


@pytest.mark.parametrize("nombre", [1, 3, 80])
def test_day_and_week_ask_as_much_of_80_children_as_of_one(cantine, parent, django_assert_num_queries, nombre):
    enfants = [make_enfant(parent, prenom=f"Enfant {n}") for n in range(nombre)]
    manger(*enfants)
    cantine.get("/cantine/")  # the session is noted as used, once a minute
    for path, queries in [("/cantine/2026-12-08/", 21), ("/cantine/semaine/2026-12-07/", 18)]:
        with django_assert_num_queries(queries):
            assert cantine.get(path).status_code == 200


# --- The week ---------------------------------------------------------------------------------------------------------


def test_week_gives_numbers_by_day_and_class(cantine, parent):
    lea, tom = make_enfant(parent), make_enfant(parent, prenom="Tom")
    manger(lea, tom)
    inscrire(parent, lea)
    Fermeture.objects.create(debut=date(2026, 12, 10), fin=date(2026, 12, 10), motif="grève")
    response = cantine.get("/cantine/semaine/2026-12-07/")
    page = html_of(response)
    assert [journee.total.repas for journee in response.context["journees"]] == [0, 2, 0, 0]
    assert "Jeudi 10 décembre : Pause méridienne fermée (grève)." in page
    assert ("MOREL" in page, 'href="/cantine/2026-12-08/"' in page) == (False, True)
    assert ("/cantine/semaine/2026-11-30/" in page, "/cantine/semaine/2026-12-14/" in page) == (True, True)


def test_weeks_skip_the_holidays(cantine):
    page = html_of(cantine.get("/cantine/semaine/2026-12-14/"))
    assert ("/cantine/semaine/2027-01-04/" in page, "/cantine/semaine/2026-12-21/" in page) == (True, False)


# --- Tables -----------------------------------------------------------------------------------------------------------


def test_table_of_a_day_opens_in_a_spreadsheet(cantine, parent, journal):  # VAL-07
    lea = make_enfant(parent, nom="=HYPERLINK(1)", prenom="Léa;", sexe="f")
    manger(lea)
    response = cantine.get("/cantine/2026-12-08.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="cantine-2026-12-08.csv"'
    assert response.text == (
        "\ufeffDate;Nom;Prénom;Classe;Repas;Pause méridienne;À vérifier;Absence signalée;Allergie ou PAI\r\n"
        '2026-12-08;\'=HYPERLINK(1);"Léa;";CE1-CE2 Mme Sorbier;oui;non;mange, pas inscrite;;\r\n'
    )
    (event,) = [event for event in journal.events if event["event"] == "export"]
    assert (event["model"], event["rows"]) == ("cantine", 1)


def test_table_of_a_period_holds_its_days(cantine, parent):
    lea = make_enfant(parent)
    manger(lea, jour=LUNDI)
    manger(lea, jour=MARDI)
    lignes = csv_of(cantine.get("/cantine/export.csv", {"du": "2026-12-07", "au": "2026-12-07"}))
    assert [ligne[0] for ligne in lignes] == ["Date", "2026-12-07"]
    assert len(csv_of(cantine.get("/cantine/export.csv", {"du": "2026-09-01", "au": "2027-07-02"}))) == 3


def test_table_of_a_period_asks_the_password_and_its_dates_stay(cantine, parent):  # ADM-05
    manger(make_enfant(parent))
    period = {"du": "2026-12-07", "au": "2026-12-11"}
    cantine.grow_old()

    asked = cantine.get("/cantine/export.csv", period, follow=True)
    back = cantine.confirm(asked, STAFF_PASSWORD)
    page = cantine.get(back.headers["Location"])

    assert asked.request["PATH_INFO"] == "/compte/confirmer/"
    assert "Votre mot de passe est confirmé" in html_of(page)
    assert 'value="2026-12-07"' in html_of(page)
    assert 'value="2026-12-11"' in html_of(page)
    assert len(csv_of(cantine.get("/cantine/export.csv", period))) == 2


def test_dates_that_are_none_are_told_before_any_password(cantine):
    cantine.grow_old()

    assert cantine.get("/cantine/export.csv", {"du": "2026-12-11", "au": "2026-12-07"}).status_code == 200


def test_day_of_work_asks_no_password(cantine, parent):  # ADM-05
    manger(make_enfant(parent))
    cantine.grow_old()

    assert len(csv_of(cantine.get("/cantine/2026-12-08.csv"))) == 2


@pytest.mark.parametrize(
    ("du", "au", "words"),
    [
        ("", "", "Indiquez une date."),
        ("demain", "2026-12-07", "Écrivez une date, comme 07/12/2026."),
        ("2026-12-08", "2026-12-07", "Le dernier jour est avant le premier."),
        ("0001-01-01", "9999-12-31", "Demandez une année au plus."),
    ],
)
def test_period_that_means_nothing_has_its_sentence(cantine, du, au, words):
    response = cantine.get("/cantine/export.csv", {"du": du, "au": au})
    assert (response.status_code, words in html_of(response)) == (200, True)


@pytest.mark.parametrize(("du", "au"), [("0001-01-01", "0001-12-31"), ("9999-01-01", "9999-12-31")])
def test_period_far_away_is_an_empty_table(cantine, du, au):
    assert len(csv_of(cantine.get("/cantine/export.csv", {"du": du, "au": au}))) == 1


# --- Its own list -----------------------------------------------------------------------------------------------------


def test_preview_says_what_the_list_would_do_and_keeps_nothing(cantine, parent):
    make_enfant(parent)
    tom = make_enfant(parent, prenom="Tom")
    manger(tom)
    inscrire(parent, tom)
    page = html_of(apercu(cantine, "Morel;Léa;08/12/2026", "Inconnu;Zoé;08/12/2026", "Morel;Léa;38/12/2026"))
    for words in [
        "Vérifiez avant d’importer",
        "Liste de repas du mardi 8 décembre 2026",
        "Repas : 1 ajouté, 1 retiré, 0 inchangé.",
        "repas.csv, ligne 3 : Zoé Inconnu n’est pas un enfant connu de l’école.",
        "repas.csv, ligne 4 : « 38/12/2026 » n’est pas une date (JJ/MM/AAAA).",
        "Repas retirés depuis la liste précédente (1)",
        "Mangent sans inscription à la pause méridienne (1)</h2><ul><li>Léa Morel : mardi 8 décembre</li>",
        "Inscrits à la pause méridienne sans repas (1)</h2><ul><li>Tom Morel : mardi 8 décembre</li>",
    ]:
        assert words in page
    assert list(Repas.objects.values_list("enfant", flat=True)) == [tom.pk]


def test_confirmed_list_is_imported_once(cantine, agent, parent, journal):
    lea = make_enfant(parent)
    page = apercu(cantine, "Morel;Léa;08/12/2026", "Inconnu;Zoé;08/12/2026")
    response = confirme(cantine, page)
    assert response.redirect_chain == [("/cantine/2026-12-08/", 302)]
    assert "Repas : 1 ajouté, 0 retiré, 0 inchangé." in html_of(response)
    assert "Lignes refusées (1) : repas.csv, ligne 3 : Zoé Inconnu" in html_of(response)
    assert "Rien n’a changé depuis la liste précédente." in html_of(confirme(cantine, page))  # the second click
    liste = ListeRepas.objects.get()
    assert (liste.importee_par, Repas.objects.get().enfant) == (agent, lea)
    assert [event["list"] for event in journal.events if event["event"] == "meals_imported"] == [liste.pk]


def test_list_that_came_since_the_preview_is_not_undone(cantine, parent):
    make_enfant(parent)
    tom = make_enfant(parent, prenom="Tom")
    ancienne = apercu(cantine, "Morel;Léa;08/12/2026")
    confirme(cantine, apercu(cantine, "Morel;Tom;08/12/2026"))
    page = html_of(confirme(cantine, ancienne))
    assert "une autre liste a été importée depuis cet aperçu : choisissez le fichier à nouveau." in page
    assert Repas.objects.get().enfant == tom


@pytest.mark.parametrize(
    ("nom", "contenu", "words"),
    [
        ("menu.csv", b"lundi;frites\n", "ce n’est pas une liste de repas"),
        ("repas.xlsx", b"PK\x03\x04", "c’est une archive ou un classeur"),
        ("repas.csv", b"", "Ce fichier est vide."),
        ("repas.csv", "nom;prénom;date\n".encode(), "cette liste ne contient aucun repas."),
        ("repas.csv", "nom;prénom;date\nInconnu;Zoé;08/12/2026\n".encode(), "aucun repas de cette liste"),
    ],
)
def test_bad_file_has_its_sentence(cantine, parent, nom, contenu, words):
    response = cantine.post(IMPORTER, {"fichier": SimpleUploadedFile(nom, contenu)})
    assert (response.status_code, words in html_of(response)) == (200, True)
    assert ListeRepas.objects.count() == 0


def test_no_file_has_its_sentence(cantine):
    assert "Choisissez un fichier." in html_of(cantine.post(IMPORTER, {"debut": ""}))


@pytest.mark.parametrize("liste", ["", "forgée", "forgée:signature"])
def test_forged_confirmation_imports_nothing(cantine, parent, liste):
    make_enfant(parent)
    response = cantine.post(IMPORTER, {"liste": liste, "confirmer": "1"})
    assert ("Rien n’est importé" in html_of(response), ListeRepas.objects.count()) == (True, 0)


def test_preview_an_hour_old_is_no_more_good(cantine, agent, parent, time_machine):
    make_enfant(parent)
    page = apercu(cantine, "Morel;Léa;08/12/2026")
    time_machine.move_to(NOW + timedelta(hours=1, seconds=1), tick=False)
    cantine.logout()
    cantine.force_login(agent)
    assert "L’aperçu n’est plus valable" in html_of(confirme(cantine, page))


# --- Its hour ---------------------------------------------------------------------------------------------------------


def test_hour_is_chosen_and_shown(cantine, agent, settings):
    settings.CANTINE_COURRIEL = "cantine@courriel.example"
    page = html_of(cantine.post(REGLAGES, {"heure": "07:30"}, follow=True))
    reglage = ReglageCantine.objects.get()
    assert (reglage.heure_courriel, reglage.choisie_par) == (time(7, 30), agent)
    assert ("C’est enregistré." in page, '<option value="07:30" selected>' in page) == (True, True)
    assert "<b>cantine@courriel.example</b>" in page
    cantine.post(REGLAGES, {"heure": ""})
    assert ReglageCantine.objects.get().heure_courriel is None


@pytest.mark.parametrize("heure", ["04:30", "11:00", "8", "minuit"])
def test_hour_out_of_the_list_is_refused(cantine, heure):
    page = html_of(cantine.post(REGLAGES, {"heure": heure}))
    assert ("Choisissez une heure de la liste." in page, ReglageCantine.objects.count()) == (True, 0)


def test_missing_address_is_said(cantine, settings):
    settings.CANTINE_COURRIEL = ""
    assert "La mairie n’a pas encore l’adresse e-mail de l’association : rien ne part." in html_of(
        cantine.get(REGLAGES)
    )


# --- Its door (tests/acces/test_acces.py tries every other one)


def test_agent_without_second_factor_is_sent_to_it(agent):  # ADM-01
    client = Client()
    client.force_login(agent, second_factor=False)
    for path in ("/cantine/", "/cantine/2026-12-08.csv", IMPORTER, REGLAGES):
        assert client.get(path)["Location"].startswith("/deuxieme-facteur/")


def test_group_taken_away_ends_the_session(cantine, agent):  # ACC-06, SES-04
    assert cantine.get("/cantine/").status_code == 200
    agent.groups.clear()
    assert cantine.get("/cantine/")["Location"] == "/connexion/?next=/cantine/"
