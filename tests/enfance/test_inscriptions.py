"""The writer of inscriptions: only the difference, all or nothing for each box, a trace and one mail a save."""

from datetime import date, timedelta

import pytest
from django.db.transaction import TransactionManagementError
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Evenement, Fermeture, Garde, Inscription, Responsabilite
from enfance.regles import Acteur, Cle
from enfance.situation import load_situation
from tests.enfance.annees import CALENDRIER
from tests.enfance.boxes import LUNDI_7, MARDI_8, NOW, box, etats, save, set_places
from tests.factories import (
    EnfantFactory,
    FoyerFactory,
    RegleDelaiFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def creneaux():
    return make_creneaux()


@pytest.fixture
def parent():
    return ResponsableFactory()


@pytest.fixture
def lea(parent, creneaux):
    return make_enfant(parent)


@pytest.fixture
def tom(parent, creneaux):
    return make_enfant(parent, prenom="Tom")


@pytest.fixture
def secretaire():
    return StaffFactory()


def traces():
    lignes = Evenement.objects.order_by("pk").values_list(
        "enfant__prenom", "jour", "creneau__code", "avant", "apres", "enregistrement"
    )
    return list(lignes)


def refused(resultat):
    return {refus.cle: [obstacle.code for obstacle in refus.obstacles] for refus in resultat.refus}


def fill(creneau, jour=LUNDI_7, n=1):
    return [
        Inscription.objects.create(enfant=EnfantFactory(prenom="Zoé"), creneau=creneau, jour=jour) for _ in range(n)
    ]


# --- What is wanted is written, and nothing else ---------------------------------------------------------------------


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


# --- Places and waiting list -----------------------------------------------------------------------------------------


def test_two_siblings_on_the_last_place_in_one_save(parent, lea, tom, creneaux):
    set_places(2)
    fill(creneaux["soir"])

    resultat = save(parent, {box(tom): "inscrit", box(lea): "inscrit"})

    assert refused(resultat) == {box(tom): ["complet"]}
    assert [evenement.enfant_id for evenement in resultat.evenements] == [lea.pk]


def test_a_sibling_may_choose_the_list_while_the_other_takes_the_last_place(parent, lea, tom):
    set_places(1)

    resultat = save(parent, {box(lea): "attente", box(tom): "attente"})

    assert resultat.refus == ()
    assert etats() == {("Léa", LUNDI_7, "soir"): "inscrit", ("Tom", LUNDI_7, "soir"): "attente"}


@pytest.mark.parametrize("first", ["Léa", "Tom"])
def test_a_place_given_up_serves_the_sibling_in_the_same_save(parent, lea, tom, first):
    set_places(1)
    giver, taker = (lea, tom) if first == "Léa" else (tom, lea)
    save(parent, {box(giver): "inscrit"})

    resultat = save(parent, {box(taker): "inscrit", box(giver): "annulee"})

    assert resultat.refus == ()
    assert etats() == {(giver.prenom, LUNDI_7, "soir"): "annulee", (taker.prenom, LUNDI_7, "soir"): "inscrit"}


def test_a_full_box_is_refused_and_never_queued(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])

    assert refused(save(parent, {box(lea): "inscrit"})) == {box(lea): ["complet"]}
    assert ("Léa", LUNDI_7, "soir") not in etats()


def test_one_who_waits_takes_a_place_that_has_come_free(parent, lea, creneaux):
    set_places(1)
    (other,) = fill(creneaux["soir"])
    save(parent, {box(lea): "attente"})
    assert refused(save(parent, {box(lea): "inscrit"})) == {box(lea): ["complet"]}
    Inscription.objects.filter(pk=other.pk).update(etat="annulee")

    save(parent, {box(lea): "inscrit"})

    inscription = Inscription.objects.get(enfant=lea)
    assert (inscription.etat, inscription.attente_depuis) == ("inscrit", None)
    assert traces()[-1][3:5] == ("attente", "inscrit")


def test_the_list_does_not_take_a_place_back(parent, lea):
    save(parent, {box(lea): "inscrit"})

    assert save(parent, {box(lea): "attente"}).enregistrement is None
    assert etats() == {("Léa", LUNDI_7, "soir"): "inscrit"}


def test_a_full_day_past_its_limit_has_no_list(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])

    assert refused(save(parent, {box(lea): "attente"}, now=NOW + timedelta(days=1))) == {box(lea): ["limite"]}


