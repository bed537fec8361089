"""The report of an import of ONDE: what waits for the town hall leads to the child and to its families."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.mairie.bureau import gardes_a_regler
from enfance.mairie.enfants.gardes import ChoixGarde, changer
from enfance.mairie.onde.forms import phrases
from enfance.mairie.onde.lecture import load_listes
from enfance.models import Garde
from portail.tables import ImportRefuse, LigneRefusee
from tests.factories import ResponsableFactory, make_enfant

pytestmark = pytest.mark.django_db
TODAY = date(2026, 12, 3)
PHRASE = "Léa Morel a deux foyers : le rythme de garde est à régler ; d’ici là, chacun peut l’inscrire."


@pytest.fixture
def foyers():
    return [ResponsableFactory(foyer__adresse=f"{n} rue du Lac") for n in (1, 2)]


@pytest.fixture
def lea(foyers):
    lea = make_enfant(*foyers)
    lea.gardes.all().delete()
    Garde.objects.bulk_create(Garde(enfant=lea, foyer=adulte.foyer) for adulte in foyers)
    return lea


def rapport(*pks):
    fiches = {PHRASE: list(pks)} if pks else {}
    resume = {"titre": "Import d’ONDE", "lignes": ["Élèves : 2 créés."], "fiches": fiches}
    return [resume, {"titre": "Propositions à la mairie", "lignes": [PHRASE] * max(1, len(pks))}]


def test_garde_to_set_leads_to_it_and_to_both_families(lea, foyers):
    [(titre, [ligne])] = load_listes(rapport(lea.pk), today=TODAY)

    assert (titre, str(ligne)) == ("Propositions à la mairie", PHRASE)
    assert ligne.liens == (
        ("Régler la garde", f"/admin/enfance/enfant/{lea.pk}/change/?changer=garde"),
        ("Famille 1", f"/admin/enfance/foyer/{foyers[0].foyer_id}/famille/"),
        ("Famille 2", f"/admin/enfance/foyer/{foyers[1].foyer_id}/famille/"),
    )


def test_once_set_the_line_leads_to_the_file(lea):
    Garde.objects.filter(enfant=lea).update(debut=TODAY)

    [(_, [ligne])] = load_listes(rapport(lea.pk), today=TODAY)

    assert ligne.liens[0] == ("Ouvrir la fiche", f"/admin/enfance/enfant/{lea.pk}/change/")


def test_homonyms_have_each_their_line(lea):
    autre = make_enfant(ResponsableFactory())

    [(_, lignes)] = load_listes(rapport(lea.pk, autre.pk), today=TODAY)

    assert [ligne.liens[0][1].split("/")[4] for ligne in lignes] == [str(lea.pk), str(autre.pk)]


@pytest.mark.parametrize("pks", [(), (987654,)])
def test_line_of_an_older_report_or_of_a_child_deleted_since_has_no_link(lea, pks):
    [(_, [ligne])] = load_listes(rapport(*pks), today=TODAY)

    assert ligne.liens == ()


@pytest.mark.parametrize("enfants", [1, 3])
def test_report_costs_the_same_whatever_it_proposes(lea, django_assert_num_queries, enfants):
    pks = [lea.pk, *(make_enfant(ResponsableFactory(), prenom=f"E{n}").pk for n in range(enfants - 1))]

    with django_assert_num_queries(3):
        assert len(load_listes(rapport(*pks), today=TODAY)[0][1]) == enfants


# --- « À traiter » ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "champs",
    [
        {"debut": TODAY},
        {"fin": TODAY},
        {"rythme": "alternee", "depuis": TODAY},
    ],
)
def test_garde_that_somebody_has_set_is_not_to_set(lea, champs):
    assert list(gardes_a_regler(TODAY)) == [lea]

    Garde.objects.filter(pk=lea.gardes.earliest("pk").pk).update(**champs)

    assert list(gardes_a_regler(TODAY)) == []


def test_child_of_one_home_or_who_has_left_has_no_garde_to_set(lea):
    make_enfant(ResponsableFactory())
    assert list(gardes_a_regler(TODAY)) == [lea]

    lea.scolarites.update(depart=date(2026, 11, 2))

    assert list(gardes_a_regler(TODAY)) == []


@pytest.mark.parametrize("premier", [None, 0])
def test_choice_of_the_town_hall_settles_it_even_when_both_homes_keep_all_days(lea, foyers, premier):
    pks = tuple(adulte.foyer_id for adulte in foyers)

    changer(lea, ChoixGarde(date(2026, 12, 7), pks, None if premier is None else pks[premier]))

    assert list(gardes_a_regler(TODAY)) == []
    assert Garde.objects.filter(enfant=lea, fin=None).count() == 2


# --- Bad lines --------------------------------------------------------------------------------------------------------


def test_one_bad_line_more_is_told_in_the_singular():
    refus = [LigneRefusee("eleves.csv", n, "illisible") for n in range(21)]

    assert phrases(ImportRefuse(*refus))[-1] == "… et 1\u00a0autre ligne."
