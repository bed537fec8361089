"""Money received: which invoice it pays, what stays in credit, what is cancelled, given back, carried, brought away."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from facturation.models import Encaissement, Imputation, Serie
from facturation.payeurs.comptes import noms_of, restes, soldes
from facturation.regie.encaissements import (
    EncaissementRefuse,
    a_verser,
    annuler,
    encaisser,
    imputer_credits,
    rembourser,
    reporter,
    verser,
)
from tests.factories import ResponsableFactory
from tests.facturation.caisse import JEUDI, check_balance, make_compte, make_facture, make_mois
from tests.facturation.lues import check_what_families_read

pytestmark = pytest.mark.django_db
AVANT = JEUDI - timedelta(days=30)


def receive(compte, montant, moyen="cheque", **fields):
    return encaisser(compte, moyen, montant, par=None, now=JEUDI, **fields)


def test_receipt_pays_the_invoice_that_was_chosen_first():
    compte = make_compte()
    vieille, choisie = make_facture(compte, 2000, emise_le=AVANT), make_facture(compte, 3000)

    recu = receive(compte, 3500, factures=[choisie], reference="5512007")

    assert recu.numero == "R-2026-0001"
    assert (recu.payeur, recu.reference) == ("Camille Morel", "5512007")
    assert restes([vieille, choisie]) == {vieille.pk: 1500, choisie.pk: 0}
    check_balance()


def test_receipt_pays_the_oldest_first_and_the_rest_is_a_credit():
    compte = make_compte()
    recente, vieille = make_facture(compte, 3000), make_facture(compte, 2000, emise_le=AVANT)

    receive(compte, 2500)
    assert restes([vieille, recente]) == {vieille.pk: 0, recente.pk: 2500}
    receive(compte, 3000)

    assert soldes([compte]) == {compte.pk: -500}
    check_balance()


def test_receipt_says_for_ever_what_it_paid():
    compte = make_compte()
    facture = make_facture(compte, 6735, mois=make_mois())
    make_facture(compte, -155)
    imputer_credits([compte.pk], JEUDI)

    recu = receive(compte, 7000)
    make_facture(compte, 1000)
    imputer_credits([compte.pk], JEUDI)

    recu.refresh_from_db()
    assert recu.contenu == {
        "factures": [
            {
                "facture": facture.numero,
                "mois": "2026-11-01",
                "total": 6735,
                "deja": [{"numero": "AV-2026-0001", "moyen": "avoir", "le": "2026-12-03", "montant": 155}],
                "paye": 6580,
                "reste": 0,
            }
        ],
        "sorties": [],
        "credit": 420,
        "du": 0,
    }


def test_receipt_that_pays_what_was_carried_adds_up():
    source, cible = make_compte(), make_compte("Henry")
    make_facture(source, 20000)
    reporter(source, cible, None, JEUDI)
    receive(cible, 5000)
    make_facture(cible, 4000, emise_le=JEUDI + timedelta(hours=1))

    recu = receive(cible, 19500)

    assert recu.contenu["sorties"] == [{"moyen": "report", "total": 20000, "paye": 15000, "reste": 0}]
    assert [ligne["paye"] for ligne in recu.contenu["factures"]] == [4000]
    assert recu.contenu["credit"] == 500


def test_same_form_twice_is_one_receipt():
    compte, cle = make_compte(), uuid4()
    assert receive(compte, 4000, cle=cle) == receive(compte, 4000, cle=cle)
    assert soldes([compte]) == {compte.pk: -4000}


@pytest.mark.parametrize(
    ("fields", "phrase"),
    [
        ({"montant": 0}, "0,01"),
        ({"montant": -100}, "0,01"),
        ({"montant": 10_000_001}, "100\u202f000,00"),
        ({"montant": 100, "moyen": "remboursement"}, "0,01"),
        ({"montant": 100, "moyen": "cesu"}, "titres CESU"),
    ],
)
def test_what_is_no_receipt_is_refused(fields, phrase):
    with pytest.raises(EncaissementRefuse, match=phrase):
        receive(make_compte(), **fields)
    assert not Serie.objects.exists()


def test_credit_and_avoirs_pay_the_next_invoice():
    compte, autre = make_compte(), make_compte("Henry")
    receive(compte, 1000)
    make_facture(compte, -155)
    facture, ailleurs = make_facture(compte, 2000), make_facture(autre, 500)

    assert len(imputer_credits([compte.pk, autre.pk], JEUDI)) == 2
    assert imputer_credits([compte.pk], JEUDI) == []

    assert restes([facture, ailleurs]) == {facture.pk: 845, ailleurs.pk: 500}
    check_balance()


def test_avoir_pays_the_invoice_that_it_corrects_before_the_oldest():
    """What is no more to pay is of the invoice that was wrong, whatever else is owed."""
    compte = make_compte()
    vieille, corrigee = make_facture(compte, 2000, emise_le=AVANT), make_facture(compte, 1000)
    make_facture(compte, -1500, origine=corrigee)

    imputer_credits([compte.pk], JEUDI)

    assert restes([vieille, corrigee]) == {vieille.pk: 1500, corrigee.pk: 0}
    check_balance()


def test_many_payers_are_imputed_in_as_many_queries_as_one(django_assert_num_queries):
    comptes = [make_compte() for _ in range(3)]
    for compte in comptes:
        receive(compte, 1000)
        make_facture(compte, 2000)
    for cles in (comptes[:1], comptes[1:]):
        with django_assert_num_queries(8):
            assert len(imputer_credits([compte.pk for compte in cles], JEUDI)) == len(cles)


def test_cancelled_receipt_is_owed_again_and_counts_for_nothing():
    compte = make_compte()
    facture = make_facture(compte, 2430)
    recu = receive(compte, 2430)

    contraire = annuler(recu, " chèque non signé, rendu ", None, JEUDI)

    assert (contraire.numero, contraire.montant, contraire.moyen) == ("R-2026-0002", -2430, "cheque")
    assert (contraire.annule, contraire.motif) == (recu, "chèque non signé, rendu")
    assert restes([facture]) == {facture.pk: 2430}
    assert soldes([compte]) == {compte.pk: 2430}
    check_balance()


def test_cancelling_lets_another_credit_pay():
    compte = make_compte()
    recu = receive(compte, 3000)
    receive(compte, 1000)
    facture = make_facture(compte, 3500)
    imputer_credits([compte.pk], JEUDI)

    annuler(recu, "sans provision", None, JEUDI)

    assert restes([facture]) == {facture.pk: 2500}
    check_balance()


def test_what_may_not_be_cancelled_says_why():
    compte = make_compte()
    recu = receive(compte, 1000)
    annuler(recu, "erreur", None, JEUDI)
    verse = receive(compte, 500)
    verser(JEUDI.date(), None, JEUDI)
    verse.refresh_from_db()
    for entry, phrase in (
        (recu, "déjà annulé"),
        (recu.annule_par, "Une annulation ne s’annule pas"),
        (verse, "dans un versement"),
        (receive(compte, 500, "payfip"), "PayFiP"),
    ):
        with pytest.raises(EncaissementRefuse, match=phrase):
            annuler(entry, "erreur", None, JEUDI)
    with pytest.raises(EncaissementRefuse, match="raison"):
        annuler(receive(compte, 500), " ", None, JEUDI)


def test_refund_takes_the_credit_and_no_more():
    compte = make_compte()
    receive(compte, 1000)
    with pytest.raises(EncaissementRefuse, match="10,00"):
        rembourser(compte, 1001, motif="départ", par=None, now=JEUDI)

    rendu = rembourser(compte, 600, motif="départ", par=None, now=JEUDI)

    assert (rendu.montant, rendu.moyen) == (-600, "remboursement")
    assert soldes([compte]) == {compte.pk: -400}
    check_balance()
    annuler(rendu, "virement rejeté", None, JEUDI)
    assert soldes([compte]) == {compte.pk: -1000}
    check_balance()


@pytest.mark.parametrize(("paye", "solde"), [(0, 2000), (500, 1500), (2000, 0), (2600, -600)])
def test_balance_is_carried_by_two_opposite_entries(paye, solde):
    source, cible = make_compte(), make_compte("Henry")
    facture = make_facture(source, 2000)
    if paye:
        receive(source, paye)

    paire = reporter(source, cible, None, JEUDI)

    assert [entry.montant for entry in paire] == ([solde, -solde] if solde else [])
    assert soldes([source, cible]) == {source.pk: 0, cible.pk: solde}
    assert restes([facture]) == {facture.pk: 0}
    check_balance()
    with pytest.raises(ValueError, match="once"):
        reporter(source, cible, None, JEUDI)
    assert receive(source, 100).compte == cible


def test_receipt_cancelled_after_its_payer_was_joined_is_owed_by_the_one_that_stays():
    source, cible = make_compte(), make_compte("Henry")
    facture = make_facture(source, 2000)
    recu = receive(source, 2000)
    assert reporter(source, cible, None, JEUDI) == ()

    annuler(recu, "chèque rejeté", None, JEUDI)

    assert soldes([source, cible]) == {source.pk: 0, cible.pk: 2000}
    assert restes([facture]) == {facture.pk: 0}
    check_balance()
    receive(cible, 2000)
    assert soldes([source, cible]) == {source.pk: 0, cible.pk: 0}


def test_page_kept_open_says_that_its_receipt_was_cancelled():
    compte, cle = make_compte(), uuid4()
    recu = receive(compte, 2000, cle=cle)
    annuler(recu, "erreur", None, JEUDI)

    with pytest.raises(EncaissementRefuse, match=f"{recu.numero}, annulé depuis"):
        receive(compte, 2000, cle=cle)


def test_what_is_brought_to_the_treasury_is_cash_cheques_and_cesu():
    compte = make_compte()
    recus = [receive(compte, 1000), receive(compte, 500, "especes"), receive(compte, 3000, "cesu", titres=3)]
    receive(compte, 700, "virement")
    receive(compte, 800, "payfip")
    annuler(receive(compte, 900), "erreur", None, JEUDI)
    tard = receive(compte, 100, recu_le=JEUDI + timedelta(days=1))

    with pytest.raises(EncaissementRefuse, match="45,00.*44,00"):
        verser(JEUDI.date(), None, JEUDI, attendu=4400)
    versement = verser(JEUDI.date(), None, JEUDI, attendu=4500)

    assert (versement.numero, versement.total) == ("V-2026-0001", 4500)
    assert list(versement.encaissements.order_by("rang")) == recus
    assert a_verser(JEUDI.date() + timedelta(days=1)) == [tard]
    with pytest.raises(EncaissementRefuse, match="rien à verser"):
        verser(JEUDI.date(), None, JEUDI)
    with pytest.raises(EncaissementRefuse, match="demain"):
        verser(JEUDI.date() + timedelta(days=1), None, JEUDI)
    assert Serie.objects.get(code="V").dernier == 1


def test_payer_is_called_by_the_names_of_the_foyer(django_assert_num_queries):
    camille = ResponsableFactory(user__first_name="Camille")
    ResponsableFactory(user__first_name="Dominique", foyer=camille.foyer)
    ResponsableFactory(user__first_name="Alex", user__last_name="Lefort", foyer=camille.foyer)
    compte, autre = make_compte("Henry", foyer=camille.foyer), make_compte("Roche")
    autre.foyer = None
    with django_assert_num_queries(2):
        noms = noms_of([compte, autre])
    assert noms == {
        compte.pk: "Alex Lefort, Camille et Dominique Morel et Camille Henry",
        autre.pk: f"Payeur {autre.pk}",
    }


GESTES = st.lists(
    st.tuples(
        st.sampled_from(
            ["facture", "avoir", "cheque", "payfip", "annuler", "impaye", "rembourser", "trop_rendu", "verser"]
        ),
        st.integers(0, 1),
        st.integers(1, 9999),
    ),
    max_size=14,
)


class TestAnyEvening(TestCase):
    @pytest.mark.ci
    @given(gestes=GESTES, fin=st.booleans())
    def test_sums_hold(self, gestes, fin):
        comptes = [make_compte(), make_compte("Henry")]
        for geste, lequel, montant in gestes:
            compte = comptes[lequel]
            recus = Encaissement.objects.filter(compte=compte).order_by("pk")
            try:
                match geste:
                    case "facture" | "avoir":
                        make_facture(compte, montant if geste == "facture" else -montant)
                        imputer_credits([compte.pk], JEUDI)
                    case "annuler":
                        if recus:
                            annuler(recus[montant % len(recus)], "erreur", None, JEUDI)
                    case "impaye":
                        if cheques := recus.standing().filter(moyen="cheque"):
                            if a_verser(date(2026, 12, 3)):
                                verser(date(2026, 12, 3), None, JEUDI)
                            annuler(cheques[montant % len(cheques)], "sans provision", None, JEUDI, impaye=True)
                    case "trop_rendu":
                        encaisser(compte, "cheque", montant, par=None, now=JEUDI)
                        rembourser(compte, -soldes([compte])[compte.pk], motif="trop payé", par=None, now=JEUDI)
                    case "rembourser":
                        rembourser(compte, montant, motif="départ", par=None, now=JEUDI)
                    case "verser":
                        verser(date(2026, 12, 3), None, JEUDI)
                    case moyen:
                        factures = compte.factures.factures()
                        encaisser(compte, moyen, montant, factures=factures[: montant % 3], par=None, now=JEUDI)
            except EncaissementRefuse:
                pass
            check_balance()
        if fin:
            reporter(*comptes, None, JEUDI)
            check_balance()
        check_what_families_read()
        rangs = list(Encaissement.objects.order_by("rang").values_list("rang", flat=True))
        assert rangs == list(range(1, len(rangs) + 1))
        assert not Imputation.objects.filter(encaissement__annule_par__isnull=False, facture__isnull=False).exists()
