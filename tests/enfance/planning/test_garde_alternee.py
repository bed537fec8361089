"""A parent in alternating custody reads their own days: their next limit, their weeks; the other's are a line each."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from enfance.calendrier import bornes
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Garde, load_calendrier
from enfance.planning.journee import build_jour
from enfance.planning.limites import prochaine_limite
from enfance.planning.mois import build_mois
from enfance.planning.periodes import rythmes
from enfance.regles import Acteur, Cle
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import AnneeFactory, FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain, words_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)  # a Thursday, in Sacha's week
DECEMBRE, LUNDI_7, LUNDI_14 = (date(2026, 12, jour) for jour in (1, 7, 14))


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    return ResponsableFactory(user__first_name="Camille")


@pytest.fixture
def sacha(camille):
    return ResponsableFactory(user__first_name="Sacha", foyer=FoyerFactory(adresse="3 rue du Lac"))


@pytest.fixture
def jules(camille, sacha):
    return alternate(make_enfant(camille, sacha, prenom="Jules"), camille, sacha)


def alternate(enfant, premier, second, passage=Garde.Passage.LUNDI):
    """A week each, the first one's from Monday 7."""
    for parent, depuis in ((premier, LUNDI_7), (second, LUNDI_14)):
        enfant.gardes.filter(foyer=parent.foyer).update(rythme="alternee", depuis=depuis, passage=passage)
    return enfant


def situation_of(parent, now=NOW):
    debut, fin = bornes(DECEMBRE)
    return load_situation(Acteur.parent(parent), debut, fin, now=now)


def semaines_of(parent, now=NOW):
    return {s.lundi.day: s for s in build_mois(situation_of(parent, now), DECEMBRE).semaines}


def inscrire(parent, enfant, *cases):
    changements = [Changement(Cle(enfant.pk, date(2026, 12, jour), code), "inscrit") for jour, code in cases]
    assert enregistrer(changements, Acteur.parent(parent), now=NOW).refus == ()


def wait(parent, enfant, jour, code):
    changement = Changement(Cle(enfant.pk, date(2026, 12, jour), code), "attente")
    assert enregistrer([changement], Acteur.parent(parent), now=NOW).refus == ()


# --- The next limit -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("qui", "pour"), [("camille", "lundi 7"), ("sacha", "lundi 14")])
def test_next_limit_is_that_of_ones_own_day(request, jules, qui, pour):
    parent = request.getfixturevalue(qui)

    limite = prochaine_limite(situation_of(parent), date(2027, 1, 15))

    assert limite.pour == pour


def test_next_limit_is_that_of_the_child_who_is_there(camille, sacha, jules):
    make_enfant(sacha, prenom="Tom")

    limite = prochaine_limite(situation_of(sacha), date(2027, 1, 15))

    assert limite.pour == "lundi 7"


def test_evening_that_begins_the_week_has_its_own_limit(camille, sacha, jules):
    alternate(jules, camille, sacha, Garde.Passage.VENDREDI)

    limite = prochaine_limite(situation_of(sacha), date(2027, 1, 15))

    assert limite.pour == "vendredi 11"


def test_home_says_it(client, sacha, jules):
    inscrire(sacha, jules, (14, "midi"))
    client.force_login(sacha.user)

    assert "Prochaine date limite : vendredi 11 décembre, 12 h, pour lundi 14." in words_of(client.get("/"))


# --- The home page --------------------------------------------------------------------------------------------------


def test_days_of_the_other_parent_say_what_is_planned_on_the_home_page(client, camille, sacha, jules):
    inscrire(camille, jules, (7, "midi"), (8, "midi"), (8, "soir"))
    client.force_login(sacha.user)

    page = client.get("/")

    lundi, mardi = (jour for jour in page.context["jours"] if jour.jour.day in {7, 8})
    assert [(jour.etat, jour.enfants[0].prevus) for jour in (lundi, mardi)] == [
        ("jour de l’autre parent", "midi"),
        ("jour de l’autre parent", "midi, soir"),
    ]
    words = words_of(page)
    assert "Jules est chez vous jusqu’au lundi 7 au matin." in words
    assert "Jules chez l’autre parent : midi, soir jour de l’autre parent Voir le mardi 8 décembre" in words
    assert "pour le lundi 7" not in words  # neither call nor change


