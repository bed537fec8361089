"""The calendar and the créneaux that a process keeps: the same as long as they are, and no longer, whoever writes."""

from datetime import date, datetime, timedelta
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from enfance.cadre import lignes_creneaux, load_cadre
from enfance.models import AnneeScolaire, Conge, Creneau, Ecole, Indisponibilite, RegleDelai, load_calendrier
from enfance.models.annee import LigneAnnee, LigneSilence, lignes_annees
from enfance.regles import Acteur, Action
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.enfance.boxes import LUNDI_7, MARDI_8, NOW
from tests.factories import AnneeFactory, make_creneaux

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def creneaux():
    AnneeFactory()
    return make_creneaux()


def test_what_nobody_changed_is_kept(django_assert_num_queries):
    cadre = load_cadre()

    with django_assert_num_queries(2):
        encore = load_cadre()
    assert encore == cadre
    assert encore.calendrier is load_calendrier() is cadre.calendrier
    assert encore.limites is cadre.limites  # what a page has worked out is known to the next one
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
        after = load_cadre()
    assert (told(after), after.limites is before.limites) == (told(before), True)


def test_no_row_that_somebody_may_change_is_shared_between_two_pages():
    """What the process keeps are values; the créneaux of a page are its own."""
    first = load_cadre().creneaux.par_code["soir"]
    first.places, first.delai_inscription.nombre = 1, 59

    second = load_cadre().creneaux.par_code["soir"]

    assert (second.places, second.delai_inscription.nombre) == (None, RegleDelai.objects.get().nombre)


def test_rows_are_those_of_the_orm():
    Creneau.objects.filter(code="midi").update(delai_annulation=RegleDelai.objects.create(genre="jours", nombre=0))
    Creneau.objects.get(code="soir").ecoles.set(
        [*Ecole.objects.all(), Ecole.objects.create(nom="Maternelle", code="m")]
    )
    AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4), conges=False)
    conges = "conges__genre", "conges__nom", "conges__debut", "conges__fin"
    annees = AnneeScolaire.objects.order_by("debut", "conges__debut", "conges")
    creneaux = Creneau.objects.order_by("ordre", "debut", "pk", "ecoles")
    regle = [champ.name for champ in RegleDelai._meta.concrete_fields]
    delais = [f"{delai}__{nom}" for delai in ("delai_inscription", "delai_annulation", "delai_tardif") for nom in regle]
    colonnes = [champ.name for champ in Creneau._meta.concrete_fields]

    du = datetime(2026, 12, 1, 11, 20, tzinfo=PARIS)
    dites = {"declaree_le": du + timedelta(hours=1)}
    for minutes, dite in ((50, dites), (40, {}), (30, {**dites, "retiree_le": du + timedelta(hours=2)})):
        Indisponibilite.objects.create(du=du, au=du + timedelta(minutes=minutes), **dite)

    lues = lignes_annees()
    silences = [(du, du + timedelta(minutes=50))]
    assert [ligne for ligne in lues if isinstance(ligne, LigneAnnee)] == list(
        annees.values_list(*LigneAnnee._fields[:8], *conges)
    )
    assert [ligne for ligne in lues if isinstance(ligne, LigneSilence)] == silences
    assert list(Indisponibilite.objects.standing().values_list("du", "au")) == silences
    assert lignes_creneaux() == list(creneaux.values_list(*colonnes, *delais, "ecoles"))


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
