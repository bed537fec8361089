"""An invoice opens down to the tap at the gate, and its sums add up; of the other foyer, nothing is read."""

import re

import pytest

pytestmark = pytest.mark.django_db
ADRESSE = "/factures/F-2026-0349/"


def text_of(response) -> str:
    """What the page says, no-break spaces as blanks, tags away."""
    html = re.sub(r"<(script|style|svg)[ >].*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", html.replace("\u00a0", " ").replace("\u202f", " ")))


def test_total_is_that_of_the_mock_up(facture):
    assert facture.total == 6735
    assert sum(ligne.montant for ligne in facture.prestations.all()) == 6735


def test_invoice_says_what_is_to_pay_and_how_its_total_is_made(connected, facture):
    texte = text_of(connected.get(ADRESSE))

    assert "Facture de novembre" in texte
    assert "À payer avant le dimanche 20 décembre 65,80 €" in texte
    assert "Léa44,30 €Tom24,15 €Correction d’octobre−1,10 €" in texte
    assert "Facture67,35 €Votre crédit, reste du chèque du 16 novembre−1,55 €Reste à payer65,80 €" in texte
