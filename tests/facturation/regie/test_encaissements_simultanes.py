"""Twenty at the till at the same instant: no number is missing, no sum exceeds its side, nothing happens twice."""

from datetime import datetime
from functools import partial
from threading import Event
from time import sleep
from uuid import uuid4

import pytest
from django.db import connection

from enfance.mairie.doubles.fusions import reunir_foyers
from facturation.models import Compte, Encaissement, Versement
from facturation.payeurs.comptes import restes, soldes
from facturation.regie.encaissements import EncaissementRefuse, annuler, encaisser, imputer_credits, rembourser, verser
from facturation.regie.relances.ecriture import rappeler
from portail.dates import PARIS
from tests.facturation.caisse import JEUDI, check_balance, make_compte, make_facture
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]


def receive(compte, montant, cle=None):
    return encaisser(compte, "cheque", montant, cle=cle, par=None, now=JEUDI)


def give_back(compte, montant):
    return rembourser(compte, montant, motif="départ", par=None, now=JEUDI)


def refused(geste):
    try:
        return geste()
    except EncaissementRefuse:
        return None


def check_numbers():
    rangs = sorted(Encaissement.objects.values_list("rang", flat=True))
    assert rangs == list(range(1, len(rangs) + 1))


def test_twenty_receipts_of_one_payer_pay_no_invoice_twice():
    compte = make_compte()
    facture = make_facture(compte, 5000)

    at_once(*[partial(receive, compte, 400)] * 20)

    assert restes([facture]) == {facture.pk: 0}
    assert soldes([compte]) == {compte.pk: -3000}
    check_numbers()
    check_balance()


def test_twenty_payers_have_twenty_numbers():
    comptes = [make_compte() for _ in range(20)]
    recus = at_once(*[partial(receive, compte, 400) for compte in comptes])
    assert sorted(recu.rang for recu in recus) == list(range(1, 21))


def test_same_form_sent_twenty_times_is_one_receipt():
    compte, cle = make_compte(), uuid4()
    recus = at_once(*[partial(receive, compte, 400, cle)] * 20)
    assert {recu.pk for recu in recus} == {Encaissement.objects.get().pk}


def test_all_gestures_at_once_leave_sums_that_hold():
    comptes = [make_compte() for _ in range(2)]
    for compte in comptes:
        make_facture(compte, 3000)
    recus = [receive(compte, 2000) for compte in comptes for _ in range(3)]
    gestes = [partial(refused, partial(annuler, recu, "erreur", None, JEUDI)) for recu in recus]
    gestes += [
        partial(refused, partial(rembourser, compte, 3000, motif="x", par=None, now=JEUDI)) for compte in comptes
    ]
    gestes += [partial(receive, compte, 700) for compte in comptes * 3]
    gestes += [partial(imputer_credits, [compte.pk], JEUDI) for compte in comptes]
    gestes += [partial(refused, partial(verser, JEUDI.date(), None, JEUDI))] * 4

    at_once(*gestes)

    check_numbers()
    check_balance()
    assert not Encaissement.objects.filter(versement__isnull=False, annule_par__isnull=False).exists()
    for versement in Versement.objects.all():
        assert versement.total == sum(versement.encaissements.values_list("montant", flat=True))


def test_what_two_agents_counted_leaves_once_and_nothing_else_does():
    compte = make_compte()
    comptes = [receive(compte, 2000).pk for _ in range(5)]
    gestes = [partial(refused, partial(verser, JEUDI.date(), None, JEUDI, moyens=["cheque"], comptes=comptes))] * 4
    gestes += [partial(receive, compte, 300)] * 3
    gestes += [partial(refused, partial(annuler, Encaissement.objects.get(pk=comptes[0]), "erreur", None, JEUDI))]

    at_once(*gestes)

    partis = sorted(Encaissement.objects.exclude(versement=None).values_list("pk", flat=True))
    assert partis in ([], sorted(comptes))
    assert Versement.objects.count() == (1 if partis else 0)
    assert not Encaissement.objects.filter(versement__isnull=False, annule_par__isnull=False).exists()
    check_balance()


def test_cesu_is_given_back_once_with_its_reason():
    compte = make_compte()
    encaisser(compte, "cesu", 2000, titres=2, par=None, now=JEUDI)
    geste = partial(rembourser, compte, 2000, motif="départ", raison_cesu="départ", par=None, now=JEUDI)
    rendus = at_once(*[partial(refused, geste)] * 5)
    assert len([rendu for rendu in rendus if rendu]) == 1
    check_balance()


def test_one_receipt_is_cancelled_once():
    recu = receive(make_compte(), 2000)
    faites = at_once(*[partial(refused, partial(annuler, recu, "erreur", None, JEUDI))] * 10)
    assert len([une for une in faites if une]) == 1


def test_one_credit_is_given_back_once():
    compte = make_compte()
    receive(compte, 2000)
    rendus = at_once(*[partial(refused, partial(give_back, compte, 2000))] * 10)
    assert len([rendu for rendu in rendus if rendu]) == 1
    check_balance()


@pytest.mark.postgresql
def test_homes_made_one_wait_for_no_reminder_that_waits_for_them():
    """The payer that stays was made first: a merge that locked the other one first would hold what reminders want."""
    reste, double = make_compte(), make_compte()
    make_facture(reste, 4000)
    make_facture(double, 5000)
    held = Event()

    def pause(execute, sql, *args):
        """Once the merge holds a payer, let the reminders run into it."""
        lus = execute(sql, *args)
        if 'FROM "facturation_compte"' in sql and "FOR UPDATE" in sql and not held.is_set():
            held.set()
            sleep(0.5)
        return lus

    def unite():
        with connection.execute_wrapper(pause):
            reunir_foyers(reste.foyer_id, double.foyer_id, {})

    def remind():
        held.wait(60)
        return rappeler([reste.pk, double.pk], "premier", None, datetime(2027, 1, 10, 9, tzinfo=PARIS))

    _, partis = at_once(unite, remind)

    assert Compte.objects.get(pk=double.pk).reuni_dans == reste
    assert partis
    check_balance()
