"""Who has left for so long that their file goes: children, homes without one left, unused accounts."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from conservation.models import Effacement
from enfance.mairie import partis
from enfance.mairie.chiffres import load_chiffres, mois_de
from enfance.mairie.partis import enfants_partis, load_partis
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Enfant,
    Foyer,
    Garde,
    Inscription,
    Pointage,
    Responsabilite,
    Responsable,
    Scolarite,
)
from portail.dates import PARIS
from portail.durees import Cadence, erase
from portail.effacements import EffacementRefuse
from portail.extensions import Extension
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    FoyerFactory,
    ResponsableFactory,
    ScolariteFactory,
    StaffFactory,
    UserFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2028, 10, 15, 3, 30, tzinfo=PARIS)
JEUDI = date(2026, 12, 10)


def passe(code, **kwargs):
    return dict(erase(next(d for d in Extension.installed().durees if d.code == code), now=NOW, **kwargs))


@pytest.fixture
def annees():
    make_creneaux()
    annees = [AnneeFactory(), *(AnneeFactory(debut=date(y, 9, 1), fin=date(y + 1, 7, 3)) for y in (2027, 2028))]
    for annee in annees:
        make_pupil(annee, niveau="CP")
    return annees


def make_pupil(*annees, adultes=(), **scolarite):
    """A pupil of these years, each in a class."""
    enfant = make_enfant(*adultes, annee=annees[0])
    for annee in annees[1:]:
        ScolariteFactory(enfant=enfant, annee=annee)
    for une in enfant.scolarites.select_related("annee"):
        classe = une.annee.classes.first() or ClasseFactory(annee=une.annee, nom="CE1 B")
        Scolarite.objects.filter(pk=une.pk).update(classe=classe, **scolarite)
    return enfant


@pytest.fixture
def ecole(annees):
    """One pupil a year is there, left over from `annees`; only those of a test are looked at."""
    Enfant.objects.filter(scolarites__annee=annees[0]).update(prenom="Autre")
    return annees


def left():
    return set(enfants_partis(NOW.date()).exclude(prenom="Autre").values_list("pk", flat=True))


def test_child_goes_a_year_after_its_last_day(ecole):
    parti, encore_la = make_pupil(ecole[0]), make_pupil(*ecole)
    parti_hier = make_pupil(ecole[0], ecole[1])
    assert left() == {parti.pk}
    assert {encore_la.pk, parti_hier.pk} & left() == set()


# 2028 has a 29 February: 365 days before 15 October, it was the 16th.
@pytest.mark.parametrize(("depart", "gone"), [(date(2027, 10, 17), False), (date(2027, 10, 16), True)])
def test_day_of_departure_is_counted_from(ecole, depart, gone):
    enfant = make_pupil(ecole[0], ecole[1])
    enfant.scolarites.filter(annee=ecole[1]).update(depart=depart)
    assert (enfant.pk in left()) is gone


def test_child_who_came_back_stays(ecole):
    enfant = make_pupil(ecole[0], ecole[2])
    enfant.scolarites.filter(annee=ecole[0]).update(depart=date(2026, 11, 1))
    assert left() == set()


def test_nobody_has_left_while_the_classes_of_the_year_are_not_known(ecole):
    make_pupil(ecole[0])
    Scolarite.objects.filter(annee=ecole[2]).update(classe=None)
    assert not enfants_partis(NOW.date()).exists()
    AnneeScolaire.objects.filter(pk=ecole[2].pk).update(debut=date(2029, 9, 1), fin=date(2030, 7, 2))
    assert left() != set()  # the year before is the last that has begun, and it is known


def test_child_without_a_school_year_is_left_to_the_town_hall(ecole):
    enfant = make_enfant(annee=ecole[0])
    enfant.scolarites.all().delete()
    assert left() == set()
    assert any("sans année d’école" in phrase for phrase in partis._details(NOW))


def test_family_goes_with_its_last_child(ecole):
    camille = ResponsableFactory()
    enfant = make_pupil(ecole[0], adultes=[camille])
    Enfant.objects.filter(prenom="Autre", scolarites__annee=ecole[0]).delete()
    assert passe("departures") == {
        "enfance.Enfant": 1,
        "enfance.Responsable": 1,
        "accounts.User": 1,
        "enfance.Foyer": 1,
    }
    assert not Enfant.objects.filter(pk=enfant.pk).exists()
    assert [Foyer.objects.count(), Responsable.objects.count(), User.objects.count()] == [0, 0, 0]
    assert set(Effacement.objects.values_list("modele", "cle")) == {
        ("enfance.Enfant", enfant.pk),
        ("enfance.Responsable", camille.pk),
        ("accounts.User", camille.user_id),
        ("enfance.Foyer", camille.foyer_id),
    }


def test_home_of_a_child_who_stays_stays_whole(ecole):
    camille, sacha = ResponsableFactory(), ResponsableFactory()
    parti, reste = make_pupil(ecole[0], adultes=[camille, sacha]), make_pupil(*ecole, adultes=[camille])
    beau_pere = ResponsableFactory(foyer=camille.foyer)  # answers for none, lives there
    passe("departures")
    assert not Enfant.objects.filter(pk=parti.pk).exists()
    assert set(Responsable.objects.all()) == {camille, beau_pere}
    assert list(Foyer.objects.all()) == [camille.foyer]
    assert list(reste.responsables.all()) == [camille]


def test_suspended_parent_of_a_child_who_stays_stays(ecole):
    camille = ResponsableFactory()
    make_pupil(ecole[0], adultes=[camille])
    reste = make_pupil(*ecole)
    Responsabilite.objects.create(enfant=reste, responsable=camille, suspendue=True)
    passe("departures")
    assert Responsable.objects.filter(pk=camille.pk).exists()


def test_refusal_leaves_that_family_whole_and_the_others_go(ecole, monkeypatch):
    Enfant.objects.filter(prenom="Autre", scolarites__annee=ecole[0]).delete()
    retenue, autre = make_pupil(ecole[0]), make_pupil(ecole[0])
    effacer = partis.effacer

    def refuse(cles, *, now):
        if retenue.pk in cles["enfance.Enfant"]:
            raise EffacementRefuse("Un e-mail part en ce moment.")
        return effacer(cles, now=now)

    monkeypatch.setattr(partis, "effacer", refuse)
    with pytest.raises(EffacementRefuse, match=r"Un e-mail part en ce moment\."):
        passe("departures")
    assert set(enfants_partis(NOW.date())) == {retenue}
    assert not Enfant.objects.filter(pk=autre.pk).exists()


def test_row_that_holds_a_family_back_is_told(ecole, monkeypatch):
    enfant = make_pupil(ecole[0])

    def protected(cles, *, now):
        raise ProtectedError("x", {enfant.scolarites.get()})

    monkeypatch.setattr(partis, "effacer", protected)
    with pytest.raises(EffacementRefuse, match="scolarités la retiennent"):
        passe("departures")


def test_child_who_came_back_meanwhile_stays(ecole):
    Enfant.objects.filter(prenom="Autre", scolarites__annee=ecole[0]).delete()
    camille = ResponsableFactory()
    enfant = make_pupil(ecole[0], adultes=[camille])
    (lot,) = list(next(d for d in Extension.installed().durees if d.code == "departures").lots(NOW))
    ScolariteFactory(enfant=enfant, annee=ecole[2])
    assert not any(lot().values())
    assert Responsable.objects.filter(pk=camille.pk).exists()


# --- Accounts ---------------------------------------------------------------------------------------------------------


OLD, RECENT = NOW - timedelta(days=731), NOW - timedelta(days=729)


@pytest.mark.parametrize(
    ("fields", "goes"),
    [
        ({"created_at": OLD}, True),
        ({"created_at": RECENT}, False),
        ({"created_at": OLD, "last_login": RECENT}, False),
        ({"created_at": OLD, "last_login": OLD}, True),
    ],
)
def test_account_without_a_child_goes_once_unused(ecole, fields, goes):
    users = [UserFactory(**fields), ResponsableFactory(**{f"user__{k}": v for k, v in fields.items()}).user]
    agents = [StaffFactory(is_active=False, **fields), StaffFactory(**fields)]
    passe("accounts")
    assert [User.objects.filter(pk=user.pk).exists() for user in users] == [not goes] * 2
    assert [User.objects.filter(pk=agent.pk).exists() for agent in agents] == [not goes, True]


def test_parent_who_never_logs_in_stays(ecole):
    camille = ResponsableFactory(user__created_at=OLD)
    make_pupil(*ecole, adultes=[camille])
    seul = ResponsableFactory(user__created_at=OLD, foyer=camille.foyer)
    passe("accounts")
    assert set(Responsable.objects.all()) == {camille, seul}


def test_home_with_one_account_in_use_stays(ecole):
    foyer = FoyerFactory()
    adultes = [ResponsableFactory(foyer=foyer, user__created_at=at) for at in (OLD, RECENT)]
    passe("accounts")
    assert set(Responsable.objects.filter(foyer=foyer)) == set(adultes)


# --- Any school -------------------------------------------------------------------------------------------------------


@pytest.mark.ci
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    enfants=st.lists(
        st.tuples(
            st.sampled_from([(0,), (0, 1), (1,), (0, 1, 2), (2,), (0, 2)]),
            st.sets(st.integers(0, 4), max_size=3),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
    foyers=st.lists(st.integers(0, 3), min_size=5, max_size=5),
)
def test_purge_of_any_school_keeps_figures_and_those_who_stay(ecole, enfants, foyers):  # RGP-06, RGP-08
    with transaction.atomic():
        homes = [FoyerFactory(adresse=f"{n} rue du Moulin") for n in range(4)]
        adultes = [ResponsableFactory(foyer=homes[n]) for n in foyers]
        soir = Creneau.objects.get(code="soir")
        for annees, siens, venu in enfants:
            enfant = make_pupil(*(ecole[n] for n in annees), adultes=[adultes[n] for n in siens])
            payeur = adultes[min(siens)].foyer if siens else None
            for n in annees:
                jour = date(2026 + n, 9, 10)
                Inscription.objects.create(enfant=enfant, jour=jour, creneau=soir, foyer=payeur)
                if venu:
                    venue = datetime(jour.year, 9, 10, 16, 40, tzinfo=PARIS)
                    Pointage.objects.create(
                        enfant=enfant, jour=jour, creneau=soir, present=True, arrivee=venue, arrivee_recue=venue
                    )
        stay = set(Enfant.objects.exclude(pk__in=enfants_partis(NOW.date())))
        liens = set(Responsabilite.objects.filter(enfant__in=stay).values_list("enfant", "responsable"))
        before = figures(ecole)
        foretold = [dict(erase(d, now=NOW, simuler=True)) for d in Extension.installed().durees_of(Cadence.AN)]
        assert figures(ecole) == before
        done = [dict(erase(d, now=NOW)) for d in Extension.installed().durees_of(Cadence.AN)]
        assert done == foretold
        assert figures(ecole) == before
        assert set(Enfant.objects.all()) == stay
        assert set(Responsabilite.objects.values_list("enfant", "responsable")) == liens
        assert load_partis(NOW.date()).familles == ()
        assert not Garde.objects.exclude(enfant__in=stay).exists()
        assert [dict(erase(d, now=NOW)) for d in Extension.installed().durees_of(Cadence.AN)] == [{}] * len(done)
        connection.check_constraints()
        transaction.set_rollback(True)


def figures(annees):
    return [load_chiffres(annee, mois, today=NOW.date()) for annee in annees for mois in mois_de(annee)[:2]]
