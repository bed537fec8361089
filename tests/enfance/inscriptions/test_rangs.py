"""Ranks: taken under the lock, never before who waits already, whatever the clock says."""

from datetime import timedelta

import pytest
from django.test import override_settings

from enfance.cantine import repas
from enfance.cantine.liste_repas import LigneRepas, ListeLue
from enfance.inscriptions import annuler_departs, annuler_hors_ecole, classer, servir_creneau
from enfance.mairie.doubles.fusions import reunir_adultes, reunir_foyers
from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import Creneau, Enregistrement, Inscription
from enfance.planning import annulation
from enfance.planning.semaines import remplir
from enfance.regles import Acteur
from enfance.retours import retablir_departs
from enfance.semaine_modele import Modele
from tests.enfance.boxes import LUNDI_7, MARDI_8, NOW, box, save, set_places
from tests.factories import ResponsableFactory, StaffFactory, make_enfant

pytestmark = pytest.mark.django_db
UNE_HEURE = timedelta(hours=1)


@pytest.fixture
def family(creneaux):
    """Makes a parent and a child; nobody has a place in the evening."""
    set_places(0)

    def make(prenom):
        parent = ResponsableFactory()
        return parent, make_enfant(parent, prenom=prenom)

    return make


def join(family, prenom, now=NOW):
    """A new family joins the list of Monday evening; the rank that it is told."""
    parent, enfant = family(prenom)
    return rejoin(parent, enfant, now)


def rejoin(parent, enfant, now=NOW):
    situation = save(parent, {box(enfant): "attente"}, now=now).situation
    return situation.rangs[situation.inscriptions[box(enfant)].pk]


def order(creneau="soir"):
    lignes = (
        Inscription.objects.filter(etat="attente", jour=LUNDI_7, creneau__code=creneau).with_rang().order_by("rang")
    )
    return list(lignes.values_list("enfant__prenom", flat=True))


@pytest.mark.parametrize(
    "clock", [UNE_HEURE, timedelta(0), -timedelta(microseconds=1), -UNE_HEURE, -timedelta(hours=30)]
)
def test_who_comes_last_is_told_the_last_rank_whatever_the_clock(family, clock):  # VAL-11
    told = [join(family, prenom, NOW + n * clock) for n, prenom in enumerate(("Léa", "Tom", "Noé", "Zoé"))]

    assert (told, order()) == ([1, 2, 3, 4], ["Léa", "Tom", "Noé", "Zoé"])


def test_row_kept_from_before_passes_nobody_of_the_same_instant(family):  # VAL-11
    parent, enfant = family("Léa")
    rejoin(parent, enfant)
    save(parent, {box(enfant): "annulee"})
    join(family, "Tom")

    assert (rejoin(parent, enfant), order()) == (2, ["Tom", "Léa"])


def test_instant_is_that_of_the_save_while_the_clock_goes_on(family):
    join(family, "Léa")
    join(family, "Tom", NOW + UNE_HEURE)

    depuis = Inscription.objects.filter(etat="attente").order_by("pk").values_list("attente_depuis", flat=True)
    assert list(depuis) == [NOW, NOW + UNE_HEURE]


def test_children_of_one_save_follow_one_another(family):
    join(family, "Noé")
    parent, lea = family("Léa")
    tom = make_enfant(parent, prenom="Tom")

    situation = save(parent, {box(tom): "attente", box(lea): "attente"}, now=NOW - UNE_HEURE).situation

    assert sorted(situation.rangs.values()) == [2, 3]
    assert order() == ["Noé", "Léa", "Tom"]


def test_each_list_has_its_own_last(family):
    join(family, "Léa", NOW + UNE_HEURE)
    parent, tom = family("Tom")

    save(parent, {box(tom): "attente", box(tom, jour=MARDI_8): "attente"})

    lundi, mardi = Inscription.objects.filter(enfant=tom).order_by("jour").values_list("attente_depuis", flat=True)
    assert (lundi, mardi) == (NOW + UNE_HEURE + timedelta(microseconds=1), NOW)


# --- The town hall puts a list in another order ----------------------------------------------------------------------


def waiting():
    return list(Inscription.objects.filter(etat="attente").with_rang().order_by("rang").values_list("pk", flat=True))


@pytest.fixture
def agent(secretaire):
    return Acteur.mairie(secretaire.pk, "Situation d’urgence")


def test_who_comes_after_the_town_hall_changed_the_order_is_last(family, creneaux, agent):
    for prenom in ("Léa", "Tom"):
        join(family, prenom)
    liste = waiting()
    classer(LUNDI_7, creneaux["soir"], liste, liste[::-1], agent, now=NOW)

    assert (join(family, "Zoé"), order()) == (3, ["Tom", "Léa", "Zoé"])


def test_order_wants_a_motif(family, creneaux, secretaire):
    liste = [join(family, prenom) and waiting()[-1] for prenom in ("Léa", "Tom")]

    with pytest.raises(ValueError, match="motif"):
        classer(LUNDI_7, creneaux["soir"], liste, liste[::-1], Acteur.mairie(secretaire.pk), now=NOW)

    assert order() == ["Léa", "Tom"]


def test_order_as_it_is_or_of_another_list_writes_nothing(family, creneaux, agent):
    for prenom in ("Léa", "Tom"):
        join(family, prenom)
    liste = waiting()

    for avant, ordre in [(liste, liste), (liste[:1], liste[:1]), (liste[::-1], liste), (liste, liste[:1]), ([], [])]:
        assert classer(LUNDI_7, creneaux["soir"], avant, ordre, agent, now=NOW) is None

    assert not Enregistrement.objects.filter(porte="mairie").exists()
    assert order() == ["Léa", "Tom"]