def test_one_may_leave_the_list_at_any_time(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])
    save(parent, {box(lea): "attente"})

    resultat = save(parent, {box(lea): "annulee"}, now=NOW + timedelta(days=2))

    assert resultat.refus == ()
    inscription = Inscription.objects.get(enfant=lea)
    assert (inscription.etat, inscription.attente_depuis) == ("annulee", None)


def test_ranks_are_dense_and_a_rank_given_up_is_not_given_back(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])
    autres = [ResponsableFactory() for _ in range(3)]
    enfants = [make_enfant(autre) for autre in autres]

    def ranks():
        mairie = Acteur.mairie(parent.user_id)
        pks = [lea.pk, *(enfant.pk for enfant in enfants)]
        situation = load_situation(mairie, LUNDI_7, LUNDI_7, now=NOW, enfants=pks)
        return [
            situation.rangs.get(getattr(situation.inscriptions.get(Cle(pk, LUNDI_7, "soir")), "pk", 0)) for pk in pks
        ]

    save(parent, {box(lea): "attente"}, now=NOW)
    for minutes, (autre, enfant) in enumerate(zip(autres, enfants, strict=True), start=1):
        save(autre, {box(enfant): "attente"}, now=NOW + timedelta(minutes=minutes))
    assert ranks() == [1, 2, 3, 4]

    save(autres[0], {box(enfants[0]): "annulee"}, now=NOW + timedelta(minutes=8))
    assert ranks() == [1, None, 2, 3]

    save(parent, {box(lea): "annulee"}, now=NOW + timedelta(minutes=9))
    save(parent, {box(lea): "attente"}, now=NOW + timedelta(minutes=10))
    assert ranks() == [3, None, 1, 2]


def test_result_shows_the_rank_that_was_taken(parent, lea, creneaux):
    set_places(1)
    fill(creneaux["soir"])

    resultat = save(parent, {box(lea): "attente"})

    inscription = resultat.situation.inscriptions[box(lea)]
    assert (inscription.etat, resultat.situation.rangs[inscription.pk]) == ("attente", 1)


def test_fewer_places_remove_nobody(parent, lea, tom):
    save(parent, {box(lea): "inscrit", box(tom): "inscrit"})
    set_places(1)

    assert save(parent, {box(lea, "matin"): "inscrit"}).refus == ()
    assert refused(save(parent, {box(lea): "annulee"})) == {}
    assert refused(save(parent, {box(lea): "inscrit"})) == {box(lea): ["complet"]}


# --- Separated parents -----------------------------------------------------------------------------------------------


@pytest.fixture
def alternance(creneaux):
    """Léa one week in two with each of two parents, the week of 7 December with the first."""
    mere, pere = ResponsableFactory(), ResponsableFactory()
    enfant = make_enfant(mere, pere)
    for adulte, depuis in ((mere, LUNDI_7), (pere, date(2026, 12, 14))):
        Garde.objects.filter(foyer=adulte.foyer).update(rythme="alternee", depuis=depuis)
    return enfant, mere, pere


def test_each_foyer_writes_and_pays_its_own_days(alternance):
    enfant, mere, pere = alternance
    lundi_14 = date(2026, 12, 14)
    voulus = {box(enfant): "inscrit", box(enfant, jour=lundi_14): "inscrit"}

    assert refused(save(mere, voulus)) == {box(enfant, jour=lundi_14): ["garde"]}
    assert refused(save(pere, voulus)) == {}  # the first is already as wanted

    foyers = dict(Inscription.objects.values_list("jour", "foyer"))
    assert foyers == {LUNDI_7: mere.foyer_id, lundi_14: pere.foyer_id}
    assert refused(save(pere, {box(enfant): "annulee"})) == {box(enfant): ["garde"]}


def test_of_two_foyers_that_have_garde_the_one_that_books_pays(creneaux):
    mere, pere = ResponsableFactory(), ResponsableFactory()
    enfant = make_enfant(mere, pere)

    save(pere, {box(enfant): "inscrit"})
    save(mere, {box(enfant, "matin"): "inscrit"})

    foyers = dict(Inscription.objects.values_list("creneau__code", "foyer"))
    assert foyers == {"soir": pere.foyer_id, "matin": mere.foyer_id}

    save(mere, {box(enfant): "annulee"})
    assert Inscription.objects.get(creneau__code="soir").foyer == pere.foyer
    save(mere, {box(enfant): "inscrit"})
    assert Inscription.objects.get(creneau__code="soir").foyer == mere.foyer


