"""« Trouver » opens the paper that bears the number that was typed, for who may read it."""

from __future__ import annotations

from datetime import datetime

import pytest

from facturation.models import Attestation, Versement
from portail.dates import PARIS
from tests.clients import Client
from tests.facturation.factures_emises import encaisser
from tests.reading import words_of

pytestmark = pytest.mark.django_db
TROUVER = "/admin/enfance/foyer/trouver/"
FACTURES = "/admin/facturation/facture/"


def opened(client: Client, texte: str) -> str:
    """The address where a search ends."""
    return client.post(TROUVER, {"famille": texte}, follow=True).request["PATH_INFO"]


@pytest.mark.parametrize(
    ("texte", "adresse"),
    [
        ("F-2026-0349", f"{FACTURES}F-2026-0349/"),
        ("f 2026 349", f"{FACTURES}F-2026-0349/"),
        ("f20260349", f"{FACTURES}F-2026-0349/"),
        ("F-349", f"{FACTURES}F-2026-0349/"),
        ("2026-0349", f"{FACTURES}F-2026-0349/"),
        ("r-2026-0322", "/admin/regie/recus/R-2026-0322/"),
        ("P20260118", "/admin/regie/recus/R-2026-0323/"),
    ],
)
def test_one_hit_opens_at_once(secretariat, facture, texte, adresse):
    encaisser(facture.compte, 100, (facture, 100), rang=323, reference="P20260118 98123")

    assert opened(secretariat, texte) == adresse


def test_certificate_and_versement_are_found_as_well(secretariat, facture):
    emise = datetime(2027, 1, 8, 9, tzinfo=PARIS)
    une = Attestation.objects.create(
        annee_payee=2026, annee=2027, rang=1, numero="A-2027-0001", compte=facture.compte, emise_le=emise, total=100
    )
    versement = Versement.objects.create(annee=2026, rang=7, numero="V-2026-0007", verse_le=emise.date(), total=100)

    assert opened(secretariat, "V 2026 7") == f"/admin/regie/versements/{versement.pk}/"
    vers = secretariat.post(TROUVER, {"famille": "a20270001"}, follow=False).headers["Location"]
    assert secretariat.get(vers).headers["Location"].endswith(f"/attestations/2026/imprimer/?compte={une.compte_id}")


def test_several_papers_are_listed_with_what_tells_them_apart(secretariat, facture):
    encaisser(facture.compte, 100, (facture, 100), rang=349)

    texte = words_of(secretariat.post(TROUVER, {"famille": "2026 0349"}, follow=True))

    assert "Papiers de ce numéro" in texte
    assert "Facture F-2026-0349 Facture de novembre, Camille et Dominique Morel, 67,35 €" in texte
    assert "Reçu n° R-2026-0349 Camille Morel, 1,00 €" in texte


def test_number_of_nobody_says_so_and_a_name_still_finds_its_family(secretariat, camille):
    assert "Aucune famille ni aucun papier ne correspond." in words_of(
        secretariat.post(TROUVER, {"famille": "F-2026-9999"}, follow=True)
    )
    assert opened(secretariat, "morel") == f"/admin/enfance/foyer/{camille.foyer_id}/famille/"


def test_search_costs_the_same_for_one_receipt_and_three(secretariat, facture, django_assert_num_queries):
    for rang, reference in ((323, "P20260001"), (324, "P20260002"), (325, "P20260002"), (326, "P20260002")):
        encaisser(facture.compte, 100, (facture, 100), rang=rang, reference=reference)
    for numero in ("P20260001", "P20260002"):
        adresse = secretariat.post(TROUVER, {"famille": numero}).headers["Location"]
        secretariat.get(adresse)  # what is asked once a process
        with django_assert_num_queries(8):
            secretariat.get(adresse)
