"""The writer of inscriptions: only the difference, all or nothing for each box, a trace and one mail a save."""

from datetime import date, timedelta

import pytest
from django.db.transaction import TransactionManagementError
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Evenement, Fermeture, Garde, Inscription, Responsabilite
from enfance.regles import Acteur, Cle
from tests.enfance.annees import CALENDRIER
from tests.enfance.boxes import LUNDI_7, MARDI_8, NOW, box, etats, save, set_places
from tests.enfance.inscriptions.conftest import refused, traces
from tests.factories import (
    FoyerFactory,
    RegleDelaiFactory,
    ResponsableFactory,
    make_enfant,
)

pytestmark = pytest.mark.django_db


def test_save_writes_the_inscription_its_trace_and_its_mail(parent, lea, creneaux):
    resultat = save(parent, {box(lea): "inscrit"})

    inscription = Inscription.objects.get()
    enregistrement = Enregistrement.objects.get()
    assert (inscription.enfant, inscription.jour, inscription.creneau) == (lea, LUNDI_7, creneaux["soir"])
    assert (inscription.etat, inscription.origine, inscription.foyer) == ("inscrit", "portail", parent.foyer)
    assert inscription.attente_depuis is None
    assert (enregistrement.auteur, enregistrement.foyer) == (parent.user, parent.foyer)
    assert (enregistrement.porte, enregistrement.quand, enregistrement.motif) == ("portail", NOW, "")
    assert traces() == [("Léa", LUNDI_7, "soir", "", "inscrit", enregistrement.pk)]
    assert (resultat.enregistrement, resultat.refus) == (enregistrement, ())
    assert resultat.evenements == tuple(Evenement.objects.all())
    assert [task.args_kwargs["args"][0] for task in DBTaskResult.objects.all()] == [enregistrement.pk]


def test_save_touches_only_what_is_asked(parent, lea, tom):
    save(parent, {box(lea): "inscrit", box(tom): "inscrit", box(tom, "matin"): "inscrit"})

    save(parent, {box(tom): "annulee", box(lea, jour=MARDI_8): "inscrit"})

    assert etats() == {
        ("Léa", LUNDI_7, "soir"): "inscrit",
        ("Léa", MARDI_8, "soir"): "inscrit",
        ("Tom", LUNDI_7, "soir"): "annulee",
        ("Tom", LUNDI_7, "matin"): "inscrit",
    }


def test_cancelled_row_is_kept_and_taken_up_again(parent, lea):
    for voulu in ("inscrit", "annulee", "inscrit"):
        save(parent, {box(lea): voulu})

    assert Inscription.objects.get().etat == "inscrit"
    assert [(avant, apres) for *_, avant, apres, _ in traces()] == [
        ("", "inscrit"),
        ("inscrit", "annulee"),
        ("annulee", "inscrit"),
    ]


@pytest.mark.parametrize("voulu", ["inscrit", "attente"])
def test_same_save_twice_changes_nothing_the_second_time(parent, lea, tom, creneaux, voulu):  # VAL-04
    set_places(1)
    voulus = {box(lea): voulu, box(tom): "attente"}
    save(parent, voulus)
    avant = (etats(), traces(), DBTaskResult.objects.count())

    resultat = save(parent, voulus, now=NOW + timedelta(seconds=1))

    assert (resultat.enregistrement, resultat.evenements, resultat.refus) == (None, (), ())
    assert (etats(), traces(), DBTaskResult.objects.count()) == avant
    assert DBTaskResult.objects.count() == 1


