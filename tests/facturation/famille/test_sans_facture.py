"""An over-payment that is given back, then whose payment does not come: the family reads what the ledger says, why, and
how to pay it.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from enfance.mairie.doubles.fusions import reunir_foyers
from facturation.factures.liste import load_liste
from facturation.models import Compte, Facture
from facturation.payeurs.comptes import compte_of, comptes_seen_by, soldes
from facturation.regie.encaissements import annuler, encaisser, rembourser, verser
from facturation.regie.recherche import load_rendus_dus
from facturation.regie.relances.ecriture import rappeler
from facturation.regie.relances.tasks import send_rappel
from tests.facturation.caisse import make_facture
from tests.facturation.famille.conftest import NOW
from tests.reading import plain, words_of

pytestmark = pytest.mark.django_db
ENSUITE = NOW + timedelta(days=7)


@pytest.fixture
def compte(camille) -> Compte:
    return compte_of(camille.foyer)


def bounce(compte: Compte, facture: Facture | None = None, montant: int = 10000, rendu: int = 5000) -> None:
    """A cheque of 100 €, 50 € of it given back, then sent back by the bank."""
    factures = [facture] if facture else []
    cheque = encaisser(compte, "cheque", montant, factures=factures, par=None, now=NOW)
    rembourser(compte, rendu, motif="payé deux fois", par=None, now=NOW + timedelta(days=4))
    verser(NOW.date(), None, NOW)
    annuler(cheque, "chèque sans provision", None, ENSUITE, impaye=True)


def move_to_later(clock, connected, camille) -> None:
    """A session ends with its day."""
    clock.move_to(ENSUITE)
    connected.force_login(camille.user)


def dus(compte: Compte) -> tuple[list[int], int]:
    """What the family reads: of each invoice, of none."""
    liste = load_liste([compte], ENSUITE.date())
    return [due.reste for due in liste.dues], liste.sans_facture.reste if liste.sans_facture else 0


RAISON = (
    "Votre chèque de 100,00 € du jeudi 3 décembre est revenu impayé, et nous vous avions rendu 50,00 € "
    "le lundi 7 décembre."
)


def test_family_that_paid_its_invoice_again_reads_what_it_owes_still(connected, camille, compte, clock):
    facture = make_facture(compte, 5000)
    bounce(compte, facture)
    move_to_later(clock, connected, camille)
    assert dus(compte) == ([5000], 5000)

    encaisser(compte, "especes", 5000, factures=[facture], par=None, now=ENSUITE)

    assert soldes([compte]) == {compte.pk: 5000}
    page, accueil = words_of(connected.get("/factures/")), words_of(connected.get("/"))
    assert "Rien à payer" not in page
    assert f"À régler au guichet 50,00 € {RAISON} Cette somme n’est sur aucune facture" in page
    assert "Réglez-la au guichet de la mairie" in page
    assert f"À régler au guichet : 50,00 €. {RAISON} Voir comment régler" in accueil

    encaisser(compte, "especes", 5000, par=None, now=ENSUITE)
    assert "Rien à payer" in words_of(connected.get("/factures/"))
    assert "guichet :" not in words_of(connected.get("/"))


def test_town_whose_treasury_collects_is_called(connected, camille, compte, settings, clock):
    settings.ENCAISSEMENT = "titre"
    bounce(compte)
    move_to_later(clock, connected, camille)

    page = words_of(connected.get("/factures/"))

    assert "elle vous dira comment la régler" in page
    assert "en espèces" not in page


@pytest.mark.parametrize(
    ("annule", "phrase"),
    [
        (["cheque"], "Votre paiement de 30,00 € du jeudi 3 décembre a été annulé, et"),
        (["especes", "virement"], "Des paiements ne sont pas arrivés, alors que nous vous en avions rendu une partie."),
    ],
)
def test_payment_that_was_corrected_or_several_of_them_are_told_as_they_are(compte, annule, phrase):
    recus = [encaisser(compte, moyen, 3000, par=None, now=NOW) for moyen in annule]
    rembourser(compte, 3000 * len(annule), motif="départ", par=None, now=NOW)
    for recu in recus:
        annuler(recu, "erreur", None, ENSUITE)

    sans_facture = load_liste([compte], ENSUITE.date()).sans_facture

    assert sans_facture.reste == 3000 * len(annule)
    assert phrase in plain(sans_facture.raison)


def test_debt_of_a_home_made_one_with_another_is_told_too(camille, connected, compte, sacha, clock):
    source = compte_of(sacha.foyer)
    facture = make_facture(source, 5000)
    bounce(source, facture)
    reunir_foyers(camille.foyer_id, sacha.foyer_id, {})
    move_to_later(clock, connected, camille)

    comptes = comptes_seen_by(camille.user)
    liste = load_liste(comptes, ENSUITE.date())
    assert ([due.reste for due in liste.dues], liste.sans_facture.reste) == ([5000], 5000)
    assert sum(soldes(comptes).values()) == 10000
    assert f"À régler au guichet : 50,00 €. {RAISON}" in words_of(connected.get("/"))
    assert [(une.compte.pk, une.numero, une.reste) for une in load_rendus_dus()] == [(compte.pk, "", 5000)]


def test_reminder_of_an_invoice_says_what_is_owed_besides(compte, camille, mailoutbox, clock):
    facture = make_facture(compte, 5000, echeance=NOW.date(), mois=None)
    bounce(compte, facture)
    clock.move_to(NOW + timedelta(days=60))
    rappeler([compte.pk], "premier", None, NOW + timedelta(days=60))

    send_rappel.func(camille.user.pk, [facture.pk], "premier")

    assert "Vous devez aussi 50,00 €, qui ne sont sur aucune facture" in plain(mailoutbox[0].body)
