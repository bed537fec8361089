"""« J’ai annulé ce repas »: noted, traced, told, taken back within 15 minutes; nobody is told to cancel it again."""

from datetime import date, datetime, timedelta

import pytest
from django.template.loader import render_to_string

from enfance.cantine.changements import load_changements, load_repas_annules
from enfance.cantine.liste_repas import LigneRepas, ListeLue
from enfance.cantine.repas import importer
from enfance.courriels.confirmation import confirmation_context, mail_of
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, EvenementRepas, Fermeture, Inscription, ListeRepas, Repas
from enfance.planning.annulation import annuler as undo
from enfance.planning.ecriture import enregistrer_famille
from enfance.planning.fil import load_historique
from enfance.planning.repas import annuler
from enfance.planning.resultat import load_resultat
from enfance.planning.semaines import remplir
from enfance.regles import Acteur, Cle
from enfance.semaine_modele import Modele
from portail.context import commune
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LISTE_LE = NOW - timedelta(days=2)
MARDI_8, JEUDI_10 = date(2026, 12, 8), date(2026, 12, 10)
MOIS = "/planning/2026-12/"
PENSEZ = "Pensez à annuler"


def after(minutes):
    return NOW + timedelta(minutes=minutes)


@pytest.fixture
def camille():
    AnneeFactory()
    make_creneaux()
    return ResponsableFactory(user__first_name="Camille", user__email="camille@courriel.example")


@pytest.fixture
def tom(camille):
    """Who eats on Tuesday and on Thursday, and is registered for both lunch breaks."""
    tom = make_enfant(camille, prenom="Tom")
    liste = ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 18), importee_le=LISTE_LE)
    for jour in (MARDI_8, JEUDI_10):
        Repas.objects.create(enfant=tom, jour=jour, liste=liste)
        midi = Creneau.objects.get(code="midi")
        Inscription.objects.create(enfant=tom, jour=jour, creneau=midi, foyer=camille.foyer)
    return tom


def midi(enfant, jour=MARDI_8):
    return Cle(enfant.pk, jour, "midi")


def say(camille, tom, *jours, now=NOW):
    fait = annuler([midi(tom, jour) for jour in jours or (MARDI_8,)], Acteur.parent(camille), now=now)
    assert fait.refus == ()
    return fait.enregistrement


def untick(camille, *cles, now=NOW):
    fait = enregistrer([Changement(cle, "annulee") for cle in cles], Acteur.parent(camille), now=now)
    assert fait.refus == ()
    return fait.enregistrement


def lignes(lecteur, tom, now=NOW):
    jours, _ = load_historique(lecteur, {tom.pk: "Tom"}, now=now)
    return [(entree.qui, *entree.lignes, entree.annulable, entree.annule) for jour in jours for entree in jour.entrees]


# --- Said, traced, told -----------------------------------------------------------------------------------------------


def test_meal_said_to_be_cancelled_is_a_save_of_its_author(camille, tom):
    fait = say(camille, tom)
    assert (fait.auteur, fait.foyer, fait.porte, fait.quand) == (camille.user, camille.foyer, "portail", NOW)
    assert list(EvenementRepas.objects.values_list("enregistrement", "enfant", "jour", "annule")) == [
        (fait.pk, tom.pk, MARDI_8, True)
    ]
    assert Repas.objects.get(jour=MARDI_8).annule_le == NOW
    assert Repas.objects.get(jour=JEUDI_10).annule_le is None


def test_meal_said_twice_is_said_once(camille, tom):
    say(camille, tom)
    second = annuler([midi(tom)], Acteur.parent(camille), now=after(3))
    assert (second.enregistrement, second.refus) == (None, ())
    assert Repas.objects.get(jour=MARDI_8).annule_le == NOW
    assert EvenementRepas.objects.count() == 1


