"""The association's pages in a town of several schools: whose children each agent sees, one school at a time or all."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from enfance.models import Affectation, ListeRepas, Repas
from tests.clients import Client
from tests.enfance.cantine.ecoles import make_deux_ecoles, make_eleve
from tests.enfance.views.cantine.gestes import IMPORTER, LUNDI, MARDI, NOW, apercu, confirme, csv_of
from tests.factories import EcoleFactory, StaffFactory
from tests.reading import html_of

pytestmark = pytest.mark.django_db
JOUR = "/cantine/2026-12-08/"


@pytest.fixture
def ecoles(creneaux):
    return make_deux_ecoles()


@pytest.fixture
def lea(parent, ecoles):
    return make_eleve(parent, ecoles[0], nom="Petit", prenom="Léa")


@pytest.fixture
def zoe(parent, ecoles):
    return make_eleve(parent, ecoles[1], nom="Grand", prenom="Zoé")


@pytest.fixture
def mange(ecoles, lea, zoe):
    """Both eat on Tuesday, each on the list of her school."""
    for enfant, ecole, quand in [(lea, ecoles[0], NOW), (zoe, ecoles[1], NOW - timedelta(days=1))]:
        liste = ListeRepas.objects.create(debut=LUNDI, fin=MARDI, importee_le=quand)
        liste.ecoles.set([ecole])
        Repas.objects.create(enfant=enfant, jour=MARDI, liste=liste)


def works(agent, *ecoles):
    for ecole in ecoles:
        Affectation.objects.create(agent=agent, ecole=ecole)


def vus(page):
    return [nom for nom in ("PETIT Léa", "GRAND Zoé") if nom in page]


def test_agent_of_one_school_sees_its_children_alone(cantine, agent, ecoles, mange):
    works(agent, ecoles[1])
    page = html_of(cantine.get(JOUR))
    assert (vus(page), "Choisir l’école" in page) == (["GRAND Zoé"], False)
    assert [ligne[1] for ligne in csv_of(cantine.get("/cantine/2026-12-08.csv"))[1:]] == ["Grand"]
    assert "CE1, hameau" in html_of(cantine.get("/cantine/semaine/2026-12-07/"))
    assert "CE1, ecole" not in html_of(cantine.get("/cantine/semaine/2026-12-07/"))
    assert cantine.get(f"{JOUR}?ecole=ecole").status_code == 404


def test_agent_of_two_schools_sees_both_and_may_choose_one(cantine, agent, ecoles, mange):
    works(agent, *ecoles)
    page = html_of(cantine.get(JOUR))
    assert vus(page) == ["PETIT Léa", "GRAND Zoé"]
    assert "<small>CE1, hameau, École du Hameau</small>" in page
    assert "choisissez-en une pour lire ce qui a changé" in page
    une = html_of(cantine.get(f"{JOUR}?ecole=hameau"))
    assert (vus(une), "<small>CE1, hameau</small>" in une) == (["GRAND Zoé"], True)
    assert 'href="/cantine/2026-12-08.csv?ecole=hameau"' in une
    assert 'href="/cantine/semaine/2026-12-07/?ecole=hameau"' in une
    assert "Changements depuis votre liste" in une


def test_many_schools_are_chosen_in_a_list(cantine, agent, ecoles, mange):
    works(agent, *ecoles, *(EcoleFactory(code=f"ecole-{n}", nom=f"École {n}", ordre=10 + n) for n in range(4)))
    page = cantine.get(f"{JOUR}?ecole=hameau").text
    choix = re.findall(r'<option value="([^"]*)"( selected)?>', page)
    assert (choix[0], len(choix), [code for code, choisi in choix if choisi]) == (("", ""), 7, ["hameau"])
    assert vus(html_of(cantine.get(f"{JOUR}?ecole="))) == ["PETIT Léa", "GRAND Zoé"]


def test_menu_keeps_the_school_that_was_chosen(cantine, agent, ecoles, mange):
    works(agent, *ecoles)
    menu = ["/cantine/", "/cantine/semaine/", IMPORTER, "/cantine/reglages/"]
    for page in menu:
        liens = re.findall('href="([^"]+)"', cantine.get(f"{page}?ecole=hameau").text.split('class="menu')[1])
        assert liens[: len(menu)] == [f"{lien}?ecole=hameau" for lien in menu]
    toutes = re.findall('href="([^"]+)"', cantine.get("/cantine/").text.split('class="menu')[1])
    assert toutes[: len(menu)] == menu


def test_table_names_the_school(cantine, agent, ecoles, mange):
    works(agent, *ecoles)
    titres, *lignes = csv_of(cantine.get("/cantine/2026-12-08.csv"))
    assert [(ligne[1], ligne[titres.index("École")]) for ligne in lignes] == [
        ("Grand", "École du Hameau"),
        ("Petit", "École"),
    ]
    reponse = cantine.get("/cantine/2026-12-08.csv?ecole=hameau")
    assert 'filename="cantine-2026-12-08-hameau.csv"' in reponse["Content-Disposition"]
    assert [ligne[1] for ligne in csv_of(reponse)[1:]] == ["Grand"]


@pytest.mark.parametrize(
    "adresse", ["/cantine/", JOUR, "/cantine/semaine/", "/cantine/2026-12-08.csv", "/cantine/export.csv", IMPORTER]
)
def test_agent_of_no_school_is_told_to_ask_the_town_hall(cantine, ecoles, mange, adresse):
    reponse = cantine.get(adresse)
    page = html_of(reponse)
    assert (reponse.status_code, vus(page)) == (403, [])
    assert "la mairie n’a pas encore dit dans lesquelles vous travaillez" in page


def test_secretary_sees_every_school(ecoles, mange):
    call_command("sync_groups", verbosity=0)
    secretaire = StaffFactory(is_superuser=False)
    secretaire.groups.add(Group.objects.get(name="Secrétariat"))
    client = Client()
    client.force_login(secretaire)
    assert vus(html_of(client.get(JOUR))) == ["PETIT Léa", "GRAND Zoé"]


def test_school_without_list_is_named(cantine, agent, ecoles, mange):
    works(agent, *ecoles)
    ListeRepas.objects.filter(ecoles=ecoles[1]).delete()
    page = html_of(cantine.get(JOUR))
    assert "Aucune liste de repas ne couvre ce jour pour École du Hameau." in page


# --- The list ---------------------------------------------------------------------------------------------------------


def test_agent_of_two_schools_is_asked_of_which_the_list_is(cantine, agent, ecoles, lea, zoe):
    works(agent, *ecoles)
    page = cantine.get(IMPORTER)
    assert "De quelles écoles est cette liste" in html_of(page)
    assert "Cochez au moins une école." in html_of(apercu(cantine, "PETIT;Léa;08/12/2026"))

    vue = apercu(cantine, "PETIT;Léa;08/12/2026", ecoles=[ecoles[0].pk])
    assert "Liste de repas du mardi 8 décembre 2026 (École)" in html_of(vue)
    confirme(cantine, vue)

    liste = ListeRepas.objects.get()
    assert list(liste.ecoles.all()) == [ecoles[0]]
    page = html_of(cantine.get(IMPORTER))
    assert "(École), importée" in page
    assert f'href="/cantine/importer/{liste.pk}/annuler/"' in page


def test_agent_of_one_school_is_not_asked(cantine, agent, ecoles, lea, zoe):
    works(agent, ecoles[1])
    assert "De quelles écoles" not in html_of(cantine.get(IMPORTER))
    confirme(cantine, apercu(cantine, "GRAND;Zoé;08/12/2026", "PETIT;Léa;08/12/2026"))
    assert list(Repas.objects.values_list("enfant__prenom", flat=True)) == ["Zoé"]
    assert [ecole.code for ecole in ListeRepas.objects.get().ecoles.all()] == ["hameau"]


def test_school_that_is_not_the_agents_is_refused(cantine, agent, ecoles, lea, zoe):
    works(agent, *ecoles)
    autre = type(ecoles[0]).objects.create(code="centre", nom="École du Centre")
    page = html_of(apercu(cantine, "PETIT;Léa;08/12/2026", ecoles=[autre.pk]))
    assert "Choisissez parmi les écoles proposées." in page
    vue = apercu(cantine, "PETIT;Léa;08/12/2026", ecoles=[ecoles[0].pk])
    Affectation.objects.filter(ecole=ecoles[0]).delete()
    assert "vos écoles ont changé depuis cet aperçu" in html_of(confirme(cantine, vue))
    assert not Repas.objects.exists()


def test_list_of_another_school_is_not_undone(cantine, agent, ecoles, mange):
    works(agent, ecoles[1])
    du_bourg, du_hameau = ListeRepas.objects.order_by("pk")
    assert cantine.post(f"/cantine/importer/{du_bourg.pk}/annuler/", {"confirmer": "1"}).status_code == 404
    assert cantine.get(f"/cantine/importer/{du_hameau.pk}/annuler/").status_code == 200
