"""The page of figures of the town hall, and its tables as files."""

import io
import re
from datetime import date, datetime

import pytest
from django.contrib.auth.models import Permission
from openpyxl import load_workbook

from enfance.models import Creneau, Inscription
from portail.dates import PARIS
from tests.factories import AnneeFactory, CreneauFactory, EcoleFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
PAGE = "/admin/enfance/inscription/chiffres/"
TABLEAU = f"{PAGE}tableau/"


@pytest.fixture
def secretaire(client, time_machine):
    time_machine.move_to(datetime(2026, 12, 3, 9, 40, tzinfo=PARIS), tick=False)
    client.force_login(StaffFactory())
    return client


@pytest.fixture
def annee():
    annee, creneaux = AnneeFactory(), make_creneaux()
    creneaux["soir"].places = 1
    creneaux["soir"].save()
    lea = make_enfant(annee=annee, prenom="Léa")
    Inscription.objects.create(enfant=lea, jour=date(2026, 12, 10), creneau=creneaux["soir"])
    return annee


def test_page_opens_on_the_month_that_runs(secretaire, annee):
    assert "Par classe, décembre 2026" in secretaire.get(PAGE).text
    assert "Par classe, janvier 2027" in secretaire.get(PAGE, {"mois": "2027-01"}).text


@pytest.mark.parametrize("mois", ["2031-01", "décembre", "0000-00"])
def test_month_of_no_year_shows_the_one_that_runs(secretaire, annee, mois):
    assert "Par classe, décembre 2026" in secretaire.get(PAGE, {"mois": mois}).text


def options(page):
    return re.findall(r'<option value="[\w-]+"( selected)?>([^<]+)</option>', page.split('id="id_creneau"')[1])


def test_many_creneaux_are_chosen_in_a_list(secretaire, annee):
    for n in range(6):
        CreneauFactory(code=f"soir-{n}", moment="soir", nom_court=f"soir {n}", ordre=10 + n)
    assert 'id="id_creneau"' not in secretaire.get(PAGE).text  # a single school
    EcoleFactory()

    page = secretaire.get(PAGE, {"creneau": "soir-4"}).text

    assert "liens-graphe" not in page
    choix = options(page)
    assert (len(choix), [nom for choisi, nom in choix if choisi]) == (9, ["Soir 4 (toutes les écoles)"])
    assert '<input type="hidden" name="mois" value="2026-12">' in page


def teintes(page):
    return re.findall(r'<li class="carte t-([\w-]+)">', page)


def test_column_of_a_moment_has_its_colour_in_a_town_of_schools(secretaire, annee):
    Inscription.objects.all().delete()
    Creneau.objects.filter(code="soir").delete()
    du_soir = CreneauFactory(code="grands", moment="soir", nom="Soir des grands", ordre=3)
    encore = CreneauFactory(code="petits", moment="soir", nom="Soir des petits", ordre=4)
    une = teintes(secretaire.get(PAGE).text)
    assert une == ["matin", "midi", du_soir.teinte, encore.teinte]
    hameau = EcoleFactory()

    assert teintes(secretaire.get(PAGE).text) == ["matin", "midi", "soir"]
    assert teintes(secretaire.get(PAGE, {"ecole": hameau.code}).text) == ["matin", "midi", "soir", encore.teinte]


def test_another_year_opens_on_its_last_month_that_has_begun(secretaire, annee):
    AnneeFactory(debut=date(2025, 9, 1), fin=date(2026, 7, 4))
    page = secretaire.get(PAGE, {"annee": "2025", "mois": "2026-12"}).text
    assert "Chiffres de l’année 2025-2026" in page
    assert "Par classe, juillet 2026" in page


def test_page_without_year_says_so(secretaire):
    assert "Aucune année scolaire n’est encore préparée." in secretaire.get(PAGE).text


def test_page_asks_the_right_to_see_inscriptions(client):
    client.force_login(StaffFactory(is_superuser=False))
    assert client.get(PAGE).status_code == 403


def test_days_are_those_of_the_creneau_with_a_limit_or_asked_for(secretaire, annee):
    assert "complet 1\u00a0jour sur" in secretaire.get(PAGE).text
    assert "places sans limite" in secretaire.get(PAGE, {"creneau": "midi"}).text


def test_every_creneau_has_a_colour_of_its_own(secretaire, annee):
    mercredi = Creneau.objects.get(code="midi")
    mercredi.pk, mercredi.code, mercredi.nom, mercredi.nom_court = None, "mercredi", "Mercredi", "mercredi"
    mercredi.save()
    page = secretaire.get(PAGE).text
    assert [f'class="{teinte}" width="14"' in page for teinte in ("matin", "midi", "soir", mercredi.teinte)] == [
        True
    ] * 4
    assert mercredi.teinte.startswith("autre-")
    assert "style=" not in page


@pytest.mark.parametrize(
    ("tableau", "attendu"),
    [
        ("mois", "Décembre 2026;0;0;0;0;1;0;1;0\r\n"),
        ("classes", "Total;0;0;0;0;1;0;1;0\r\n"),
        ("jours", "2026-12-10;Soir;1;1;oui\r\n"),
    ],
)
def test_each_table_goes_out_as_csv(secretaire, annee, tableau, attendu, caplog):
    response = secretaire.get(TABLEAU, {"tableau": tableau, "mois": "2026-12", "format": "csv"})
    assert attendu in response.text
    assert response["Content-Disposition"] == f'attachment; filename="chiffres-{tableau}-2026-12.csv"'
    assert [record.fields["model"] for record in caplog.records if record.message == "export"] == ["chiffres"]


def test_a_table_goes_out_as_a_spreadsheet(secretaire, annee):
    feuille = load_workbook(io.BytesIO(secretaire.get(TABLEAU).content)).active
    assert [cell.value for cell in feuille[1]][:2] == ["Mois", "Matin, inscrits"]
    assert feuille.cell(row=feuille.max_row, column=1).value == "Total"


def test_a_table_asks_its_right(client, annee):
    agent = StaffFactory(is_superuser=False)
    agent.user_permissions.add(Permission.objects.get(codename="view_inscription"))
    client.force_login(agent)
    assert client.get(PAGE).status_code == 200
    assert "Tableur" not in client.get(PAGE).text
    assert client.get(TABLEAU).status_code == 403


def test_a_table_asks_the_password_again(secretaire, annee):  # ADM-05
    secretaire.grow_old()
    response = secretaire.get(TABLEAU, {"mois": "2026-12"})
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/compte/confirmer/")


@pytest.mark.parametrize("query", [{"tableau": "autre"}, {"format": "ods"}])
def test_a_table_of_no_kind_is_not_found(secretaire, annee, query):
    assert secretaire.get(TABLEAU, query).status_code == 404
