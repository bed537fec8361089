"""The sheets on paper."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from enfance.models import Absence, Creneau, PersonneAutorisee
from tests.enfance.equipe.pages.conftest import JOUR
from tests.enfance.gate import JEUDI, inscrire
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import html_of
from tests.temoins import assert_kept, paper_of

KEPT = Path(__file__).parent / "temoins"


def test_paper_says_that_there_is_something_to_read_never_what(equipe, lea):
    lea.pai, lea.consigne = True, "Allergie aux noix."
    lea.save()
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    Absence.objects.create(enfant=lea, jour=JEUDI)
    for query in ("", "?semaine=1", "?creneau=soir"):
        html = equipe.get(f"{JOUR}imprimer/{query}").text
        assert "MOREL Léa" in html
        assert "PAI, voir fiche. Remise\u00a0: voir fiche. Absence signalée" in html
        assert not re.search("noix|Interdit", html)


def test_paper_and_card_say_of_which_moments_a_child_is_absent(equipe, lea):
    inscrire(lea, "midi")
    Absence.objects.create(enfant=lea, jour=JEUDI).creneaux.add(Creneau.objects.get(code="midi"))
    assert "Absence signalée\u00a0: midi" in equipe.get(f"{JOUR}imprimer/").text
    assert "Absence signalée" in equipe.get(f"{JOUR}imprimer/?creneau=midi").text
    assert "Absence signalée" not in equipe.get(f"{JOUR}imprimer/?creneau=soir").text
    assert "Absence signalée\u00a0: midi." in equipe.get(f"{JOUR}enfants/{lea.pk}/").text


def test_paper_says_that_an_identity_is_to_be_checked(equipe, lea):  # ACC-07
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    PersonneAutorisee.objects.create(enfant=lea, nom="C. Interdit")
    html = equipe.get(f"{JOUR}imprimer/").text
    assert "Remise\u00a0: voir fiche, vérifier l’identité" in html
    assert "Interdit" not in html


@pytest.fixture
def named(settings):
    """A town whose paper names who may fetch a child."""
    settings.FEUILLE_AUTORISES = True


def test_paper_names_nobody_unless_the_town_says_so(equipe, lea):
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", lien="tante")
    html = equipe.get(f"{JOUR}imprimer/").text
    assert ("Odile" in html, "aussi avec" in html) == (False, False)


@pytest.mark.parametrize("query", ["", "?creneau=soir"])
def test_paper_of_a_day_says_who_may_fetch_a_child(equipe, lea, named, query):
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", lien="tante", telephone="06 39 98 00 85")
    PersonneAutorisee.objects.create(enfant=lea, nom="Karim Benali")
    PersonneAutorisee.objects.create(enfant=lea, nom="Zoé Hier", fin=date(2026, 12, 9))
    html = equipe.get(f"{JOUR}imprimer/{query}").text
    assert "Aussi avec Karim Benali, Odile Morel (tante)<" in html
    assert "en plus de ses parents" in html
    assert not re.search("06 39|Hier|voir fiche", html)


def test_paper_that_names_them_still_says_no_more_of_who_may_not(equipe, lea, named):  # ACC-07
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", lien="tante")
    html = equipe.get(f"{JOUR}imprimer/").text
    assert "Aussi avec Odile Morel (tante). Remise\u00a0: voir fiche<" in html
    assert "Interdit" not in html


def test_paper_of_a_week_names_nobody(equipe, lea, named):
    """Who may fetch a child changes from one day to the next."""
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", debut=JEUDI, fin=JEUDI)
    assert "Odile" not in equipe.get(f"{JOUR}imprimer/?semaine=1").text


def test_paper_of_a_day_has_a_box_where_a_child_is_expected(equipe, lea):
    tom = make_enfant(prenom="Tom")
    inscrire(tom, "midi")
    inscrire(tom, "soir", "attente")
    html = equipe.get(f"{JOUR}imprimer/").text
    assert re.findall(r"(matin|midi|soir) <b>(\d+)</b>", html) == [("matin", "0"), ("midi", "1"), ("soir", "1")]
    assert (html.count(">attendu<"), html.count(">non inscrit<")) == (2, 4)
    assert "Soir\u00a0: attente n°\u00a01" in html


@pytest.mark.temoin
@pytest.mark.parametrize(("query", "name"), [("", "jour"), ("?semaine=1", "semaine"), ("?creneau=soir", "soir")])
def test_paper_is_the_one_that_is_kept(equipe, lea, named, query, name):
    tom = make_enfant(prenom="Tom", pai=True)
    inscrire(tom, "midi")
    inscrire(tom, "soir", "attente")
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", lien="tante")
    PersonneAutorisee.objects.create(enfant=lea, nom="Claude Interdit", interdite=True)
    Absence.objects.create(enfant=lea, jour=JEUDI)

    assert_kept(KEPT / f"{name}.txt", paper_of(equipe.get(f"{JOUR}imprimer/{query}")))


def test_paper_of_a_week_has_its_four_days(equipe, lea):
    inscrire(lea, jour=date(2026, 12, 11))
    html = equipe.get(f"{JOUR}imprimer/?semaine=1").text
    assert re.findall(r'scope="col" class="c j" colspan[^>]*>([^<]+)', html) == [
        "Lundi 7",
        "Mardi 8",
        "Jeudi 10",
        "Vendredi 11",
    ]
    assert (html.count(">attendu<"), html.count(">non inscrit<")) == (2, 10)


def test_paper_of_one_creneau_holds_its_children_alone(equipe, lea):
    inscrire(make_enfant(prenom="Tom"), "midi")
    html = equipe.get(f"{JOUR}imprimer/?creneau=soir").text
    assert ("MOREL Léa" in html, "MOREL Tom" in html) == (True, False)
    assert equipe.get(f"{JOUR}imprimer/?creneau=nuit").status_code == 404


@pytest.mark.parametrize("n", [1, 3, 80])
def test_paper_costs_the_same_queries(equipe, django_assert_num_queries, n):
    for rang in range(n):
        inscrire(make_enfant(prenom=f"Prénom {rang}"))
    equipe.get(f"{JOUR}imprimer/")
    with django_assert_num_queries(10):
        equipe.get(f"{JOUR}imprimer/")


@pytest.mark.parametrize(("query", "seen"), [("", True), ("?creneau=soir", True), ("?semaine=1", False)])
def test_paper_of_a_day_gives_one_number_of_a_parent_where_the_town_says_so(equipe, settings, query, seen):
    settings.FEUILLE_AUTORISES = "telephone"
    adultes = [ResponsableFactory(user__first_name=nom, telephone=f"06 39 98 00 1{n}") for n, nom in enumerate("AB")]
    lea = make_enfant(*adultes)
    inscrire(lea)
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile Morel", telephone="06 39 98 00 85")
    html = html_of(equipe.get(f"{JOUR}imprimer/{query}"))
    assert ("A 06 39 98 00 10. Aussi avec Odile Morel<" in html) is seen
    assert re.findall(r"39 98 00 (\d\d)", html) == ["10"] * seen
