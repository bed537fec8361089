"""Two schools at the same instant: what one does neither waits for the other nor goes wrong where they meet."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from enfance.changement_ecole import changer_place, suivre
from enfance.inscriptions import annuler_departs
from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import Creneau, Ecole, Fermeture, Inscription, Scolarite
from enfance.planning.semaines import remplir
from enfance.regles import Acteur
from enfance.semaine_modele import Modele
from tests.enfance.courses import LUNDI_7, NOW, box, ranks, save
from tests.enfance.ecoles import Ville, make_ville, share
from tests.factories import AnneeFactory, CreneauFactory, ResponsableFactory
from tests.races import at_once, during, watch_locks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]

LUNDI_14 = date(2026, 12, 14)


@pytest.fixture
def ville() -> Ville:
    """Each school its lunch break and its evening, the morning both's."""
    AnneeFactory()
    ville = make_ville()
    share("matin", ville.bourg, ville.hameau)
    share("midi", ville.bourg)
    midi = CreneauFactory(code="midi-hameau", moment="midi", nom_court="midi", ordre=5)
    midi.ecoles.set([ville.hameau])
    return ville


def inscrits(*enfants) -> set[tuple[int, str]]:
    """What these children have: who, which créneau."""
    lignes = Inscription.objects.inscrit().filter(enfant__in=[enfant.pk for enfant in enfants])
    return set(lignes.values_list("enfant", "creneau__code"))


def move(enfant, ecole: Ecole, jour: date = LUNDI_7):
    """As the admin and an import do."""
    with transaction.atomic():
        _, arrivee = changer_place(enfant.scolarites.latest("pk"), ecole, jour)
        return suivre([arrivee], Acteur.import_onde(), now=NOW)


# --- Neither waits for the other --------------------------------------------------------------------------------------


@pytest.mark.postgresql
@pytest.mark.parametrize("quoi", ["strike", "departure", "year"])
def test_other_school_saves_while_this_one_is_held(ville, quoi):
    """SQLite has one writer: there they take turns, for a few milliseconds."""
    ici, ailleurs = ResponsableFactory(), ResponsableFactory()
    lea, tom = ville.eleve(ville.bourg, ici), ville.eleve(ville.hameau, ailleurs)
    share("matin", ville.bourg)
    save(ici, {box(lea): "inscrit"})()
    work = {
        "strike": lambda: fermer(Portee(LUNDI_7, LUNDI_7, "grève", ecoles=(ville.bourg,)), now=NOW),
        "departure": lambda: annuler_departs([lea.pk], LUNDI_7, Acteur.import_onde(), now=NOW),
        "year": lambda: remplir(
            [Modele(lea.pk, frozenset({(0, "soir")}), NOW.date(), date(2027, 7, 2))], Acteur.semaine_type(ici), now=NOW
        ),
    }[quoi]

    voulus = {box(tom, "midi-hameau"): "inscrit", box(tom, "soir-hameau"): "inscrit"}
    (fait,) = during(work, save(ailleurs, voulus))

    assert (fait.reussis, fait.refus) == (2, ())
    assert inscrits(tom) == {(tom.pk, "midi-hameau"), (tom.pk, "soir-hameau")}


@pytest.mark.postgresql
def test_strikes_of_two_schools_do_not_wait_for_each_other(ville):
    share("matin", ville.bourg)
    portees = [Portee(LUNDI_7, LUNDI_14, "grève", ecoles=(ecole,)) for ecole in (ville.bourg, ville.hameau)]
    bilans = during(lambda: fermer(portees[0], now=NOW), lambda: fermer(portees[1], now=NOW))
    assert [bilan.deja for bilan in bilans] == [False]
    assert Fermeture.objects.count() == 2


# --- Where they meet --------------------------------------------------------------------------------------------------


