"""The counter and the phone: a family found in one field."""

from __future__ import annotations

import re
from datetime import date

import pytest

from accounts.models import FormerIdentifiant
from enfance.models import Garde, Scolarite
from tests.enfance.mairie.familles.pages_lues import RIGHTS, page_of
from tests.factories import ClasseFactory, FoyerFactory, ResponsableFactory, make_enfant

TROUVER = "/admin/enfance/foyer/trouver/"


def search(client, texte: str) -> list[str]:
    """The identifiants of the families found, whether they are listed or the only one opens."""
    context = client.post(TROUVER, {"famille": texte}, follow=True).context
    if "familles" not in context:
        return sorted(adulte.compte.identifiant for adulte in context["famille"].adultes)
    return sorted(a.user.identifiant for famille in context["familles"] for a in famille.adultes)


@pytest.mark.parametrize(
    ("texte", "found"),
    [
        ("lea morel", ["3816238"]),
        ("  LÉA  ", ["3816238"]),
        ("morel léa", ["3816238"]),
        ("munoz", ["4512778"]),
        ("ines d'angelo", ["4512778"]),
        ("Muñoz-d’Angelo", ["4512778"]),
        ("zoe", ["4512778"]),
        ("3816238", ["3816238"]),
        ("381 62 38", ["3816238"]),
        ("3816", ["3816238"]),
        ("381", []),
        ("06 39 98 00 12", ["3816238"]),
        ("0639980012", ["3816238"]),
        ("+33 6 39 98 00 12", ["3816238"]),
        ("04 65 71 00 38", ["3816238"]),
        ("camille.morel@courriel", ["3816238"]),
        ("morel 0639980012", ["3816238"]),
        ("M. et Mme Morel", ["3816238"]),
        ("Mme MUÑOZ-D’ANGELO", ["4512778"]),
        ("camille et léa morel", ["3816238"]),
        ("et", []),
        ("lea zoe", []),
        ("%", []),
        ("e", ["3816238", "4512778"]),
    ],
)
def test_family_is_found_by_what_is_known_of_it(mairie, familles, texte, found):
    assert search(mairie, texte) == found


def test_number_that_an_account_had_still_finds_it(mairie, familles):
    FormerIdentifiant.objects.create(identifiant="10042", user=familles["munoz"].user)

    assert search(mairie, "10042") == ["4512778"]


def test_only_family_opens_at_once(mairie, familles):
    response = mairie.post(TROUVER, {"famille": "léa"}, follow=True)

    assert response.request["PATH_INFO"] == page_of(familles["morel"].foyer)


def test_families_found_are_a_page_to_come_back_to_and_no_name_is_in_its_address(mairie, familles):  # HDR-08
    response = mairie.post(TROUVER, {"famille": "e"})

    assert response.status_code == 303
    assert re.fullmatch(rf"{TROUVER}\?q=\w{{12}}", response["Location"])
    mairie.post(TROUVER, {"famille": "autre chose"})
    again = mairie.get(response["Location"])
    assert len(again.context["familles"]) == 2
    assert 'value="e"' in again.text


@pytest.mark.parametrize("query", ["?famille=lea", "?q=lea"])
def test_search_is_not_read_from_the_address(mairie, familles, query):  # HDR-08
    response = mairie.get(f"{TROUVER}{query}")

    assert (response.context["familles"], 'value="lea"' in response.text) == ([], False)


def test_homonyms_are_told_apart_by_class_and_birth(mairie, familles):
    other = ResponsableFactory(user__identifiant="5000009", foyer=FoyerFactory(adresse="9 rue Haute"))
    lea = make_enfant(other, prenom="Léa", date_naissance=date(2016, 1, 9))
    Scolarite.objects.filter(enfant=lea).update(classe=ClasseFactory(nom="CM2 M. Frêne"))

    html = mairie.post(TROUVER, {"famille": "lea morel"}, follow=True).text

    assert "Léa Morel, CE1-CE2 Mme Sorbier, 14\u00a0mars 2019" in html
    assert "Léa Morel, CM2 M. Frêne, 9\u00a0janvier 2016" in html


def test_child_of_two_homes_finds_both(mairie, familles):
    Garde.objects.create(enfant=familles["lea"], foyer=familles["munoz"].foyer)

    assert search(mairie, "lea") == ["3816238", "4512778"]


def test_child_without_class_or_gone_says_so(mairie, familles):
    Scolarite.objects.filter(enfant=familles["lea"]).update(classe=None)
    Scolarite.objects.filter(enfant=familles["zoe"]).update(depart=date(2026, 11, 1))

    response = mairie.post(TROUVER, {"famille": "e"}, follow=True)

    classes = {str(vu): vu.classe for famille in response.context["familles"] for vu in famille.enfants}
    assert classes == {"Léa Morel": "CE1, sans classe", "Zoë D’Angelo": "parti le 1er\u00a0novembre 2026"}


@pytest.mark.parametrize(
    ("texte", "sentence"),
    [
        ("", "Écrivez un nom, un prénom, un identifiant, un e-mail ou un téléphone."),
        ("   ", "Écrivez un nom, un prénom, un identifiant, un e-mail ou un téléphone."),
        ("a" * 101, "C’est trop long\u00a0: un nom, un e-mail ou un numéro suffisent."),
        ("inconnu", "Aucune famille ni aucun papier ne correspond."),
        ("'", "Aucune famille ni aucun papier ne correspond."),
    ],
)
def test_search_that_finds_nothing_says_what_to_do(mairie, familles, texte, sentence):
    assert sentence in mairie.post(TROUVER, {"famille": texte}, follow=True).text


def test_too_many_families_ask_for_more_words(mairie, familles):
    for n in range(21):
        ResponsableFactory(user__last_name="Bernard", foyer=FoyerFactory(adresse=f"{n} rue"))

    response = mairie.post(TROUVER, {"famille": "bernard"}, follow=True)

    assert (len(response.context["familles"]), response.context["trop"]) == (20, True)
    assert "Plus de 20 familles\u00a0: ajoutez un prénom ou un numéro." in response.text


def test_search_costs_the_same_for_two_and_five_families(mairie, familles, django_assert_num_queries):
    mairie.get(TROUVER)
    for expected in (2, 5):
        address = mairie.post(TROUVER, {"famille": "courriel.example"})["Location"]
        with django_assert_num_queries(9):
            response = mairie.get(address)
        assert len(response.context["familles"]) == expected
        for n in range(3):
            make_enfant(ResponsableFactory(foyer=FoyerFactory(adresse=f"{n} rue Haute")), prenom=f"Enfant {n}")


def test_field_is_on_every_page_of_who_may_use_it(agent_with, familles):
    with_it, without = agent_with(*RIGHTS), agent_with("view_absence")

    for page in ["/admin/", "/admin/enfance/foyer/", "/admin/enfance/enfant/"]:
        assert f'action="{TROUVER}"' in with_it.get(page).text
    assert f'action="{TROUVER}"' not in without.get("/admin/").text


@pytest.mark.parametrize("rights", [["view_absence"], ["view_inscription"]])
def test_families_want_their_right(agent_with, familles, rights):
    client = agent_with(*rights)

    assert client.get(TROUVER).status_code == 403
    assert client.post(TROUVER, {"famille": "lea"}).status_code == 403
    assert client.get(page_of(familles["morel"].foyer)).status_code == 403
