"""The writer of tariffs: never once used, even by who asked before; copies are rows of their own."""

from datetime import date, datetime

import pytest

from facturation.models import LigneTarif, Tarif
from facturation.prix.tarifs import LigneGrille
from facturation.votes.ecriture import enregistrer, is_used, recopier
from facturation.votes.vus import lignes_of
from portail.dates import PARIS
from tests.factories import ResponsableFactory, make_creneaux, make_enfant
from tests.facturation.factures_emises import une_facture
from tests.facturation.grille import make_deliberation, make_tarif

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 30, 9, 5, tzinfo=PARIS)
PLATE = [LigneGrille(residence, qf, None, 1, prix=50) for residence in ("commune", "hors") for qf in (0, None)]


def test_grid_replaces_the_one_before_it():
    creneaux = make_creneaux()
    tarif = make_tarif("soir")

    assert enregistrer(tarif, [creneaux["midi"]], PLATE, now=NOW)

    assert [(x.residence, x.inconnu, x.prix) for x in LigneTarif.objects.order_by("pk")] == [
        ("commune", False, 50),
        ("commune", True, 50),
        ("hors", False, 50),
        ("hors", True, 50),
    ]
    assert list(tarif.creneaux.all()) == [creneaux["midi"]]


def test_tariff_used_meanwhile_is_left_as_it_is():
    creneaux = make_creneaux()
    tarif = make_tarif("soir")
    before = lignes_of(tarif)
    assert not is_used(tarif)
    une_facture(make_enfant(ResponsableFactory(), prenom="Léa"))  # closed while the page was open
    tarif.nom = "Autre"

    assert not enregistrer(tarif, [creneaux["midi"]], PLATE, now=NOW)

    tarif.refresh_from_db()
    assert (tarif.nom, lignes_of(tarif), list(tarif.creneaux.all())) == ("Soir", before, [creneaux["soir"]])


def test_copy_leaves_the_first_as_it_was():
    make_creneaux()
    ancien = make_tarif("soir")
    before = lignes_of(ancien)

    (copie,) = recopier([ancien], make_deliberation("2027-12"), date(2027, 9, 1))

    assert Tarif.objects.count() == 2
    assert (copie.pk != ancien.pk, copie.debut, copie.deliberation.numero) == (True, date(2027, 9, 1), "2027-12")
    assert lignes_of(ancien) == before
    assert [(x.qf_min, x.rang, x.prix) for x in lignes_of(copie)] == [(x.qf_min, x.rang, x.prix) for x in before]
    assert not {x.cle for x in lignes_of(copie)} & {x.cle for x in before}