def test_waiting_of_the_other_parent_is_told_from_what_they_have(client, camille, sacha, jules):
    Creneau.objects.filter(code="soir").update(places=0)
    wait(camille, jules, 8, "soir")

    (vu,) = build_jour(situation_of(sacha), date(2026, 12, 8)).enfants

    assert vu.prevus == "soir en attente"
    assert [plain(moment.texte) for moment in vu.moments] == [
        "chez l’autre parent : rien de prévu",
        "chez l’autre parent : rien de prévu",
        "chez l’autre parent : liste d’attente",
    ]


def test_child_who_is_away_is_a_line_of_a_day_of_the_others(client, camille, sacha, jules):
    make_enfant(sacha, prenom="Tom")
    inscrire(camille, jules, (8, "midi"))
    client.force_login(sacha.user)

    page = words_of(client.get("/"))

    assert "Jules chez l’autre parent : midi Tom" in page
    assert "Modifier le mardi 8 décembre" in page
    assert "Jules est chez l’autre parent. Lui seul inscrit ces moments." in words_of(client.get("/jour/2026-12-08/"))


@pytest.mark.parametrize(
    ("qui", "en_partie"), [("camille", "soir chez l’autre parent"), ("sacha", "matin et midi chez l’autre parent")]
)
def test_day_of_two_homes_says_which_moments_are_whose(request, client, camille, sacha, jules, qui, en_partie):
    alternate(jules, camille, sacha, Garde.Passage.VENDREDI)
    anna = alternate(make_enfant(camille, sacha, prenom="Anna"), camille, sacha, Garde.Passage.VENDREDI)
    inscrire(camille, jules, (11, "midi"))
    inscrire(sacha, anna, (11, "soir"))
    client.force_login(request.getfixturevalue(qui).user)

    page = client.get("/jour/2026-12-11/")

    jour, words = page.context["jour"], words_of(page)
    assert jour.en_partie == en_partie
    assert f"{en_partie.split(' chez')[0].capitalize()} : Anna et Jules sont chez l’autre parent. Lui seul" in words
    assert words.count("chez l’autre parent : prévu") == 1
    assert words.count("chez l’autre parent : rien de prévu") == (1 if qui == "camille" else 3)


def test_home_says_each_moment_of_a_day_of_two_homes(client, time_machine, camille, sacha, jules):
    time_machine.move_to(datetime(2026, 12, 9, 8, 0, tzinfo=PARIS), tick=False)
    alternate(jules, camille, sacha, Garde.Passage.VENDREDI)
    inscrire(camille, jules, (11, "midi"))
    inscrire(sacha, jules, (11, "soir"))
    client.force_login(sacha.user)

    words = words_of(client.get("/"))
    assert "Matin, chez l’autre parent : rien de prévu Midi, chez l’autre parent : prévu Soir : oui" in words
    assert "matin et midi chez l’autre parent" in words


def test_children_who_are_away_at_other_moments_are_told_apart(camille, sacha, jules):
    alternate(jules, camille, sacha, Garde.Passage.VENDREDI)
    alternate(make_enfant(camille, sacha, prenom="Anna"), sacha, camille)
    make_enfant(camille, prenom="Tom")

    jour = build_jour(situation_of(camille), date(2026, 12, 11))

    assert jour.en_partie == ""
    assert plain(" / ".join(jour.chez_l_autre)) == "Anna est chez l’autre parent / Soir : Jules est chez l’autre parent"


