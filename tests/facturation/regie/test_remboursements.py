"""Giving a credit back: which régie may, what the treasury must have written, and CESU not without a reason."""

from datetime import date
from uuid import uuid4

import pytest

from facturation.models import Encaissement, Regie
from facturation.payeurs.comptes import soldes
from facturation.regie.encaissements import CesuRefuse, encaisser, imputer_credits, rembourser
from facturation.verification import verifier
from tests.facturation.caisse import JEUDI, check_balance, make_compte, make_facture
from tests.reading import html_of

pytestmark = pytest.mark.django_db


def receive(compte, montant, moyen="cheque", **fields):
    return encaisser(compte, moyen, montant, par=None, now=JEUDI, **fields)


def make_regie(*, avances):
    return Regie.objects.create(acte="arrêté 12", acte_du=date(2026, 1, 5), avances=avances)


def page_of(client, compte):
    return client.get(f"/admin/regie/payeurs/{compte.pk}/rembourser/")


def refund(client, compte, **fields):
    data = {"cle": str(uuid4()), "montant": "9,35", "motif": "la famille déménage", "reference": "", "rendu_le": ""}
    return client.post(f"/admin/regie/payeurs/{compte.pk}/rembourser/", data | fields, follow=True)


def test_regie_de_recettes_asks_the_ordonnateur_first(regie, berthet):
    make_regie(avances=False)
    receive(berthet, 6000)

    dit = html_of(page_of(regie, berthet))
    refus = refund(regie, berthet)

    assert "Une régie de recettes ne dépense pas : demandez à l’ordonnateur" in dit
    assert "un mandat de 9,35 € au nom de Camille Berthet" in dit
    assert 'name="regie"' not in dit
    assert set(refus.context["form"].errors) == {"reference", "rendu_le"}
    assert refus.context["form"]["motif"].value() == "la famille déménage"
    assert soldes([berthet]) == {berthet.pk: -935}


def test_entry_of_a_regie_de_recettes_says_what_the_treasury_paid(regie, berthet):
    make_regie(avances=False)
    receive(berthet, 6000)

    refund(regie, berthet, reference="mandat 214", rendu_le="2026-12-01", regie="avances")

    rendu = Encaissement.objects.latest("pk")
    assert (rendu.montant, rendu.reference, rendu.recu_le.date().isoformat()) == (-935, "mandat 214", "2026-12-01")
    assert soldes([berthet]) == {berthet.pk: 0}
    check_balance()
    assert not [phrase for phrase in verifier() if rendu.numero in phrase]


def test_regie_d_avances_gives_the_money_itself(regie, berthet):
    make_regie(avances=True)
    receive(berthet, 6000)
    assert "Une régie d’avances rend l’argent elle-même" in html_of(page_of(regie, berthet))
    refund(regie, berthet)
    assert Encaissement.objects.latest("pk").montant == -935


def test_kind_of_the_regie_is_asked_while_the_act_is_not_said(regie, berthet):
    receive(berthet, 6000)
    assert "Régie de recettes" in page_of(regie, berthet).text

    refus = refund(regie, berthet)
    assert "Choisissez ce que dit l’acte de votre régie." in refus.text
    assert refund(regie, berthet, regie="recettes").context["form"].errors
    refund(regie, berthet, regie="avances")

    assert Encaissement.objects.latest("pk").montant == -935


@pytest.mark.parametrize("rendu_le", ["2026-12-04", "2024-12-31", "hier"])
def test_bad_day_is_said(regie, berthet, rendu_le):
    make_regie(avances=False)
    receive(berthet, 6000)
    page = refund(regie, berthet, reference="mandat 214", rendu_le=rendu_le)
    assert page.context["form"].errors["rendu_le"]
    assert Encaissement.objects.count() == 1


def test_cesu_is_given_back_in_money_for_a_reason_alone(regie, berthet):
    make_regie(avances=True)
    receive(berthet, 6000, "cesu", titres=6)
    page = page_of(regie, berthet)
    assert "Dont 9,35 € reçus en CESU, qui ne se rendent pas en argent" in html_of(page)

    refus = refund(regie, berthet, raison_cesu="")
    assert "reçus en CESU" in str(refus.context["form"].errors["raison_cesu"])
    assert soldes([berthet]) == {berthet.pk: -935}
    refund(regie, berthet, raison_cesu="la famille quitte la France")

    rendu = Encaissement.objects.latest("pk")
    assert rendu.motif == (
        "la famille déménage\u00a0; 9,35\u202f€ de CESU rendus en argent\u00a0: la famille quitte la France"
    )
    assert rendu.motif in regie.get("/admin/regie/journal/").text


def test_what_came_otherwise_is_given_back_first(regie, berthet):
    make_regie(avances=True)
    receive(berthet, 6000, "cesu", titres=6)
    cheque = receive(berthet, 1000)
    assert page_of(regie, berthet).context["form"]["montant"].value() == "10,00"

    refund(regie, berthet, montant="10,00", raison_cesu="")

    rendu = Encaissement.objects.latest("pk")
    assert (rendu.montant, rendu.motif) == (-1000, "la famille déménage")
    assert list(rendu.imputations_recues.values_list("encaissement", "montant")) == [(cheque.pk, 1000)]
    assert "reçus en CESU" in str(refund(regie, berthet, montant="5", raison_cesu="").context["form"].errors)
    check_balance()


def test_avoir_of_an_invoice_that_cesu_paid_is_cesu_too(regie, berthet):
    make_regie(avances=True)
    receive(berthet, 5065, "cesu", titres=6)
    make_facture(berthet, -2000, origine=berthet.factures.get())
    imputer_credits([berthet.pk], JEUDI)
    with pytest.raises(CesuRefuse, match="Dont 20,00"):
        rembourser(berthet, 2000, motif="départ", raison_cesu="", par=None, now=JEUDI)
    assert "Dont 20,00 € reçus en CESU" in html_of(page_of(regie, berthet))


def test_credit_that_is_no_more_is_said(regie, berthet):
    make_regie(avances=True)
    receive(berthet, 6000)
    page_of(regie, berthet)
    make_facture(berthet, 900)
    imputer_credits([berthet.pk], JEUDI)

    page = refund(regie, berthet)

    assert "Le crédit de ce payeur est de 0,35 € : on ne rend pas plus." in html_of(page)
    assert page.context["form"]["montant"].value() == "9,35"


def test_refund_of_another_payer_says_no_cesu(regie):
    make_regie(avances=True)
    compte, autre = make_compte("Vial"), make_compte("Roche")
    receive(autre, 700, "cesu", titres=1)
    receive(compte, 700)
    refund(regie, compte, montant="7")
    assert Encaissement.objects.latest("pk").motif == "la famille déménage"
