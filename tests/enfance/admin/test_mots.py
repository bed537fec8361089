"""What the admin says by itself, in the words of the town hall and not of a machine."""

import json
import re
from html import unescape

import pytest

from tests.enfance.admin.test_personnes import ENFANTS, save, texts
from tests.factories import AnneeFactory

MACHINE = re.compile(r"\bobjets?\b|\w\((?:e|s|es)\)|avec succès", re.IGNORECASE)


def add_texts(page: str) -> list[str]:
    donnees = [json.loads(unescape(found)) for found in re.findall(r'data-inline-formset="([^"]+)"', page)]
    return [donnee["options"]["addText"] for donnee in donnees]


def test_rows_of_a_child_are_added_by_their_names(mairie, lea):
    page = mairie.get(f"{ENFANTS}{lea.pk}/change/").content.decode()

    assert add_texts(page) == [
        "Ajouter une scolarité",
        "Ajouter une responsabilité",
        "Ajouter une garde",
        "Ajouter une personne autorisée",
    ]


def test_rows_of_a_year_are_added_by_their_name(mairie):
    page = mairie.get(f"/admin/enfance/anneescolaire/{AnneeFactory().pk}/change/").content.decode()

    assert add_texts(page) == ["Ajouter un congé"]


def test_save_is_told_in_plain_words(mairie, lea):
    (dit,) = texts(save(mairie, f"{ENFANTS}{lea.pk}/change/", nom_usage="Durand"))

    assert re.sub("<[^>]*>", "", dit) == "C’est enregistré\u00a0: enfant «\u00a0Léa Durand\u00a0»."


@pytest.mark.parametrize("page", ["change", "history"])
def test_pages_of_a_child_name_no_object(mairie, lea, page):
    save(mairie, f"{ENFANTS}{lea.pk}/change/", nom_usage="Durand")

    assert MACHINE.findall(mairie.get(f"{ENFANTS}{lea.pk}/{page}/").content.decode()) == []