def test_cancelling_what_never_was_changes_nothing(parent, lea):
    resultat = save(parent, {box(lea): "annulee"})

    assert (resultat.enregistrement, resultat.refus) == (None, ())
    assert not Inscription.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_an_empty_save_asks_nothing(parent, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert save(parent, {}).enregistrement is None


def test_what_is_already_so_is_not_refused_after_the_limit(parent, lea):
    save(parent, {box(lea): "inscrit"})

    resultat = save(parent, {box(lea): "inscrit"}, now=NOW + timedelta(days=1))

    assert resultat.refus == ()


def test_the_last_word_on_a_box_counts(parent, lea):
    changements = [Changement(box(lea), "inscrit"), Changement(box(lea), "annulee")]

    assert enregistrer(changements, Acteur.parent(parent), now=NOW).enregistrement is None


def test_a_state_that_does_not_exist_is_an_error(parent, lea):
    with pytest.raises(ValueError, match="peut-être"):
        save(parent, {box(lea): "peut-être"})


# --- Refusals --------------------------------------------------------------------------------------------------------


def test_valid_changes_are_saved_and_each_refused_one_has_its_reason(parent, lea, creneaux):
    zoe = make_enfant(ResponsableFactory(), prenom="Zoé")
    Fermeture.objects.create(debut=MARDI_8, fin=MARDI_8, motif="neige")
    refuses = {
        box(lea, jour=date(2026, 12, 4)): "limite",
        box(lea, jour=MARDI_8): "fermeture",
        box(lea, jour=date(2026, 12, 9)): "ecole",
        box(lea, jour=date(2026, 12, 21)): "vacances",
        box(lea, jour=date(2030, 12, 2)): "annee",
        box(lea, jour=date(2026, 9, 3)): "limite",
        box(lea, "nuit"): "creneau",
        box(zoe): "enfant",
        Cle(10**18 - 1, LUNDI_7, "soir"): "enfant",
    }

    resultat = save(parent, {**dict.fromkeys(refuses, "inscrit"), box(lea): "inscrit"})

    assert refused(resultat) == {cle: [code] for cle, code in refuses.items()}
    assert etats() == {("Léa", LUNDI_7, "soir"): "inscrit"}
    assert len(resultat.evenements) == 1
    assert DBTaskResult.objects.count() == 1


def test_nothing_is_written_when_everything_is_refused(parent, lea):
    resultat = save(parent, {box(lea): "inscrit"}, now=NOW + timedelta(days=1))

    assert refused(resultat) == {box(lea): ["limite"]}
    assert resultat.enregistrement is None
    assert not Enregistrement.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_another_familys_inscription_cannot_be_cancelled(parent, lea):
    zoe = make_enfant(ResponsableFactory(), prenom="Zoé")
    inscription = Inscription.objects.create(enfant=zoe, jour=LUNDI_7, creneau=Creneau.objects.get(code="soir"))

    save(parent, {box(zoe): "annulee"})

    inscription.refresh_from_db()
    assert inscription.etat == "inscrit"


def test_a_suspended_parent_and_a_step_parent_change_nothing(parent, lea):
    beau_pere = ResponsableFactory(foyer=parent.foyer)
    Responsabilite.objects.filter(responsable=parent).update(suspendue=True)

    for adulte in (parent, beau_pere):
        assert refused(save(adulte, {box(lea): "inscrit"})) == {box(lea): ["enfant"]}
    assert not Inscription.objects.exists()


def test_cancelling_follows_its_own_limit(parent, lea):
    Creneau.objects.update(delai_annulation=RegleDelaiFactory(genre="jours", nombre=0))
    save(parent, {box(lea): "inscrit"})
    vendredi_soir = NOW + timedelta(days=1)

    assert refused(save(parent, {box(lea, "matin"): "inscrit"}, now=vendredi_soir)) == {box(lea, "matin"): ["limite"]}
    assert save(parent, {box(lea): "annulee"}, now=vendredi_soir).refus == ()


# --- Cost and lock ---------------------------------------------------------------------------------------------------


def many(enfants, jours):
    """A box on each créneau of as many school days for each child."""
    ouverts = list(CALENDRIER.jours_ecole(LUNDI_7, date(2027, 7, 2)))[:jours]
    return [
        box(enfant, creneau, jour) for enfant in enfants for jour in ouverts for creneau in ("matin", "midi", "soir")
    ]


@pytest.mark.parametrize(("enfants", "jours"), [(1, 1), (1, 14), (4, 1), (4, 14)])
def test_a_save_takes_as_many_queries_whatever_the_ticks(parent, creneaux, enfants, jours, django_assert_num_queries):
    boxes = many([make_enfant(parent, prenom=f"Enfant {n}") for n in range(enfants)], jours)
    save(parent, dict.fromkeys(boxes[::3], "inscrit"))  # matin: rows to update, the others to create
    save(parent, dict.fromkeys(boxes[::3], "annulee"))
    for code in creneaux:
        set_places(0, code)
    assert len(boxes) == enfants * jours * 3

    with django_assert_num_queries(23):  # with a savepoint and its end; beside the session, the user and the adult
        resultat = save(parent, dict.fromkeys(boxes, "attente"))

    assert len(resultat.evenements) == len(boxes)


@pytest.mark.django_db(transaction=True)
def test_creneaux_are_not_locked_outside_a_transaction(creneaux):
    with pytest.raises(TransactionManagementError):
        Creneau.objects.lock(["soir"])


def test_a_save_locks_the_creneaux_concerned_before_it_reads(parent, lea, django_assert_max_num_queries):
    with django_assert_max_num_queries(20) as captured:
        save(parent, {box(lea): "inscrit", box(lea, "matin"): "inscrit"})

    statements = [query["sql"] for query in captured if query["sql"].startswith("SELECT")]
    assert '"enfance_creneau"."code" IN' in statements[0]
    assert 'ORDER BY "enfance_creneau"."id" ASC' in statements[0]


def test_the_foyer_of_a_child_may_have_no_other_adult(creneaux, secretaire):
    """A child whose only garde is with a foyer of strangers is booked by the town hall alone."""
    parent = ResponsableFactory()
    enfant = make_enfant(parent)
    accueil = FoyerFactory()
    Garde.objects.update(foyer=accueil)

    assert refused(save(parent, {box(enfant): "inscrit"})) == {box(enfant): ["garde"]}
    save(Acteur.mairie(secretaire.pk), {box(enfant): "inscrit"})
    assert Inscription.objects.get().foyer == accueil
