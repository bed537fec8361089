"""The screens of what was voted: the list, a tariff like its grid, refused with nothing lost, tried, copied."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry

from enfance.models import Creneau
from facturation.models import Deliberation, LigneTarif, Tarif
from tests.factories import make_creneaux
from tests.facturation.grille import make_deliberation
from tests.facturation.mairie.conftest import text

LISTE, AJOUTER = "/admin/facturation/tarif/", "/admin/facturation/tarif/add/"
JANVIER = date(2027, 1, 4)


@pytest.fixture
def soir(db) -> Creneau:
    return make_creneaux()["soir"]


@pytest.fixture
def vote(db) -> Deliberation:
    return make_deliberation(numero="2026-58", votee_le=date(2026, 11, 19), applicable_le=date(2027, 1, 1))


def typed(vote, *creneaux, rangees=None, **fields):
    """What the page of a tariff sends: two tranches a residence and the unknown quotient, one price each."""
    grille = rangees or {
        "commune-1": ("0", "599", "0,55"),
        "commune-2": ("600", "", "0,70"),
        "hors-1": ("0", "", "1,40"),
    }
    data = {
        "genre": "prix",
        "nom": "Soir",
        "deliberation": vote.pk,
        "debut": "2027-01-04",
        "creneaux": [creneau.pk for creneau in creneaux],
        "moment": "",
        "unite": "tranche",
        "minutes": "30",
        "base": "inscription",
        "tranches_absent": "1",
        "arrondi": "1",
        "rangee": list(grille),
        "essai-residence": "commune",
        "essai-qf": "",
        "essai-enfants": "",
        "essai-fois": "",
        "essai-duree": "",
    }
    for cle, (de, a, p1) in grille.items():
        data |= {f"{cle}-de": de, f"{cle}-a": a, f"{cle}-p1": p1, f"{cle}-p2": "", f"{cle}-p3": ""}
    for residence in ("commune", "hors"):
        data |= {f"{residence}-inconnu-p1": "2", f"{residence}-inconnu-p2": "", f"{residence}-inconnu-p3": ""}
    return data | fields


def test_grid_is_saved_as_it_was_voted(mairie, soir, vote):
    response = mairie.post(AJOUTER, typed(vote, soir), follow=True)

    assert "Soir : tarif enregistré, à partir du lundi 4 janvier 2027." in text(response)
    tarif = Tarif.objects.get()
    assert (tarif.nom, tarif.deliberation, tarif.debut, tarif.unite, tarif.minutes) == (
        "Soir",
        vote,
        JANVIER,
        "tranche",
        30,
    )
    assert list(tarif.creneaux.all()) == [soir]
    lignes = LigneTarif.objects.order_by("residence", "inconnu", "qf_min")
    assert [(x.residence, x.qf_min, x.qf_max, x.rang, x.prix) for x in lignes] == [
        ("commune", 0, 599, 1, 55),
        ("commune", 600, None, 1, 70),
        ("commune", None, None, 1, 200),
        ("hors", 0, None, 1, 140),
        ("hors", None, None, 1, 200),
    ]
    assert LogEntry.objects.get().change_message == "Tarif saisi, Délibération n°\u00a02026-58."


def test_hole_is_refused_in_words_with_nothing_lost(mairie, soir, vote):
    troue = {"commune-1": ("0", "", "0,70"), "hors-1": ("0", "799", "1,00"), "hors-3": ("860", "", "1,25")}

    html = text(mairie.post(AJOUTER, typed(vote, soir, rangees=troue)))

    assert Tarif.objects.count() == 0
    assert "Ce tarif n’est pas enregistré" in html
    assert html.count("Hors commune, de 800 à 859 : aucun prix.") == 2  # in the summary, and beside its row
    assert 'value="ajouter hors 800-859"' in html
    assert 'name="hors-1-a" value="799"' in html
    assert 'name="hors-3-p1" value="1,25"' in html