def test_history_says_who_and_when_to_both_parents(camille, tom):
    say(camille, tom)
    dominique = ResponsableFactory(user__first_name="Dominique")
    tom.responsabilites.create(responsable=dominique)
    (ici,), (la,) = lignes(camille, tom), lignes(dominique, tom)
    assert [plain(mot) for mot in ici] == ["Vous", "Tom : repas dit annulé, mardi 8", "20 h 56", ""]
    assert [plain(mot) for mot in la] == ["L’autre foyer", "Tom : repas dit annulé, mardi 8", "", ""]


def test_mail_of_it_goes_out_to_its_author(camille, tom, time_machine):
    time_machine.move_to(NOW, tick=False)
    fait = say(camille, tom, MARDI_8, JEUDI_10)
    name, context = mail_of(fait, camille.user, now=NOW)
    assert name == "confirmation"
    assert [(enfant.prenom, [plain(ligne) for ligne in enfant.lignes]) for enfant in context["enfants"]] == [
        ("Tom", ["mardi 8 décembre : repas dit annulé", "jeudi 10 décembre : repas dit annulé"])
    ]
    assert (context["nombre"], context["noms"], context["repas"], context["annule"]) == (2, "Tom", [], False)


def test_mail_tells_nobody_of_a_child_that_is_not_theirs(camille, tom):
    assert confirmation_context([say(camille, tom)], ResponsableFactory().user, now=NOW) is None


# --- Never to be cancelled again --------------------------------------------------------------------------------------


def test_neither_page_nor_mail_says_to_cancel_it_again(client, camille, tom, time_machine):
    time_machine.move_to(NOW, tick=False)
    client.force_login(camille.user)
    say(camille, tom)
    fait = untick(camille, midi(tom))
    html = plain(client.get(MOIS, {"enregistre": fait.pk}).text)
    assert "Le repas de Tom (mardi 8) est déjà annulé auprès de l’association de la cantine." in html
    _, context = mail_of(fait, camille.user, now=NOW)
    assert [plain(phrase) for phrase in context["repas"]] == ["Le repas de Tom (mardi 8 décembre) est déjà annulé"]
    assert PENSEZ not in html + str(context)


def test_meal_noted_as_cancelled_without_a_trace_is_told_so_by_page_and_mail_alike(camille, tom):
    """As those that were said to be cancelled before such a word left a trace."""
    tom.repas.filter(jour=MARDI_8).update(annule_le=NOW)
    fait = enregistrer_famille(
        [Changement(midi(tom), "annulee")], Acteur.parent(camille), now=NOW, jours=(MARDI_8, MARDI_8)
    ).enregistrement
    said = load_resultat(str(fait.pk), camille.user_id, {tom.pk: "Tom"}, now=NOW).repas
    _, context = mail_of(fait, camille.user, now=NOW)
    assert [plain(phrase) for phrase in said] == ["Le repas de Tom (mardi 8) est déjà annulé"]
    assert [plain(phrase) for phrase in context["repas"]] == ["Le repas de Tom (mardi 8 décembre) est déjà annulé"]


def test_it_is_still_so_once_the_next_list_has_taken_the_meal_away(camille, tom):
    say(camille, tom)
    reste = ListeLue("repas.csv", (LigneRepas(2, "Morel", "Tom", "", JEUDI_10),))
    importer(reste, now=after(60), debut=date(2026, 12, 1), fin=date(2026, 12, 18), retirer=True)
    fait = untick(camille, midi(tom), now=after(61))
    _, context = mail_of(fait, camille.user, now=after(61))
    assert [plain(phrase) for phrase in context["repas"]] == ["Le repas de Tom (mardi 8 décembre) est déjà annulé"]