def test_strike_of_a_school_leaves_the_saves_of_the_other_as_they_were(ville):
    """Siblings in both: one save, of which a half is refused or cancelled, whichever comes first."""
    familles = []
    for _ in range(6):
        parent = ResponsableFactory()
        familles.append((parent, ville.eleve(ville.bourg, parent), ville.eleve(ville.hameau, parent)))
    bourgs, hameaux = [lea for _, lea, _ in familles], [tom for _, _, tom in familles]

    at_once(
        lambda: fermer(Portee(LUNDI_7, LUNDI_7, "grève", ecoles=(ville.bourg,)), now=NOW),
        *(
            save(parent, {box(tom, "soir-hameau"): "inscrit", box(lea): "inscrit", box(tom, "matin"): "inscrit"})
            for parent, lea, tom in familles
        ),
    )

    assert inscrits(*bourgs) == set()
    assert inscrits(*hameaux) == {(tom.pk, code) for tom in hameaux for code in ("matin", "soir-hameau")}
    assert Inscription.objects.filter(etat="annulee").exclude(enfant__in=bourgs).count() == 0


def test_place_freed_by_a_strike_goes_to_the_other_school_once(ville):
    """The shared morning is full of one school's; those of the other, who wait, are served as it closes."""
    Creneau.objects.filter(code="matin").update(places=3)
    ici = [(parent := ResponsableFactory(), ville.eleve(ville.bourg, parent)) for _ in range(3)]
    ailleurs = [(parent := ResponsableFactory(), ville.eleve(ville.hameau, parent)) for _ in range(8)]
    for parent, enfant in [*ici, *ailleurs[:2]]:
        save(parent, {box(enfant, "matin"): "attente"})()

    at_once(
        lambda: fermer(Portee(LUNDI_7, LUNDI_7, "grève", ecoles=(ville.bourg,)), now=NOW),
        *(save(parent, {box(enfant, "matin"): "attente"}) for parent, enfant in ailleurs[2:]),
    )

    assert inscrits(*(enfant for _, enfant in ici)) == set()
    eleves = [enfant for _, enfant in ailleurs]
    servis = inscrits(*eleves)
    assert len(servis) == 3
    assert {pk for pk, _ in servis} >= {enfant.pk for enfant in eleves[:2]}  # first come
    assert ranks(eleves) == list(range(1, 6))


def test_reopening_gives_back_no_place_that_the_other_school_took(ville):
    Creneau.objects.filter(code="matin").update(places=3)
    ici = [(parent := ResponsableFactory(), ville.eleve(ville.bourg, parent)) for _ in range(3)]
    ailleurs = [(parent := ResponsableFactory(), ville.eleve(ville.hameau, parent)) for _ in range(5)]
    for parent, enfant in ici:
        save(parent, {box(enfant, "matin"): "inscrit"})()
    pk = fermer(Portee(LUNDI_7, LUNDI_7, "grève", ecoles=(ville.bourg,)), now=NOW).fermeture.pk

    at_once(
        lambda: rouvrir(pk, now=NOW),
        *(save(parent, {box(enfant, "matin"): "inscrit"}) for parent, enfant in ailleurs),
    )

    assert Inscription.objects.inscrit().filter(jour=LUNDI_7, creneau__code="matin").count() == 3
    assert not Fermeture.objects.exists()


def test_reopening_locks_all_that_it_gives_back_at_once(ville, monkeypatch):
    """To who has changed school since as well, at the new one."""
    parent = ResponsableFactory()
    tom = ville.eleve(ville.hameau, parent)
    save(parent, {box(tom, "soir-hameau"): "inscrit"})()
    pk = fermer(Portee(LUNDI_7, LUNDI_7, "grève", ecoles=(ville.hameau,)), now=NOW).fermeture.pk
    move(tom, ville.bourg)
    locked = watch_locks(monkeypatch)

    rouvrir(pk, now=NOW)

    assert inscrits(tom) == {(tom.pk, "soir")}
    assert locked[0] >= {"soir", "matin", "midi-hameau", "soir-hameau"}
    assert set().union(*locked[1:]) <= locked[0]