def test_three_homes_are_one_other_parent(client, camille, sacha, jules):
    """Nobody reads how many they are."""
    claude = ResponsableFactory(user__first_name="Claude", foyer=FoyerFactory(adresse="5 rue du Lac"))
    jules.responsabilites.create(responsable=claude)
    jules.gardes.create(foyer=claude.foyer, rythme="alternee", depuis=LUNDI_7)
    inscrire(claude, jules, (7, "midi"))
    client.force_login(sacha.user)

    words = words_of(client.get("/jour/2026-12-07/"))

    assert "Jules est chez l’autre parent." in words
    assert "Midi chez l’autre parent : prévu" in words
    assert not [nom for nom in ("Claude", "Camille", "rue du Lac") if nom in words]


def test_day_of_nobody_is_not_said_to_be_the_other_parents(camille, sacha, jules):
    jules.gardes.update(fin=date(2026, 12, 6))

    jour = build_jour(situation_of(camille), date(2026, 12, 7))

    assert (jour.ailleurs, jour.chez_l_autre, jour.etat) == (False, [], "pas modifiable ici")
    assert {moment.texte for moment in jour.enfants[0].moments} == {"non, aucune garde notée"}


def test_day_of_the_other_parent_that_has_passed_its_limit_says_whose_it_is(client, camille, jules):
    """« Un imprévu ? Appelez la garderie » is for whoever has the child."""
    client.force_login(camille.user)

    page = words_of(client.get("/jour/2026-12-04/"))

    assert "Jour de l’autre parent" in page
    assert "Un imprévu" not in page


# --- The month ------------------------------------------------------------------------------------------------------


def test_week_of_the_other_parent_is_a_line(client, camille, sacha, jules):
    inscrire(sacha, jules, (14, "midi"), (15, "midi"))
    client.force_login(camille.user)

    page = words_of(client.get("/planning/2026-12/"))

    assert "Semaine du 14 au 18 décembre, chez l’autre parent" in page
    assert "Jules, Midi : lundi 14 et mardi 15" in page
    assert "Semaine du 7 au 11 décembre, chez" not in page
    assert "plus modifiable" not in page  # of last week, which was the other's


def test_child_who_is_away_is_a_line_of_a_week_of_the_others(client, camille, sacha, jules):
    make_enfant(sacha, prenom="Tom")
    inscrire(camille, jules, (8, "midi"))
    client.force_login(sacha.user)

    semaine = semaines_of(sacha)[7]
    page = client.get("/planning/2026-12/")

    seul, tom = semaine.enfants
    assert (seul.ailleurs, seul.montrees, seul.prevus) == (True, [], ["Midi\u00a0: mardi 8"])
    assert (tom.ailleurs, len(tom.montrees)) == (False, 3)
    assert f'value="{jules.pk}:2026-12-08' not in page.text
    assert "Midi : mardi 8" in words_of(page)


def test_evening_that_is_ones_own_stays_a_box(camille, sacha, jules):
    alternate(jules, camille, sacha, Garde.Passage.VENDREDI)

    (vu,) = semaines_of(sacha)[7].enfants

    assert [ligne.creneau.code for ligne in vu.montrees] == ["soir"]
    assert [case.genre for case in vu.montrees[0].cases] == ["fige", "fige", "fige", "libre"]
    assert vu.ailleurs is False


def test_week_of_the_other_parent_under_way_is_folded_too(camille, jules):
    """Its first days have passed their limit, which hides whose they are from nobody."""
    (vu,) = semaines_of(camille, now=datetime(2026, 12, 16, 8, 0, tzinfo=PARIS))[14].enfants

    assert vu.ailleurs


def test_totals_are_those_of_ones_own_days(camille, sacha, jules):
    inscrire(camille, jules, (7, "midi"), (8, "midi"))
    inscrire(sacha, jules, (14, "midi"))

    totaux = [build_mois(situation_of(parent), DECEMBRE).totaux[0].total for parent in (camille, sacha)]

    assert totaux == [2, 1]


def test_parent_who_has_the_child_always_folds_nothing(camille, jules):
    tom = make_enfant(camille, prenom="Tom")

    vus = [vu for semaine in semaines_of(camille).values() for vu in semaine.enfants if vu.enfant.pk == tom.pk]

    assert not any(vu.repliees for vu in vus)


