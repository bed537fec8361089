"""The home of the town hall with several schools: each créneau once, under the schools that hold it."""

import re

import pytest

from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import Creneau, Ecole, ListeRepas, Repas
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI
from tests.factories import CreneauFactory, EcoleFactory, RegleDelaiFactory

JEUDI = JEUDI_SOIR.date()


def test_numbers_stand_under_the_schools(mairie, ville):
    ville.inscrire(ville.zoe, JEUDI, "matin-hameau", "soir")
    ville.inscrire(ville.lea, JEUDI, "soir")

    groupes = mairie.get("/admin/").context["journee"].groupes

    assert [(g.nom, [(m.creneau.code, m.inscrits) for m in g.moments]) for g in groupes] == [
        ("École du Bourg", [("matin", 0)]),
        ("École du Bourg et École du Hameau", [("soir", 2)]),
        ("École du Hameau", [("matin-hameau", 1)]),
        ("Toutes les écoles", [("midi", 0)]),
    ]


def test_page_says_the_schools_and_their_closures(mairie, ville):
    fermer(Portee(LUNDI, LUNDI, "grève", ecoles=(ville.hameau,)), now=JEUDI_SOIR)

    page = mairie.get("/admin/").text

    assert '<td class="hebdo__ecole" colspan="6"><b>École du Hameau</b></td>' in page
    assert "fermé, École du Hameau, grève" in page


@pytest.fixture
def six_ecoles(ville):
    """Four more schools, each with an evening of its own, and the two that share theirs."""
    for n in range(4):
        soir = CreneauFactory(code=f"soir-{n}", moment="soir", ordre=10 + n)
        soir.ecoles.set([EcoleFactory(code=f"ecole-{n}", nom=f"École {n}", ordre=10 + n)])
    return ville


def test_many_schools_are_folded(mairie, six_ecoles):
    ville = six_ecoles
    ville.inscrire(ville.zoe, JEUDI, "matin-hameau", "soir")
    ville.inscrire(ville.lea, JEUDI, "soir")

    response = mairie.get("/admin/")

    totaux = response.context["journee"].totaux
    assert [(t.creneau.titre, t.inscrits) for t in totaux] == [("Matin", 1), ("Midi", 0), ("Soir", 2)]
    plis = re.findall("<details><summary>([^<]+)</summary>", response.text)
    assert plis == [
        "École par école",
        "École du Bourg",
        "École du Bourg et École du Hameau",
        "École du Hameau",
        *(f"École {n}" for n in range(4)),
        "Toutes les écoles",
    ]
    assert response.text.count('aria-label="La semaine, École 3"') == 1
    assert 'aria-labelledby="t-sem">\n    <thead>' not in response.text


def test_meals_without_lunch_break_say_the_limit_of_the_school(mairie, ville):
    """That of a school where the lunch break may be asked later is not theirs."""
    ailleurs = CreneauFactory(
        code="midi-2", moment="midi", delai_inscription=RegleDelaiFactory(genre="jours", nombre=0), ordre=9
    )
    ailleurs.ecoles.set([EcoleFactory(code="ecole-2", nom="École 2", ordre=9)])
    Creneau.objects.get(code="midi").ecoles.set(Ecole.objects.exclude(code="ecole-2"))
    Repas.objects.create(enfant=ville.lea, jour=LUNDI, liste=ListeRepas.objects.create(debut=LUNDI, fin=LUNDI))

    def echeance():
        return next(c for c in mairie.get("/admin/").context["choses"] if c.mots.startswith("repas")).echeance

    assert echeance() == "avant demain, 12\u00a0h"
    ailleurs.ecoles.add(ville.bourg)
    assert echeance() != "avant demain, 12\u00a0h"


def test_one_school_has_no_heading(mairie, inscription):
    response = mairie.get("/admin/")

    assert [groupe.nom for groupe in response.context["journee"].groupes] == [""]
    assert "hebdo__ecole" not in response.text
