"""Slips of the hand, on the page of a child and of an adult."""

from datetime import date

import pytest

from enfance.models import Enfant, Responsable
from tests.enfance.mairie.admin.formulaires import RESPONSABLES, save
from tests.enfance.mairie.enfants.fiche import change

PAI_PASSE = "Indiquez une date à venir, ou décochez «\u00a0PAI\u00a0» s’il est fini."
NUMERO = "Écrivez un numéro complet, comme 06\u00a039\u00a098\u00a000\u00a000."


def errors(response):
    return {champ: list(phrases) for champ, phrases in response.context["adminform"].form.errors.items()}


@pytest.mark.parametrize(
    ("champs", "attendues"),
    [
        ({"date_naissance": "2026-12-04"}, {"date_naissance": ["Indiquez une date de naissance passée."]}),
        (
            {"date_naissance": "2006-12-02"},
            {"date_naissance": ["Vérifiez l’année\u00a0: cet enfant aurait plus de 20\u00a0ans."]},
        ),
        ({"pai": "on", "pai_fin": "2026-12-02"}, {"pai_fin": [PAI_PASSE]}),
    ],
)
def test_date_of_a_child_that_cannot_be_is_refused(mairie, lea, champs, attendues):
    response = change(mairie, lea, "sante" if "pai" in champs else "identite", **champs)

    assert dict(response.context["form"].errors) == attendues


@pytest.mark.parametrize(
    "champs",
    [{"date_naissance": "2026-12-03"}, {"date_naissance": "2006-12-03"}, {"pai": "on", "pai_fin": "2026-12-03"}],
)
def test_date_of_a_child_at_its_bounds_is_kept(mairie, lea, champs):
    change(mairie, lea, "sante" if "pai" in champs else "identite", **champs)

    enfant = Enfant.objects.get()
    assert {champ: str(getattr(enfant, champ)) for champ in champs if champ != "pai"} == {
        champ: valeur for champ, valeur in champs.items() if champ != "pai"
    }


def test_dates_already_there_stand_in_the_way_of_nothing(mairie, lea):
    Enfant.objects.update(pai=True, pai_fin=date(2026, 9, 1), date_naissance=date(2000, 1, 1))

    change(mairie, lea, "identite", prenom="Léna")
    change(mairie, lea, "sante", consigne="Lait")

    assert Enfant.objects.values_list("prenom", "consigne").get() == ("Léna", "Lait")


@pytest.mark.parametrize("champ", ["telephone", "telephone_domicile", "telephone_travail"])
def test_phone_that_is_not_whole_is_refused(mairie, lea, champ):
    page = f"{RESPONSABLES}{Responsable.objects.get().pk}/change/"

    assert errors(save(mairie, page, **{champ: "06 12"})) == {champ: [NUMERO]}


def test_phone_is_kept_with_its_spaces(mairie, lea):
    save(mairie, f"{RESPONSABLES}{Responsable.objects.get().pk}/change/", telephone="0639980001")

    assert Responsable.objects.get().telephone == "06 39 98 00 01"
