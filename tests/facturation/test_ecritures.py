"""Two agents write at once what a price is made of, or one is killed in the middle: one of them wins, whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django_tasks_db.models import DBTaskResult

from facturation.models import Compte, Justification, Partage, Quotient, ReponseAbsence
from facturation.payeurs.partages import periodes_of
from facturation.quotients.ecriture import annuler
from tests.facturation.gestes import (
    DECEMBRE,
    LE_LENDEMAIN,
    agents,
    answer,
    explain,
    foyers,
    make_separes,
    save_quotients,
    share,
)
from tests.pannes import Fault, database_url
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 100  # more statements than one of them sends
ONCE = {  # rows of each table
    save_quotients: {"Compte": 2, "Quotient": 2},
    share: {"Compte": 2, "Partage": 2},
    answer: {"ReponseAbsence": 2, "DBTaskResult": 1},
    explain: {"Justification": 1},
}


@pytest.fixture(autouse=True)
def lea(transactional_db):
    return make_separes()


# --- At once ----------------------------------------------------------------------------------------------------------


def test_same_quotients_saved_by_ten_are_written_once():
    bilans = at_once(*[save_quotients, partial(save_quotients, reverse=True)] * 5)

    assert sum(len(bilan.ecrits) for bilan in bilans) == 2
    assert sorted(Quotient.objects.values_list("valeur", flat=True)) == [512, 742]


def test_other_quotients_saved_at_once_are_those_of_one_agent():
    """The homes are saved in one order and in the other: nobody waits for ever."""
    at_once(*[save_quotients, partial(save_quotients, (100, 200), reverse=True)] * 4)

    tenus: dict[int, int] = {}
    for foyer, valeur in Quotient.objects.holding(DECEMBRE).values_list("compte__foyer", "valeur"):
        tenus.setdefault(foyer, valeur)  # the first is the one that counts
    assert [tenus[foyer] for foyer in foyers()] in ([512, 742], [100, 200])


def cancel(pk):
    with transaction.atomic():
        return annuler(pk, now=LE_LENDEMAIN)


def test_one_quotient_is_cancelled_once():
    pk = save_quotients().ecrits[0].pk

    annules = at_once(*[partial(cancel, pk)] * 6)

    assert len([annule for annule in annules if annule]) == 1


def test_shares_said_at_once_make_100_every_day(lea):
    at_once(*[share, partial(share, (50, 50)), partial(share, (30, 70), DECEMBRE)] * 3)

    periodes = periodes_of(Partage.objects.filter(enfant=lea))
    assert {periode.total for periode in periodes} == {100}
    assert len({(periode.debut, periode.fin) for periode in periodes}) == len(periodes)


@pytest.mark.ci
@pytest.mark.sqlite
def test_one_absence_judged_by_ten_has_one_answer():
    ecrites = at_once(*[partial(answer, agent) for agent in (0, 1)] * 5)

    assert sorted(len(e) for e in ecrites) == [0] * 9 + [2]
    assert ReponseAbsence.objects.count() == 2
    assert set(ReponseAbsence.objects.values_list("repondue_par", flat=True)) < set(agents())
    assert DBTaskResult.objects.count() == 1


def test_reason_given_while_it_is_judged_is_before_or_is_not():
    justifications = [fait for fait in at_once(*[explain, answer] * 4) if isinstance(fait, Justification)]

    assert ReponseAbsence.objects.count() == 2
    assert Justification.objects.count() == min(len(justifications), 1)


# --- In the middle ----------------------------------------------------------------------------------------------------


def everything():
    """All that they write."""
    modeles = (Quotient, Partage, ReponseAbsence, Justification, Compte, DBTaskResult)
    return {modele.__name__: sorted(modele.objects.values_list(), key=str) for modele in modeles}


@pytest.mark.ci
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("geste", ONCE)
def test_a_fault_at_any_statement_leaves_all_or_nothing(geste, done):
    avant = everything()

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                geste()
        except OperationalError:
            assert everything() == avant, f"statement {n}"
        else:
            break

    assert 4 < n < MANY - 1
    assert everything() != avant


@pytest.mark.ci
@pytest.mark.parametrize("geste", ONCE)
def test_killed_between_any_two_statements_it_leaves_all_or_nothing(geste):
    avant = everything()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.facturation.killed_writing", geste.__name__],
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
            killed = int(process.stdout.readline()) == -signal.SIGKILL
            if not killed or everything() != avant:
                break
        process.stdin.close()

    assert 4 < n < MANY - 1
    geste()  # nobody is held up, and what is done already is not done again
    assert {modele: len(lignes) for modele, lignes in everything().items() if lignes} == ONCE[geste]
