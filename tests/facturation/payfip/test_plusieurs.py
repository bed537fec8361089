"""Several invoices by one payment: one operation of PayFiP, one receipt an invoice, not a cent lost."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest
from django.apps import apps

from facturation.models import Encaissement, EssaiPaiement, Facture, PartPaiement
from facturation.payeurs.comptes import restes, soldes
from facturation.payfip.paiements import (
    CHANGE,
    PaiementImpossible,
    commencer,
    conclure,
    load_ouverture,
    regler,
    trancher,
)
from facturation.regie.encaissements import EncaissementRefuse, annuler, encaisser
from facturation.verification import verifier
from tests.factories import ResponsableFactory, StaffFactory
from tests.facturation.essais import NOW, make_essai_of, make_facture, make_trois
from tests.facturation.payfip.reponses import MEL, REPONSE, minutes

pytestmark = pytest.mark.django_db
REPONSE = replace(REPONSE, refdet="P20260001", montant=8300)


def begin(factures: list[Facture], **fields) -> EssaiPaiement:
    premiere, *autres = factures
    return commencer(premiere, MEL, avec=autres, par=None, **{"now": NOW, **fields})


def paid() -> list[tuple[str, int, list[tuple[str, int]]]]:
    """The receipts: number, sum, the invoices that each paid."""
    return [
        (recu.numero, recu.montant, list(recu.imputations.values_list("facture__numero", "montant").order_by("pk")))
        for recu in Encaissement.objects.filter(moyen="payfip", annule=None).order_by("rang")
    ]


def test_one_operation_asks_for_the_sum_under_a_reference_of_its_own(serveur):
    factures = make_trois()
    essai = begin(factures, attendu=8300)

    (operation,) = serveur.registre.operations.values()
    asked = {nom: operation.champs[nom] for nom in ("refdet", "montant", "objet", "exer")}
    objet = "Garderie 3 factures F 2026 0349 F 2026 0350 F 2026 0351"
    assert asked == {"refdet": "P20260001", "montant": "8300", "objet": objet, "exer": "2026"}
    assert (essai.facture, essai.montant, essai.factures) == (factures[0], 8300, factures)
    assert list(essai.parts.values_list("facture", "montant")) == [(factures[1].pk, 1640), (factures[2].pk, 80)]


def test_many_invoices_are_not_all_named_in_the_object(serveur):
    parent = ResponsableFactory()
    begin([make_facture(parent, 500, rang) for rang in range(10_000, 10_012)])
    (operation,) = serveur.registre.operations.values()
    assert operation.champs["objet"].startswith("Garderie 12 factures F 2026 10000 ")
    assert operation.champs["objet"].endswith(" F 2026 10005")


def test_floor_of_payfip_is_that_of_the_sum(serveur):
    parent = ResponsableFactory()
    petites = [make_facture(parent, 60, rang) for rang in (1, 2)]
    with pytest.raises(PaiementImpossible, match="pas moins de 1,00"):
        begin(petites[:1])
    assert begin(petites).montant == 120


def test_each_invoice_has_its_receipt_and_says_nothing_of_the_others(serveur, montre):
    montre.now = NOW
    factures = make_trois()
    essai = begin(factures)
    serveur.registre.conclure(essai.id_op, "P")

    for _ in range(3):  # told any number of times
        regler(essai.id_op, now=NOW + minutes(1))

    assert paid() == [
        ("R-2026-0001", 6580, [("F-2026-0349", 6580)]),
        ("R-2026-0002", 1640, [("F-2026-0350", 1640)]),
        ("R-2026-0003", 80, [("F-2026-0351", 80)]),
    ]
    essai = EssaiPaiement.objects.get()
    assert [recu.numero for recu in essai.encaissements] == ["R-2026-0001", "R-2026-0002", "R-2026-0003"]
    contenus = [recu.contenu for recu in essai.encaissements]
    assert [[ligne["facture"] for ligne in contenu["factures"]] for contenu in contenus] == [
        ["F-2026-0349"],
        ["F-2026-0350"],
        ["F-2026-0351"],
    ]
    assert [(contenu["credit"], contenu["du"]) for contenu in contenus] == [(0, 0)] * 3
    assert set(Encaissement.objects.values_list("reference", flat=True)) == {"P20260001 112233445566-tip"}
    assert soldes([essai.compte]) == {essai.compte_id: 0}


def test_invoice_paid_at_the_counter_meanwhile_loses_nothing_and_takes_nothing_from_the_others():
    parent = ResponsableFactory()
    factures = make_trois(parent)
    autre = make_facture(parent, 1000, 352)
    essai = make_essai_of(factures)
    encaisser(essai.compte, "cheque", 6580, factures=factures[:1], reference="1", par=None, now=NOW)

    conclure(essai.pk, REPONSE, now=NOW + minutes(1))

    assert paid() == [
        ("R-2026-0002", 6580, [("F-2026-0352", 1000)]),  # as one that was paid meanwhile: the oldest, then a credit
        ("R-2026-0003", 1640, [("F-2026-0350", 1640)]),
        ("R-2026-0004", 80, [("F-2026-0351", 80)]),
    ]
    assert restes([*factures, autre]) == dict.fromkeys([facture.pk for facture in [*factures, autre]], 0)
    assert soldes([essai.compte]) == {essai.compte_id: -5580}
    assert EssaiPaiement.objects.get().encaissement.contenu["credit"] == 5580


@pytest.mark.parametrize(
    ("dite", "parts"),
    [("7000", [6580, 420]), ("6580", [6580]), ("9000", [6580, 1640, 780])],
    ids=["less", "the first alone", "more"],
)
def test_another_sum_that_the_regie_accepts_is_shared_in_order(dite, parts):
    essai = make_essai_of(make_trois(), etat="a_verifier", resultrans="P", reponse={"montant": dite})

    trancher(essai.pk, paye=True, par=StaffFactory(), now=NOW + minutes(1))

    assert [montant for _, montant, _ in paid()] == parts
    assert sum(recu.montant for recu in EssaiPaiement.objects.get().encaissements) == int(dite)
    assert not [phrase for phrase in verifier() if "PayFiP" in phrase]


def test_receipts_of_one_direct_debit_are_cancelled_together():
    essai = make_essai_of(make_trois())
    conclure(essai.pk, replace(REPONSE, code="V"), now=NOW + minutes(1))
    _, deuxieme, _ = EssaiPaiement.objects.get().encaissements

    contraire = annuler(deuxieme, "prélèvement rejeté", None, NOW + minutes(9))

    assert contraire.annule == deuxieme
    assert list(Encaissement.objects.exclude(annule=None).values_list("montant", flat=True).order_by("montant")) == [
        -6580,
        -1640,
        -80,
    ]
    assert restes(essai.factures) == {facture.pk: facture.total for facture in essai.factures}
    assert soldes([essai.compte]) == {essai.compte_id: 8300}
    with pytest.raises(EncaissementRefuse, match="est déjà annulé"):
        annuler(EssaiPaiement.objects.get().encaissement, "encore", None, NOW + minutes(10))


def test_card_is_given_back_and_cancels_nothing():
    essai = make_essai_of(make_trois())
    conclure(essai.pk, REPONSE, now=NOW + minutes(1))
    for recu in EssaiPaiement.objects.get().encaissements:
        with pytest.raises(EncaissementRefuse, match="par carte, sur PayFiP, ne s’annule pas"):
            annuler(recu, "erreur", None, NOW + minutes(9))


def test_payment_begun_of_several_stops_that_of_each(serveur):
    factures = make_trois()
    essai = begin(factures)
    for facture in factures:
        ouverture = load_ouverture(facture, now=NOW + minutes(19))
        assert (ouverture.en_cours, ouverture.refus.startswith("Un paiement est commencé depuis")) == (essai, True)
    with pytest.raises(PaiementImpossible, match="Un paiement est commencé"):
        begin(factures[1:], now=NOW + minutes(19))
    assert begin(factures[1:], now=NOW + minutes(20)).refdet == "P20260002"


@pytest.mark.parametrize("change", ["paid", "remise", "somme", "autre"])
def test_list_that_changed_meanwhile_asks_for_nothing(serveur, change):
    factures, attendu = make_trois(), 8300
    if change == "paid":
        encaisser(factures[1].compte, "especes", 1640, factures=factures[1:2], par=None, now=NOW)
    elif change == "remise":
        factures[1].relances.create(genre="tresorerie", montant=1640)
    elif change == "somme":
        attendu = 8200
    else:
        factures[1] = make_facture(ResponsableFactory(), 1640, 400)

    with pytest.raises(PaiementImpossible) as refus:
        begin(factures, attendu=attendu)

    assert str(refus.value) == CHANGE
    assert (EssaiPaiement.objects.count(), serveur.registre.operations) == (0, {})


def test_version_before_finds_no_difference_once_the_parts_are_gone():
    """What goes back leaves one receipt a payment: its sum is what PayFiP is told to have taken."""
    essai = make_essai_of(make_trois())
    conclure(essai.pk, replace(REPONSE, brute={"montant": "8300", "resultrans": "P"}), now=NOW + minutes(1))
    retour = import_module("facturation.migrations.0003_pay_several_invoices_by_one_payment")

    retour.say_the_first_receipt_alone(apps, None)
    PartPaiement.objects.all().delete()

    essai.refresh_from_db()
    assert essai.reponse == {"montant": "6580", "resultrans": "P"}
    assert not [phrase for phrase in verifier() if "PayFiP" in phrase]
