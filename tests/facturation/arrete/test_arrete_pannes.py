"""Faults in the middle of a closing, and -9 between any two of its statements: all of it or nothing."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult
from psycopg import Copy

from accounts.models import MailingLine
from facturation.arrete.cloture import arreter
from facturation.models import Compte, Facture, Imputation, Mois, Prestation, Serie
from facturation.payeurs.comptes import compte_of
from facturation.regie.encaissements import encaisser
from facturation.verification import verifier
from tests.factories import FoyerFactory, ResponsableFactory, make_enfant
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, inscrire, make_commune
from tests.pannes import Fault, database_url

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 200  # more statements than a closing sends


@pytest.fixture
def ecole():
    """Three payers: one in credit, one by letter, one with a line that waited."""
    make_commune()
    adultes = [ResponsableFactory(foyer=FoyerFactory()) for _ in range(3)]
    for adulte in adultes:
        inscrire(make_enfant(adulte), LUNDI)
    clore(LUNDI)
    comptes = [compte_of(adulte.foyer) for adulte in adultes]
    encaisser(comptes[0], "cheque", 50, par=None, now=ENSUITE)
    Compte.objects.filter(pk=comptes[1].pk).update(envoi="papier")
    Prestation.objects.create(
        compte=comptes[2], cle_enfant=1, jour=LUNDI, nature="correction", prix=-20, entier=-20, montant=-20, motif="x"
    )


def everything():
    """All that a closing writes."""
    modeles = (Mois, Facture, Prestation, Imputation, Serie, Compte, MailingLine, DBTaskResult)
    return {modele.__name__: sorted(modele.objects.values_list(), key=str) for modele in modeles}


def check_whole():
    assert Mois.objects.count() == 1
    assert (Facture.objects.count(), Prestation.objects.count(), Imputation.objects.count()) == (3, 4, 1)
    assert (MailingLine.objects.count(), DBTaskResult.objects.count()) == (2, 1)
    assert list(verifier()) == []


@pytest.mark.ci
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_at_any_statement_leaves_all_or_nothing(ecole, done):
    avant = everything()

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                arreter(NOVEMBRE, None, ENSUITE)
        except OperationalError:
            assert everything() == avant, f"statement {n}"
        else:
            break

    assert 40 < n < MANY - 1  # the last one had no fault: every statement has had one
    check_whole()


@pytest.mark.postgresql
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_within_the_bulk_write_leaves_all_or_nothing(ecole, monkeypatch, done):
    """COPY goes past the wrapper of statements: row by row, the connection fails."""
    avant, write_row, rows = everything(), Copy.write_row, 0

    def fail(copie, row):
        nonlocal rows
        rows += 1
        if rows < n or done:
            write_row(copie, row)
        if rows == n:
            raise OperationalError("the database went away")

    for n in range(1, MANY):
        rows = 0
        with monkeypatch.context() as patch:
            patch.setattr(Copy, "write_row", fail)
            try:
                arreter(NOVEMBRE, None, ENSUITE)
            except OperationalError:
                assert everything() == avant, f"row {n}"
            else:
                break

    assert n == 4  # three lines are new
    check_whole()


@pytest.mark.lent
def test_killed_between_any_two_statements_it_leaves_all_or_nothing(ecole):
    avant = everything()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.facturation.killed_writing", "close"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for n in range(1, MANY):
            process.stdin.write(f"{n}\n")
            process.stdin.flush()
            if int(process.stdout.readline()) != -signal.SIGKILL:
                break
            assert everything() == avant or n > 40  # the answer of COMMIT alone may be lost
            if Mois.objects.exists():
                break
        process.stdin.close()

    assert 40 < n < MANY - 1
    check_whole()
