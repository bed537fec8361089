"""The home of the town hall with several schools: each créneau once, under the schools that hold it."""

from enfance.mairie.fermetures import Portee, fermer
from tests.enfance.admin.conftest import JEUDI_SOIR, LUNDI

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


def test_one_school_has_no_heading(mairie, inscription):
    response = mairie.get("/admin/")

    assert [groupe.nom for groupe in response.context["journee"].groupes] == [""]
    assert "hebdo__ecole" not in response.text
