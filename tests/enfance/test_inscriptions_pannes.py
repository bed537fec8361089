"""Faults in the middle of a save: all of it or nothing, trace and mail included (REL-03)."""

import os
import signal
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import OperationalError, connection
from django.db.models import Count
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, annuler_departs, enregistrer
from enfance.models import Creneau, Enregistrement, Evenement, Inscription
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import ResponsableFactory, make_creneaux, make_enfant
from tests.pannes import MANY, Fault, database_url, everything

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]

RACINE = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_7, MARDI_8 = date(2026, 12, 7), date(2026, 12, 8)


@pytest.fixture
def famille():
    """A parent, two children, inscriptions to cancel, one cancelled, créneaux that fill up, a child who waits."""
    make_creneaux()
    parent, other = ResponsableFactory(), ResponsableFactory()
    lea, tom, zoe = make_enfant(parent), make_enfant(parent, prenom="Tom"), make_enfant(other, prenom="Zoé")
    boxes = [Cle(lea.pk, LUNDI_7, "soir"), Cle(lea.pk, LUNDI_7, "midi"), Cle(tom.pk, LUNDI_7, "soir")]
    save(parent, dict.fromkeys(boxes, "inscrit"))
    save(parent, {boxes[-1]: "annulee"})
    Creneau.objects.update(places=1)
    save(other, {Cle(zoe.pk, LUNDI_7, "midi"): "attente"})
    return parent, lea, tom


def save(parent, voulus):
    changements = [Changement(cle, voulu) for cle, voulu in voulus.items()]
    return enregistrer(changements, Acteur.parent(parent), now=NOW)


def wanted(lea, tom):
    """A cancellation, another that serves the list, a row taken up again, new rows, one that waits."""
    return {
        Cle(lea.pk, LUNDI_7, "soir"): "annulee",
        Cle(lea.pk, LUNDI_7, "midi"): "annulee",
        Cle(tom.pk, LUNDI_7, "soir"): "inscrit",
        Cle(lea.pk, MARDI_8, "soir"): "inscrit",
        Cle(tom.pk, MARDI_8, "soir"): "attente",
        Cle(tom.pk, MARDI_8, "matin"): "inscrit",
    }


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_at_any_query_leaves_all_or_nothing(famille, done):
    parent, lea, tom = famille
    avant = everything()

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                save(parent, wanted(lea, tom))
        except OperationalError:
            assert everything() == avant, f"query {n}"
        else:
            break

    assert 12 < n < MANY - 1  # the last one had no fault: every query has had one
    ecrites = Inscription.objects.select_related("creneau")
    etats = {Cle(i.enfant_id, i.jour, i.creneau.code): i.etat for i in ecrites.filter(enfant__in=[lea, tom])}
    assert etats == wanted(lea, tom)
    assert ecrites.get(enfant__prenom="Zoé").etat == "inscrit"
    saves = Enregistrement.objects.order_by("pk").annotate(n=Count("evenements")).values_list("porte", "n")
    assert list(saves)[-2:] == [("portail", 6), ("systeme", 1)]
    assert Enregistrement.objects.count() == 5
    assert DBTaskResult.objects.count() == Enregistrement.objects.filter(dit_avec=None).count() == 3


def test_a_fault_at_any_query_of_a_departure_leaves_all_or_nothing(famille):
    _, lea, tom = famille
    avant = everything()

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=True)):
                annuler_departs([lea.pk, tom.pk], LUNDI_7, Acteur.import_onde(), now=NOW)
        except OperationalError:
            assert everything() == avant, f"query {n}"
        else:
            break

    assert 8 < n < MANY - 1
    assert set(Inscription.objects.values_list("enfant__prenom", "etat")) == {
        ("Léa", "annulee"),
        ("Tom", "annulee"),
        ("Zoé", "inscrit"),
    }


def test_a_commit_that_fails_leaves_nothing(famille, monkeypatch):
    parent, lea, tom = famille
    avant = everything()

    def fail():
        raise OperationalError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "_commit", fail)
        with pytest.raises(OperationalError, match="disk full"):
            save(parent, wanted(lea, tom))

    assert everything() == avant
    assert len(save(parent, wanted(lea, tom)).evenements) == 6  # the connection is good for the next save


def test_a_mail_that_cannot_be_enqueued_leaves_nothing(famille):
    parent, lea, tom = famille
    avant = everything()

    def refuse_tasks(execute, sql, params, many, context):
        if DBTaskResult._meta.db_table in sql:
            raise OperationalError("no task today")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse_tasks), pytest.raises(OperationalError, match="no task today"):
        save(parent, wanted(lea, tom))

    assert everything() == avant


@pytest.mark.parametrize("modele", [Enregistrement, Inscription, Evenement, DBTaskResult])
def test_a_process_killed_in_the_middle_leaves_nothing_and_holds_nobody_up(famille, modele):
    parent, lea, tom = famille
    avant = everything()
    voulus = {Cle(lea.pk, MARDI_8, "soir"): "inscrit", Cle(tom.pk, MARDI_8, "matin"): "inscrit"}
    command = [sys.executable, "-m", "tests.enfance.killed_save", modele._meta.db_table, str(parent.pk)]

    killed = subprocess.run(
        [*command, *map(str, voulus)],
        cwd=RACINE,
        env=os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        timeout=60,
    )

    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, b"")
    assert everything() == avant
    assert len(save(parent, voulus).evenements) == 2