def test_semaine_type_does_not_say_to_cancel_it_again(client, camille, tom, time_machine):
    time_machine.move_to(NOW, tick=False)
    Inscription.objects.update(origine=Inscription.Origine.SEMAINE_TYPE)
    client.force_login(camille.user)
    say(camille, tom)
    vide = {"fin": "annee", "rythme": "1", "vider": str(tom.pk)}
    html = plain(client.post("/semaine-type/", vide, follow=True).text)
    assert "Le repas de Tom (mardi 8) est déjà annulé" in html
    assert PENSEZ not in html
    modele = Modele(tom.pk, frozenset(), NOW.date(), date(2026, 12, 18))
    fait = remplir([modele], Acteur.semaine_type(camille), now=NOW).enregistrement
    _, context = mail_of(fait, camille.user, now=NOW)
    assert [plain(phrase) for phrase in context["repas"]] == ["Le repas de Tom (mardi 8 décembre) est déjà annulé"]


def test_midi_of_a_meal_that_nobody_cancelled_is_still_to_be_settled(camille, tom):
    Repas.objects.all().delete()
    _, context = mail_of(untick(camille, midi(tom)), camille.user, now=NOW)
    assert [plain(phrase) for phrase in context["repas"]] == [f"{PENSEZ} le repas de Tom (mardi 8 décembre)"]


# --- Taken back -------------------------------------------------------------------------------------------------------


def test_it_is_taken_back_for_15_minutes(camille, tom):
    fait = say(camille, tom)
    annulation = undo(fait.pk, camille, now=after(14))
    assert (annulation.refus, annulation.par.annule, annulation.a_temps) == ((), fait, True)
    assert Repas.objects.get(jour=MARDI_8).annule_le is None
    assert [(plain(qui), plain(ligne), annulable) for qui, ligne, annulable, _ in lignes(camille, tom, after(14))] == [
        ("Vous", "Tom : le repas n’est plus dit annulé, mardi 8", ""),
        ("Vous", "Tom : repas dit annulé, mardi 8", ""),
    ]
    resultat = load_resultat(str(annulation.par.pk), camille.user_id, {tom.pk: "Tom"}, now=after(14))
    assert [plain(ligne) for ligne in resultat.lignes] == ["Tom : le repas n’est plus dit annulé, mardi 8"]
    assert [plain(phrase) for phrase in resultat.repas] == [
        "Vous ne dites plus annulé le repas de Tom (mardi 8). Si vous l’aviez annulé, recommandez-le"
    ]
    assert resultat.sans_midi == ""
    assert undo(fait.pk, camille, now=after(14)).par == annulation.par  # a second click


def test_mail_of_a_meal_said_and_taken_back_tells_what_it_leaves_to_settle(camille, tom):
    fait = say(camille, tom)
    par = undo(fait.pk, camille, now=after(1)).par
    suite = "Vous ne dites plus annulé le repas de Tom (mardi 8 décembre). Si vous l’aviez annulé, recommandez-le"
    ensemble = confirmation_context([fait, par], camille.user, now=after(2))
    assert (ensemble["comme_avant"], [plain(phrase) for phrase in ensemble["repas"]]) == (True, [suite])
    page = plain(render_to_string("emails/confirmation_body.txt", ensemble | commune(None) | {"first_name": ""}))
    assert suite in page
    seul = confirmation_context([par], camille.user, now=after(2))
    assert plain(seul["sujet"]) == "Le repas n’est plus dit annulé, mardi 8 décembre, pour Tom"
    assert [plain(phrase) for phrase in seul["repas"]] == [suite]


def test_it_is_not_taken_back_later(camille, tom):
    fait = say(camille, tom)
    assert undo(fait.pk, camille, now=after(15)).a_temps is False
    assert Repas.objects.get(jour=MARDI_8).annule_le == NOW


def test_meal_taken_back_is_to_be_cancelled_like_any_other(camille, tom):
    undo(say(camille, tom).pk, camille, now=after(1))
    Repas.objects.all().delete()
    _, context = mail_of(untick(camille, midi(tom), now=after(2)), camille.user, now=after(2))
    assert [plain(phrase) for phrase in context["repas"]] == [f"{PENSEZ} le repas de Tom (mardi 8 décembre)"]


