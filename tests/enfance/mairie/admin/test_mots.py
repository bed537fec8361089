"""What the admin says by itself, in the words of the town hall and not of a machine."""

import json
import re
from html import unescape

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.regles import Acteur, Cle
from tests.enfance.mairie.admin.formulaires import ENFANTS, save
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.enfance.mairie.enfants.fiche import change
from tests.factories import AnneeFactory
from tests.reading import messages_of

MACHINE = re.compile(r"\bobjets?\b|\w\((?:e|s|es)\)|avec succès", re.IGNORECASE)


def add_texts(page: str) -> list[str]:
    donnees = [json.loads(unescape(found)) for found in re.findall(r'data-inline-formset="([^"]+)"', page)]
    return [donnee["options"]["addText"] for donnee in donnees]


def test_rows_of_a_year_are_added_by_their_name(mairie):
    page = mairie.get(f"/admin/enfance/anneescolaire/{AnneeFactory().pk}/change/").text

    assert add_texts(page) == ["Ajouter un congé"]


def test_save_is_told_in_plain_words(mairie, lea):
    adulte = lea.responsables.get()
    (dit,) = messages_of(save(mairie, f"/admin/enfance/responsable/{adulte.pk}/change/", telephone="06 39 98 00 01"))

    assert re.sub("<[^>]*>", "", dit) == "C’est enregistré : responsable « Camille Morel »."


@pytest.mark.parametrize("page", ["change", "history"])
def test_pages_of_a_child_name_no_object(mairie, lea, page):
    change(mairie, lea, "identite", nom_usage="Durand")

    assert MACHINE.findall(mairie.get(f"{ENFANTS}{lea.pk}/{page}/").text) == []


# --- Lists and titles -----------------------------------------------------------------------------------------------


def test_list_without_a_row_says_so(mairie):
    page = mairie.get("/admin/enfance/absence/").text

    assert "Rien dans cette liste." in page
    assert "Par date" in page


def test_filters_are_named_by_what_they_are(mairie, lea):
    page = mairie.get(ENFANTS).text

    assert re.findall(r"<summary>(.*?)</summary>", page) == ["À traiter", "Classe", "PAI", "Présence à l’école"]


def test_creneau_says_what_it_is_without(mairie, creneaux):
    page = mairie.get("/admin/enfance/creneau/").text

    assert page.count('<td class="field-places_par_jour">sans limite</td>') == 3
    assert page.count(">le même</td>") == 3


@pytest.mark.parametrize(("page", "heure"), [("creneau/{creneau}", "16:30"), ("regledelai/{regle}", "12:00")])
def test_hours_are_written_without_seconds(mairie, creneaux, page, heure):
    soir = creneaux["soir"]
    address = page.format(creneau=soir.pk, regle=soir.delai_inscription_id)

    html = mairie.get(f"/admin/enfance/{address}/change/").text

    assert f'value="{heure}"' in html


def test_page_that_is_only_read_is_named_by_its_row(mairie, inscription):
    page = mairie.get(f"/admin/enfance/inscription/{inscription.pk}/change/")

    assert page.context["title"] == "Léa Morel, soir, 7\u00a0décembre 2026 : inscrit"


def test_event_tells_its_instant_as_a_list_does(mairie, lea, creneaux):
    cle = Cle(lea.pk, LUNDI, "soir")
    parent = Acteur.parent(lea.responsables.get())
    (evenement,) = enregistrer([Changement(cle, "inscrit")], parent, now=JEUDI_SOIR).evenements

    page = mairie.get(f"/admin/enfance/evenement/{evenement.pk}/change/").text

    assert "3\u00a0décembre 2026 à\u00a020\u00a0h\u00a041" in page
    assert "+00:00" not in page
