"""The words of the town hall's site."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.titres import with_article
from enfance.models import Enfant, Fermeture, Foyer
from tests.enfance.mairie.conftest import LUNDI
from tests.factories import ResponsableFactory, StaffFactory, make_enfant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "feminine", "expected"),
    [
        ("enfant Léa Morel", False, "l’enfant Léa Morel"),
        ("foyer Morel", False, "le foyer Morel"),
        ("fermeture du 07/12/2026", True, "la fermeture du 07/12/2026"),
        ("événement", False, "l’événement"),
        ("inscription", True, "l’inscription"),
    ],
)
def test_article_is_elided(name, feminine, expected):
    assert with_article(name, feminine=feminine) == expected


@pytest.fixture
def mairie(client):
    client.force_login(StaffFactory())
    return client


def test_titles_are_french_sentences(mairie):
    lea = make_enfant(ResponsableFactory())
    fermeture = Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="grève")
    foyer = Foyer.objects.get()

    def title(url: str, *args: int) -> tuple[str, str | None]:
        context = mairie.get(reverse(f"admin:enfance_{url}", args=args)).context
        return context.get("title") or context["titre"], context.get("subtitle")

    assert title("enfant_change", lea.pk) == ("Léa Morel", None)
    assert title("foyer_change", foyer.pk) == ("Modifier le foyer Morel, 12 chemin des Tilleuls", None)
    assert title("fermeture_change", fermeture.pk) == ("Modifier la fermeture du 7\u00a0décembre 2026 : grève", None)
    assert title("enfant_add")[0] == "Ajouter un enfant"
    assert title("classe_add")[0] == "Ajouter une classe"
    assert title("fermeture_add")[0] == "Fermer la garderie"
    assert title("enfant_changelist")[0] == "Enfants"
    assert Enfant.objects.count() == 1
