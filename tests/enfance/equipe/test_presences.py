"""Where a closed sheet and the bookings disagree: for the secretary, and in the parents' history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from enfance.equipe.pointages import enregistrer, rouvrir, terminer, voir
from enfance.equipe.presences import (
    load_constats,
    load_feuilles_ouvertes,
    load_lignes,
    load_non_repartis,
    load_non_repartis_a_voir,
    prenoms_a_voir,
)
from enfance.models import Absence
from tests.clients import Client
from tests.enfance.gate import JEUDI, NOW, inscrire, tap
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
MARDI = date(2026, 12, 8)
SOIR = NOW.replace(hour=18, minute=30)


@pytest.fixture(autouse=True)
def school(db, time_machine):
    time_machine.move_to(SOIR, tick=False)
    AnneeFactory()
    make_creneaux()


def pointer(*enfants, jour=JEUDI, creneau="soir", apres=0, **fields):
    """Tap these children at five that day, or so many minutes later."""
    moment = NOW - timedelta(days=(JEUDI - jour).days, minutes=-apres)
    gestes = [tap(enfant, a=moment, **fields) for enfant in enfants]
    enregistrer(gestes, jour, creneau, StaffFactory(), now=moment)


def close(jour=JEUDI, creneau="soir"):
    terminer(jour, creneau, StaffFactory(), now=SOIR)


def lignes(debut=JEUDI, fin=JEUDI, enfants=None):
    return [constat.ligne for constat in load_constats(debut, fin, enfants)]


@pytest.mark.parametrize(
    ("sexe", "absent", "signalee", "venu"),
    [
        ("f", "inscrite, absente", "inscrite, absence signalée", "présente sans inscription"),
        ("m", "inscrit, absent", "inscrit, absence signalée", "présent sans inscription"),
        ("", "inscrit, absent", "inscrit, absence signalée", "présent sans inscription"),
    ],
)
def test_constats_say_who_was_missing_and_who_came_all_the_same(sexe, absent, signalee, venu):
    ana, eva, lea, tom = (make_enfant(prenom=prenom, nom=prenom, sexe=sexe) for prenom in ("Ana", "Eva", "Léa", "Tom"))
    for enfant in (ana, eva, lea):
        inscrire(enfant)
    Absence.objects.create(enfant=eva, jour=JEUDI)
    pointer(lea, tom)
    close()
    assert lignes() == [
        f"Ana, soir, jeudi 10\u00a0décembre\u00a0: {absent}",
        f"Eva, soir, jeudi 10\u00a0décembre\u00a0: {signalee}",
        f"Tom, soir, jeudi 10\u00a0décembre\u00a0: {venu}",
    ]


def test_constats_wait_until_the_sheet_is_closed_and_go_when_it_opens_again():
    inscrire(make_enfant())
    assert lignes() == []
    close()
    assert len(lignes()) == 1
    rouvrir(JEUDI, "soir", StaffFactory(), "Trop tôt", now=SOIR)
    assert lignes() == []


@pytest.mark.parametrize(
    ("etat", "venu", "n"),
    [("inscrit", True, 0), ("inscrit", False, 1), ("attente", False, 0), ("attente", True, 1), ("annulee", True, 1)],
)
def test_constats_depend_on_who_holds_a_place(etat, venu, n):
    lea = make_enfant()
    inscrire(lea, etat=etat)
    if venu:
        pointer(lea)
    close()
    assert len(lignes()) == n


def test_child_who_was_unticked_was_absent():
    lea = make_enfant(sexe="f")
    inscrire(lea)
    pointer(lea)
    pointer(lea, coche=False, apres=1)
    close()
    assert lignes() == ["Léa, soir, jeudi 10\u00a0décembre\u00a0: inscrite, absente"]


def test_constats_are_of_the_days_and_children_asked_for(django_assert_num_queries):
    lea, tom = make_enfant(), make_enfant(prenom="Tom")
    for jour in (MARDI, JEUDI):
        for enfant in (lea, tom):
            inscrire(enfant, jour=jour)
        close(jour)
    with django_assert_num_queries(2):
        constats = load_constats(MARDI, JEUDI)
    assert [(constat.jour, constat.enfant.prenom) for constat in constats] == [
        (JEUDI, "Léa"), (JEUDI, "Tom"), (MARDI, "Léa"), (MARDI, "Tom"),
    ]  # fmt: skip
    assert [(constat.jour, constat.enfant) for constat in load_constats(JEUDI, JEUDI, [tom.pk])] == [(JEUDI, tom)]


def test_ecart_that_changes_is_to_be_seen_again(django_assert_num_queries):
    lea = make_enfant()
    inscrire(lea)
    close()
    voir(load_constats(JEUDI, JEUDI), StaffFactory(), now=SOIR)
    assert prenoms_a_voir(JEUDI, JEUDI) == []
    Absence.objects.create(enfant=lea, jour=JEUDI)
    with django_assert_num_queries(2):
        assert prenoms_a_voir(JEUDI, JEUDI) == ["Léa"]
    [ligne] = load_lignes(JEUDI, JEUDI)
    assert (ligne.constat.genre, ligne.vu) == ("signale", None)


def test_town_hall_alone_is_told_who_was_not_seen_to_leave(django_assert_num_queries):
    lea, tom, ana = (make_enfant(prenom=prenom, sexe="f") for prenom in ("Léa", "Tom", "Ana"))
    for enfant in (lea, tom, ana):
        inscrire(enfant)
        inscrire(enfant, "matin")
    pointer(lea, tom)
    pointer(tom, quoi="parti")
    pointer(lea, creneau="matin")  # she went to class
    assert load_non_repartis(JEUDI, JEUDI) == []
    close()
    close(creneau="matin")
    with django_assert_num_queries(1):
        [constat] = load_non_repartis(JEUDI, JEUDI)
    assert constat.ligne == "Léa, soir, jeudi 10\u00a0décembre\u00a0: présente, départ non noté"
    assert constat in [ligne.constat for ligne in load_lignes(JEUDI, JEUDI)]
    assert constat not in load_constats(JEUDI, JEUDI)  # what the family reads
    assert load_non_repartis_a_voir(JEUDI, JEUDI) == [constat]
    voir([constat], StaffFactory(), now=SOIR)
    assert load_non_repartis_a_voir(JEUDI, JEUDI) == []


def test_town_hall_reads_the_question_that_nobody_answered():
    lea = make_enfant(sexe="f")
    inscrire(lea)
    pointer(lea, quoi="parti")
    close()
    [constat] = load_non_repartis(JEUDI, JEUDI)
    assert constat.phrase == "question sans réponse\u00a0: partie à 17\u00a0h sans arrivée"


def test_lignes_cost_the_same_for_one_and_three_children(django_assert_num_queries):
    for n in (1, 3):
        for i in range(n):
            inscrire(make_enfant(ResponsableFactory(), prenom=f"Enfant {n} {i}"))
        close()
        with django_assert_num_queries(7):
            assert all(ligne.foyers and str(ligne.foyers[0]) for ligne in load_lignes(JEUDI, JEUDI))


def test_feuilles_ouvertes_are_those_begun_and_never_closed():
    lea = make_enfant()
    for creneau in ("soir", "midi"):
        pointer(lea, jour=MARDI, creneau=creneau)
    pointer(lea)  # today’s is still going on
    assert [(jour, creneau.code) for jour, creneau in load_feuilles_ouvertes(JEUDI)] == [
        (MARDI, "midi"),
        (MARDI, "soir"),
    ]
    close(MARDI)
    assert [(jour, creneau.code) for jour, creneau in load_feuilles_ouvertes(JEUDI)] == [(MARDI, "midi")]
    assert load_feuilles_ouvertes(JEUDI + timedelta(days=30)) == []


def historique(responsable, query=""):
    client = Client()
    client.force_login(responsable.user)
    return client.get(f"/historique/{query}").text


def test_parents_read_it_in_their_history():
    camille = ResponsableFactory()
    lea = make_enfant(camille, sexe="f")
    inscrire(lea)
    close()
    phrase = "Léa, soir, jeudi 10\u00a0décembre\u00a0: inscrite, absente"
    assert phrase in historique(camille)
    assert phrase in historique(camille, f"?enfant={lea.pk}")
    assert phrase not in historique(camille, "?avant=999")  # once, with the latest
    assert phrase not in historique(ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac")))
