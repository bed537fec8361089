"""The screen of supplements: entered in euros or per cent, ended once used."""

from __future__ import annotations

from datetime import date

import pytest

from facturation.models import Prestation, Supplement
from tests.factories import make_creneaux
from tests.facturation.factures_emises import une_facture
from tests.facturation.grille import make_deliberation
from tests.facturation.mairie.conftest import text

AJOUTER = "/admin/facturation/supplement/add/"


@pytest.fixture
def vote(db):
    return make_deliberation()


def typed(vote, **fields):
    data = {
        "genre": "retard",
        "deliberation": vote.pk,
        "article": "article 4",
        "debut": "2026-12-01",
        "fin": "",
        "moment": "soir",
        "prix": "5",
        "pourcentage": "",
        "tolerance": "5",
    }
    return data | fields


def page(supplement):
    return f"/admin/facturation/supplement/{supplement.pk}/change/"


def test_supplement_is_entered_in_euros(mairie, vote):
    response = mairie.post(AJOUTER, typed(vote, prix="5,50"), follow=True)

    assert "Supplément, retard : enregistré." in text(response)
    assert "5,50 €" in text(response)
    supplement = Supplement.objects.get()
    assert (supplement.prix, supplement.pourcentage, supplement.tolerance, supplement.moment) == (550, None, 5, "soir")
    assert 'name="prix" value="5,50"' in text(mairie.get(page(supplement)))


@pytest.mark.parametrize(
    ("fields", "dit"),
    [
        ({"prix": ""}, "Écrivez un prix ou un pourcentage : l’un des deux."),
        ({"pourcentage": "50"}, "Écrivez un prix ou un pourcentage : l’un des deux."),
        ({"prix": "cher"}, "Écrivez une somme en euros, par exemple 12,40."),
        ({"debut": "2026-08-31"}, "Cette délibération s’applique dès le mardi 1er septembre 2026."),
        ({"fin": "2026-11-30"}, "Un supplément finit après avoir commencé."),
    ],
)
def test_supplement_that_does_not_hold_is_refused_in_words(mairie, vote, fields, dit):
    assert dit in text(mairie.post(AJOUTER, typed(vote, **fields)))
    assert Supplement.objects.count() == 0


def test_used_supplement_is_only_ended(mairie, lea, vote):
    make_creneaux()
    une_facture(lea)
    supplement = Supplement.objects.create(genre="retard", deliberation=vote, debut=date(2026, 9, 1), prix=500)
    Prestation.objects.update(supplement=supplement)

    html = text(mairie.get(page(supplement)))
    assert "Il a servi à une facture : seul son dernier jour se change." in html
    assert 'name="prix"' not in html
    refused = mairie.post(page(supplement), {"fin": "2026-10-31"})
    assert "dernier jour d’un mois arrêté" in text(refused)
    mairie.post(page(supplement), {"fin": "2026-12-31", "prix": "9"})

    supplement.refresh_from_db()
    assert (supplement.prix, supplement.fin) == (500, date(2026, 12, 31))


def test_unused_supplement_is_corrected(mairie, vote):
    mairie.post(AJOUTER, typed(vote))

    mairie.post(page(Supplement.objects.get()), typed(vote, prix="", pourcentage="50"))

    assert Supplement.objects.values_list("prix", "pourcentage").get() == (None, 50)
