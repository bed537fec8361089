"""What happened, read once for everybody: booked, seen, absent."""

from datetime import date, datetime

import pytest

from enfance.models import Absence, Appel, Creneau, Inscription, Pointage
from enfance.seances import absences, inscriptions, presences
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
JEUDI, VENDREDI = date(2026, 12, 10), date(2026, 12, 11)
VENUE = datetime(2026, 12, 10, 16, 40, tzinfo=PARIS)
PARTIE = datetime(2026, 12, 10, 17, 55, tzinfo=PARIS)


@pytest.fixture
def camille():
    AnneeFactory()
    make_creneaux()
    return ResponsableFactory()


@pytest.fixture
def lea(camille):
    return make_enfant(camille)


def reserver(enfant, foyer, etat="inscrit", jour=JEUDI, creneau="soir"):
    depuis = VENUE if etat == "attente" else None
    Inscription.objects.create(
        enfant=enfant,
        jour=jour,
        creneau=Creneau.objects.get(code=creneau),
        etat=etat,
        foyer=foyer,
        attente_depuis=depuis,
    )


def pointer(enfant, jour=JEUDI, depart=None):
    soir = Creneau.objects.get(code="soir")
    Pointage.objects.create(
        enfant=enfant,
        jour=jour,
        creneau=soir,
        present=True,
        arrivee=VENUE,
        arrivee_recue=VENUE,
        depart=depart,
        depart_recu=depart,
    )


def close(jour=JEUDI, **champs):
    return Appel.objects.create(jour=jour, creneau=Creneau.objects.get(code="soir"), **champs)


def test_a_booked_child_who_came(lea, camille):
    reserver(lea, camille.foyer)
    pointer(lea, depart=PARTIE)
    close()
    [inscrite], [presente] = inscriptions(JEUDI, JEUDI), presences(JEUDI, JEUDI)
    assert (inscrite.enfant, inscrite.jour, inscrite.creneau.code) == (lea, JEUDI, "soir")
    assert (inscrite.foyer, inscrite.venu, inscrite.close) == (camille.foyer, True, True)
    assert (presente.arrivee, presente.depart, presente.inscrit, presente.close) == (VENUE, PARTIE, True, True)


def test_who_is_not_seen_is_absent_once_the_sheet_is_closed(lea, camille):
    reserver(lea, camille.foyer)
    Absence.objects.create(enfant=lea, jour=JEUDI)
    [avant] = inscriptions(JEUDI, JEUDI)
    appel = close()
    [apres] = inscriptions(JEUDI, JEUDI)
    appel.rouvert_le, appel.motif = PARTIE, "Oubli"
    appel.save()
    [rouvert] = inscriptions(JEUDI, JEUDI)
    assert [(s.close, s.venu, s.signalee) for s in (avant, apres, rouvert)] == [
        (False, False, True), (True, False, True), (False, False, True)
    ]  # fmt: skip
    assert presences(JEUDI, JEUDI).count() == 0


@pytest.mark.parametrize("etat", [None, "annulee", "attente"])
def test_a_child_who_came_without_a_place_is_not_inscrit(lea, camille, etat):
    if etat:
        reserver(lea, camille.foyer, etat)
    pointer(lea)
    close()
    [presente] = presences(JEUDI, JEUDI)
    assert (presente.enfant, presente.inscrit, presente.close) == (lea, False, True)
    assert list(inscriptions(JEUDI, JEUDI).values_list("etat", "venu")) == ([(etat, True)] if etat else [])


def test_a_place_at_another_creneau_is_none_at_this_one(lea, camille):
    pointer(lea)
    reserver(lea, camille.foyer, creneau="matin")
    [inscrite], [presente] = inscriptions(JEUDI, JEUDI), presences(JEUDI, JEUDI)
    assert (inscrite.venu, presente.inscrit) == (False, False)


def test_what_was_cancelled_or_unticked_did_not_happen(lea, camille):
    reserver(lea, camille.foyer, "annulee")
    pointer(lea, VENDREDI)
    Pointage.objects.update(present=False, arrivee=None, arrivee_recue=None)
    assert not inscriptions(JEUDI, VENDREDI).active().exists()
    assert not presences(JEUDI, VENDREDI).exists()


def test_days_are_those_asked_for_both_included(lea, camille):
    for jour in (JEUDI, VENDREDI, date(2026, 12, 14)):
        reserver(lea, camille.foyer, jour=jour)
        pointer(lea, jour)
    assert set(inscriptions(JEUDI, VENDREDI).values_list("jour", "venu")) == {(JEUDI, True), (VENDREDI, True)}
    assert set(presences(JEUDI, VENDREDI).values_list("jour", "inscrit")) == {(JEUDI, True), (VENDREDI, True)}


@pytest.mark.parametrize("nombre", [1, 4])
def test_a_month_costs_the_same_queries_whatever_the_children(camille, django_assert_num_queries, nombre):
    for n in range(nombre):
        enfant = make_enfant(camille, prenom=f"Enfant {n}")
        for jour in (JEUDI, VENDREDI):
            reserver(enfant, camille.foyer, jour=jour)
            pointer(enfant, jour)
    mois = date(2026, 12, 1), date(2026, 12, 31)
    with django_assert_num_queries(2):
        assert (len(inscriptions(*mois)), len(presences(*mois))) == (2 * nombre, 2 * nombre)


def test_rows_say_what_the_sheet_says(lea, camille):
    tom = make_enfant(camille, prenom="Tom")
    reserver(lea, camille.foyer)
    pointer(tom)
    close()
    Absence.objects.create(enfant=lea, jour=JEUDI)
    [inscrite], [presente] = inscriptions(JEUDI, JEUDI), presences(JEUDI, JEUDI)
    assert (inscrite.venu, inscrite.close, inscrite.signalee) == (False, True, True)
    assert (presente.inscrit, presente.close, presente.signalee) == (False, True, False)
    assert (absences(JEUDI, JEUDI), absences(VENDREDI, VENDREDI)) == ({(lea.pk, JEUDI)}, set())
