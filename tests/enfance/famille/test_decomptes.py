"""What is counted of those who are erased: every figure of the town hall stays equal to the unit."""

from datetime import date, datetime, time

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enfance.famille.decomptes import compter
from enfance.mairie.chiffres import load_chiffres
from enfance.models import (
    Absence,
    Appel,
    Creneau,
    Decompte,
    Enfant,
    Foyer,
    FoyerCompte,
    Inscription,
    Pointage,
    Responsabilite,
)
from enfance.seances import inscriptions
from portail.dates import PARIS
from tests.factories import AnneeFactory, ClasseFactory, FoyerFactory, ScolariteFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 11, 19, tzinfo=PARIS)
TODAY = NOW.date()
JEUDI, VENDREDI = date(2026, 12, 10), date(2026, 12, 11)
JOURS = (date(2026, 9, 4), date(2026, 11, 30), JEUDI, VENDREDI)  # the last is today


@pytest.fixture
def ecole():
    annee, creneaux = AnneeFactory(), make_creneaux()
    Creneau.objects.filter(code="soir").update(places=2)
    return annee, list(creneaux.values()), [ClasseFactory(annee=annee, nom=nom) for nom in ("CE1 B", "GS A")]


def erase(*enfants, foyers=()):
    """What an erasure does of the rows that are counted."""
    pks = [enfant.pk for enfant in enfants]
    with transaction.atomic():
        compter(pks, now=NOW, foyers=[foyer.pk for foyer in foyers])
        for model in (Pointage, Inscription):
            model.objects.filter(enfant__in=pks).delete()
        Inscription.objects.filter(foyer__in=foyers).update(foyer=None)
        Enfant.objects.filter(pk__in=pks).delete()
        for foyer in foyers:
            foyer.delete()


def figures(annee):
    """Those of the whole year, and of the months that hold the days of these tests."""
    return [load_chiffres(annee, mois, today=TODAY) for mois in sorted({jour.replace(day=1) for jour in JOURS})]


def add(enfant, jour, creneau, *, etat="inscrit", foyer=None, venu=False):
    if etat:
        depuis = NOW if etat == "attente" else None
        Inscription.objects.create(
            enfant=enfant, jour=jour, creneau=creneau, etat=etat, foyer=foyer, attente_depuis=depuis
        )
    if venu:
        venue = datetime.combine(jour, time(16, 40), PARIS)
        Pointage.objects.create(
            enfant=enfant, jour=jour, creneau=creneau, present=True, arrivee=venue, arrivee_recue=venue
        )


SEANCE = st.tuples(
    st.sampled_from(JOURS),
    st.integers(0, 2),
    st.sampled_from(["inscrit", "inscrit", "annulee", "attente", ""]),
    st.sampled_from([None, 0, 1, 2]),
    st.booleans(),
)
ENFANT = st.fixed_dictionaries(
    {
        "classe": st.sampled_from([None, 0, 1]),
        "naissance": st.dates(date(2015, 1, 1), date(2023, 12, 31)),
        "seances": st.lists(SEANCE, max_size=8, unique_by=lambda seance: seance[:2]),
        "absences": st.sets(st.sampled_from(JOURS), max_size=2),
        "erased": st.sampled_from([0, 1, 2, 0]),  # never, first, next
    }
)


ECOLE = given(
    enfants=st.lists(ENFANT, min_size=1, max_size=6),
    closed=st.sets(st.tuples(st.sampled_from(JOURS), st.integers(0, 2))),
    foyers_erased=st.sets(st.integers(0, 2)),
)
SAME = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@pytest.mark.ci
@settings(max_examples=8, **SAME)
@ECOLE
def test_figures_are_equal_whoever_is_erased(ecole, enfants, closed, foyers_erased):  # RGP-08
    erase_and_compare(ecole, enfants, closed, foyers_erased)


@pytest.mark.lent
@settings(max_examples=200, **SAME)
@ECOLE
def test_figures_are_equal_in_many_schools(ecole, enfants, closed, foyers_erased):
    erase_and_compare(ecole, enfants, closed, foyers_erased)


def erase_and_compare(ecole, enfants, closed, foyers_erased):
    """Erase some of them, then some more with whole homes: every figure stays, each time."""
    annee, creneaux, classes = ecole
    with transaction.atomic():
        foyers = [FoyerFactory(adresse=f"{n} rue du Moulin") for n in range(3)]
        for jour, creneau in closed:
            Appel.objects.create(jour=jour, creneau=creneaux[creneau])
        erased = {0: [], 1: [], 2: []}
        for voulu in enfants:
            enfant = make_enfant(annee=annee, date_naissance=voulu["naissance"])
            enfant.scolarites.update(classe=None if voulu["classe"] is None else classes[voulu["classe"]])
            for jour, creneau, etat, foyer, venu in voulu["seances"]:
                add(
                    enfant,
                    jour,
                    creneaux[creneau],
                    etat=etat,
                    foyer=None if foyer is None else foyers[foyer],
                    venu=venu,
                )
            for jour in voulu["absences"]:
                Absence.objects.create(enfant=enfant, jour=jour)
            erased[voulu["erased"]].append(enfant)
        before, seen = figures(annee), counted()
        erase(*erased[1])
        assert figures(annee) == before
        assert counted() == seen
        erase(*erased[2], foyers=[foyers[n] for n in foyers_erased])
        assert figures(annee) == before
        assert counted() == seen
        transaction.set_rollback(True)


