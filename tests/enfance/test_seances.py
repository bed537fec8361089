"""What happened, read once for everybody: booked, seen, absent, who pays."""

from datetime import date, datetime

import pytest

from enfance.models import Absence, Appel, Creneau, Inscription, Pointage
from enfance.regles import Cle, SansPayeur
from enfance.seances import Presence, absences, inscriptions, load_seances, presences
from portail.dates import PARIS
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant

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
    [seance] = load_seances(JEUDI, JEUDI)
    assert seance.cle == Cle(lea.pk, JEUDI, "soir")
    assert (seance.payeur.foyer, seance.presence) == (camille.foyer_id, Presence(VENUE, PARTIE))
    assert (seance.inscrit, seance.venu, seance.absent, seance.sans_inscription) == (True, True, False, False)


def test_who_is_not_seen_is_absent_once_the_sheet_is_closed(lea, camille):
    reserver(lea, camille.foyer)
    Absence.objects.create(enfant=lea, jour=JEUDI)
    [avant] = load_seances(JEUDI, JEUDI)
    appel = close()
    [apres] = load_seances(JEUDI, JEUDI)
    appel.rouvert_le, appel.motif = PARTIE, "Oubli"
    appel.save()
    [rouvert] = load_seances(JEUDI, JEUDI)
    assert [(s.close, s.absent, s.signalee) for s in (avant, apres, rouvert)] == [
        (False, False, True), (True, True, True), (False, False, True)
    ]  # fmt: skip


@pytest.mark.parametrize("etat", [None, "annulee", "attente"])
def test_a_child_who_came_without_a_place_is_paid_by_the_only_foyer_with_garde(lea, camille, etat):
    if etat:
        reserver(lea, camille.foyer, etat)
    pointer(lea)
    close()
    [seance] = load_seances(JEUDI, JEUDI)
    assert (seance.etat, seance.sans_inscription, seance.absent) == (etat or "annulee", True, False)
    assert (seance.payeur.foyer, seance.payeur.anomalie) == (camille.foyer_id, None)


def test_of_two_foyers_with_garde_nobody_is_guessed(camille):
    sacha = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea = make_enfant(camille, sacha)
    pointer(lea)
    reserver(lea, sacha.foyer, creneau="matin")
    par_creneau = {seance.creneau: seance.payeur for seance in load_seances(JEUDI, JEUDI)}
    assert (par_creneau["matin"].foyer, par_creneau["soir"].foyer) == (sacha.foyer_id, None)
    assert par_creneau["soir"].anomalie is SansPayeur.PLUSIEURS


def test_what_was_cancelled_or_unticked_is_no_seance(lea, camille):
    reserver(lea, camille.foyer, "annulee")
    pointer(lea, VENDREDI)
    Pointage.objects.update(present=False, arrivee=None, arrivee_recue=None)
    assert load_seances(JEUDI, VENDREDI) == []


def test_who_waits_is_there_without_a_place(lea, camille):
    reserver(lea, camille.foyer, "attente")
    close()
    [seance] = load_seances(JEUDI, JEUDI)
    assert (seance.etat, seance.inscrit, seance.absent) == ("attente", False, False)


def test_days_and_children_are_those_asked_for_in_order(lea, camille):
    tom = make_enfant(camille, prenom="Tom")
    for enfant in (tom, lea):
        for jour, creneau in ((VENDREDI, "matin"), (JEUDI, "soir"), (JEUDI, "matin"), (date(2026, 12, 14), "soir")):
            reserver(enfant, camille.foyer, jour=jour, creneau=creneau)
    assert [seance.cle for seance in load_seances(JEUDI, VENDREDI)] == [
        Cle(enfant.pk, jour, creneau)
        for jour, creneau in ((JEUDI, "matin"), (JEUDI, "soir"), (VENDREDI, "matin"))
        for enfant in (lea, tom)
    ]
    assert {seance.enfant for seance in load_seances(JEUDI, VENDREDI, [tom.pk])} == {tom.pk}
    assert load_seances(JEUDI, VENDREDI, []) == []


@pytest.mark.parametrize("nombre", [1, 4])
def test_a_month_costs_the_same_queries_whatever_the_children(camille, django_assert_num_queries, nombre):
    for n in range(nombre):
        enfant = make_enfant(camille, prenom=f"Enfant {n}")
        for jour in (JEUDI, VENDREDI):
            reserver(enfant, camille.foyer, jour=jour)
            pointer(enfant, jour)
    with django_assert_num_queries(4):
        assert len(load_seances(date(2026, 12, 1), date(2026, 12, 31))) == 2 * nombre


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
