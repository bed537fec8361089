"""Money that goes back: a credit given back, a cheque that the bank rejected after its versement."""

from uuid import uuid4

import pytest

from facturation.models import Encaissement
from facturation.payeurs.comptes import restes, soldes
from facturation.regie.encaissements import EncaissementRefuse, annuler, encaisser, verser
from facturation.regie.recherche import load_dus
from facturation.verification import verifier
from tests.facturation.caisse import JEUDI, check_balance, make_compte, make_facture

pytestmark = pytest.mark.django_db


def receive(compte, montant, moyen="cheque", **fields):
    return encaisser(compte, moyen, montant, par=None, now=JEUDI, **fields)


def refund(client, compte, **fields):
    """By a régie d’avances, which gives the money back itself."""
    data = {"cle": str(uuid4()), "montant": "9,35", "motif": "la famille déménage", "reference": "", "rendu_le": ""}
    data |= {"regie": "avances"}
    return client.post(f"/admin/regie/payeurs/{compte.pk}/rembourser/", data | fields, follow=True)


def test_credit_is_given_back_with_its_reason(regie, berthet):
    receive(berthet, 6000)
    guichet = regie.get("/admin/regie/", {"payeur": berthet.pk})
    assert f'href="/admin/regie/payeurs/{berthet.pk}/rembourser/">Rembourser ce crédit' in guichet.text
    page = regie.get(f"/admin/regie/payeurs/{berthet.pk}/rembourser/")
    assert "crédit de 9,35\u202f€" in page.text
    assert page.context["form"]["montant"].value() == "9,35"

    fait = refund(regie, berthet)

    rendu = Encaissement.objects.latest("pk")
    assert (rendu.moyen, rendu.montant, rendu.motif) == ("remboursement", -935, "la famille déménage")
    assert rendu.ecrit_par.last_name == "Garnier"
    assert f'Remboursement n°\u00a0<span class="nob">{rendu.numero}</span>' in fait.text
    assert soldes([berthet]) == {berthet.pk: 0}
    assert "la famille déménage" in regie.get("/admin/regie/journal/").text
    check_balance()


def test_form_of_a_refund_sent_twice_is_one_refund(regie, berthet):
    receive(berthet, 10_000)
    cle = str(uuid4())
    for _ in range(2):
        refund(regie, berthet, cle=cle)
    assert Encaissement.objects.filter(moyen="remboursement").count() == 1


def test_form_of_a_refund_sent_again_for_another_sum_says_what_it_did(regie, berthet):
    receive(berthet, 10_000)
    cle = str(uuid4())
    refund(regie, berthet, cle=cle)

    refus = refund(regie, berthet, cle=cle, montant="9,00")

    rendu = Encaissement.objects.get(moyen="remboursement")
    assert f"Cette page a déjà fait le remboursement {rendu.numero}, de 9,35\u202f€" in refus.text
    annuler(rendu, "erreur", None, JEUDI)
    assert f"Cette page a fait le remboursement {rendu.numero}, annulé depuis" in refund(regie, berthet, cle=cle).text
    check_balance()


def test_refund_of_a_wrong_sum_is_cancelled_never_replaced_by_a_receipt(regie, berthet):
    receive(berthet, 6000)
    refund(regie, berthet)
    rendu = Encaissement.objects.latest("pk")
    adresse = f"/admin/regie/recus/{rendu.numero}/corriger/"
    page = regie.get(adresse)
    assert "Annuler et remplacer" not in page.text
    assert "Annuler ce remboursement" in page.text

    cle = str(page.context["form"]["cle"].value())
    regie.post(adresse, {"cle": cle, "motif": "8 et non 9", "remplacer": "1", "moyen": "virement", "montant": "8,00"})

    contraire = Encaissement.objects.latest("pk")
    assert (contraire.annule, contraire.moyen, contraire.montant) == (rendu, "remboursement", 935)
    assert soldes([berthet]) == {berthet.pk: -935}
    check_balance()


@pytest.mark.parametrize(
    ("fields", "phrase"),
    [
        ({"montant": "9,36"}, "Le crédit de ce payeur est de 9,35\u202f€\u00a0: on ne rend pas plus."),
        ({"montant": "0"}, "on ne rend pas plus"),
        ({"montant": "neuf"}, "Écrivez une somme en euros"),
        ({"motif": " "}, "Écrivez la raison"),
    ],
)
def test_refund_that_is_not_possible_says_why_and_keeps_what_was_typed(regie, berthet, fields, phrase):
    receive(berthet, 6000)
    page = refund(regie, berthet, **{"reference": "VIR 12", **fields})
    assert phrase in page.text
    assert page.context["form"]["reference"].value() == "VIR 12"
    assert not Encaissement.objects.filter(moyen="remboursement").exists()


def test_payer_without_credit_is_given_nothing_back(regie, berthet):
    assert "Ce payeur n’a pas de crédit." in regie.get(f"/admin/regie/payeurs/{berthet.pk}/rembourser/").text
    assert "on ne rend pas plus" in refund(regie, berthet).text or not Encaissement.objects.exists()
    assert regie.get("/admin/regie/payeurs/999999/rembourser/").status_code == 404


def test_cheque_rejected_after_its_versement_is_owed_again(regie, berthet):
    recu = receive(berthet, 5065, reference="3380216")
    versement = verser(JEUDI.date(), None, JEUDI)
    assert "Chèque impayé" in regie.get(f"/admin/regie/recus/{recu.numero}/").text
    page = regie.get(f"/admin/regie/recus/{recu.numero}/impaye/")
    assert f"Le versement {versement.numero} garde sa somme" in page.text

    fait = regie.post(f"/admin/regie/recus/{recu.numero}/impaye/", {"motif": "chèque sans provision"}, follow=True)

    facture = berthet.factures.get()
    contraire = Encaissement.objects.get(annule=recu)
    assert (contraire.montant, contraire.motif, contraire.versement) == (-5065, "chèque sans provision", None)
    assert restes([facture]) == {facture.pk: 5065}
    versement.refresh_from_db()
    assert versement.total == 5065
    assert f'Le reçu n°\u00a0<span class="nob">{recu.numero}</span> est annulé' in fait.text
    assert not [phrase for phrase in verifier() if "annulé" in phrase or versement.numero in phrase]
    check_balance()
    encore = regie.post(f"/admin/regie/recus/{recu.numero}/impaye/", {"motif": "x"}, follow=True)
    assert "est déjà annulé" in encore.text
    assert "Chèque impayé" not in regie.get(f"/admin/regie/recus/{recu.numero}/").text


def test_refund_owed_again_is_called_by_its_name(regie, berthet):
    recu = receive(berthet, 6000)
    refund(regie, berthet)
    annuler(recu, "chèque non signé", None, JEUDI)

    rendu, novembre = load_dus(berthet)
    assert (rendu.nom, rendu.reste, novembre.reste) == ("Remboursement, dû de nouveau", 935, 5065)


@pytest.mark.parametrize("moyen", ["especes", "cheque"])
def test_only_a_cheque_that_was_brought_may_come_back(regie, moyen):
    compte = make_compte()
    make_facture(compte, 2000)
    recu = receive(compte, 2000, moyen)
    if moyen == "especes":
        verser(JEUDI.date(), None, JEUDI)
    assert "Seul un chèque versé" in regie.get(f"/admin/regie/recus/{recu.numero}/impaye/").text
    with pytest.raises(EncaissementRefuse, match="Seul un chèque versé"):
        annuler(recu, "rejeté", None, JEUDI, impaye=True)
    assert Encaissement.objects.count() == 1