@pytest.mark.parametrize("fois", [8, pytest.param(40, marks=pytest.mark.lent)])
def test_place_that_changes_school_itself_keeps_nothing_booked_meanwhile(ville, fois):
    """On its first day a place changes school and tells the one before no more: its créneaux are held all the same."""
    for n in range(fois):
        parent = ResponsableFactory()
        enfant = ville.eleve(ville.bourg, parent)
        Scolarite.objects.filter(enfant=enfant).update(debut=LUNDI_7)

        at_once(
            lambda enfant=enfant: move(enfant, ville.hameau),
            save(parent, {box(enfant, "midi"): "inscrit"}),
            save(parent, {box(enfant, "soir"): "inscrit"}),
        )

        assert inscrits(enfant) <= {(enfant.pk, "midi-hameau"), (enfant.pk, "soir-hameau")}, n
        assert enfant.scolarites.get().ecole == ville.hameau


def test_pupil_moves_into_a_school_that_closes_and_has_nothing_there(ville):
    for n in range(6):
        jour = LUNDI_7 if n % 2 else LUNDI_14
        parent = ResponsableFactory()
        enfant = ville.eleve(ville.bourg, parent)
        save(parent, {box(enfant, code, jour): "inscrit" for code in ("matin", "midi", "soir")})()

        bilan, _ = at_once(
            lambda jour=jour: fermer(Portee(jour, jour, "grève", ecoles=(ville.hameau,)), now=NOW),
            lambda enfant=enfant: move(enfant, ville.hameau),
        )

        assert inscrits(enfant) == set(), n
        rouvrir(bilan.fermeture.pk, now=NOW)


@pytest.mark.parametrize("fois", [2, pytest.param(12, marks=pytest.mark.lent)])
def test_everything_at_once_in_both_schools_ends_and_holds(ville, fois):
    """Locks are taken in one order: nobody waits for whom waits for them (PostgreSQL would end one of the two)."""
    Creneau.objects.filter(code="matin").update(places=4)
    familles = []
    for _ in range(5):
        parent = ResponsableFactory()
        familles.append((parent, ville.eleve(ville.bourg, parent), ville.eleve(ville.hameau, parent)))
    lundis = frozenset({(0, "matin"), (0, "midi"), (0, "soir")})
    ailleurs = frozenset({(0, "soir-hameau"), (0, "midi-hameau"), (0, "matin")})

    for n in range(fois):
        nomade = ville.eleve(ville.bourg if n % 2 else ville.hameau, ResponsableFactory())
        vers = ville.hameau if n % 2 else ville.bourg
        at_once(
            *(
                save(parent, {box(tom, code): "inscrit" for code in ("soir-hameau", "midi-hameau")})
                for parent, _, tom in familles
            ),
            *(
                save(parent, {box(tom, "matin"): "attente", box(lea, "soir"): "inscrit", box(lea): "annulee"})
                for parent, lea, tom in familles
            ),
            lambda: remplir(
                [
                    Modele(familles[0][1].pk, lundis, NOW.date(), LUNDI_14),
                    Modele(familles[0][2].pk, ailleurs, NOW.date(), LUNDI_14),
                ],
                Acteur.semaine_type(familles[0][0]),
                now=NOW,
            ),
            lambda: rouvrir(
                fermer(Portee(LUNDI_14, LUNDI_14, "grève", ecoles=(ville.hameau,)), now=NOW).fermeture.pk, now=NOW
            ),
            lambda: fermer(Portee(LUNDI_14, LUNDI_14, "neige"), now=NOW, simuler=True),
            lambda nomade=nomade, vers=vers: move(nomade, vers),
        )

    assert not Fermeture.objects.exists()
    assert Inscription.objects.inscrit().filter(jour=LUNDI_7, creneau__code="matin").count() == 4
    soirs = {(tom.pk, code) for _, _, tom in familles for code in ("soir-hameau", "midi-hameau")}
    assert inscrits(*(tom for _, _, tom in familles)) >= soirs
