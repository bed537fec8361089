"""The planning of a month: its weeks, what is said of each, what it counts."""

from datetime import date, datetime, time

import pytest

from enfance.calendrier import bornes
from enfance.models import AnneeScolaire, Creneau, Fermeture, Garde, Inscription
from enfance.planning.limites import jour_limite
from enfance.planning.mois import CongeVu, GrilleMois, Semaine, build_mois
from enfance.regles import Acteur
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import (
    AnneeFactory,
    FoyerFactory,
    RegleDelaiFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
DECEMBRE = date(2026, 12, 1)
VENDREDI_4, LUNDI_7, MARDI_8 = (date(2026, 12, jour) for jour in (4, 7, 8))


@pytest.fixture
def creneaux():
    AnneeFactory()
    return make_creneaux()


@pytest.fixture
def camille(creneaux):
    return ResponsableFactory()


@pytest.fixture
def lea(camille):
    return make_enfant(camille, prenom="Léa")


def month_of(camille, mois=DECEMBRE, now=NOW) -> GrilleMois:
    situation = load_situation(Acteur.parent(camille), *bornes(mois), now=now)
    return build_mois(situation, mois)


def week_of(camille, jour=LUNDI_7):
    return next(semaine for semaine in month_of(camille).semaines if semaine.lundi == jour)


def note(enfant, creneau, *jours, etat="inscrit"):
    attente = {"attente_depuis": NOW} if etat == "attente" else {}
    for jour in jours:
        Inscription.objects.create(enfant=enfant, jour=jour, creneau=creneau, etat=etat, **attente)


def test_week_is_copied_to_those_that_follow_it(camille, lea):
    assert [(s.lundi.day, s.recopiable) for s in month_of(camille).semaines] == [(30, False), (7, True), (14, False)]


@pytest.mark.parametrize(
    ("mois", "jour", "passees", "premiere"),
    [
        (DECEMBRE, date(2026, 12, 3), [], 30),
        (DECEMBRE, date(2026, 12, 11), [], 30),  # one past week is one line already
        (DECEMBRE, date(2026, 12, 12), [30, 7], 14),
        (DECEMBRE, date(2026, 12, 19), [], 30),  # the month is over
        (date(2026, 11, 1), date(2026, 11, 27), [2, 9, 16], 23),
        (date(2026, 10, 1), date(2026, 11, 27), [], 28),
        (date(2027, 1, 1), date(2027, 1, 27), ["Vacances de Noël", 4, 11, 18], 25),
    ],
)
def test_month_opens_on_the_present_week(camille, lea, mois, jour, passees, premiere):
    now = datetime.combine(jour, time(9), PARIS)
    replie, ouvert = month_of(camille, mois, now).plis
    assert [bloc.lundi.day if isinstance(bloc, Semaine) else bloc.nom for bloc in replie] == passees
    assert ouvert[0].lundi.day == premiere


def test_holidays_are_said_once_and_a_week_that_they_cut_is_shown(camille, lea):
    assert [bloc.nom for bloc in month_of(camille).blocs if isinstance(bloc, CongeVu)] == ["Vacances de Noël"]
    mai = month_of(camille, date(2027, 5, 1))
    assert [semaine.lundi.day for semaine in mai.semaines] == [3, 10, 17, 24, 31]
    assert len(mai.blocs) == 5


def test_total_is_of_the_month_and_of_places_that_are_held(camille, lea, creneaux):
    note(lea, creneaux["soir"], date(2026, 11, 30), LUNDI_7)
    Creneau.objects.filter(code="midi").update(places=0)
    note(lea, creneaux["midi"], MARDI_8, etat="attente")
    assert [(total.nom, total.total) for total in month_of(camille).totaux] == [("Léa", 1)]


def test_children_are_copied_only_where_all_are_at_home(camille, lea):
    tom = make_enfant(camille, prenom="Tom")
    assert week_of(camille).idem == "Tom comme Léa"
    Garde.objects.filter(enfant=tom).update(rythme="alternee", depuis=date(2026, 12, 14))
    Garde.objects.create(enfant=tom, foyer=FoyerFactory(), rythme="alternee", depuis=LUNDI_7)
    assert week_of(camille).idem == ""


def test_child_of_a_closed_week_is_not_elsewhere(camille, lea):
    Fermeture.objects.create(debut=LUNDI_7, fin=date(2026, 12, 11), motif="grève")
    assert [vu.ailleurs for vu in week_of(camille).enfants] == [False]


@pytest.mark.parametrize(
    ("fermes", "genres"), [([], ["ferme", "saute", "saute"]), (["soir"], ["libre"] * 2 + ["fige"])]
)
def test_day_closed_for_all_is_one_block(camille, lea, creneaux, fermes, genres):
    fermeture = Fermeture.objects.create(debut=MARDI_8, fin=MARDI_8, motif="grève")
    fermeture.creneaux.set([creneaux[code] for code in fermes])
    assert [ligne.cases[1].genre for ligne in week_of(camille).enfants[0].lignes] == genres


@pytest.mark.parametrize(("fermee", "sujet"), [(False, "Toute la semaine"), (True, "Lundi 7")])
def test_limit_is_of_all_the_week_when_all_its_days_are_open(camille, lea, fermee, sujet):
    regle = RegleDelaiFactory(genre="semaine", nombre=1, jour_semaine=4, heure=time(12))
    Creneau.objects.update(delai_inscription=regle)
    if fermee:
        Fermeture.objects.create(debut=MARDI_8, fin=MARDI_8, motif="grève")
    assert week_of(camille).infos[0].texte.startswith(f"{sujet}\u00a0: à modifier avant")


def test_limit_of_a_day_is_the_first_still_to_come(camille, lea):
    Creneau.objects.filter(code="midi").update(delai_inscription=RegleDelaiFactory(genre="jours", nombre=0))
    situation = load_situation(Acteur.parent(camille), *bornes(DECEMBRE), now=NOW)
    assert jour_limite(situation, MARDI_8) == datetime(2026, 12, 7, 12, tzinfo=PARIS)


def test_day_past_its_limit_stays_closed_where_a_rank_may_be_given_up(camille, lea, creneaux):
    Creneau.objects.filter(code="soir").update(places=0)
    note(lea, creneaux["soir"], VENDREDI_4, etat="attente")
    semaine = week_of(camille, date(2026, 11, 30))
    assert semaine.ouverte
    assert semaine.jours[-1].clos
    assert not [info for info in semaine.infos if info.icone == "horloge"]


def test_year_that_is_not_open_is_for_the_town_hall_alone(camille, lea):
    AnneeScolaire.objects.update(ouverture=None)
    assert month_of(camille).absence
    acteur = Acteur.guichet(StaffFactory().pk, camille.foyer)
    mois = build_mois(load_situation(acteur, *bornes(DECEMBRE), now=NOW), DECEMBRE)
    assert (mois.absence, len(mois.semaines)) == ("", 3)


# --- A box ------------------------------------------------------------------------------------------------------------


def box_of(mois, jour=MARDI_8):
    """That of the evening."""
    return next(
        case
        for semaine in mois.semaines
        for case in semaine.cases
        if case.cle.jour == jour and case.cle.creneau == "soir"
    )


@pytest.mark.parametrize(
    ("places", "inscrit", "dit"),
    [(5, False, "5 places"), (1, False, "1 place"), (6, False, ""), (5, True, "")],
)
def test_box_says_that_few_places_are_left(camille, lea, creneaux, places, inscrit, dit):
    if inscrit:
        note(lea, creneaux["soir"], MARDI_8)
    Creneau.objects.filter(code="soir").update(places=places)
    assert box_of(month_of(camille)).note == dit


def test_rank_of_a_day_gone_by_is_given_up_no_more(camille, lea, creneaux):
    note(lea, creneaux["soir"], DECEMBRE, VENDREDI_4, etat="attente")
    assert [box_of(month_of(camille), jour).genre for jour in (DECEMBRE, VENDREDI_4)] == ["fige", "libre"]


def test_rank_on_a_day_of_the_other_home_wants_a_reason(camille, lea, creneaux):
    note(lea, creneaux["soir"], MARDI_8, etat="attente")
    Garde.objects.update(foyer=FoyerFactory())
    acteur = Acteur.guichet(StaffFactory().pk, camille.foyer)
    case = box_of(build_mois(load_situation(acteur, *bornes(DECEMBRE), now=NOW), DECEMBRE))
    assert (case.genre, case.motif) == ("libre", True)
