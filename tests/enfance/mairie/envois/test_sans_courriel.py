"""Parents whom no mail reaches: to be called, printed, exported."""

import pytest

from enfance.models import Scolarite
from tests.factories import (
    STAFF_PASSWORD,
    AnneeFactory,
    ClasseFactory,
    ResponsableFactory,
    ScolariteFactory,
    make_enfant,
)

PAGE = "/admin/enfance/responsable/sans-courriel/"
TABLEAU = f"{PAGE}tableau/"


@pytest.fixture
def yvonne(lea):
    """Without e-mail, mother of Tom and Ana, and of Zoé whom a judge took from her."""
    yvonne = ResponsableFactory(
        user__email="",
        user__first_name="Yvonne",
        user__last_name="Besson",
        user__identifiant="4716230",
        telephone="06 39 98 00 00",
        telephone_travail="04 76 00 00 00",
    )
    make_enfant(yvonne, prenom="Tom").scolarites.update(classe=ClasseFactory(nom="PS Mme Saule"))
    make_enfant(yvonne, prenom="Ana").scolarites.update(classe=None)
    make_enfant(yvonne, prenom="Zoé").responsabilites.update(suspendue=True)
    return yvonne


def test_page_gives_the_phones_and_the_children_with_their_class(mairie, yvonne):
    html = mairie.get(PAGE).text

    assert "1\u00a0parent" in html
    assert "Yvonne Besson" in html
    assert 'href="tel:+33639980000"' in html
    assert 'href="tel:+33476000000"' in html
    assert "Tom Morel, PS Mme Saule" in html
    assert "Ana Morel, sans classe" in html
    assert "Zoé" not in html
    assert "Camille" not in html


def test_class_is_that_of_the_year_in_course(mairie, yvonne):
    suivante = AnneeFactory(debut="2027-09-01", fin="2028-07-03")
    for scolarite in Scolarite.objects.filter(enfant__prenom="Tom"):
        ScolariteFactory(
            enfant=scolarite.enfant, annee=suivante, classe=ClasseFactory(annee=suivante, nom="MS M. Orme")
        )

    assert "MS M. Orme" not in mairie.get(PAGE).text


def test_home_leads_there(mairie, yvonne):
    assert f'href="{PAGE}"' in mairie.get("/admin/").text


def test_list_without_anybody_says_so(mairie, lea):
    assert "Tous les parents ont une adresse e-mail" in mairie.get(PAGE).text


def test_table_holds_the_same(mairie, yvonne, journal):
    lignes = mairie.get(TABLEAU, {"format": "csv"}).content.decode().splitlines()

    assert lignes == [
        "\ufeffNom;Prénom;Identifiant;Téléphones;Enfants;Adresse;Code postal;Commune",
        "Besson;Yvonne;4716230;06\u00a039\u00a098\u00a000\u00a000, 04\u00a076\u00a000\u00a000\u00a000;"
        "Ana Morel (sans classe), Tom Morel (PS Mme Saule);12 chemin des Tilleuls;38160;SAINT SAUVEUR",
    ]
    assert mairie.get(TABLEAU).headers["Content-Disposition"].endswith('.xlsx"')
    assert [line["rows"] for line in journal.events if line["event"] == "export"] == [1, 1]


def test_table_waits_for_the_password(mairie, yvonne):  # ADM-05
    mairie.grow_old()

    asked = mairie.get(TABLEAU, follow=True)

    assert mairie.confirm(asked, STAFF_PASSWORD).headers["Location"] == PAGE
    assert mairie.get(TABLEAU).headers["Content-Type"] != "text/html; charset=utf-8"


def test_format_that_is_none_is_not_found(mairie, yvonne):
    assert mairie.get(TABLEAU, {"format": "exe"}).status_code == 404


def test_rights_are_asked(agent_with, yvonne):
    reader = agent_with("view_responsable")

    assert (reader.get(PAGE).status_code, reader.get(TABLEAU).status_code) == (200, 403)
    assert "Tom" not in reader.get(PAGE).text
    assert agent_with("view_enfant").get(PAGE).status_code == 403


@pytest.mark.parametrize("families", [1, 5])
def test_list_costs_the_same_whatever_its_length(mairie, yvonne, django_assert_num_queries, families):
    for n in range(families - 1):
        make_enfant(ResponsableFactory(user__email=""), prenom=f"Enfant {n}")
    mairie.get(PAGE)

    with django_assert_num_queries(6):
        mairie.get(PAGE)
