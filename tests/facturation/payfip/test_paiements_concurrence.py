"""Twenty at the same instant: one attempt, one credit; and a process that dies anywhere leaves all or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from threading import BoundedSemaphore

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult

from facturation.essai_payfip.serveur import Avis
from facturation.models import Encaissement, EssaiPaiement, Facture, Imputation, PartPaiement, Serie
from facturation.payfip import echange as payfip
from facturation.payfip.paiements import PaiementImpossible, commencer, conclure, regler, signaler
from facturation.regie.encaissements import encaisser
from tests.facturation.essais import NOW, make_essai, make_essai_of, make_facture, make_trois, questions
from tests.facturation.payfip.reponses import MEL, REPONSE, minutes
from tests.pannes import MANY, Fault, database_url
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
TIMES = 20


def everything():
    """All that a payment writes."""
    return {
        model.__name__: sorted(model.objects.values_list(), key=str)
        for model in (EssaiPaiement, PartPaiement, Encaissement, Imputation, Serie, DBTaskResult)
    }


def test_twenty_notifications_at_once_credit_once(serveur, montre, monkeypatch):
    monkeypatch.setattr(payfip, "PLACES", BoundedSemaphore(TIMES))  # all of them wait for PayFiP
    montre.now = NOW
    facture = make_facture()
    essai = commencer(facture, MEL, par=None, now=NOW)
    serveur.conclure(str(essai.id_op), "P", Avis.JAMAIS)

    def told():
        signaler(str(essai.id_op), now=NOW)
        return regler(str(essai.id_op), now=NOW + minutes(1), patience=60)  # twenty at once, on a busy machine

    answers = at_once(*[told] * TIMES)

    assert {one.etat for one in answers} == {"paye"}
    assert list(Encaissement.objects.values_list("montant", "rang")) == [(6580, 1)]
    assert list(Imputation.objects.values_list("facture", "montant")) == [(facture.pk, 6580)]


def test_twenty_payments_of_twenty_invoices_at_once_are_numbered_without_a_gap():
    essais = [
        make_essai(make_facture(rang=rang), id_op=f"op-{rang:08}", refdet=f"F2026{rang:04}") for rang in range(1, 21)
    ]

    def credit(essai):
        return conclure(essai.pk, replace(REPONSE, idop=essai.id_op, refdet=essai.refdet), now=NOW + minutes(1))

    at_once(*[lambda essai=essai: credit(essai) for essai in essais])

    assert sorted(Encaissement.objects.values_list("rang", flat=True)) == list(range(1, 21))
    assert EssaiPaiement.objects.filter(etat="paye").count() == TIMES


def test_twenty_clicks_at_once_begin_one_attempt(serveur):
    facture = make_facture()

    def click():
        try:
            return commencer(facture, MEL, par=None, now=NOW)
        except PaiementImpossible:
            return None

    begun = [one for one in at_once(*[click] * TIMES) if one]

    assert len(begun) == 1
    assert len(serveur.registre.operations) == 1


def test_credit_at_the_till_and_on_line_at_once_make_no_more_than_was_received():
    facture = make_facture()
    essai = make_essai(facture)
    at_once(
        lambda: conclure(essai.pk, REPONSE, now=NOW + minutes(1)),
        lambda: encaisser(facture.compte, "especes", 6580, factures=[facture], par=None, now=NOW),
    )
    assert list(Encaissement.objects.values_list("montant", flat=True)) == [6580, 6580]
    assert list(Imputation.objects.values_list("montant", flat=True)) == [6580]


def test_twenty_notifications_at_once_credit_each_invoice_of_a_payment_once(serveur, montre, monkeypatch):
    monkeypatch.setattr(payfip, "PLACES", BoundedSemaphore(TIMES))
    montre.now = NOW
    premiere, *autres = make_trois()
    essai = commencer(premiere, MEL, avec=autres, par=None, now=NOW)
    serveur.conclure(str(essai.id_op), "P", Avis.JAMAIS)

    at_once(*[lambda: regler(str(essai.id_op), now=NOW + minutes(1), patience=60)] * TIMES)

    assert sorted(Encaissement.objects.values_list("montant", "rang")) == [(80, 3), (1640, 2), (6580, 1)]
    assert sorted(Imputation.objects.values_list("facture", "montant")) == sorted(
        (facture.pk, facture.total) for facture in (premiere, *autres)
    )
    assert EssaiPaiement.objects.get().encaissements == list(Encaissement.objects.order_by("rang"))


def test_twenty_clicks_at_once_on_all_of_them_begin_one_attempt(serveur):
    premiere, *autres = make_trois()

    def click():
        try:
            return commencer(premiere, MEL, avec=autres, par=None, now=NOW)
        except PaiementImpossible:
            return None

    begun = [one for one in at_once(*[click] * TIMES) if one]

    assert (len(begun), len(serveur.registre.operations), PartPaiement.objects.count()) == (1, 1, 2)


@pytest.mark.parametrize("done", [False, True])
def test_fault_at_any_statement_of_a_credit_of_several_leaves_all_or_nothing(done):
    essai = make_essai_of(make_trois())
    reponse = replace(REPONSE, refdet=essai.refdet, montant=essai.montant)
    before, states = everything(), []
    for n in range(1, 3 * MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                conclure(essai.pk, reponse, now=NOW + minutes(1))
        except OperationalError:
            states.append(everything() == before)
        else:
            break
    assert len(states) > 20
    assert all(states)
    assert sorted(Encaissement.objects.values_list("rang", flat=True)) == [1, 2, 3]


@pytest.mark.parametrize("done", [False, True])
def test_fault_at_any_statement_of_a_credit_leaves_all_or_nothing(done):
    essai = make_essai(make_facture())
    before, states = everything(), []
    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                conclure(essai.pk, REPONSE, now=NOW + minutes(1))
        except OperationalError:
            states.append(everything() == before)
        else:
            break
    assert len(states) > 8
    assert all(states)
    assert list(Encaissement.objects.values_list("rang", flat=True)) == [1]


def kill_within(table: str, essai: EssaiPaiement) -> subprocess.CompletedProcess[str]:
    """Credit this attempt in a process that dies once it has written into this table."""
    command = [sys.executable, "-m", "tests.facturation.killed_payment", table, str(essai.pk)]
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("table", ["facturation_encaissement", "facturation_imputation", "facturation_essaipaiement"])
def test_worker_killed_within_a_credit_leaves_nothing_and_the_next_one_credits(table):
    essai = make_essai(make_facture())
    before = everything()

    killed = kill_within(table, essai)

    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    assert everything() == before
    conclure(essai.pk, REPONSE, now=NOW + minutes(1))
    assert Encaissement.objects.count() == 1


@pytest.mark.parametrize("table", ["facturation_encaissement", "facturation_imputation", "facturation_partpaiement"])
def test_worker_killed_within_a_credit_of_several_leaves_nothing_and_the_next_one_credits(table):
    essai = make_essai_of(make_trois())
    before = everything()

    killed = kill_within(table, essai)

    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    assert everything() == before
    reponse = replace(REPONSE, refdet=essai.refdet, montant=essai.montant)
    for _ in range(2):
        conclure(essai.pk, reponse, now=NOW + minutes(1))
    assert sorted(Encaissement.objects.values_list("montant", flat=True)) == [80, 1640, 6580]


@pytest.mark.parametrize("done", [False, True])
def test_fault_at_any_statement_of_a_beginning_leaves_an_invoice_that_can_be_paid(serveur, done):
    """What is left may be an attempt that waits its twenty minutes: never a payment that nobody asks about."""
    facture = make_facture()
    for n in range(1, MANY):
        EssaiPaiement.objects.all().delete()
        DBTaskResult.objects.all().delete()
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                commencer(facture, MEL, par=None, now=NOW)
        except OperationalError:
            known = EssaiPaiement.objects.exclude(id_op=None).count()
            assert known == len(questions())
        else:
            break
    assert n > 6
    assert commencer(Facture.objects.get(), MEL, par=None, now=NOW + minutes(20)).etat == "en_cours"
