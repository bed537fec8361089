"""From one school year to the next: prepared, prepared again, before and after ONDE, in September and in March."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from threading import Barrier

import pytest
from django.db import OperationalError, connection, connections

from enfance.mairie.annee import AnneeInconnue, preparer_annee
from enfance.mairie.rentree import annee_a_preparer, load_rentree, ouverture_hors, preparer
from enfance.models import (
    AnneeScolaire,
    Conge,
    Enfant,
    Garde,
    Inscription,
    PersonneAutorisee,
    Responsabilite,
    Responsable,
    Scolarite,
    SemaineType,
)
from enfance.onde.importation import importer
from portail.dates import PARIS
from tests.enfance.onde.ecole import database, responsable, run
from tests.enfance.onde.exemples import (
    ADULTES,
    AUTRES,
    DUBOIS,
    ECOLE,
    GRANDS,
    JULES,
    LEA,
    MOYENS,
    NADIA,
    PAUL,
    TOM,
    E,
    change,
    extraction,
)
from tests.factories import AnneeFactory, FoyerFactory, make_creneaux

pytestmark = pytest.mark.django_db
MARS = datetime(2027, 3, 15, 9, tzinfo=PARIS)
SEPTEMBRE = datetime(2027, 9, 6, 9, tzinfo=PARIS)
NIVEAUX = ["PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"]
SORTANT_SEUL = [a for a in ADULTES if a not in (NADIA, PAUL)]


@pytest.fixture
def annee():
    """2026-2027 with its pupils: one CM2, one CM1, one CE1, one MS, eight CP."""
    annee = preparer_annee(2026, "A").annee
    run(annee)
    return annee


def everything():
    modeles = (AnneeScolaire, Conge, SemaineType, PersonneAutorisee)
    return [*database(), *(list(modele.objects.order_by("pk").values()) for modele in modeles)]


def monte(e: E, **champs) -> E:
    return replace(e, niveau=NIVEAUX[NIVEAUX.index(e.niveau) + 1], **champs)


RENTREE = [monte(e) for e in ECOLE if e is not JULES]


def onde(annee, enfants=RENTREE, adultes=SORTANT_SEUL, **options):
    return importer(extraction(enfants, adultes), annee, now=SEPTEMBRE, **options)


def place(prenom: str, annee: AnneeScolaire) -> tuple[str, str, date | None]:
    scolarite = Scolarite.objects.select_related("classe").get(enfant__prenom=prenom, annee=annee)
    return scolarite.niveau, scolarite.classe.nom if scolarite.classe else "", scolarite.depart


def test_preparer_moves_pupils_up_and_says_who_leaves(annee):
    faits = preparer(2027, "A", now=MARS)

    suivante = faits.preparation.annee
    assert (suivante.debut, suivante.ouverture) == (date(2027, 9, 2), date(2027, 6, 1))
    assert faits.preparation.scolarites == 11
    assert place("Léa", suivante) == ("CE2", "", None)
    assert not suivante.scolarites.filter(enfant__prenom="Jules").exists()
    assert place("Jules", annee) == ("CM2", GRANDS, None)  # a pupil until July


def test_preparer_twice_changes_nothing(annee):
    preparer(2027, "A", now=MARS)
    avant = everything()

    assert preparer(2027, "A", now=SEPTEMBRE).is_empty
    assert everything() == avant


def test_preparer_in_simulation_says_the_same_and_writes_nothing(annee):
    avant = everything()

    assert preparer(2027, "A", now=MARS, simuler=True).preparation.scolarites == 11
    assert everything() == avant


def test_preparer_again_adds_those_who_came_since(annee):
    preparer(2027, "A", now=MARS)
    zoe = E("DUBOIS", "Zoé", "05/01/2023", "PS", MOYENS, "0600000009Z")
    run(annee, [*ECOLE, zoe])

    faits = preparer(2027, "A", now=MARS)

    assert (faits.preparation.scolarites, faits.partis) == (1, [])
    assert place("Zoé", faits.preparation.annee) == ("MS", "", None)


def test_preparer_again_follows_departures_and_returns(annee):
    suivante = preparer(2027, "A", now=MARS).preparation.annee
    soir = make_creneaux()["soir"]
    lea = Enfant.objects.get(prenom="Léa")
    Inscription.objects.create(enfant=lea, jour=date(2027, 9, 6), creneau=soir, foyer=responsable("Camille").foyer)
    Scolarite.objects.filter(annee=annee, enfant=lea).update(depart=date(2027, 3, 8))

    assert preparer(2027, "A", now=MARS).partis == ["Léa MOREL"]
    assert place("Léa", suivante) == ("CE2", "", date(2027, 9, 2))
    assert Inscription.objects.get().etat == "annulee"

    Scolarite.objects.filter(annee=annee, enfant=lea).update(depart=None)
    assert preparer(2027, "A", now=MARS).revenus == ["Léa MOREL"]
    assert place("Léa", suivante) == ("CE2", "", None)
    assert preparer(2027, "A", now=MARS).is_empty


def test_preparer_keeps_what_the_town_hall_decided_for_the_next_year(annee):
    suivante = preparer(2027, "A", now=MARS).preparation.annee
    Scolarite.objects.filter(annee=suivante, enfant__prenom="Léa").update(niveau="CE1")
    Scolarite.objects.filter(annee=suivante, enfant__prenom="Tom").update(depart=date(2027, 9, 2))
    Scolarite.objects.create(annee=suivante, enfant=Enfant.objects.get(prenom="Jules"), niveau="CM2")
    avant = everything()

    assert preparer(2027, "A", now=MARS).is_empty
    assert everything() == avant
    assert load_rentree(2027, "A", now=MARS).particuliers == [
        "Jules LEFORT\u00a0: CM2 → CM2",
        "Léa MOREL\u00a0: CE1 → CE1",
    ]


def test_preparer_of_a_year_that_nobody_knows_says_what_to_do(annee):
    AnneeFactory(debut=date(2028, 9, 1), fin=date(2029, 7, 6)).conges.all().delete()
    avant = everything()

    with pytest.raises(AnneeInconnue, match="Saisissez"):
        preparer(2028, "A", now=SEPTEMBRE)
    assert everything() == avant


@pytest.mark.parametrize("debut", [-1, 0, 1, 9999, 20260])
def test_preparer_of_what_is_no_year_says_so(annee, debut):
    with pytest.raises(AnneeInconnue):
        preparer(debut, "A", now=SEPTEMBRE)


def test_preparer_takes_a_year_that_the_town_hall_entered(annee):
    preparer(2027, "A", now=MARS)
    saisie = AnneeFactory(debut=date(2028, 9, 1), fin=date(2029, 7, 6))  # unknown to the package
    saisie.conges.filter(genre="ferie").delete()
    vacances = list(saisie.conges.values())

    faits = preparer(2028, "A", now=SEPTEMBRE)

    assert (faits.preparation.scolarites, faits.preparation.vacances) == (10, ())  # Anne-Sophie is a CM2 of 2027
    assert list(saisie.conges.filter(genre="vacances").values()) == vacances
    assert faits.preparation.feries == 11


@pytest.mark.ci
@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("today", "debut"),
    [
        (date(2026, 9, 15), 2026),  # the year has just begun: ONDE is to come
        (date(2026, 10, 30), 2026),
        (date(2026, 10, 31), 2027),  # two months later
        (date(2027, 7, 20), 2027),
        (date(2027, 9, 6), 2026 + 1),
    ],
)
def test_year_to_prepare_is_the_one_just_begun_then_the_next(annee, today, debut):
    preparer(2027, "A", now=MARS)

    assert annee_a_preparer(today) == debut


@pytest.mark.parametrize(
    ("ouverture", "hors"),
    [
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
        (date(2028, 7, 1), False),
        (date(2028, 7, 2), True),
    ],
)
def test_inscriptions_open_from_january_before_the_year_to_its_last_day(ouverture, hors):
    phrase = ouverture_hors(date(2027, 9, 2), date(2028, 7, 1), ouverture)

    assert phrase == (
        "Indiquez un jour du 1er\u00a0janvier 2027 au 1er\u00a0juillet 2028, dernier jour de l’année scolaire."
        if hors
        else ""
    )


# --- ONDE in September ------------------------------------------------------------------------------------------------


def test_onde_confirms_repeaters_skipped_levels_newcomers_and_departures(annee):
    suivante = preparer(2027, "A", now=MARS).preparation.annee
    nouvelle = E("DUBOIS", "Zoé", "05/01/2024", "PS", MOYENS, "0600000009Z")
    a, b, c = AUTRES[:3]  # one stays in CP, one goes from CP to CE2, one has moved away
    enfants = [e for e in RENTREE if e.ine not in (a.ine, b.ine, c.ine)]
    enfants += [a, replace(b, niveau="CE2"), replace(JULES, niveau="CM2"), nouvelle]
    cites = tuple(e.cite() for e in enfants if e.nom == "DUBOIS")

    bilan = onde(suivante, enfants, change(ADULTES, DUBOIS, enfants=cites))

    assert bilan.eleves.venus == ["Zoé DUBOIS"]
    assert bilan.eleves.partis == ["PrénomC DUBOIS, CE1"]
    assert place("Léa", suivante) == ("CE2", MOYENS, None)
    assert place("PrénomA", suivante) == ("CP", MOYENS, None)
    assert place("PrénomB", suivante) == ("CE2", MOYENS, None)
    assert place("Jules", suivante) == ("CM2", GRANDS, None)
    assert place("PrénomC", suivante) == ("CE1", "", date(2027, 9, 6))
    rentree = load_rentree(2027, "A", now=SEPTEMBRE)
    assert (rentree.confirmes, rentree.provisoires, rentree.sortants) == (12, [], [])
    assert rentree.nouveaux == [f"Zoé DUBOIS, {MOYENS}"]
    assert rentree.absents == ["PrénomC DUBOIS, CE1"]
    assert rentree.particuliers == [
        "PrénomA DUBOIS\u00a0: CP → CP",
        "PrénomB DUBOIS\u00a0: CP → CE2",
        "Jules LEFORT\u00a0: CM2 → CM2",
    ]


def test_onde_gives_its_place_back_to_a_pupil_whom_the_preparation_marked_gone(annee):
    suivante = preparer(2027, "A", now=MARS).preparation.annee
    Scolarite.objects.filter(annee=annee, enfant__prenom="Léa").update(depart=date(2027, 3, 8))
    preparer(2027, "A", now=MARS)

    onde(suivante, change(RENTREE, monte(LEA), niveau="CM1"))

    assert place("Léa", suivante) == ("CM1", MOYENS, None)


def test_preparer_after_onde_supposes_nobody(annee):
    """ONDE first, on a year made by hand: whom it leaves out has left, and is not brought back by the preparation."""
    suivante = AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3))
    onde(suivante, [e for e in RENTREE if e.prenom != "Tom"])

    assert preparer(2027, "A", now=SEPTEMBRE).preparation.scolarites == 0
    assert not suivante.scolarites.filter(enfant__prenom="Tom").exists()
    rentree = load_rentree(2027, "A", now=SEPTEMBRE)
    assert (rentree.absents, rentree.sortants) == ([f"Tom MOREL, {TOM.classe}"], [f"Jules LEFORT, {GRANDS}"])


def test_preparer_in_the_middle_of_the_confirmed_year_brings_nobody_back(annee):
    suivante = preparer(2027, "A", now=MARS).preparation.annee
    onde(suivante, [e for e in RENTREE if e.prenom != "Tom"])
    avant = everything()

    assert preparer(2027, "A", now=SEPTEMBRE).is_empty
    assert everything() == avant


def test_families_custody_authorised_persons_and_reminders_go_on_inscriptions_do_not(annee):
    soir = make_creneaux()["soir"]
    camille, lea = responsable("Camille"), Enfant.objects.get(prenom="Léa")
    Responsable.objects.filter(pk=camille.pk).update(rappel=True)
    PersonneAutorisee.objects.create(enfant=lea, nom="Mamie")
    Inscription.objects.create(enfant=lea, jour=date(2027, 3, 22), creneau=soir, foyer=camille.foyer)
    Garde.objects.filter(enfant=lea).update(rythme="alternee", depuis=date(2026, 9, 7))
    debut, fin = date(2026, 9, 1), annee.fin
    SemaineType.objects.create(enfant=lea, foyer=camille.foyer, debut=debut, fin=fin)
    kept = (Garde, PersonneAutorisee, Inscription)
    # What ends before the next year, or is taken away, is not of it.
    PersonneAutorisee.objects.create(enfant=lea, nom="Odile", retiree_le=MARS)
    PersonneAutorisee.objects.create(enfant=lea, nom="Sacha", fin=date(2027, 9, 1))
    Garde.objects.create(enfant=lea, foyer=FoyerFactory(adresse="5 rue du Pont"), fin=date(2027, 9, 1))
    Responsable.objects.filter(pk=responsable("Karim").pk).update(rappel=True)
    Responsabilite.objects.filter(responsable=responsable("Karim")).update(suspendue=True)
    avant = [list(m.objects.order_by("pk").values()) for m in kept]

    rentree = load_rentree(2027, "A", now=MARS)
    suivante = preparer(2027, "A", now=MARS).preparation.annee
    onde(suivante)

    assert rentree.suivent == [
        ("enfants", 11),
        ("foyers", 3),
        ("gardes alternées", 1),
        ("personnes autorisées ou interdites", 1),
        ("parents avec le rappel par e-mail", 1),
    ]
    assert rentree.restent == [("inscriptions", 1), ("semaines types", 1)]
    assert [list(m.objects.order_by("pk").values()) for m in kept] == avant
    assert Responsable.objects.get(pk=camille.pk).rappel


def test_rentree_is_read_without_writing(annee):
    avant = everything()

    rentree = load_rentree(2027, "A", now=MARS)

    assert (rentree.existe, rentree.confirmee, rentree.sortants) == (False, False, [f"Jules LEFORT, {GRANDS}"])
    assert [n for _, n in rentree.niveaux] == [1, 8, 1, 1]
    assert everything() == avant


@pytest.mark.ci
@pytest.mark.sqlite
def test_preparer_with_a_database_that_goes_away_leaves_nothing(annee):
    avant = everything()
    for n in range(1, 200):
        reste = n

        def fail(execute, sql, params, many, context):
            nonlocal reste
            reste -= 1
            if reste == 0:
                raise OperationalError("the database went away")
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(fail):
                preparer(2027, "A", now=MARS)
        except OperationalError:
            assert everything() == avant
        else:
            break
    assert n > 8
    assert AnneeScolaire.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_preparer_twice_at_once_makes_the_year_once():
    AnneeFactory()
    barriere = Barrier(2)

    def prepare_at_once():
        try:
            barriere.wait(timeout=20)
            return preparer(2027, "A", now=MARS).is_empty
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as fils:
        assert sorted(fil.result() for fil in [fils.submit(prepare_at_once) for _ in range(2)]) == [False, True]
    assert AnneeScolaire.objects.filter(debut__year=2027).count() == 1
