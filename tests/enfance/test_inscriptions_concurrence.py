"""Many parents at once: the last place is never given twice, and a click sent twice counts once."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from enfance.changement_ecole import changer_place, suivre
from enfance.inscriptions import annuler_departs, classer
from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import Creneau, Ecole, Enregistrement, Evenement, Inscription, Scolarite
from enfance.regles import Acteur
from tests.enfance.annees import CALENDRIER
from tests.enfance.courses import LUNDI_7, NOW, box, counts, make_families, ranks, save, set_places
from tests.factories import (
    CreneauFactory,
    EcoleFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]


@pytest.mark.parametrize("fois", [4, pytest.param(20, marks=pytest.mark.lent)])
def test_last_places_are_never_given_twice(fois):  # VAL-02
    make_creneaux()
    set_places(3)
    families = make_families(20)

    for jour in list(CALENDRIER.jours_ecole(LUNDI_7, date(2027, 7, 2)))[:fois]:
        resultats = at_once(*(save(parent, {box(enfant, jour=jour): "inscrit"}) for parent, enfant in families))

        assert Inscription.objects.filter(jour=jour, etat="inscrit").count() == 3
        assert len([resultat for resultat in resultats if resultat.enregistrement]) == 3
        refus = [refus.obstacles[0].code for resultat in resultats for refus in resultat.refus]
        assert refus == ["complet"] * 17
    totals = {modele.objects.count() for modele in (Inscription, Evenement, Enregistrement)}
    assert totals == {3 * fois}
    assert DBTaskResult.objects.count() == Enregistrement.objects.filter(dit_avec=None).count()


def test_who_comes_too_late_waits_in_a_dense_line():  # VAL-02
    make_creneaux()
    set_places(3)
    families = make_families(12)

    at_once(*(save(parent, {box(enfant): "attente"}) for parent, enfant in families))

    assert counts() == {"inscrit": 3, "attente": 9}
    assert ranks([enfant for _, enfant in families]) == list(range(1, 10))


@pytest.mark.parametrize("fois", [2, pytest.param(20, marks=pytest.mark.lent)])
def test_ranks_told_at_once_by_clocks_that_go_back_stay(fois):  # VAL-11
    """Whoever has the lock is next, whatever its clock says; half of them had left the list before, and have old rows.

    On the list of a day nobody leaves: ranks told that are the last ones too were never worse in between.
    """
    make_creneaux()
    set_places(0)
    families = make_families(12)

    for jour in list(CALENDRIER.jours_ecole(LUNDI_7, date(2027, 7, 2)))[:fois]:
        boxes = {enfant.pk: box(enfant, jour=jour) for _, enfant in families}
        for parent, enfant in families[::2]:
            save(parent, {boxes[enfant.pk]: "attente"})()
            save(parent, {boxes[enfant.pk]: "annulee"})()
        arrivees = [
            save(parent, {boxes[enfant.pk]: "attente"}, now=NOW - timedelta(minutes=7 * (5 * n % 12)))
            for n, (parent, enfant) in enumerate(families)
        ]

        resultats = at_once(*arrivees)

        told = {}
        for (_, enfant), resultat in zip(families, resultats, strict=True):
            pk = resultat.situation.inscriptions[boxes[enfant.pk]].pk
            told[pk] = resultat.situation.rangs[pk]
        assert sorted(told.values()) == list(range(1, 13))
        now_are = Inscription.objects.filter(jour=jour).with_rang().values_list("pk", "rang")
        assert dict(now_are) == told
        # Saves are numbered under the lock: the ranks told are in its order.
        tour = sorted(resultats, key=lambda resultat: resultat.enregistrement.pk)
        assert [told[pk] for resultat in tour for pk in resultat.situation.rangs] == list(range(1, 13))


def test_rank_is_kept_while_the_town_hall_changes_the_order_and_others_join():  # VAL-11
    """The order is changed as it was displayed, or not at all; whoever joins meanwhile is last."""
    make_creneaux()
    set_places(0)
    families = make_families(12)
    for parent, enfant in families[:6]:
        save(parent, {box(enfant): "attente"})()
    soir = Creneau.objects.get(code="soir")
    liste = [i.pk for i in Inscription.objects.attente_for({(LUNDI_7, soir.pk)})]
    agent = Acteur.mairie(StaffFactory().pk, "Situation d’urgence")

    change, *resultats = at_once(
        lambda: classer(LUNDI_7, soir, liste, liste[::-1], agent, now=NOW - timedelta(hours=2)),
        *(save(parent, {box(enfant): "attente"}, now=NOW - timedelta(hours=1)) for parent, enfant in families[6:]),
    )

    apres = [i.pk for i in Inscription.objects.attente_for({(LUNDI_7, soir.pk)})]
    assert apres[:6] == (liste[::-1] if change else liste)
    told = {pk: rang for resultat in resultats for pk, rang in resultat.situation.rangs.items()}
    assert told == {pk: rang for rang, pk in enumerate(apres, 1) if rang > 6}


def test_places_freed_and_taken_at_once_are_never_one_too_many():
    make_creneaux()
    set_places(3)
    families = make_families(12)
    tenants, prenants = families[:3], families[3:]
    for parent, enfant in tenants:
        save(parent, {box(enfant): "inscrit"})()

    at_once(
        *(save(parent, {box(enfant): "annulee"}) for parent, enfant in tenants),
        *(save(parent, {box(enfant): "inscrit"}) for parent, enfant in prenants),
    )

    assert Inscription.objects.filter(etat="annulee").count() == 3
    assert Inscription.objects.filter(etat="inscrit").count() <= 3


def test_places_freed_at_once_serve_the_list_in_its_order():
    make_creneaux()
    set_places(3)
    families = make_families(8)
    tenants, attentes = families[:3], families[3:]
    for n, (parent, enfant) in enumerate(families):
        save(parent, {box(enfant): "attente"}, now=NOW + timedelta(minutes=n))()

    at_once(*(save(parent, {box(enfant): "annulee"}, now=NOW + timedelta(hours=1)) for parent, enfant in tenants))

    assert counts() == {"annulee": 3, "inscrit": 3, "attente": 2}
    served = Inscription.objects.filter(etat="inscrit").values_list("enfant", flat=True)
    assert set(served) == {enfant.pk for _, enfant in attentes[:3]}
    assert ranks([enfant for _, enfant in families]) == [1, 2]
    assert Enregistrement.objects.filter(porte="systeme").count() == 3


@pytest.mark.parametrize("fois", [2, pytest.param(20, marks=pytest.mark.lent)])
def test_places_freed_and_taken_at_once_leave_none_empty_beside_a_list(fois):  # VAL-02
    make_creneaux()
    set_places(3)
    families = make_families(20)

    for jour in list(CALENDRIER.jours_ecole(LUNDI_7, date(2027, 7, 2)))[:fois]:
        for parent, enfant in families[:3]:
            save(parent, {box(enfant, jour=jour): "inscrit"})()

        at_once(
            *(save(parent, {box(enfant, jour=jour): "annulee"}) for parent, enfant in families[:3]),
            *(save(parent, {box(enfant, jour=jour): "attente"}) for parent, enfant in families[3:]),
        )

        etats = Inscription.objects.filter(jour=jour).values_list("etat", flat=True)
        assert sorted(etats) == ["annulee"] * 3 + ["attente"] * 14 + ["inscrit"] * 3
        assert ranks([enfant for _, enfant in families], jour) == list(range(1, 15))
        servis = Evenement.objects.filter(jour=jour, enregistrement__porte="systeme")
        assert DBTaskResult.objects.filter(task_path="enfance.courriels.tasks.tell_family").count() == servis.count()
        DBTaskResult.objects.all().delete()


def test_saves_over_crossed_creneaux_do_not_block_each_other_for_ever():
    make_creneaux()
    set_places(4)
    families = make_families(10)

    at_once(
        *(
            save(parent, dict.fromkeys([box(enfant, code) for code in codes], "inscrit"))
            for (parent, enfant), codes in zip(
                families, [("matin", "midi", "soir"), ("soir", "midi", "matin")] * 5, strict=True
            )
        )
    )

    par_creneau = [Inscription.objects.filter(creneau__code=code).count() for code in ("matin", "midi", "soir")]
    assert par_creneau == [4, 4, 4]


def test_the_same_click_sent_many_times_at_once_counts_once():  # VAL-04
    make_creneaux()
    set_places(3)
    ((parent, enfant),) = make_families(1)

    resultats = at_once(*[save(parent, {box(enfant): "inscrit", box(enfant, "matin"): "inscrit"})] * 8)

    assert [len(resultat.evenements) for resultat in resultats if resultat.enregistrement] == [2]
    assert [resultat.refus for resultat in resultats] == [()] * 8
    assert counts() == {"inscrit": 2}
    assert Evenement.objects.count() == 2
    assert DBTaskResult.objects.count() == 1


def test_two_parents_of_a_child_at_once_write_one_row():
    make_creneaux()
    mere, pere = ResponsableFactory(), ResponsableFactory()
    enfant = make_enfant(mere, pere)

    resultats = at_once(*(save(adulte, {box(enfant): "inscrit"}) for adulte in (mere, pere) * 4))

    (gagnant,) = [resultat.enregistrement for resultat in resultats if resultat.enregistrement]
    assert Inscription.objects.get().foyer_id == gagnant.foyer_id


def test_places_cut_while_they_are_taken_stay_counted():
    make_creneaux()
    set_places(6)
    families = make_families(10)

    def cut():
        with transaction.atomic():
            Creneau.objects.lock()
            set_places(2)

    at_once(cut, *(save(parent, {box(enfant): "inscrit"}) for parent, enfant in families))

    taken = Inscription.objects.filter(etat="inscrit").count()
    assert 2 <= taken <= 6  # as many as had come before the cut, two at least
    ((parent, enfant),) = make_families(1)
    (refus,) = save(parent, {box(enfant): "inscrit"})().refus
    assert refus.obstacles[0].code == "complet"


def test_a_pupil_who_leaves_keeps_no_inscription_made_meanwhile():
    make_creneaux()
    ((parent, enfant),) = make_families(1)

    def leave():
        with transaction.atomic():
            Scolarite.objects.filter(enfant=enfant).update(depart=LUNDI_7)
            return annuler_departs([enfant.pk], LUNDI_7, Acteur.import_onde(), now=NOW)

    for n in range(10):
        creneaux = ("matin", "midi", "soir")
        at_once(leave, *(save(parent, {box(enfant, code): "inscrit"}) for code in creneaux))

        assert not Inscription.objects.exclude(etat="annulee").exists(), n
        Scolarite.objects.update(depart=None)


# --- Two schools ------------------------------------------------------------------------------------------------------


def make_ecoles() -> list[Ecole]:
    """Each with its lunch break; the evening, of three places, is both's."""
    creneaux = make_creneaux()
    bourg, hameau = Ecole.objects.get(), EcoleFactory()
    midi = CreneauFactory(code="midi-hameau", moment="midi", debut=creneaux["midi"].debut, fin=creneaux["midi"].fin)
    creneaux["matin"].ecoles.set([bourg])
    creneaux["midi"].ecoles.set([bourg])
    midi.ecoles.set([hameau])
    set_places(3)
    return [bourg, hameau]


