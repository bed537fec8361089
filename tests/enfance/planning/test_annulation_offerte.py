"""Undoing is offered where it can be kept: what cannot be given back is said, before it is unticked and afterwards."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Inscription
from enfance.planning.annulation import annuler, prevoir
from enfance.planning.fil import load_historique
from enfance.planning.resultat import load_resultat
from enfance.regles import Acteur, Cle
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_7, MARDI_8 = date(2026, 12, 7), date(2026, 12, 8)
MOIS = "/planning/2026-12/"
CEDEE = "Retirée, une place"


def after(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def famille(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    camille = ResponsableFactory()
    return camille, make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")


def tick(parent, *cles, voulu="inscrit", now=NOW):
    resultat = enregistrer([Changement(cle, voulu) for cle in cles], Acteur.parent(parent), now=now)
    assert resultat.refus == ()
    return resultat.enregistrement


def soir(enfant, jour=LUNDI_7):
    return Cle(enfant.pk, jour, "soir")


def full(camille, *cles, places=1):
    """These boxes are ticked, and their créneau is full on these days."""
    Creneau.objects.filter(code="soir").update(places=places)
    tick(camille, *cles, now=after(-60))


def wait(jour=LUNDI_7, now=None):
    """Somebody else waits for a place of that day."""
    noe = ResponsableFactory()
    tick(noe, soir(make_enfant(noe, prenom="Noé"), jour), voulu="attente", now=now or after(-30))


def offered(camille, enfants, fait, now=NOW):
    """What the page of the save offers and says, then what the history does."""
    noms = {enfant.pk: enfant.prenom for enfant in enfants}
    resultat = load_resultat(str(fait.pk), camille.user_id, noms, now=now)
    jours, _ = load_historique(camille, noms, now=now)
    (entree,) = [entree for jour in jours for entree in jour.entrees if entree.reference == fait.pk]
    assert (entree.annulable, list(entree.perdus)) == (resultat.jusqua, list(resultat.perdus))
    return plain(resultat.jusqua), [plain(ligne) for ligne in resultat.perdus]


# --- Before it is unticked --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        (MOIS, "Lundi 7, soir : d’autres attendent. Retirée, une place est donnée aussitôt, sans retour"),
        ("/jour/2026-12-07/", "D’autres attendent cette place : retirée, elle est donnée aussitôt, sans retour."),
    ],
)
def test_place_that_others_wait_for_says_so_before_it_is_given_up(client, famille, page, sentence):
    camille, lea, tom = famille
    full(camille, soir(lea), soir(tom, MARDI_8))
    wait()
    client.force_login(camille.user)
    html = plain(client.get(page).text)
    assert html.count(sentence) == 1
    assert html.count("aide-cedee") == 2  # the sentence, and the box that it describes
    assert f'value="{soir(lea)}" checked' in html
    box = html.split(f'value="{soir(lea)}"')[-1].split(">")[0]
    assert "aide-cedee" in box


@pytest.mark.parametrize("places", [1, None, 2])
def test_place_that_nobody_waits_for_says_nothing(client, famille, places):
    camille, lea, _ = famille
    full(camille, soir(lea), places=places)
    client.force_login(camille.user)
    assert CEDEE not in client.get(MOIS).text


def test_place_beyond_the_number_goes_to_nobody(client, famille):
    """Fewer places remove nobody, and serve nobody either."""
    camille, lea, tom = famille
    full(camille, soir(lea), soir(tom), places=2)
    wait()
    Creneau.objects.filter(code="soir").update(places=1)
    client.force_login(camille.user)
    assert CEDEE not in client.get(MOIS).text


def test_semaine_type_says_it_on_its_preview(client, famille):
    camille, lea, _ = famille
    full(camille, soir(lea))
    wait()
    Inscription.objects.filter(enfant=lea).update(origine=Inscription.Origine.SEMAINE_TYPE)
    client.force_login(camille.user)
    vide = {"fin": "annee", "rythme": "1", "vider": str(lea.pk)}
    html = plain(client.post("/semaine-type/", vide, follow=True).text)
    assert "elles ne pourront pas être rendues : soir, lundi 7 décembre." in html


# --- Afterwards -------------------------------------------------------------------------------------------------------


def test_what_can_be_undone_is_offered(famille):
    camille, lea, tom = famille
    fait = tick(camille, soir(lea), soir(tom, MARDI_8))
    assert offered(camille, (lea, tom), fait) == ("20 h 56", [])


def test_place_given_to_the_list_is_not_offered(famille):
    camille, lea, tom = famille
    full(camille, soir(lea))
    wait()
    fait = tick(camille, soir(lea), voulu="annulee")
    assert offered(camille, (lea, tom), fait) == ("", ["Léa, soir, lundi 7 décembre : il n’y a plus de place."])


def test_place_taken_meanwhile_is_left_out_of_the_offer(famille):
    camille, lea, tom = famille
    full(camille, soir(lea), soir(tom, MARDI_8))
    fait = tick(camille, soir(lea), soir(tom, MARDI_8), voulu="annulee")
    assert offered(camille, (lea, tom), fait) == ("20 h 56", [])
    noe = ResponsableFactory()
    tick(noe, soir(make_enfant(noe, prenom="Noé")), now=after(1))
    assert offered(camille, (lea, tom), fait, after(2)) == (
        "20 h 56",
        ["Léa, soir, lundi 7 décembre : il n’y a plus de place."],
    )


def test_two_children_do_not_get_the_same_last_place_back(famille):
    camille, lea, tom = famille
    full(camille, soir(lea), soir(tom), places=2)
    fait = tick(camille, soir(lea), soir(tom), voulu="annulee")
    noe = ResponsableFactory()
    tick(noe, soir(make_enfant(noe, prenom="Noé")), now=after(1))
    assert offered(camille, (lea, tom), fait, after(2)) == (
        "20 h 56",
        ["Tom, soir, lundi 7 décembre : il n’y a plus de place."],
    )
    annulation = annuler(fait.pk, camille, now=after(2))
    assert [refus.cle for refus in annulation.refus] == [soir(tom)]


def test_rank_given_up_is_not_offered(famille):
    camille, lea, tom = famille
    Creneau.objects.filter(code="soir").update(places=0)
    tick(camille, soir(lea), voulu="attente", now=after(-60))
    fait = tick(camille, soir(lea), voulu="annulee")
    assert offered(camille, (lea, tom), fait) == (
        "",
        ["Léa, soir, lundi 7 décembre : votre rang sur la liste d’attente est perdu."],
    )


def test_limit_that_passes_takes_the_offer_away(famille):
    camille, lea, tom = famille
    midi = datetime(2026, 12, 4, 11, 55, tzinfo=PARIS)  # the limit of Monday is at noon
    fait = tick(camille, soir(lea), now=midi)
    assert offered(camille, (lea, tom), fait, midi + timedelta(minutes=4)) == ("12 h 10", [])
    jusqua, (phrase,) = offered(camille, (lea, tom), fait, midi + timedelta(minutes=6))
    assert (jusqua, phrase) == (
        "",
        "Léa, soir, lundi 7 décembre : la date limite est passée (vendredi 4 décembre, 12 h).",
    )


def test_what_was_changed_by_hand_since_is_not_offered(famille):
    camille, lea, tom = famille
    fait = tick(camille, soir(lea))
    tick(camille, soir(lea), voulu="annulee", now=after(1))
    assert offered(camille, (lea, tom), fait, after(2)) == (
        "",
        ["Léa, soir, lundi 7 décembre : changé depuis, laissé tel quel."],
    )


def test_what_is_undone_is_not_offered_nor_its_undoing(famille):
    camille, lea, tom = famille
    fait = tick(camille, soir(lea))
    annuler(fait.pk, camille, now=after(1))
    assert offered(camille, (lea, tom), fait, after(2)) == ("", [])
    assert offered(camille, (lea, tom), Enregistrement.objects.get(annule=fait), after(2)) == ("", [])


def test_page_says_why_instead_of_a_button(client, famille):
    camille, lea, _ = famille
    full(camille, soir(lea))
    wait()
    fait = tick(camille, soir(lea), voulu="annulee")
    client.force_login(camille.user)
    for page in ("/historique/", f"{MOIS}?enregistre={fait.pk}"):
        html = plain(client.get(page).text)
        assert f"/historique/{fait.pk}/annuler/" not in html
        assert "Léa, soir, lundi 7 décembre : il n’y a plus de place." in html


def test_foreseeing_asks_nothing_of_old_saves(famille, django_assert_num_queries):
    camille, lea, _ = famille
    fait = tick(camille, soir(lea), now=after(-20))
    Enregistrement.objects.select_related("annule_par").get(pk=fait.pk)
    with django_assert_num_queries(0):
        fait = Enregistrement(pk=fait.pk, auteur_id=camille.user_id, porte="portail", quand=after(-20), annule_id=1)
        assert prevoir([fait], camille, now=NOW) == {}


def test_page_that_knows_the_days_reads_them_once(famille, django_assert_num_queries):
    camille, lea, tom = famille
    full(camille, soir(lea))
    wait()
    pks = [tick(camille, soir(lea), voulu="annulee").pk, tick(camille, soir(tom, MARDI_8)).pk]
    faits = list(Enregistrement.objects.filter(pk__in=pks).select_related("annule_par").order_by("pk"))
    parent = Acteur.parent(camille)
    connue = load_situation(parent, LUNDI_7, MARDI_8, now=after(1))
    with django_assert_num_queries(2):
        prevues = prevoir(faits, camille, now=after(1), connue=connue)
    assert [prevues[fait.pk].possible for fait in faits] == [False, True]
    for autre in [
        None,
        load_situation(parent, MARDI_8, MARDI_8, now=after(1)),
        load_situation(parent, LUNDI_7, MARDI_8, now=after(1), places=False),
        replace(connue, enfants={lea.pk: connue.enfants[lea.pk]}),
        replace(connue, acteur=Acteur.mairie(camille.user_id)),
    ]:
        assert prevoir(faits, camille, now=after(1), connue=autre) == prevues