# --- The semaine type -----------------------------------------------------------------------------------------------

TYPE = "/semaine-type/"
ETE = date(2027, 7, 2)


def rythmes_of(parent):
    situation = load_situation(Acteur.semaine_type(parent), NOW.date(), ETE, now=NOW)
    return [(rythme.code, rythme.court, plain(rythme.suite)) for rythme in rythmes(situation, NOW.date(), ETE)]


def preview(client, parent, *boxes):
    client.force_login(parent.user)
    data = {"t": list(boxes), "fin": "annee", "rythme": "1", "apercu": "1"}
    return words_of(client.send(TYPE, data))


@pytest.mark.parametrize("passage", Garde.Passage)
@pytest.mark.parametrize(
    ("qui", "suite"),
    [
        ("camille", "Celles du 7 décembre, 4 janvier, 18 janvier…"),
        ("sacha", "Celles du 14 décembre, 11 janvier, 25 janvier…"),
    ],
)
def test_weeks_of_the_other_parent_are_not_offered(request, camille, sacha, jules, passage, qui, suite):
    alternate(jules, camille, sacha, passage)

    soirs = ", et les vendredis soir d’arrivée chez vous" if passage == Garde.Passage.VENDREDI else ""
    assert rythmes_of(request.getfixturevalue(qui)) == [("1", "seulement vos semaines", f"{suite}{soirs}")]


def test_one_week_in_two_is_offered_where_a_child_is_always_there(sacha, jules):
    make_enfant(sacha, prenom="Tom")

    offerts = rythmes_of(sacha)

    assert [code for code, *_ in offerts] == ["1", "2026-12-07", "2026-12-14"]
    assert offerts[0][1] == "toutes les semaines, seulement les vôtres pour Jules"


def test_one_week_in_two_is_offered_where_two_children_come_in_turn(camille, sacha, jules):
    alternate(make_enfant(sacha, camille, prenom="Zoé"), sacha, camille)

    assert [code for code, *_ in rythmes_of(sacha)] == ["1", "2026-12-07", "2026-12-14"]


def test_preview_counts_the_days_of_the_other_parent_once_a_child(client, camille, sacha, jules):
    anna = alternate(make_enfant(camille, sacha, prenom="Anna"), camille, sacha)

    page = preview(client, camille, *(f"{enfant.pk}:{jour}:midi" for enfant in (jules, anna) for jour in (1, 2, 4, 5)))

    assert "au vendredi 2 juillet 2027, seulement vos semaines." in page
    mondays = [date(2026, 12, 14) + timedelta(weeks=2 * n) for n in range(16)]
    ecole = load_calendrier()
    jours = sum(ecole.is_ecole(lundi + timedelta(days=n)) for lundi in mondays for n in (0, 1, 3, 4))
    assert page.count(f"Chez l’autre parent, rien ne change : {jours} jours du lundi 14 décembre au") == 2


@pytest.mark.parametrize(
    ("passage", "debut"),
    [(Garde.Passage.LUNDI, "lundi 14 décembre"), (Garde.Passage.VENDREDI, "vendredi 11 décembre")],
)
def test_preview_begins_on_a_day_of_ones_own(client, camille, sacha, jules, passage, debut):
    alternate(jules, camille, sacha, passage)

    page = preview(client, sacha, f"{jules.pk}:1:midi")

    assert f"Du {debut} 2026 au vendredi 2 juillet 2027, seulement vos semaines." in page


def test_pattern_that_is_kept_says_whose_weeks_it_follows(client, camille, jules):
    client.force_login(camille.user)
    data = {"t": f"{jules.pk}:1:midi", "fin": "annee", "rythme": "1", "enregistrer": "1"}
    client.post(TYPE, data)

    assert "Semaine type de Jules, seulement vos semaines" in words_of(client.get("/"))
    assert "Toute l’année scolaire, seulement vos semaines" in words_of(client.get(TYPE))
    assert {inscription.foyer_id for inscription in jules.inscriptions.inscrit()} == {camille.foyer_id}
