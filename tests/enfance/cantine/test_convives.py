"""What the association may see of a day: who eats, who is registered, where they disagree; nothing of the family."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enfance.cantine.convives import (
    TITRES,
    Cas,
    is_signale,
    jour_ouvert,
    jours_voisins,
    lignes_csv,
    load_releve,
    par_semaine,
)
from enfance.models import (
    Absence,
    Creneau,
    Enfant,
    Fermeture,
    Inscription,
    ListeRepas,
    Repas,
    Scolarite,
    load_calendrier,
)
from enfance.planning.repas import annuler
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.cantine.convives import JEUDI, LISTE_LE, LUNDI, MARDI, NOW, VENDREDI, inscrire
from tests.factories import AnneeFactory, ClasseFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db


@pytest.fixture
def creneaux():
    AnneeFactory()
    return make_creneaux()


@pytest.fixture
def parent(creneaux):
    return ResponsableFactory()


def manger(enfant, *jours):
    liste, _ = ListeRepas.objects.get_or_create(debut=LUNDI, fin=date(2026, 12, 18), importee_le=LISTE_LE)
    Repas.objects.bulk_create(Repas(enfant=enfant, jour=jour, liste=liste) for jour in jours)


def vu(jour=MARDI):
    (journee,) = load_releve(jour, jour, now=NOW).journees
    return {str(c.eleve): c.phrase for c in journee.convives}


# --- A day ------------------------------------------------------------------------------------------------------------


def test_day_says_who_eats_and_is_registered_and_where_they_disagree(parent):
    lea, tom, lina = (
        make_enfant(parent, prenom=prenom, sexe=sexe) for prenom, sexe in (("Léa", "f"), ("Tom", "m"), ("Lina", "f"))
    )
    manger(lea, MARDI)
    manger(tom, MARDI)
    inscrire(parent, lea, MARDI)
    inscrire(parent, lina, MARDI)
    assert vu() == {
        "MOREL Léa": "mange et est inscrite",
        "MOREL Lina": "inscrite, pas de repas",
        "MOREL Tom": "mange, pas inscrit",
    }


def test_waiting_for_a_place_is_not_being_registered(parent, creneaux):
    lea = make_enfant(parent)
    manger(lea, MARDI)
    Inscription.objects.create(enfant=lea, jour=MARDI, creneau=creneaux["midi"], etat="attente", attente_depuis=NOW)
    assert vu() == {"MOREL Léa": "mange, pas inscrit"}


def test_who_is_registered_on_a_day_without_list_is_counted_and_not_named(parent):
    inscrire(parent, make_enfant(parent), MARDI)
    (journee,) = load_releve(MARDI, MARDI, now=NOW).journees
    assert (journee.convives, journee.inscrits, journee.liste) == ((), 1, None)


def test_day_that_is_over_keeps_its_disagreements(parent):
    lea, tom = make_enfant(parent), make_enfant(parent, prenom="Tom")
    manger(lea, MARDI)
    inscrire(parent, tom, MARDI)
    (journee,) = load_releve(MARDI, MARDI, now=NOW + timedelta(days=30)).journees
    assert [convive.cas for convive in journee.ecarts] == [Cas.SANS_MIDI, Cas.SANS_REPAS]


def test_meal_that_the_family_cancelled_is_apart_until_the_next_list(parent):
    lea = make_enfant(parent, sexe="f")
    manger(lea, MARDI)
    inscrire(parent, lea, MARDI)
    assert annuler([Cle(lea.pk, MARDI, "midi")], Acteur.parent(parent), now=NOW).refus == ()
    (journee,) = load_releve(MARDI, MARDI, now=NOW).journees
    assert [(str(c.eleve), c.inscrit, c.mange) for c in journee.annules] == [("MOREL Léa", True, False)]
    assert (journee.attendus, journee.ecarts, journee.total.repas) == ([], [], 0)


def test_absence_told_by_a_parent_is_only_that(parent):
    lea = make_enfant(parent)
    manger(lea, MARDI)
    inscrire(parent, lea, MARDI)
    Absence.objects.create(enfant=lea, jour=MARDI, signalee_par=parent.user)
    (journee,) = load_releve(MARDI, MARDI, now=NOW).journees
    assert [str(c.eleve) for c in journee.convives if c.absent] == ["MOREL Léa"]
    assert [c.cas for c in journee.convives] == [Cas.ATTENDU]


def test_meal_of_a_child_who_has_left_is_to_be_checked(parent):
    lea = make_enfant(parent)
    manger(lea, MARDI)
    Scolarite.objects.filter(enfant=lea).update(depart=LUNDI)
    assert vu() == {"MOREL Léa": "mange, a quitté l’école"}


def test_usual_name_is_the_name(parent):
    manger(make_enfant(parent, nom="Morel", nom_usage="Morel-Étienne"), MARDI)
    assert list(vu()) == ["MOREL-ÉTIENNE Léa"]


def test_children_are_in_the_order_of_their_names_accents_aside(parent):
    for nom, prenom in [("Zola", "Ana"), ("Étienne", "Lou"), ("Dupré", "Zoé"), ("Dupré", "Élio")]:
        manger(make_enfant(parent, nom=nom, prenom=prenom), MARDI)
    assert list(vu()) == ["DUPRÉ Élio", "DUPRÉ Zoé", "ÉTIENNE Lou", "ZOLA Ana"]


# --- Closures, days without school ------------------------------------------------------------------------------------


def test_closed_lunch_break_says_why_and_who_still_has_a_meal(parent, creneaux):
    lea = make_enfant(parent)
    manger(lea, MARDI)
    inscrire(parent, lea, MARDI)
    Fermeture.objects.create(debut=MARDI, fin=MARDI, motif="grève").creneaux.set([creneaux["midi"]])
    (journee,) = load_releve(MARDI, MARDI, now=NOW).journees
    assert journee.raison == "Pause méridienne fermée (grève)."
    assert [c.phrase for c in journee.ecarts] == ["mange, pause méridienne fermée"]
    assert (journee.attendus, journee.total.repas) == ([], 0)


def test_closure_of_a_class_leaves_the_others(parent):
    petits = ClasseFactory(nom="PS-MS Mme Saule")
    lea, tom = make_enfant(parent), make_enfant(parent, prenom="Tom")
    Scolarite.objects.filter(enfant=tom).update(classe=petits)
    for enfant in (lea, tom):
        manger(enfant, MARDI)
        inscrire(parent, enfant, MARDI)
    Fermeture.objects.create(debut=MARDI, fin=MARDI, motif="sortie").classes.set([petits])
    (journee,) = load_releve(MARDI, MARDI, now=NOW).journees
    assert (journee.raison, journee.fermetures) == ("", ("mardi 8\u00a0décembre (sortie), PS-MS Mme Saule",))
    assert {str(c.eleve): c.cas for c in journee.convives} == {"MOREL Léa": Cas.ATTENDU, "MOREL Tom": Cas.FERME}


def test_closure_of_the_evening_is_not_the_canteens(creneaux):
    Fermeture.objects.create(debut=MARDI, fin=MARDI, motif="formation").creneaux.set([creneaux["soir"]])
    (journee,) = load_releve(MARDI, MARDI, now=NOW).journees
    assert (journee.raison, journee.fermetures, load_releve(LUNDI, LUNDI, now=NOW).annonces) == ("", (), [])


def test_closures_to_come_are_announced(creneaux):
    for debut, fin, motif in [(2, 2, "passée"), (14, 15, "grève"), (10, 10, "neige")]:
        Fermeture.objects.create(debut=date(2026, 12, debut), fin=date(2026, 12, fin), motif=motif)
    assert load_releve(LUNDI, LUNDI, now=NOW).annonces == [
        "jeudi 10\u00a0décembre (neige)",
        "du lundi 14\u00a0décembre au mardi 15\u00a0décembre (grève)",
    ]


@pytest.mark.parametrize(
    ("jour", "raison"),
    [
        (LUNDI, ""),
        (date(2026, 12, 9), "Pas d’école ce jour-là."),
        (date(2026, 12, 5), "Pas d’école ce jour-là."),
        (date(2026, 11, 11), "Jour férié (Armistice 1918)."),
        (date(2026, 12, 24), "Vacances de Noël\u00a0: pas d’école."),
        (date(2027, 7, 20), "Pas d’école ce jour-là."),
    ],
)
def test_day_without_lunch_break_says_why(creneaux, jour, raison):
    (journee,) = load_releve(jour, jour, now=NOW).journees
    assert journee.raison == raison


def test_meal_and_lunch_break_on_a_day_that_is_no_school_day_any_more_are_to_be_checked(parent, creneaux):
    mercredi, lea = date(2026, 12, 9), make_enfant(parent)
    manger(lea, mercredi)
    Inscription.objects.create(enfant=lea, jour=mercredi, creneau=creneaux["midi"])
    assert vu(mercredi) == {"MOREL Léa": "mange, pause méridienne fermée"}


def test_weekday_of_school_without_lunch_break_says_so(creneaux):
    type(creneaux["midi"]).objects.filter(code="midi").update(mardi=False)
    (journee,) = load_releve(MARDI, MARDI, now=NOW).journees
    assert journee.raison == "Pas de pause méridienne ce jour-là."


def test_list_of_a_day_is_the_last_imported_of_those_that_cover_it(creneaux):
    listes = {}
    for quand, debut, fin in [(1, LUNDI, VENDREDI), (3, MARDI, JEUDI), (2, LUNDI, JEUDI)]:
        importee_le = datetime(2026, 12, quand, 18, tzinfo=PARIS)
        listes[quand] = ListeRepas.objects.create(debut=debut, fin=fin, importee_le=importee_le)
    journees = load_releve(LUNDI, VENDREDI, now=NOW).journees
    assert [journee.liste for journee in journees] == [listes[2], listes[3], listes[3], listes[1]]


def test_meal_and_inscription_on_a_weekday_that_lost_its_lunch_break_are_to_be_checked(parent, creneaux):
    lea = make_enfant(parent)
    manger(lea, MARDI)
    inscrire(parent, lea, MARDI)
    type(creneaux["midi"]).objects.filter(code="midi").update(mardi=False)
    assert vu() == {"MOREL Léa": "mange, pause méridienne fermée"}


@pytest.mark.parametrize(
    ("today", "jour"),
    [
        (date(2026, 12, 3), date(2026, 12, 3)),
        (date(2026, 12, 5), LUNDI),
        (date(2026, 12, 20), date(2027, 1, 4)),
        (date(2026, 8, 20), date(2026, 9, 1)),
        (date(2027, 7, 20), date(2027, 7, 2)),
    ],
)
def test_page_opens_on_today_or_on_the_next_school_day(creneaux, today, jour):
    assert jour_ouvert(load_calendrier(), today) == jour


@pytest.mark.parametrize(
    ("jour", "voisins"),
    [
        (LUNDI, (date(2026, 12, 4), MARDI)),
        (MARDI, (LUNDI, JEUDI)),
        (date(2026, 12, 18), (date(2026, 12, 17), date(2027, 1, 4))),
        (date(2026, 9, 1), (None, date(2026, 9, 3))),
        (date(2027, 7, 2), (date(2027, 7, 1), None)),
    ],
)
def test_neighbours_are_school_days(creneaux, jour, voisins):
    assert jours_voisins(load_calendrier(), jour) == voisins


# --- Health -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "signale"),
    [
        ({"pai": True, "consigne": "arachide"}, False),
        ({"pai": True, "pai_cantine": True}, True),
        ({"consigne": "arachide", "pai_cantine": True}, True),
        ({"pai": True, "pai_fin": MARDI, "pai_cantine": True}, True),
        ({"pai": True, "pai_fin": LUNDI, "pai_cantine": True}, False),
        ({"pai_cantine": True}, False),
    ],
)
def test_flag_is_up_with_the_familys_agreement_alone(fields, signale):  # RGP-05
    assert is_signale(Enfant(**fields), MARDI) is signale


# --- Numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_are_by_class_from_the_youngest(parent):
    grands, petits = ClasseFactory(nom="CE1-CE2 Mme Sorbier"), ClasseFactory(nom="PS-MS Mme Saule")
    for prenom, classe, niveau, mange, inscrit in [
        ("Léa", grands, "CE1", True, True),
        ("Tom", grands, "CE2", True, False),
        ("Lina", petits, "PS", True, True),
        ("Jules", petits, "MS", False, True),
        ("Zoé", None, "CM2", True, True),
    ]:
        enfant = make_enfant(parent, prenom=prenom)
        Scolarite.objects.filter(enfant=enfant).update(classe=classe, niveau=niveau)
        if mange:
            manger(enfant, MARDI)
        if inscrit:
            inscrire(parent, enfant, MARDI)
    (journee,) = load_releve(MARDI, MARDI, now=NOW).journees
    assert [(c.classe, c.repas, c.sans_midi, c.sans_repas) for c in journee.classes] == [
        ("PS-MS Mme Saule", 1, 0, 1),
        ("CE1-CE2 Mme Sorbier", 2, 1, 0),
        ("CM2", 1, 0, 0),
    ]
    assert (journee.total.repas, journee.total.sans_midi, journee.total.sans_repas) == (4, 1, 1)


def test_week_has_a_number_a_class_and_a_day(parent):
    lea = make_enfant(parent)
    manger(lea, LUNDI, JEUDI)
    Fermeture.objects.create(debut=MARDI, fin=MARDI, motif="grève")
    journees = load_releve(LUNDI, date(2026, 12, 13), now=NOW).journees
    assert [journee.jour for journee in journees] == [LUNDI, MARDI, JEUDI, VENDREDI]
    (ligne,) = par_semaine(journees)
    assert ligne.classe == "CE1-CE2 Mme Sorbier"
    assert [n.repas if n else mot for mot, n in ligne.jours] == [1, "fermé", 1, 0]


def test_week_has_another_word_for_a_day_that_has_no_lunch_break(parent):
    manger(make_enfant(parent), LUNDI)
    Creneau.objects.filter(moment="midi").update(mardi=False)
    journees = load_releve(LUNDI, MARDI, now=NOW).journees
    (ligne,) = par_semaine(journees)
    assert [n.repas if n else mot for mot, n in ligne.jours] == [1, "pas de pause"]
    assert (journees[1].raison, journees[1].mot) == ("Pas de pause méridienne ce jour-là.", "pas de pause")


# --- The table --------------------------------------------------------------------------------------------------------


def test_table_has_a_line_a_child_and_a_day(parent):
    lea = make_enfant(parent, sexe="f", consigne="Arachide", pai_cantine=True)
    manger(lea, LUNDI, MARDI)
    inscrire(parent, lea, LUNDI)
    Absence.objects.create(enfant=lea, jour=LUNDI)
    lignes = lignes_csv(load_releve(LUNDI, VENDREDI, now=NOW).journees)
    assert [dict(zip(TITRES, ligne, strict=True)) for ligne in lignes] == [
        {
            "Date": jour,
            "Nom": "Morel",
            "Prénom": "Léa",
            "Classe": "CE1-CE2 Mme Sorbier",
            "Repas": "oui",
            "Pause méridienne": midi,
            "À vérifier": ecart,
            "Absence signalée": absence,
            "Allergie ou PAI": "oui",
        }
        for jour, midi, ecart, absence in [
            ("2026-12-07", "oui", "", "oui"),
            ("2026-12-08", "non", "mange, pas inscrite", ""),
        ]
    ]


# --- Weight -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nombre", [1, 3, 80])
def test_reader_asks_as_much_of_80_children_as_of_one(parent, creneaux, nombre):
    for n in range(nombre):
        enfant = make_enfant(parent, prenom=f"Enfant {n}")
        manger(enfant, LUNDI, MARDI)
        Inscription.objects.create(enfant=enfant, jour=MARDI, creneau=creneaux["midi"])
    for fin, jours in [(LUNDI, 1), (VENDREDI, 2)]:
        with CaptureQueriesContext(connection) as queries:
            journees = load_releve(LUNDI, fin, now=NOW).journees
        assert (len(queries), sum(len(journee.convives) for journee in journees)) == (12, nombre * jours)