def counted():
    """Over the rows and the counts: registered, came, told absent, by day and créneau; and the young among them."""
    sommes = {}
    for i in inscriptions(date.min, TODAY).inscrit().select_related("enfant"):
        somme = sommes.setdefault((i.jour, i.creneau_id), [0, 0, 0])
        somme[0] += 1
        somme[1] += i.signalee and not i.venu
        naissance = i.enfant.date_naissance
        somme[2] += (naissance.year + 6, naissance.month, naissance.day) > (i.jour.year, i.jour.month, i.jour.day)
    for d in Decompte.objects.all():
        somme = sommes.setdefault((d.jour, d.creneau_id), [0, 0, 0])
        somme[0] += d.inscrits
        somme[1] += d.signales
        somme[2] += d.inscrits if d.moins_de_six else 0
    return {case: somme for case, somme in sommes.items() if any(somme)}


def test_counts_of_a_cell_are_one_row(ecole):
    annee, (_, _, soir), (ce1, _) = ecole
    for _ in range(2):
        enfant = make_enfant(annee=annee)
        enfant.scolarites.update(classe=ce1)
        add(enfant, JEUDI, soir, venu=True)
        erase(enfant)
    decompte = Decompte.objects.get()
    assert (decompte.inscrits, decompte.venus, decompte.inscrits_venus, decompte.classe) == (2, 2, 2, ce1)


def test_class_of_a_past_year_is_that_of_the_past_year(ecole):
    annee, (_, _, soir), (ce1, _) = ecole
    enfant = make_enfant(annee=annee)
    enfant.scolarites.update(classe=ce1)
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4))
    ScolariteFactory(enfant=enfant, annee=suivante, classe=ClasseFactory(annee=suivante, nom="CE2"))
    add(enfant, JEUDI, soir)
    erase(enfant)
    assert Decompte.objects.get().classe == ce1


def test_places_to_come_are_given_back(ecole):
    annee, (_, _, soir), _ = ecole
    enfant = make_enfant(annee=annee)
    for jour in (VENDREDI, date(2026, 12, 14)):
        add(enfant, jour, soir)
    erase(enfant)
    assert [decompte.jour for decompte in Decompte.objects.all()] == [VENDREDI]


@pytest.mark.ci
def test_home_that_books_again_is_counted_once(ecole):
    annee, (_, midi, soir), _ = ecole
    foyer, un, autre = FoyerFactory(), make_enfant(annee=annee), make_enfant(annee=annee)
    add(un, JEUDI, soir, foyer=foyer)
    erase(un)
    add(autre, JEUDI, midi, foyer=foyer)
    assert figures(annee)[0].familles == 1
    erase(autre, foyers=[foyer])
    assert figures(annee)[0].familles == 1
    assert [compte.foyer for compte in FoyerCompte.objects.all()] == [None]
    assert not Foyer.objects.exists()


def test_child_of_two_homes_stays_when_one_goes(ecole):
    annee, (_, _, soir), _ = ecole
    foyer, enfant = FoyerFactory(), make_enfant(annee=annee)
    add(enfant, JEUDI, soir, foyer=foyer)
    before = figures(annee)
    erase(foyers=[foyer])
    assert (figures(annee), Responsabilite.objects.count()) == (before, 0)
    assert not Decompte.objects.exists()


def test_days_after_the_one_asked_are_left(ecole):
    annee, (_, _, soir), _ = ecole
    enfant = make_enfant(annee=annee)
    add(enfant, JOURS[0], soir)
    add(enfant, JEUDI, soir)
    with transaction.atomic():
        compter([enfant.pk], now=NOW, jusqu_au=JOURS[1])
    assert [decompte.jour for decompte in Decompte.objects.all()] == [JOURS[0]]


def test_class_that_is_counted_stays(ecole):
    annee, (_, _, soir), (ce1, _) = ecole
    enfant = make_enfant(annee=annee)
    enfant.scolarites.update(classe=ce1)
    add(enfant, JEUDI, soir)
    erase(enfant)
    with pytest.raises(ProtectedError):
        ce1.delete()


@pytest.mark.django_db(transaction=True)
def test_count_is_refused_outside_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        compter([1], now=NOW)
