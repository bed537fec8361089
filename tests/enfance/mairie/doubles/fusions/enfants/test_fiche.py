"""Two files of one child made one: what the file says, and what protects the child."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from enfance.models import (
    DemandeAutorisation,
    Enfant,
    PersonneAutorisee,
    Responsabilite,
)
from tests.enfance.mairie.doubles.fusions.doubles import NOW
from tests.enfance.mairie.doubles.fusions.enfants.fiches import LUNDI_7, MARDI_8, NEE, ONDE
from tests.factories import (
    ResponsableFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.ci]


# --- The file itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", ["lea", "double"])
def test_whichever_file_stays_it_is_as_onde_gave_it(lea, double, unite, kept):
    ici, la = (lea, double) if kept == "lea" else (double, lea)

    bilan = unite(ici, la)

    enfant = Enfant.objects.get()
    assert (enfant.pk, enfant.nom, enfant.prenom) == (ici.pk, "MOREL", "Léa")
    assert (enfant.onde["nom"], enfant.onde["scolarites"]) == ("MOREL", {"2026": {"niveau": "CE1"}})
    assert bilan.refus == ()


def test_name_of_the_double_is_chosen(lea, double, unite):
    unite(lea, double, nom="double", prenom="double")

    assert str(Enfant.objects.get()) == "Lea Morel"


def test_what_only_the_double_says_stays(lea, double, unite):
    Enfant.objects.filter(pk=double.pk).update(ine="060000001AA", nom_usage="Petit", sexe="f")

    unite(lea, double)

    enfant = Enfant.objects.get()
    assert (enfant.ine, enfant.nom_usage, enfant.sexe) == ("060000001AA", "Petit", "f")


@pytest.mark.parametrize("where", ["columns", "onde"])
def test_two_ines_are_two_children(lea, double, unite, where):
    Enfant.objects.filter(pk=lea.pk).update(ine="0600000001A")
    if where == "columns":
        Enfant.objects.filter(pk=double.pk).update(ine="0600000002B")
    else:
        Enfant.objects.filter(pk=double.pk).update(onde=ONDE | {"ine": "0600000002B"})

    bilan = unite(lea, double)

    assert bilan.refus == ("Chaque fiche a son INE (0600000001A et 0600000002B)\u202f: ce sont deux enfants.",)
    assert Enfant.objects.count() == 2


def test_two_birth_dates_of_onde_are_two_children_one_typed_may_be_wrong(lea, double, unite):
    autre = {"date_naissance": date(2019, 3, 15)}
    Enfant.objects.filter(pk=double.pk).update(**autre, onde=ONDE | {"date_naissance": "2019-03-15"})
    assert unite(lea, double).refus == (
        "ONDE donne deux dates de naissance (14\u00a0mars 2019 et 15\u00a0mars 2019)\u202f: ce sont deux enfants.",
    )

    Enfant.objects.filter(pk=double.pk).update(**autre, onde={})
    bilan = unite(lea, double)

    assert bilan.doutes == ("Les dates de naissance diffèrent. Est-ce bien le même enfant\u202f?",)
    assert Enfant.objects.get().date_naissance == NEE


def test_another_first_name_and_two_files_of_onde_are_asked_about(lea, double, unite):
    Enfant.objects.filter(pk=double.pk).update(prenom="Léonie", onde=ONDE | {"prenom": "Léonie"})

    assert unite(lea, double).doutes == (
        "Les prénoms diffèrent\u00a0: Léa et Léonie. Est-ce bien le même enfant\u202f?",
        "ONDE a donné les deux fiches. Est-ce bien le même enfant\u202f?",
    )


def test_one_file_is_not_two(lea, unite):
    assert unite(lea, lea).refus == ("Choisissez deux fiches différentes.",)


# --- What protects the child ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suspended_here", [True, False])
def test_suspended_responsabilite_wins(lea, double, camille, unite, suspended_here):
    Responsabilite.objects.filter(enfant=lea if suspended_here else double).update(suspendue=True)
    Responsabilite.objects.filter(enfant=double).update(origine="onde")

    bilan = unite(lea, double)

    lien = Responsabilite.objects.get()
    assert (lien.enfant, lien.responsable, lien.suspendue, lien.origine) == (lea, camille, True, "onde")
    assert "Reste suspendu (décision d’un juge)\u00a0: Camille Morel." in bilan.avis


def test_other_file_of_a_suspended_adult_is_told(lea, double, unite):
    Responsabilite.objects.filter(enfant=lea).update(suspendue=True)
    Responsabilite.objects.filter(enfant=double).update(responsable=ResponsableFactory())

    assert unite(lea, double).avis[1] == (
        "Camille Morel a une autre fiche, qu’aucun juge ne suspend\u00a0: réunissez les deux fiches de cet adulte."
    )


@pytest.mark.parametrize("forbidden_here", [True, False])
def test_forbidden_person_wins(lea, double, agent, unite, forbidden_here):
    la, ici = (double, lea) if forbidden_here else (lea, double)
    PersonneAutorisee.objects.create(enfant=ici, nom="Jean Dupont", interdite=True)
    PersonneAutorisee.objects.create(enfant=la, nom="M. DUPONT Jean")
    PersonneAutorisee.objects.create(enfant=la, nom="Odile Morel")

    bilan = unite(lea, double)

    dits = PersonneAutorisee.objects.order_by("pk").values_list("enfant", "nom", "retiree_le", "retiree_par")
    assert list(dits) == [
        (lea.pk, "Jean Dupont", None, None),
        (lea.pk, "M. DUPONT Jean", NOW, agent.pk),
        (lea.pk, "Odile Morel", None, None),
    ]
    assert "M. DUPONT Jean n’est plus autorisé·e\u00a0: une personne interdite porte ce nom." in bilan.avis


def test_namesake_whom_the_town_hall_let_in_stays(lea, double, agent, unite):
    PersonneAutorisee.objects.create(enfant=double, nom="Jean Dupont", interdite=True)
    autre = PersonneAutorisee.objects.create(enfant=double, nom="Jean Dupont", lien="Parrain")
    DemandeAutorisation.objects.create(
        enfant=double, nom=autre.nom, lien=autre.lien, personne=autre, decidee_par=agent, decidee_le=NOW
    )

    unite(lea, double)

    autre.refresh_from_db()
    assert (autre.enfant, autre.retiree_le, autre.demande.enfant) == (lea, None, lea)


@pytest.mark.parametrize(
    ("ici", "la", "kept"),
    [
        ({}, {"pai": True, "pai_fin": LUNDI_7}, (True, LUNDI_7)),
        ({"pai": True}, {}, (True, None)),
        ({"pai": True}, {"pai": True, "pai_fin": LUNDI_7}, (True, None)),
        ({"pai": True, "pai_fin": MARDI_8}, {"pai": True, "pai_fin": LUNDI_7}, (True, MARDI_8)),
    ],
)
def test_pai_wins(lea, double, unite, ici, la, kept):
    Enfant.objects.filter(pk=lea.pk).update(**ici)
    Enfant.objects.filter(pk=double.pk).update(**la)

    unite(lea, double)

    assert (Enfant.objects.get().pai, Enfant.objects.get().pai_fin) == kept


def test_both_instructions_stay_or_the_merge_is_refused(lea, double, unite):
    Enfant.objects.filter(pk=lea.pk).update(consigne="Sans arachide.")
    Enfant.objects.filter(pk=double.pk).update(consigne="x" * 290)
    assert unite(lea, double).refus == (
        "Ensemble, les deux consignes sont trop longues\u202f: raccourcissez-en une d’abord.",
    )

    Enfant.objects.filter(pk=double.pk).update(consigne="Sans lait.")
    unite(lea, double)

    assert Enfant.objects.get().consigne == "Sans arachide. Sans lait."


@pytest.mark.parametrize("later", ["lea", "double"])
def test_last_word_of_the_family_about_the_canteen_stays(lea, double, camille, unite, later):
    rangs = {"lea": 0, "double": 1}
    for nom, enfant in (("lea", lea), ("double", double)):
        le = NOW - timedelta(days=1 if nom == later else 9)
        Enfant.objects.filter(pk=enfant.pk).update(
            pai_cantine=bool(rangs[nom]), pai_cantine_le=le, pai_cantine_par=camille.user
        )

    unite(lea, double)

    assert Enfant.objects.get().pai_cantine is (later == "double")
