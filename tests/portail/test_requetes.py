"""Queries compiled once: the same rows as the ORM's, whatever the values, for each thread its own connection."""

from datetime import date
from threading import Barrier, Thread
from types import SimpleNamespace

import pytest
from django.db import connection, connections, transaction
from django.db.models import BigIntegerField, DateField
from django.test.utils import CaptureQueriesContext

from enfance.models import Enfant, Scolarite
from portail import requetes
from portail.requetes import Inconnue, Memoire, Requete, liste, places
from tests.factories import EnfantFactory, ResponsableFactory, make_enfant

pytestmark = pytest.mark.django_db
CLE, DATE = BigIntegerField(), DateField()
compiled: list[tuple[object, ...]] = []


def born(n):
    compiled.append((n,))
    depuis = Inconnue("depuis", DATE)
    return Enfant.objects.filter(pk__in=liste("pks", CLE, n), date_naissance__gte=depuis).order_by("pk")


@pytest.fixture(autouse=True)
def counted():
    compiled.clear()


@pytest.fixture
def enfants():
    return [EnfantFactory(prenom=f"Enfant {n}", date_naissance=date(2015 + n, 1, 1)) for n in range(5)]


def test_a_kept_query_gives_the_rows_of_other_values(enfants):
    requete, pks = Requete(born), [enfant.pk for enfant in enfants]

    def asked(depuis, *wanted):
        return [enfant.prenom for enfant in requete({"depuis": depuis, "pks": wanted}, places(wanted))]

    assert asked(date(2010, 1, 1), pks[0], pks[3]) == ["Enfant 0", "Enfant 3"]
    assert asked(date(2017, 1, 1), pks[1], pks[2]) == ["Enfant 2"]
    assert compiled == [(2,)]


def test_a_list_fills_the_places_that_are_left(enfants):
    pks = [enfant.pk for enfant in enfants]
    rows = Requete(born)({"depuis": date(2010, 1, 1), "pks": pks[:3]}, places(pks[:3]))

    assert (places(pks[:3]), [enfant.pk for enfant in rows]) == (4, pks[:3])


@pytest.mark.parametrize(
    ("n", "sized"), [(0, 0), (1, 1), (2, 2), (3, 4), (4, 4), (5, 8), (16, 16), (17, 17), (300, 17)]
)
def test_places_are_of_few_sizes(n, sized):
    assert places(range(n)) == sized


def test_a_long_list_is_one_value_of_a_kept_query(enfants):
    requete, pks = Requete(born), [enfant.pk for enfant in enfants]

    for wanted in (pks * 5, pks[:2] * 500):
        with CaptureQueriesContext(connection) as asked:
            rows = requete({"depuis": date(2010, 1, 1), "pks": wanted}, places(wanted))
            assert [enfant.pk for enfant in rows] == sorted(set(wanted))
        assert len(asked) == 1

    assert compiled == [(17,)]


def test_a_long_list_of_days_is_told_as_the_database_has_them(enfants):
    requete = Requete(lambda n: Enfant.objects.filter(date_naissance__in=liste("jours", DATE, n)).order_by("pk"))
    jours = [date(2016, 1, 1), *(date(2000, 1, n) for n in range(1, 31))]

    assert [enfant.prenom for enfant in requete({"jours": jours}, places(jours))] == ["Enfant 1"]


def test_no_more_shapes_are_kept_than_that(enfants, monkeypatch):
    monkeypatch.setattr(requetes, "MOST", 2)
    requete = Requete(born)
    for n in (1, 2, 4, 4):
        list(requete({"depuis": date(2010, 1, 1), "pks": [enfants[0].pk]}, n))

    assert (len(requete.kept), compiled) == (2, [(1,), (2,), (4,), (4,)])


def test_querysets_of_one_shape_keep_each_its_values(enfants):
    requete, debut = Requete(born), date(2010, 1, 1)
    first, second = (requete({"depuis": debut, "pks": [enfant.pk]}, 1) for enfant in enfants[:2])

    assert ([enfant.prenom for enfant in second], [enfant.prenom for enfant in first]) == (["Enfant 1"], ["Enfant 0"])