def test_the_town_hall_books_for_whoever_has_garde(alternance, secretaire):
    enfant, mere, pere = alternance
    lundi_14 = date(2026, 12, 14)

    save(Acteur.mairie(secretaire.pk), {box(enfant): "inscrit", box(enfant, jour=lundi_14): "inscrit"})

    assert dict(Inscription.objects.values_list("jour", "foyer")) == {LUNDI_7: mere.foyer_id, lundi_14: pere.foyer_id}


def test_the_foyer_that_chose_the_list_pays_when_the_town_hall_gives_the_place(creneaux, secretaire):
    mere, pere = ResponsableFactory(), ResponsableFactory()
    enfant = make_enfant(mere, pere)
    set_places(0)
    save(pere, {box(enfant): "attente"})

    save(Acteur.mairie(secretaire.pk, "place ajoutée"), {box(enfant): "inscrit"})

    inscription = Inscription.objects.get()
    assert (inscription.etat, inscription.foyer, inscription.origine) == ("inscrit", pere.foyer, "mairie")


def test_a_place_never_goes_to_a_foyer_that_did_not_ask_for_it(parent, lea, creneaux):
    set_places(1)
    save(parent, {box(lea): "inscrit"})
    mere, pere = ResponsableFactory(), ResponsableFactory()
    zoe, noe = make_enfant(mere, pere, prenom="Zoé"), make_enfant(pere, prenom="Noé")
    save(mere, {box(zoe): "attente"})
    save(pere, {box(noe): "attente"})
    Garde.objects.filter(enfant=zoe, foyer=mere.foyer).update(fin=date(2026, 12, 6))

    save(parent, {box(lea): "annulee"})

    assert {prenom: etat for (prenom, *_), etat in etats().items()} == {
        "Léa": "annulee",
        "Zoé": "attente",
        "Noé": "inscrit",
    }


# --- The town hall ---------------------------------------------------------------------------------------------------


def test_the_town_hall_passes_over_limit_and_places_with_a_reason_that_is_recorded(lea, creneaux, secretaire):
    set_places(1)
    fill(creneaux["soir"])
    apres_coup = NOW + timedelta(days=5)

    without = save(Acteur.mairie(secretaire.pk), {box(lea): "inscrit"}, now=apres_coup)
    assert refused(without) == {box(lea): ["limite", "complet"]}
    save(Acteur.mairie(secretaire.pk, "appel de la famille"), {box(lea): "inscrit"}, now=apres_coup)

    enregistrement = Enregistrement.objects.get()
    assert (enregistrement.porte, enregistrement.motif) == ("mairie", "appel de la famille")
    assert (enregistrement.auteur, enregistrement.foyer) == (secretaire, None)
    assert Inscription.objects.get(enfant=lea).origine == "mairie"
    assert Inscription.objects.filter(etat="inscrit").count() == 2


def test_the_town_hall_passes_over_garde_with_a_reason(lea, secretaire):
    Garde.objects.all().delete()

    assert refused(save(Acteur.mairie(secretaire.pk), {box(lea): "inscrit"})) == {box(lea): ["garde"]}
    assert save(Acteur.mairie(secretaire.pk, "décision du juge"), {box(lea): "inscrit"}).refus == ()
    assert Inscription.objects.get().foyer is None


def test_the_town_hall_never_passes_over_a_closure(lea, secretaire):
    Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="neige")

    resultat = save(Acteur.mairie(secretaire.pk, "insiste"), {box(lea): "inscrit"})

    assert refused(resultat) == {box(lea): ["fermeture"]}


def test_the_town_hall_needs_no_reason_for_an_ordinary_day(lea, secretaire):
    resultat = save(Acteur.mairie(secretaire.pk), {box(lea): "inscrit"})

    assert resultat.enregistrement.motif == ""


@pytest.mark.parametrize(
    ("acteur", "origine"),
    [
        (lambda parent, staff: Acteur.parent(parent), "portail"),
        (lambda parent, staff: Acteur.mairie(staff.pk), "mairie"),
        (lambda parent, staff: Acteur.import_onde(), "import"),
    ],
)
def test_origine_is_that_of_the_last_writer(parent, lea, secretaire, acteur, origine):
    save(parent, {box(lea): "inscrit"})

    for voulu in ("annulee", "inscrit"):
        save(acteur(parent, secretaire), {box(lea): voulu})

        inscription = Inscription.objects.get()
        assert (inscription.etat, inscription.origine) == (voulu, origine)


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

    with django_assert_num_queries(16):  # beside the session and the user, within the 20 that a save may cost
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
