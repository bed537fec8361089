"""The calendar and the créneaux that a process keeps: the same as long as they are, and no longer, whoever writes."""

from datetime import date
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from enfance.cadre import load_cadre
from enfance.models import Conge, Creneau, Ecole, RegleDelai, load_calendrier
from enfance.regles import Acteur, Action
from enfance.situation import load_situation
from tests.enfance.boxes import LUNDI_7, MARDI_8, NOW
from tests.factories import AnneeFactory, make_creneaux

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def creneaux():
    AnneeFactory()
    return make_creneaux()


def test_what_nobody_changed_is_the_same_object(django_assert_num_queries):
    cadre = load_cadre()

    with django_assert_num_queries(2):
        assert load_cadre() is cadre
    assert load_calendrier() is cadre.calendrier
    assert list(cadre.creneaux.par_code) == ["matin", "midi", "soir"]
    assert cadre.creneaux.tenues == {}


def told(cadre):
    """All that is known of it."""
    creneaux = cadre.creneaux.par_code.values()
    lignes = [[getattr(creneau, champ.attname) for champ in Creneau._meta.concrete_fields] for creneau in creneaux]
    return cadre.calendrier, lignes, [creneau.delai_inscription.valeur for creneau in creneaux], cadre.creneaux.tenues


@pytest.mark.parametrize(
    "change",
    [
        lambda: Creneau.objects.filter(code="soir").update(places=12),
        lambda: Creneau.objects.get(code="soir").ecoles.add(Ecole.objects.get()),
        lambda: Creneau.objects.get(code="matin").delete(),
        lambda: RegleDelai.objects.update(nombre=3),
        lambda: Conge.objects.first().delete(),
        lambda: Conge.objects.filter(pk=Conge.objects.first().pk).update(nom="Congés"),
        lambda: AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4), conges=False),
    ],
    ids=["update", "school", "delete", "deadline", "holiday deleted", "holiday renamed", "year"],
)
def test_each_write_is_seen_at_once_and_its_rollback_too(change):
    before = told(load_cadre())

    with transaction.atomic():
        change()
        changed = told(load_cadre())
        transaction.set_rollback(True)

    assert changed != before
    assert told(load_cadre()) == before


def test_deadlines_that_were_worked_out_go_with_the_rule_that_gave_them(creneaux):
    def limite():
        situation = load_situation(Acteur.systeme(), LUNDI_7, MARDI_8, now=NOW)
        return situation.limite(MARDI_8, situation.creneaux["soir"], Action.INSCRIRE)

    before = limite()
    assert limite() == before
    RegleDelai.objects.update(nombre=2)
    assert limite() < before


def test_schools_of_a_creneau_are_all_there(creneaux):
    autre = Ecole.objects.create(nom="Maternelle", code="maternelle")
    creneaux["soir"].ecoles.set([*Ecole.objects.all()])

    assert load_cadre().creneaux.tenues == {creneaux["soir"].pk: frozenset({1, autre.pk})}
    assert len(load_cadre().creneaux.par_code) == 3


@pytest.mark.django_db(transaction=True)
def test_what_another_connection_writes_is_seen():
    before = load_cadre()

    def write():
        Creneau.objects.filter(code="soir").update(places=9)
        connections.close_all()

    thread = Thread(target=write)
    thread.start()
    thread.join()

    assert before.creneaux.par_code["soir"].places is None
    assert load_cadre().creneaux.par_code["soir"].places == 9


def test_a_column_that_another_version_adds_changes_nothing(django_assert_num_queries):
    """An upgrade migrates the database before it stops the processes that serve."""
    before = load_cadre()
    connection.check_constraints()  # PostgreSQL changes no table while some wait
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE enfance_creneau ADD COLUMN nouvelle integer")

    with django_assert_num_queries(2):
        assert load_cadre() is before


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_emptied_leaves_nothing():
    assert load_cadre().creneaux.par_code

    call_command("flush", interactive=False, verbosity=0)

    cadre = load_cadre()
    assert (cadre.calendrier.annees, dict(cadre.creneaux.par_code), dict(cadre.creneaux.tenues)) == ((), {}, {})


def test_what_was_written_since_in_the_same_transaction_is_seen_and_what_a_part_of_it_took_back_is_not(creneaux):
    def places():
        return load_cadre().creneaux.par_code["soir"].places

    Creneau.objects.filter(code="soir").update(places=12)
    assert places() == 12
    with transaction.atomic():
        Creneau.objects.filter(code="soir").update(places=13)
        assert places() == 13
        transaction.set_rollback(True)
    assert places() == 12