def test_another_kind_of_database_has_its_own_sql(enfants, monkeypatch):
    requete = Requete(born)

    def ask():
        return len(requete({"depuis": date(2010, 1, 1), "pks": [enfants[0].pk]}, 1))

    for _ in range(2):
        with monkeypatch.context() as patch:
            assert ask() == 1
            patch.setattr(connections["default"], "vendor", "other")
            assert ask() == 1

    assert (compiled, len(requete.kept)) == ([(1,), (1,)], 2)


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_within_a_transaction_alone():
    lea = EnfantFactory()
    requete = Requete(lambda: Enfant.objects.select_for_update().filter(pk=Inconnue("pk", CLE)))

    for _ in range(2):
        with transaction.atomic():
            assert list(requete({"pk": lea.pk})) == [lea]
        with pytest.raises(transaction.TransactionManagementError):
            list(requete({"pk": lea.pk}))


def test_an_empty_list_asks_the_database_nothing():
    with CaptureQueriesContext(connection) as asked:
        rows = list(Requete(born)({"depuis": date(2010, 1, 1), "pks": []}, 0))

    assert (rows, len(asked)) == ([], 0)


def test_a_value_that_is_not_told_is_an_error(enfants):
    with pytest.raises(KeyError, match="depuis"):
        list(Requete(born)({"pks": [enfants[0].pk]}, 1))


def test_what_is_joined_comes_with_the_rows(django_assert_num_queries):
    lea = make_enfant(ResponsableFactory())
    requete = Requete(
        lambda: Scolarite.objects.select_related("enfant", "annee").filter(enfant=Inconnue("enfant", CLE))
    )

    for _ in range(2):
        with django_assert_num_queries(1):
            [scolarite] = requete({"enfant": lea.pk})
            assert (scolarite.enfant.prenom, str(scolarite.annee)) == (lea.prenom, "2026-2027")


def test_rows_of_a_list_of_values_are_converted(enfants):
    requete = Requete(lambda: Enfant.objects.filter(pk=Inconnue("pk", CLE)).values_list("date_naissance", "onde"))

    assert [list(requete({"pk": enfant.pk})) for enfant in enfants[:2]] == [
        [(date(2015, 1, 1), {})],
        [(date(2016, 1, 1), {})],
    ]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_by_its_own_connection(enfants):
    requete, pks, told = Requete(born), [enfants[1].pk], []
    list(requete({"depuis": date(2010, 1, 1), "pks": pks}, 1))

    def ask():
        told.append([enfant.pk for enfant in requete({"depuis": date(2010, 1, 1), "pks": pks}, 1)])
        connections.close_all()

    thread = Thread(target=ask)
    thread.start()
    thread.join()

    assert (told, compiled) == ([pks], [(1,)])


@pytest.mark.django_db(transaction=True)
def test_threads_that_compile_at_once_are_told_each_its_rows(enfants):
    requete, told, ready = Requete(born), {}, Barrier(3)

    def ask(enfant):
        ready.wait()
        told[enfant.pk] = [found.pk for found in requete({"depuis": date(2010, 1, 1), "pks": [enfant.pk]}, 1)]
        connections.close_all()

    threads = [Thread(target=ask, args=[enfant]) for enfant in enfants[:3]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert told == {enfant.pk: [enfant.pk] for enfant in enfants[:3]}


def test_who_is_given_other_rows_at_the_same_time_is_told_of_those():
    """Two transactions, of which one has written: neither sees what the other does, whoever asked last."""
    given = [[("a",)], [("b",)], [("a",)], [("a",)]]
    memoire = Memoire(SimpleNamespace(given=lambda: given.pop(0), read=iter), list)

    first, second, third, fourth = (memoire() for _ in range(4))

    assert (first, second, third) == ([("a",)], [("b",)], [("a",)])
    assert fourth is third
