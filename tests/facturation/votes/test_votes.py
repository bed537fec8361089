"""The writer of tariffs: never once used, even by who asked before; copies are rows of their own."""

from datetime import date, datetime

import pytest

from facturation.models import LigneTarif, Mois, Tarif
from facturation.prix.tarifs import LigneGrille
from facturation.votes.ecriture import VoteRefuse, enregistrer, is_used, recopier
from facturation.votes.vus import lignes_of, tarifs_a_recopier
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

    enregistrer(tarif, [creneaux["midi"]], PLATE, now=NOW)

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

    with pytest.raises(VoteRefuse, match="ce tarif vient de servir, il ne se change plus"):
        enregistrer(tarif, [creneaux["midi"]], PLATE, now=NOW)

    tarif.refresh_from_db()
    assert (tarif.nom, lignes_of(tarif), list(tarif.creneaux.all())) == ("Soir", before, [creneaux["soir"]])


def test_copy_leaves_the_first_as_it_was():
    make_creneaux()
    ancien = make_tarif("soir")
    before = lignes_of(ancien)

    (copie,) = recopier([ancien], make_deliberation("2027-12"), date(2027, 9, 1), now=NOW)

    assert Tarif.objects.count() == 2
    assert (copie.pk != ancien.pk, copie.debut, copie.deliberation.numero) == (True, date(2027, 9, 1), "2027-12")
    assert lignes_of(ancien) == before
    assert [(x.qf_min, x.rang, x.prix) for x in lignes_of(copie)] == [(x.qf_min, x.rang, x.prix) for x in before]
    assert not {x.cle for x in lignes_of(copie)} & {x.cle for x in before}


# --- Asked again under the lock --------------------------------------------------------------------------------------


def test_month_closed_meanwhile_keeps_its_prices():
    make_creneaux()
    ancien = make_tarif("soir")
    Mois.objects.create(premier=date(2026, 11, 1), echeance=date(2026, 12, 20))
    neuf = Tarif(nom="Soir", deliberation=make_deliberation(), debut=date(2026, 11, 15), unite="seance")

    with pytest.raises(VoteRefuse, match="Le mois de novembre 2026 est arrêté"):
        enregistrer(neuf, list(ancien.creneaux.all()), PLATE, now=NOW)
    with pytest.raises(VoteRefuse, match="Le mois de novembre 2026 est arrêté"):
        recopier([ancien], make_deliberation(), date(2026, 11, 15), now=NOW)

    assert list(Tarif.objects.all()) == [ancien]


def test_tariff_begun_meanwhile_on_the_same_day_is_the_only_one():
    make_creneaux()
    ancien = make_tarif("soir")
    neuf = Tarif(nom="Nuit", deliberation=make_deliberation(), debut=ancien.debut, unite="seance")

    with pytest.raises(VoteRefuse, match="Soir.* commence déjà ce jour-là"):
        enregistrer(neuf, list(ancien.creneaux.all()), PLATE, now=NOW)

    assert list(Tarif.objects.all()) == [ancien]


def test_last_tariff_on_the_eve_is_to_be_copied():
    make_creneaux()
    ancien, neuf = make_tarif("soir"), make_tarif("soir", debut=date(2027, 1, 4))

    assert tarifs_a_recopier() == [neuf]
    assert tarifs_a_recopier(date(2027, 9, 1)) == [neuf]
    assert tarifs_a_recopier(date(2027, 1, 4)) == [ancien]
    assert tarifs_a_recopier(date(2026, 9, 1)) == []