def make_pupils(n, *ecoles):
    """As many families, their child in each school in turn."""
    families = make_families(n)
    for rang, (_, enfant) in enumerate(families):
        enfant.scolarites.update(ecole=ecoles[rang % len(ecoles)], classe=None)
    return families


def test_last_places_of_a_shared_evening_are_never_given_twice():  # VAL-02
    families = make_pupils(16, *make_ecoles())

    resultats = at_once(*(save(parent, {box(enfant): "inscrit"}) for parent, enfant in families))

    assert counts() == {"inscrit": 3}
    refus = [refus.obstacles[0].code for resultat in resultats for refus in resultat.refus]
    assert refus == ["complet"] * 13


def test_schools_take_their_own_places_and_the_shared_ones_at_once():
    """Each save locks the créneaux of its own school alone, two of which cross."""
    bourg, hameau = make_ecoles()
    families = make_pupils(12, bourg, hameau)
    midis = {bourg.pk: "midi", hameau.pk: "midi-hameau"}

    def voulus(enfant, rang):
        codes = [midis[enfant.scolarites.get().ecole_id], "soir"]
        return dict.fromkeys([box(enfant, code) for code in codes[:: 1 if rang % 4 < 2 else -1]], "inscrit")

    at_once(*(save(parent, voulus(enfant, rang)) for rang, (parent, enfant) in enumerate(families)))

    par_creneau = [Inscription.objects.filter(creneau__code=code).count() for code in ("midi", "midi-hameau", "soir")]
    assert par_creneau == [3, 3, 3]


