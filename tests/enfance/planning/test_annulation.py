"""« Annuler ces changements »: the opposite save, within 15 minutes, under all the rules."""

from datetime import date, datetime, timedelta

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Evenement, Inscription, SemaineType
from enfance.planning.annulation import annuler
from enfance.planning.apercu import build_apercu
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, StaffFactory, make_creneaux, make_enfant
from tests.races import at_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_7, MARDI_8, NOEL = date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 18)


def after(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def famille():
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory()
    return camille, make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")


def save(acteur, voulus, now=NOW):
    resultat = enregistrer([Changement(cle, voulu) for cle, voulu in voulus.items()], acteur, now=now)
    assert resultat.refus == ()
    return resultat.enregistrement


def tick(parent, *cles, voulu="inscrit", now=NOW):
    return save(Acteur.parent(parent), dict.fromkeys(cles, voulu), now)


def soir(enfant, jour=LUNDI_7):
    return Cle(enfant.pk, jour, "soir")


def week(enfant, *boxes):
    return Modele(enfant.pk, frozenset(boxes), NOW.date(), NOEL)


def state(cle):
    lignes = Inscription.objects.filter(enfant=cle.enfant, jour=cle.jour, creneau__code=cle.creneau)
    return tuple(lignes.values_list("etat", "origine").first() or ())


def reasons(annulation):
    return [(refus.cle, refus.obstacles[0].code) for refus in annulation.refus]


def test_save_is_undone_as_a_save_of_its_own_that_names_it(famille):  # RGA-08
    camille, lea, tom = famille
    tick(camille, soir(tom), now=after(-60))
    fait = save(Acteur.parent(camille), {soir(lea): "inscrit", soir(tom): "annulee"})

    annulation = annuler(fait.pk, camille, now=after(14))

    assert (annulation.annule, annulation.refus) == (fait, ())
    assert annulation.par.annule == fait
    assert (annulation.par.porte, annulation.par.auteur, annulation.par.quand) == ("portail", camille.user, after(14))
    assert state(soir(lea))[0] == "annulee"
    assert state(soir(tom)) == ("inscrit", "portail")
    assert sorted(annulation.par.evenements.values_list("avant", "apres")) == [
        ("annulee", "inscrit"),
        ("inscrit", "annulee"),
    ]


@pytest.mark.parametrize(("minutes", "a_temps"), [(14, True), (15, False), (60, False)])
def test_save_is_undone_for_15_minutes(famille, minutes, a_temps):
    camille, lea, _ = famille
    annulation = annuler(tick(camille, soir(lea)).pk, camille, now=after(minutes))
    assert annulation.a_temps is a_temps
    assert state(soir(lea))[0] == ("annulee" if a_temps else "inscrit")


def test_second_click_changes_nothing_and_points_to_the_first(famille):  # VAL-04
    camille, lea, _ = famille
    fait = tick(camille, soir(lea))
    premier = annuler(fait.pk, camille, now=after(1))
    second = annuler(fait.pk, camille, now=after(2))
    assert (second.par, second.a_temps) == (premier.par, False)
    assert annuler(premier.par.pk, camille, now=after(3)).par is None  # what undoes is not undone
    assert Enregistrement.objects.count() == 2


def test_only_ones_own_save_is_undone(famille):  # ACC-02
    camille, lea, _ = famille
    dominique = ResponsableFactory(foyer=camille.foyer)
    lea.responsabilites.create(responsable=dominique)
    fait = tick(camille, soir(lea))
    assert annuler(fait.pk, dominique, now=after(1)) is None
    assert annuler(fait.pk + 100, camille, now=after(1)) is None
    par_la_mairie = save(Acteur.mairie(StaffFactory().pk), {soir(lea, MARDI_8): "inscrit"})
    assert annuler(par_la_mairie.pk, camille, now=after(1)) is None
    assert state(soir(lea))[0] == state(soir(lea, MARDI_8))[0] == "inscrit"


def test_place_taken_meanwhile_is_not_given_back(famille):
    camille, lea, tom = famille
    Creneau.objects.filter(code="soir").update(places=1)
    tick(camille, soir(lea), soir(tom, MARDI_8), now=after(-60))
    noe = ResponsableFactory()
    autre = make_enfant(noe, prenom="Noé")
    fait = tick(camille, soir(lea), soir(tom, MARDI_8), voulu="annulee")
    tick(noe, soir(autre), now=after(1))

    annulation = annuler(fait.pk, camille, now=after(2))

    assert reasons(annulation) == [(soir(lea), "complet")]
    assert state(soir(lea))[0] == "annulee"
    assert state(soir(tom, MARDI_8))[0] == "inscrit"
    assert annulation.par.evenements.count() == 1


def test_rank_given_up_is_not_given_back(famille):
    camille, lea, _ = famille
    Creneau.objects.filter(code="soir").update(places=1)
    noe = ResponsableFactory()
    tick(noe, soir(make_enfant(noe, prenom="Noé")), now=after(-60))
    tick(camille, soir(lea), voulu="attente", now=after(-60))
    fait = tick(camille, soir(lea), voulu="annulee")

    annulation = annuler(fait.pk, camille, now=after(1))

    assert (annulation.par, reasons(annulation)) == (None, [(soir(lea), "rang")])
    assert state(soir(lea))[0] == "annulee"


def test_place_on_the_list_is_left(famille):
    camille, lea, _ = famille
    Creneau.objects.filter(code="soir").update(places=0)
    fait = tick(camille, soir(lea), voulu="attente")
    assert annuler(fait.pk, camille, now=after(1)).refus == ()
    assert state(soir(lea))[0] == "annulee"


def test_limit_that_passed_meanwhile_holds(famille):
    camille, lea, _ = famille
    avant = datetime(2026, 12, 4, 11, 55, tzinfo=PARIS)
    fait = tick(camille, soir(lea), soir(lea, MARDI_8), now=avant)
    annulation = annuler(fait.pk, camille, now=avant + timedelta(minutes=10))
    assert reasons(annulation) == [(soir(lea), "limite")]
    assert state(soir(lea))[0] == "inscrit"


def test_box_that_somebody_else_changed_since_is_left(famille):  # VAL-05
    camille, lea, tom = famille
    dominique = ResponsableFactory(foyer=camille.foyer)
    lea.responsabilites.create(responsable=dominique)
    fait = tick(camille, soir(lea), soir(tom))
    tick(dominique, soir(lea), voulu="annulee", now=after(1))
    tick(dominique, soir(lea, MARDI_8), now=after(1))
    annulation = annuler(fait.pk, camille, now=after(2))
    assert reasons(annulation) == [(soir(lea), "change")]
    assert state(soir(lea, MARDI_8))[0] == "inscrit"
    assert state(soir(tom))[0] == "annulee"


def test_place_given_back_goes_to_the_first_who_waits(famille):
    camille, lea, _ = famille
    Creneau.objects.filter(code="soir").update(places=1)
    noe = ResponsableFactory()
    autre = make_enfant(noe, prenom="Noé")
    fait = tick(camille, soir(lea))
    tick(noe, soir(autre), voulu="attente", now=after(1))
    annuler(fait.pk, camille, now=after(2))
    assert state(soir(autre))[0] == "inscrit"


# --- Of a semaine type ------------------------------------------------------------------------------------------------


def test_semaine_type_is_undone_with_its_pattern_and_may_be_applied_again(famille):
    camille, lea, _ = famille
    remplir([week(lea, (0, "soir"))], Acteur.semaine_type(camille), now=after(-60))
    fait = remplir([week(lea, (1, "soir"))], Acteur.semaine_type(camille), now=NOW).enregistrement

    annulation = annuler(fait.pk, camille, now=after(1))

    assert annulation.refus == ()
    assert {i.jour.day for i in Inscription.objects.inscrit()} == {7, 14}
    situation = load_situation(Acteur.semaine_type(camille), NOW.date(), NOEL, now=after(2), modeles=True)
    (modele,) = situation.modeles
    assert modele.boxes == {(0, "soir")}
    assert SemaineType.objects.count() == 1
    assert build_apercu(situation, [modele]).change is False
    encore = build_apercu(situation, [week(lea, (1, "soir"))])
    assert (len(encore.ajouts), len(encore.retraits), encore.mains) == (2, 2, [])


def test_pattern_of_another_foyer_kept_at_the_same_instant_is_left(famille):
    camille, lea, _ = famille
    noe = ResponsableFactory()
    remplir([week(make_enfant(noe, prenom="Noé"), (0, "soir"))], Acteur.semaine_type(noe), now=NOW)
    fait = remplir([week(lea, (1, "soir"))], Acteur.semaine_type(camille), now=NOW).enregistrement

    annuler(fait.pk, camille, now=after(1))

    assert SemaineType.objects.get().foyer == noe.foyer


def test_box_undone_is_as_free_for_a_semaine_type_as_it_was(famille):
    camille, lea, _ = famille
    remplir([week(lea, (0, "soir"))], Acteur.semaine_type(camille), now=after(-60))
    for _ in range(2):  # unticked by hand and undone, then ticked elsewhere by hand and undone, twice
        annuler(tick(camille, soir(lea), voulu="annulee").pk, camille, now=after(1))
        annuler(tick(camille, soir(lea, MARDI_8)).pk, camille, now=after(1))
    assert state(soir(lea)) == ("inscrit", "semaine_type")
    assert state(soir(lea, MARDI_8)) == ("annulee", "semaine_type")


def test_box_of_a_hand_that_a_semaine_type_replaced_is_the_hands_again(famille):
    camille, lea, _ = famille
    tick(camille, soir(lea, MARDI_8), now=after(-60))
    fait = remplir(
        [week(lea, (0, "soir"))], Acteur.semaine_type(camille), repris={(lea.pk, False)}, now=NOW
    ).enregistrement
    annuler(fait.pk, camille, now=after(1))
    assert state(soir(lea, MARDI_8)) == ("inscrit", "portail")


# --- At once ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_same_undo_sent_many_times_at_once_counts_once():
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory()
    lea = make_enfant(camille)
    fait = tick(camille, soir(lea))

    annulations = at_once(*[lambda: annuler(fait.pk, camille, now=after(1))] * 6)

    assert len({annulation.par.pk for annulation in annulations}) == 1
    assert [annulation.a_temps for annulation in annulations].count(True) == 1
    assert (Enregistrement.objects.count(), Evenement.objects.count()) == (2, 2)


@pytest.mark.django_db(transaction=True)
def test_place_given_back_by_an_undo_is_taken_once():
    AnneeFactory()
    make_creneaux()
    Creneau.objects.filter(code="soir").update(places=1)
    camille, autres = ResponsableFactory(), [ResponsableFactory() for _ in range(4)]
    lea, enfants = make_enfant(camille), [make_enfant(autre) for autre in autres]
    tick(camille, soir(lea), now=after(-60))
    fait = tick(camille, soir(lea), voulu="annulee")

    def take(parent, enfant):
        return lambda: enregistrer([Changement(soir(enfant), "inscrit")], Acteur.parent(parent), now=after(1))

    prises = [take(parent, enfant) for parent, enfant in zip(autres, enfants, strict=True)]
    at_once(lambda: annuler(fait.pk, camille, now=after(1)), *prises)

    assert Inscription.objects.inscrit().count() == 1
