"""Imports of a screen when things go wrong: two at once, a database that goes away in the middle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import OperationalError, connection, connections

from enfance.models import Enfant, ImportOnde
from enfance.onde import depots
from enfance.onde.importation import DepartsAConfirmer
from portail.tables import Fichier
from tests.enfance.onde.ecole import NOW, database, run
from tests.enfance.onde.exemples import ADULTES, ECOLE, NADIA, PAUL, fichier_eleves, fichier_responsables, texte_eleves
from tests.factories import AnneeFactory, StaffFactory

pytestmark = pytest.mark.django_db(transaction=True)


def make_depot(eleves: Fichier | None = None) -> ImportOnde:
    annee, agent = AnneeFactory(), StaffFactory()
    files = eleves or fichier_eleves(), fichier_responsables()
    return depots.deposer(None, annee, *files, user_id=agent.pk, now=NOW)


def apply(depot: ImportOnde, vu: str, **options):
    options = {"confirmer_departs": False} | options
    return depots.appliquer(depot.pk, {}, vu, user_id=depot.depose_par_id, now=NOW, **options)


def everything():
    return [*database(), [(bytes(d.eleves), d.applique_le, d.bilan) for d in ImportOnde.objects.order_by("pk")]]


def test_appliquer_twice_at_once_imports_once():
    depot = make_depot()
    vu = depots.simuler(depot, now=NOW).empreinte
    barriere = Barrier(2)

    def import_at_once():
        try:
            barriere.wait(timeout=20)
            return apply(depot, vu)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as fils:
        bilans = [fil.result() for fil in [fils.submit(import_at_once) for _ in range(2)]]

    assert sorted(bilan is None for bilan in bilans) == [False, True]
    assert Enfant.objects.count() == 12


def test_appliquer_of_what_was_not_seen_writes_nothing():
    depot = make_depot()
    vu = depots.simuler(depot, now=NOW).empreinte
    run(depot.annee)
    avant = everything()

    with pytest.raises(depots.ApercuPerime):
        apply(depot, vu)

    assert everything() == avant


def test_appliquer_of_many_departures_writes_nothing_until_they_are_confirmed():
    run(AnneeFactory())
    depot = make_depot(fichier_eleves(texte_eleves(ECOLE[4:])))
    vu = depots.simuler(depot, now=NOW).empreinte
    avant = everything()

    with pytest.raises(DepartsAConfirmer):
        apply(depot, vu)

    assert everything() == avant
    assert len(apply(depot, vu, confirmer_departs=True).eleves.partis) == 4


@pytest.mark.ci
@pytest.mark.sqlite
@pytest.mark.parametrize("done", [False, True])
def test_appliquer_with_a_database_that_goes_away_leaves_nothing(done):
    """At each tenth query, before it and once it is done: all of the import, or nothing."""
    depot = make_depot()
    vu = depots.simuler(depot, now=NOW).empreinte
    avant = everything()
    fautes = 0
    for n in range(2, 2000, 10):
        gauche = n

        def fail(execute, sql, params, many, context):
            nonlocal gauche
            gauche -= 1
            if gauche == 0 and not done:
                raise OperationalError("the database went away")
            resultat = execute(sql, params, many, context)
            if gauche == 0:
                raise OperationalError("the database went away")
            return resultat

        try:
            with connection.execute_wrapper(fail):
                apply(depot, vu)
        except OperationalError:
            fautes += 1
            assert everything() == avant
        else:
            break
    assert fautes > 5
    assert Enfant.objects.count() == 12
    assert bytes(ImportOnde.objects.get().eleves) == b""


def test_files_laid_down_over_an_import_that_was_made_are_a_new_import():
    depot = make_depot()
    apply(depot, depots.simuler(depot, now=NOW).empreinte)

    neuf = depots.deposer(depot, depot.annee, fichier_eleves(), None, user_id=depot.depose_par_id, now=NOW)

    assert neuf.pk != depot.pk
    depot.refresh_from_db()
    assert bytes(depot.eleves) == b""
    assert not depots.abandonner(depot)


def test_report_of_the_import_is_kept_by_sections():
    run(AnneeFactory(), adultes=[a for a in ADULTES if a not in (NADIA, PAUL)])
    depot = make_depot()
    apply(depot, depots.simuler(depot, now=NOW).empreinte)

    depot.refresh_from_db()
    assert [section["titre"] for section in depot.bilan] == [
        "Import d’ONDE, année 2026-2027",
        "Responsables créés",
        "Propositions à la mairie",
        "Adultes sans e-mail, à prévenir par lettre",
    ]
    assert depot.bilan[1]["lignes"] == ["Nadia BERGER", "Paul LEFORT"]