def test_taking_back_a_meal_whose_midi_is_gone_says_what_is_missing(client, camille, tom, time_machine):
    time_machine.move_to(NOW, tick=False)
    client.force_login(camille.user)
    fait = say(camille, tom)
    untick(camille, midi(tom))
    response = client.post(f"/historique/{fait.pk}/annuler/", {"retour": MOIS})
    html = plain(client.get(response["Location"]).text)
    assert "C’est annulé" in html
    assert "Ces moments sont tels" not in html
    assert "Tom : le repas n’est plus dit annulé, mardi 8" in html
    assert "Il manque la pause méridienne de Tom (mardi 8), obligatoire avec un repas" in html
    assert "Tom mange à la cantine mardi 8 mais n’est pas inscrit à la pause méridienne." in html
    par = Enregistrement.objects.get(annule=fait)
    assert plain(mail_of(par, camille.user, now=NOW)[1]["sans_midi"]) == (
        "Il manque la pause méridienne de Tom (mardi 8 décembre)"
    )


def test_new_list_is_not_gone_back_on(camille, tom):
    fait = say(camille, tom)
    liste = ListeLue("repas.csv", (LigneRepas(2, "Morel", "Tom", "", JEUDI_10),))
    importer(liste, now=after(1), debut=date(2026, 12, 1), fin=date(2026, 12, 18), retirer=True)
    annulation = undo(fait.pk, camille, now=after(2))
    assert annulation.par is None
    assert [(refus.cle, refus.obstacles[0].code) for refus in annulation.refus] == [(midi(tom), "liste")]
    assert not Repas.objects.filter(jour=MARDI_8).exists()


def test_only_its_author_takes_it_back(camille, tom):
    fait = say(camille, tom)
    dominique = ResponsableFactory(foyer=camille.foyer)
    tom.responsabilites.create(responsable=dominique)
    assert undo(fait.pk, dominique, now=after(1)) is None


# --- What the association learns --------------------------------------------------------------------------------------


def changes(now=NOW, depuis=LISTE_LE):
    return [
        plain(f"{ligne.eleve} : {ligne.phrase}")
        for ligne in load_changements(depuis, MARDI_8, date.max, today=now.date())
    ]


def others():
    return [(jour, [str(eleve) for eleve in eleves]) for jour, eleves in load_repas_annules(NOW.date())]


def test_association_learns_it_as_a_change_until_its_next_list(camille, tom):
    say(camille, tom)
    assert changes() == ["MOREL Tom : repas dit annulé mardi 8"]
    assert others() == [(MARDI_8, ["MOREL Tom"])]
    untick(camille, midi(tom))
    assert changes() == ["MOREL Tom : annulé mardi 8 ; repas dit annulé mardi 8"]
    liste = ListeLue("repas.csv", tuple(LigneRepas(n, "Morel", "Tom", "", jour) for n, jour in enumerate((JEUDI_10,))))
    importer(liste, now=after(60), debut=date(2026, 12, 1), fin=date(2026, 12, 18), retirer=True)
    assert (changes(depuis=after(60)), others()) == ([], [])


def test_association_does_not_learn_what_was_taken_back(camille, tom):
    undo(say(camille, tom).pk, camille, now=after(1))
    assert (changes(), others()) == ([], [])


def test_association_learns_that_a_meal_it_was_told_of_stands_again(camille, tom):
    fait = say(camille, tom)
    undo(fait.pk, camille, now=after(10))
    assert changes(depuis=after(5)) == ["MOREL Tom : repas qui n’est plus dit annulé mardi 8"]


@pytest.mark.parametrize("page", ["/", MOIS])
def test_cancelled_meals_are_told_above_all_else(client, camille, tom, time_machine, page):
    time_machine.move_to(NOW, tick=False)
    Fermeture.objects.create(debut=date(2026, 12, 10), fin=date(2026, 12, 10), motif="travaux")
    client.force_login(camille.user)
    html = client.get(page, {"enregistre": say(camille, tom).pk}).text
    assert html.index("C’est noté") < html.index("Garderie fermée")