# --- Nothing else makes a rank worse ---------------------------------------------------------------------------------


@pytest.fixture
def told(family):
    """Léa, Tom and Noé wait on Monday evening, and were told 1, 2, 3; each with a parent."""
    families = {prenom: family(prenom) for prenom in ("Léa", "Tom", "Noé")}
    for parent, enfant in families.values():
        rejoin(parent, enfant)
    return families


def close_and_reopen(told):
    fermeture = fermer(Portee(LUNDI_7, LUNDI_7, "grève"), now=NOW).fermeture
    assert order() == ["Léa", "Tom", "Noé"]  # suspended, not lost
    rouvrir(fermeture.pk, now=NOW + UNE_HEURE)


def leave_and_come_back(told):
    """A pupil taken for gone: the list is left, and who waited behind went up meanwhile."""
    _, lea = told["Léa"]
    lea.scolarites.update(depart=NOW.date())
    annuler_departs([lea.pk], NOW.date(), Acteur.import_onde(), now=NOW)
    lea.scolarites.update(depart=None)
    retablir_departs([lea.pk], Acteur.import_onde(), now=NOW)


def leave_and_undo(told):
    parent, lea = told["Léa"]
    resultat = save(parent, {box(lea): "annulee"})
    annulation.annuler(resultat.enregistrement.pk, parent, now=NOW)


def join_and_undo(told):
    parent, lea = told["Léa"]
    tom = make_enfant(parent, prenom="Max")
    resultat = save(parent, {box(tom): "attente"}, now=NOW - UNE_HEURE)
    annulation.annuler(resultat.enregistrement.pk, parent, now=NOW - UNE_HEURE)


def ask_again(told):
    """The same tick, and a weekly pattern that holds it."""
    parent, noe = told["Noé"]
    save(parent, {box(noe): "attente"}, now=NOW + UNE_HEURE)
    remplir(
        [Modele(noe.pk, frozenset({(0, "soir")}), NOW.date(), MARDI_8)],
        Acteur.semaine_type(parent),
        attente=True,
        now=NOW,
    )


def fill_with_a_pattern(told):
    parent = ResponsableFactory()
    zoe = make_enfant(parent, prenom="Zoé")
    modele = Modele(zoe.pk, frozenset({(0, "soir")}), NOW.date(), MARDI_8)
    remplir([modele], Acteur.semaine_type(parent), attente=True, now=NOW - UNE_HEURE)


def merge_the_homes(told):
    (ici, _), (la, _) = told["Léa"], told["Noé"]
    reunir_foyers(ici.foyer_id, la.foyer_id, {})


def merge_the_adults(told):
    (ici, _), (la, _) = told["Léa"], told["Noé"]
    reunir_adultes(ici.pk, la.pk, {}, now=NOW)


def move_the_holidays(told):
    """Monday is a holiday for a moment: who waited is told that nothing is booked, and joins again at the end."""
    parent, lea = told["Léa"]
    pk = Inscription.objects.get(enfant=lea).pk
    annuler_hors_ecole([pk], Acteur.mairie(StaffFactory().pk), now=NOW)
    rejoin(parent, lea, NOW - UNE_HEURE)


def eat_at_the_canteen(told):
    """The last of a full lunch break has a place by the association's list."""
    set_places(0, "midi")
    for parent, enfant in told.values():
        save(parent, {box(enfant, "midi"): "attente"})
    with override_settings(REPAS_INSCRIT_D_OFFICE=True):
        repas.importer(ListeLue("repas.csv", (LigneRepas(2, "Morel", "Noé", "", LUNDI_7),)), now=NOW)
    assert order("midi") == ["Léa", "Tom"]


def cut_the_places(told):
    Creneau.objects.filter(code="soir").update(places=1)
    servir_creneau(Creneau.objects.get(code="soir"), now=NOW)
    Creneau.objects.filter(code="soir").update(places=0)


def register_beyond_the_places(told):
    parent = ResponsableFactory()
    enfant = make_enfant(parent, prenom="Zoé")
    save(Acteur.mairie(StaffFactory().pk, "Appel de la famille"), {box(enfant): "inscrit"})


@pytest.mark.parametrize(
    ("happens", "after"),
    [
        (close_and_reopen, ["Léa", "Tom", "Noé"]),
        (leave_and_come_back, ["Tom", "Noé"]),
        (leave_and_undo, ["Tom", "Noé"]),
        (join_and_undo, ["Léa", "Tom", "Noé"]),
        (ask_again, ["Léa", "Tom", "Noé"]),
        (fill_with_a_pattern, ["Léa", "Tom", "Noé", "Zoé"]),
        (merge_the_homes, ["Léa", "Tom", "Noé"]),
        (merge_the_adults, ["Léa", "Tom", "Noé"]),
        (move_the_holidays, ["Tom", "Noé", "Léa"]),
        (eat_at_the_canteen, ["Léa", "Tom", "Noé"]),
        (cut_the_places, ["Tom", "Noé"]),
        (register_beyond_the_places, ["Léa", "Tom", "Noé"]),
    ],
)
def test_rank_once_told_is_made_worse_by_nothing_else(told, happens, after):  # VAL-11
    happens(told)

    assert order() == after


def test_who_joins_a_list_is_known_to_wait_for_what_the_same_save_frees_later(family, creneaux):
    parent, lea = family("Léa")

    resultat = save(parent, {box(lea): "attente"})

    assert resultat.situation.attendus == {(LUNDI_7, creneaux["soir"].pk)}
