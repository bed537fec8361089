"""What leads to a page and the page itself say the same: menu, shortcuts, lists of the town hall, group by group."""

import re

import pytest
from django.urls import reverse

from portail.groupes import GROUPES
from tests.enfance.agents import make_agent
from tests.factories import AnneeFactory, make_creneaux
from tests.reading import plain, words_of

# What a page of a day is headed by is the day; « Aide » leads to a guide, which has its own name.
OF_A_DAY = {"/admin/", "/equipe/", "/cantine/"}
GUIDES = {"/aide/mairie/", "/aide/regie/"}


def heading(page: str) -> str:
    return words_of(re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)[1])


def title(page: str) -> str:
    return words_of(re.search(r"<title>(.*?)</title>", page, re.DOTALL)[1])


@pytest.mark.django_db
@pytest.mark.parametrize("groupe", GROUPES)
def test_each_entry_of_the_menu_and_shortcut_names_its_page(client, groupe):
    AnneeFactory()
    make_creneaux()
    client.force_login(make_agent(groupe))
    home = client.get(reverse("admin:index"))
    if home.status_code == 403:  # the team and the canteen have one page of their own, and no menu of the town hall
        assert home.context["menu_mairie"] == []
        return

    links = [(lien.adresse, lien.nom) for lien in home.context["menu_mairie"]]
    links += [(raccourci.adresse, raccourci.nom) for raccourci in home.context["raccourcis"]]

    wrong = {}
    for adresse, nom in links:
        page = client.get(adresse, follow=True).text
        said = heading(page), title(page)
        if adresse not in OF_A_DAY | GUIDES and not all(words.startswith(plain(nom)) for words in said):
            wrong[nom] = said
    assert wrong == {}


@pytest.mark.django_db
@pytest.mark.parametrize("groupe", GROUPES)
def test_each_list_is_called_as_on_the_home_and_in_its_path(client, groupe):
    AnneeFactory()
    client.force_login(make_agent(groupe))
    home = client.get(reverse("admin:index"))
    lists = [table for app in home.context.get("app_list") or [] for table in app["models"] if table["admin_url"]]

    wrong = {}
    for table in lists:
        page = client.get(table["admin_url"]).text
        here = words_of(re.search(r'<li aria-current="page">(.*?)</li>', page, re.DOTALL)[1])
        if {heading(page), here} != {str(table["name"])}:
            wrong[str(table["name"])] = (heading(page), here)
    assert wrong == {}
