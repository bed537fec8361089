"""A child: found by its name, its file, its instruction."""

from __future__ import annotations

import re

import pytest

from enfance.models import PersonneAutorisee
from tests.enfance.equipe.pages.conftest import JOUR, PAGE, send
from tests.enfance.gate import inscrire
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import html_of

AJOUTER = f"{JOUR}ajouter/"


def search(client, nom, *, follow=True):
    return client.post(AJOUTER, {"creneau": "soir", "nom": nom}, follow=follow)


def test_child_who_is_not_registered_is_found_and_ticked(equipe):
    munoz = make_enfant(prenom="Léa", nom="Muñoz")
    html = search(equipe, "munoz").text
    assert f'name="present" value="{munoz.pk}"' in html
    send(equipe, present=munoz.pk)
    html = equipe.get(PAGE).text
    assert "Présents sans inscription" in html
    assert "déjà sur la feuille" in search(equipe, "munoz").text


def test_what_was_found_is_a_page_to_come_back_to_and_no_name_is_in_its_address(equipe):  # HDR-08
    make_enfant(prenom="Léa", nom="Muñoz")
    response = search(equipe, "munoz", follow=False)
    assert response.status_code == 303
    assert re.fullmatch(rf"{JOUR}ajouter/\?creneau=soir&q=\w{{12}}", response["Location"])
    search(equipe, "zut")
    again = equipe.get(response["Location"]).text
    assert ('value="munoz"' in again, "1\u00a0enfant<" in again) == (True, True)


@pytest.mark.parametrize("query", ["nom=munoz", "q=munoz"])
def test_search_is_not_read_from_the_address(equipe, query):  # HDR-08
    make_enfant(prenom="Léa", nom="Muñoz")
    assert "munoz" not in equipe.get(f"{AJOUTER}?creneau=soir&{query}").text.lower().replace("muñoz", "munoz")


@pytest.mark.parametrize(("nom", "text"), [("zut", "Aucun enfant de ce nom"), ("", "Ce champ est obligatoire")])
def test_search_that_finds_nothing_says_so(equipe, nom, text):
    assert text in search(equipe, nom).text


def test_fiche_shows_whom_to_call_and_not_the_instruction(equipe, journal):
    lea = make_enfant(ResponsableFactory(telephone="06 39 98 00 12"), consigne="Allergie aux noix.")
    inscrire(lea)
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    html = equipe.get(f"{JOUR}enfants/{lea.pk}/").text
    assert "tel:+33639980012" in html
    assert "Ne pas remettre Léa à Claude Interdit." in html
    assert "noix" not in html
    assert [e for e in journal.events if e["event"] == "health_read"] == []


def test_sheet_and_fiche_say_whose_identity_to_check(equipe, lea):  # ACC-07
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    PersonneAutorisee.objects.create(enfant=lea, nom="C. Interdit", lien="sa tante")
    lea.demandes_autorisation.create(nom="Interdit <i>Claude</i>")
    sheet, fiche = (html_of(equipe.get(page)) for page in (PAGE, f"{JOUR}enfants/{lea.pk}/"))
    alerte = "érifiez l’identité : son nom ressemble à celui de Claude Interdit"
    assert (f"C. Interdit (sa tante) : v{alerte}" in sheet, f"V{alerte}" in fiche) == (True, True)
    for html in (sheet, fiche):
        assert "Nom demandé par un parent, pas autorisé : Interdit &lt;i&gt;Claude&lt;/i&gt; (" in html


def test_instruction_is_one_tap_further_and_each_reading_is_kept(equipe, lea, journal):  # ADM-03
    lea.pai, lea.consigne = True, "Allergie aux noix."
    lea.save()
    link = re.search(rf'href="({JOUR}enfants/{lea.pk}/[^"#]*consigne=1)#consigne"', equipe.get(PAGE).text).group(1)
    assert "Allergie aux noix." in equipe.get(link.replace("&amp;", "&")).text
    [read] = [e for e in journal.events if e["event"] == "health_read"]
    assert (read["child"], "noix" in str(read)) == (lea.pk, False)


def test_child_without_instruction_leaves_no_reading(equipe, lea, journal):
    equipe.get(f"{JOUR}enfants/{lea.pk}/?consigne=1")
    assert [e for e in journal.events if e["event"] == "health_read"] == []


def test_child_of_no_sheet_of_the_day_is_404(equipe):
    assert equipe.get(f"{JOUR}enfants/{make_enfant().pk}/").status_code == 404
