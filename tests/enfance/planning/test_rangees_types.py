"""The semaine type of a child who changes school: kept once, followed moment by moment."""

from datetime import date, datetime, time, timedelta

import pytest

from enfance.changement_ecole import changer_place
from enfance.models import Creneau, Inscription, Scolarite, SemaineType
from enfance.planning.apercu import build_apercu
from enfance.planning.bilan import blocs
from enfance.planning.grilles import build_grilles, build_suivies
from enfance.planning.rangees_types import boxes_suivies, rangees_types
from enfance.planning.semaines import remplir
from enfance.regles import Acteur
from enfance.semaine_modele import HORIZON, Modele
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.clients import Client
from tests.enfance.villes import Ville, hold, make_ville
from tests.factories import AnneeFactory
from tests.reading import plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_7, LUNDI_14, NOEL = date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 18)


@pytest.fixture
def ville(time_machine) -> Ville:
    time_machine.move_to(NOW, tick=False)
    return make_ville()


@pytest.fixture
def connected(client, ville) -> Client:
    client.force_login(ville.camille.user)
    return client


def situation_of(ville, now=NOW):
    acteur = Acteur.semaine_type(ville.camille)
    return load_situation(acteur, now.date(), now.date() + HORIZON, now=now, modeles=True)


def week(enfant, *boxes, debut=LUNDI_7, fin=NOEL):
    return Modele(enfant.pk, frozenset(boxes), debut, fin)


def fill(ville, *modeles):
    return remplir(list(modeles), Acteur.semaine_type(ville.camille), now=NOW - timedelta(minutes=20))


def rows(ville, enfant):
    return [(r.creneau.code, sorted(r.jours)) for r in rangees_types(situation_of(ville), enfant.pk)]


def booked(enfant):
    lignes = Inscription.objects.inscrit().filter(enfant=enfant).order_by("jour", "creneau__ordre")
    return [(ligne.jour, ligne.creneau.code) for ligne in lignes.select_related("creneau")]


def leave(ville, jour=LUNDI_14):
    return changer_place(ville.tom.scolarites.get(), ville.bourg, jour)


def test_pattern_of_the_school_that_was_left_is_shown_as_the_new_ones(ville):
    fill(ville, week(ville.tom, (0, "soir-hameau"), (0, "matin"), (3, "midi-hameau")))
    leave(ville, date(2026, 9, 1))

    situation = situation_of(ville)

    assert boxes_suivies(situation)[ville.tom.pk] == {(0, "soir"), (0, "matin"), (3, "midi")}
    assert build_apercu(situation, situation.modeles).ajouts != []


def test_pattern_follows_the_child_on_the_day_it_changes_school(ville):
    leave(ville)

    fill(ville, week(ville.tom, (0, "soir-hameau")))

    assert booked(ville.tom) == [(LUNDI_7, "soir-hameau"), (LUNDI_14, "soir")]


def test_week_in_two_follows_as_well(ville):
    leave(ville)
    fill(ville, Modele(ville.tom.pk, frozenset({(0, "soir-hameau")}), LUNDI_7, NOEL, LUNDI_14))

    assert booked(ville.tom) == [(LUNDI_14, "soir")]


def test_week_shows_each_moment_once_while_two_schools_are_to_come(ville):
    leave(ville)

    assert [code for code, _ in rows(ville, ville.tom)] == ["matin", "midi-hameau", "soir-hameau"]


def test_week_shows_what_the_next_school_has_besides(ville):
    journee = hold(ville.bourg, code="mercredi", moment="journee", debut=time(8), nom="Mercredi", nom_court="mercredi")
    Creneau.objects.filter(pk=journee.pk).update(mercredi=True, lundi=False, mardi=False, jeudi=False, vendredi=False)
    leave(ville)

    assert ("mercredi", [2]) in rows(ville, ville.tom)


def test_week_shows_what_was_chosen_in_the_next_school_besides(ville):
    """And of what the present school has, nothing twice: Tuesday evening is the moment of the hameau alone."""
    journee = hold(ville.bourg, code="mercredi", moment="journee", debut=time(8), nom="Mercredi", nom_court="mercredi")
    Creneau.objects.filter(pk=journee.pk).update(mercredi=True, lundi=False, mardi=False, jeudi=False, vendredi=False)
    leave(ville)
    fill(ville, week(ville.tom, (1, "soir-hameau"), (1, "soir"), (2, "mercredi")))

    assert boxes_suivies(situation_of(ville))[ville.tom.pk] == {(1, "soir-hameau"), (2, "mercredi")}


def test_pupil_of_the_next_year_elsewhere_sees_the_hours_of_this_year(ville):
    suivante = AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3))
    Scolarite.objects.create(enfant=ville.tom, annee=suivante, niveau="CE1", ecole=ville.bourg)

    assert [code for code, _ in rows(ville, ville.tom)] == ["matin", "midi-hameau", "soir-hameau"]


def test_preview_counts_both_schools_under_one_moment(ville):
    leave(ville)
    situation = situation_of(ville)
    apercu = build_apercu(situation, [week(ville.tom, (0, "soir-hameau"))])

    assert {cle.creneau for cle in apercu.ajouts} == {"soir-hameau", "soir"}
    assert [plain(nombre) for nombre, _ in blocs(apercu)[ville.tom.pk].changes] == ["2 soirs ajoutés"]


def test_filling_again_after_the_change_takes_nothing_away(ville):
    leave(ville)
    fill(ville, week(ville.tom, (0, "soir-hameau")))

    situation = situation_of(ville)

    assert not build_apercu(situation, situation.modeles).change


def test_boxes_are_named_by_the_creneau_of_the_childs_school(ville):
    Creneau.objects.filter(code="soir-hameau").update(nom="Étude du soir", nom_court="étude")
    situation = situation_of(ville)
    grille = next(g for g in build_grilles(situation, {}, {}) if g.enfant.pk == ville.tom.pk)

    noms = [ligne.cases[0].nom for ligne in grille.lignes]

    assert noms == ["Tom, matin, lundi", "Tom, midi, lundi", "Tom, étude, lundi"]


def test_page_shows_and_keeps_the_new_schools_moments(ville, connected):
    fill(ville, week(ville.tom, (0, "soir-hameau")))
    leave(ville, date(2026, 9, 1))

    html = connected.get("/semaine-type/").text
    assert f'value="{ville.tom.pk}:1:soir" checked' in html
    assert f'value="{ville.tom.pk}:1:soir-hameau"' not in html

    data = {"t": [f"{ville.tom.pk}:1:soir"], "fin": "annee", "rythme": "1", "enregistrer": "1"}
    assert connected.send("/semaine-type/", data).status_code == 303
    derniere = SemaineType.objects.latest("pk")
    assert [moment.creneau.code for moment in derniere.moments.select_related("creneau")] == ["soir"]


def test_home_shows_what_the_child_follows_by_now(ville):
    fill(ville, week(ville.tom, (0, "soir-hameau")))
    leave(ville, date(2026, 9, 1))

    grille = next(g for g in build_suivies(situation_of(ville)) if g.enfant.pk == ville.tom.pk)

    assert [ligne.creneau.code for ligne in grille.lignes if any(case.coche for case in ligne.cases)] == ["soir"]