def test_strike_at_one_school_while_both_book_touches_that_one():
    bourg, hameau = make_ecoles()
    set_places(None)
    families = make_pupils(10, bourg, hameau)

    at_once(
        lambda: fermer(Portee(LUNDI_7, LUNDI_7, "grève", ecoles=(hameau,)), now=NOW),
        *(save(parent, {box(enfant): "inscrit"}) for parent, enfant in families),
    )

    inscrits = Inscription.objects.filter(etat="inscrit").values_list("enfant__scolarites__ecole", flat=True)
    assert list(inscrits) == [bourg.pk] * 5


def test_pupil_who_changes_school_keeps_nothing_of_the_old_one_booked_meanwhile():
    bourg, hameau = make_ecoles()
    set_places(None)
    ((parent, enfant),) = make_pupils(1, bourg)

    def leave(place, vers):
        with transaction.atomic():
            _, arrivee = changer_place(place, vers, LUNDI_7)
            return suivre([arrivee], Acteur.import_onde(), now=NOW)

    for n in range(6):
        ici, vers = (bourg, hameau) if n % 2 == 0 else (hameau, bourg)
        codes, place = {bourg.pk: "midi", hameau.pk: "midi-hameau"}, enfant.scolarites.latest("pk")
        at_once(
            lambda place=place, vers=vers: leave(place, vers),
            save(parent, {box(enfant, codes[ici.pk]): "inscrit"}),
            save(parent, {box(enfant): "inscrit"}),
        )

        prises = Inscription.objects.filter(etat="inscrit").values_list("creneau__code", flat=True)
        assert set(prises) <= {"soir", codes[vers.pk]}, n


def test_last_place_of_the_new_school_is_not_given_twice_by_a_change_of_school():
    bourg, hameau = make_ecoles()
    ((parent, enfant),) = make_pupils(1, bourg)
    autres = make_pupils(6, hameau)
    save(parent, {box(enfant, "midi"): "inscrit"})()
    place = enfant.scolarites.get()

    def leave():
        with transaction.atomic():
            return suivre([changer_place(place, hameau, LUNDI_7)[1]], Acteur.import_onde(), now=NOW)

    at_once(leave, *(save(parent, {box(enfant, "midi-hameau"): "inscrit"}) for parent, enfant in autres))

    assert Inscription.objects.filter(creneau__code="midi-hameau", etat="inscrit").count() == 3
    assert not Inscription.objects.filter(creneau__code="midi", etat="inscrit").exists()
