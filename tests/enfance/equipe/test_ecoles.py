"""The sheets of a town of two schools: which, whose, and who is on them."""

from __future__ import annotations

from datetime import date

import pytest

from enfance.ecoles import creneaux_of
from enfance.equipe.feuille import load_feuille
from enfance.equipe.fiche import load_fiche, load_fiches
from enfance.equipe.impression import load_papier
from enfance.equipe.pointages import enregistrer
from enfance.equipe.recherche import chercher
from enfance.models import Creneau, Enfant, Fermeture, Pointage, Scolarite
from portail.groupes import EQUIPE, SECRETARIAT
from tests.enfance.agents import make_agent
from tests.enfance.ecoles import codes, make_ville, share
from tests.enfance.gate import JEUDI, NOW, inscrire, tap
from tests.factories import AnneeFactory, FoyerFactory, StaffFactory
from tests.reading import plain_all

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ville(db):
    AnneeFactory()
    return make_ville()


@pytest.fixture
def alix(ville):
    """Of the team of the hamlet."""
    return make_agent(EQUIPE, ecoles=[ville.hameau])


@pytest.fixture
def lea(ville):
    enfant = ville.eleve(ville.bourg)
    inscrire(enfant)
    inscrire(enfant, "midi")
    return enfant


@pytest.fixture
def tom(ville):
    enfant = ville.eleve(ville.hameau, prenom="Tom")
    inscrire(enfant, "soir-hameau")
    inscrire(enfant, "midi")
    return enfant


def load(code="", agent=None, **fields):
    return load_feuille(JEUDI, code, now=NOW, agent=agent, **fields)


def noms(lignes):
    return [ligne.nom for ligne in lignes]


# --- Whose sheets -----------------------------------------------------------------------------------------------------


def test_agent_keeps_the_sheets_of_their_school(ville, alix):
    assert codes(creneaux_of(alix)) == ["midi", "soir-hameau"]
    assert codes(creneaux_of(make_agent(EQUIPE, ecoles=[ville.bourg, ville.hameau]))) == [
        "matin",
        "midi",
        "soir",
        "soir-hameau",
    ]


def test_creneau_of_everybody_is_of_each_team_and_of_no_stranger(alix):
    share("matin")
    assert codes(creneaux_of(alix)) == ["matin", "midi", "soir-hameau"]
    assert codes(creneaux_of(make_agent(EQUIPE))) == []


def test_secretary_keeps_all_of_them():
    assert codes(creneaux_of(make_agent(SECRETARIAT))) == ["matin", "midi", "soir", "soir-hameau"]


def test_feuille_is_of_the_school_of_the_agent(alix, lea, tom):
    feuille = load(agent=alix)
    assert [onglet.creneau.code for onglet in feuille.onglets] == ["midi", "soir-hameau"]
    assert (feuille.onglet.creneau.code, noms(feuille.lignes), feuille.onglet.lieu) == (
        "soir-hameau",
        ["Tom Morel"],
        "École du Hameau",
    )
    assert (list(feuille.ecoles), feuille.ecole.code) == ([], "hameau")
    assert load("soir", alix) is None


def test_shared_feuille_is_one_sheet_that_says_the_school_of_each_child(alix, lea, tom):
    feuille = load("midi", alix)
    assert feuille.onglet.lieu == "École du Bourg et École du Hameau"
    assert [ligne.classe for ligne in feuille.lignes] == ["CE1, École du Bourg", "CE1, École du Hameau"]
    assert [ligne.classe for ligne in load("soir-hameau", alix).lignes] == ["CE1"]


def test_feuille_of_everybody_says_so(alix):
    share("midi")
    assert load("midi", alix).onglet.lieu == "toutes les écoles"


def test_town_of_one_school_says_nothing_of_it(ville, lea):
    Scolarite.objects.exclude(ecole=ville.bourg).delete()
    Creneau.objects.filter(code="soir-hameau").delete()
    ville.hameau.delete()
    feuille = load("midi", make_agent(EQUIPE))
    assert (feuille.onglet.lieu, feuille.ecole, feuille.ecoles) == ("", None, ())
    assert [ligne.classe for ligne in feuille.lignes] == ["CE1"]


@pytest.mark.parametrize(
    ("code", "ecole", "montree", "onglets", "onglet"),
    [
        ("", "", "bourg", ["matin", "midi", "soir"], "soir"),
        ("", "hameau", "hameau", ["midi", "soir-hameau"], "soir-hameau"),
        ("midi", "", "bourg", ["matin", "midi", "soir"], "midi"),
        ("midi", "hameau", "hameau", ["midi", "soir-hameau"], "midi"),
        ("soir-hameau", "", "hameau", ["midi", "soir-hameau"], "soir-hameau"),
        ("soir-hameau", "bourg", "hameau", ["midi", "soir-hameau"], "soir-hameau"),
        ("", "ailleurs", "bourg", ["matin", "midi", "soir"], "soir"),
    ],
)
def test_agent_of_several_schools_sees_one_at_a_time(ville, code, ecole, montree, onglets, onglet):
    feuille = load(code, make_agent(SECRETARIAT), ecole=ecole)
    assert [vue.code for vue in feuille.ecoles] == ["bourg", "hameau"]
    assert (feuille.ecole.code, feuille.onglet.creneau.code) == (montree, onglet)
    assert [vu.creneau.code for vu in feuille.onglets] == onglets


def test_school_without_garderie_that_day_is_shown_as_such(ville):
    Creneau.objects.filter(code__in=["midi", "soir-hameau"]).update(jeudi=False)
    feuille = load("", make_agent(SECRETARIAT), ecole="hameau")
    assert (feuille.ecole.code, feuille.onglet, feuille.onglets) == ("hameau", None, [])


def test_feuille_of_a_town_of_schools_costs_the_same_queries(ville, alix, lea, tom, django_assert_num_queries):
    with django_assert_num_queries(10):
        load("midi", alix)
    for n in range(3):
        inscrire(ville.eleve(ville.hameau, prenom=f"Enfant {n}"), "midi")
    with django_assert_num_queries(10):
        load("midi", alix)


# --- A closure of one school ------------------------------------------------------------------------------------------


def close(*ecoles, creneaux=(), motif="grève"):
    fermeture = Fermeture.objects.create(debut=JEUDI, fin=JEUDI, motif=motif)
    fermeture.ecoles.set(ecoles)
    fermeture.creneaux.set(Creneau.objects.filter(code__in=creneaux))


def fermes(code):
    onglet = load(code).onglet
    return onglet.ferme, list(onglet.fermetures)


def test_closure_of_a_school_closes_its_own_sheet(ville):
    close(ville.hameau)
    assert [fermes(code) for code in ("soir-hameau", "soir", "midi")] == [
        ("grève", []),
        ("", []),
        ("", ["École du Hameau\u00a0: grève"]),
    ]


def test_closures_of_all_its_schools_close_a_shared_sheet(ville):
    close(ville.hameau)
    close(ville.bourg, motif="formation")
    assert fermes("midi") == ("formation, grève", [])


def test_closure_of_another_creneau_is_not_said(ville):
    close(ville.hameau, creneaux=["soir-hameau"])
    assert (fermes("midi"), fermes("soir-hameau")) == (("", []), ("grève", []))


# --- Who may come -----------------------------------------------------------------------------------------------------


def test_search_finds_the_pupils_of_the_schools_of_the_sheet(ville, lea, tom):
    assert [[t.nom for t in chercher("morel", JEUDI, Creneau.objects.get(code=code))] for code in ("soir", "midi")] == [
        ["Léa Morel"],
        ["Léa Morel", "Tom Morel"],
    ]
    [trouve] = chercher("tom", JEUDI, Creneau.objects.get(code="midi"))
    assert trouve.classe == "CE1, École du Hameau"


def test_tap_for_a_pupil_of_another_school_is_refused(lea, tom):
    """Else a sheet would tell the name and the telephones of any child of the town."""
    bilan = enregistrer([tap(tom), tap(lea)], JEUDI, "soir", StaffFactory(), now=NOW)
    assert [refus.phrase for refus in bilan.refus] == ["Cet enfant n’est pas à l’école de cette feuille ce jour-là."]
    assert [pointage.enfant for pointage in Pointage.objects.all()] == [lea]


def test_pupil_of_another_school_who_has_a_place_is_ticked(tom):
    inscrire(tom, "soir")
    assert not enregistrer([tap(tom)], JEUDI, "soir", StaffFactory(), now=NOW).refus


def test_kept_ticks_show_no_child_of_another_school(lea, tom):
    assert noms(load("soir", saisie={(tom.pk, "present"): True}).lignes) == ["Léa Morel"]


# --- A pupil who changes school ---------------------------------------------------------------------------------------


@pytest.fixture
def zoe(ville):
    """Of the hamlet from that Thursday on, of the village before."""
    enfant = ville.eleve(ville.bourg, prenom="Zoé")
    ancienne = Scolarite.objects.get(enfant=enfant)
    Scolarite.objects.filter(pk=ancienne.pk).update(depart=JEUDI)
    Scolarite.objects.create(enfant=enfant, annee=ancienne.annee, niveau="CE2", ecole=ville.hameau, debut=JEUDI)
    return enfant


@pytest.mark.parametrize(
    ("jour", "classe"), [(date(2026, 12, 8), "CE1, École du Bourg"), (JEUDI, "CE2, École du Hameau")]
)
def test_pupil_is_on_a_sheet_once_with_the_school_of_that_day(zoe, jour, classe):
    inscrire(zoe, "midi", jour=jour)
    [ligne] = load_feuille(jour, "midi", now=NOW).lignes
    assert ligne.classe == classe
    assert [fiche.classe for fiche in load_fiches(jour)] == [classe]
    assert [ligne.nom for ligne in load_papier(jour).lignes] == ["MOREL Zoé"]


def test_pupil_who_left_is_known_by_their_last_place(zoe):
    Scolarite.objects.filter(enfant=zoe, debut=JEUDI).update(depart=date(2026, 12, 11))
    assert [s.niveau for s in Scolarite.objects.known_on(date(2026, 12, 14)).filter(enfant=zoe)] == ["CE2"]
    assert not Scolarite.objects.on(date(2026, 12, 14)).filter(enfant=zoe).exists()


# --- Files and paper --------------------------------------------------------------------------------------------------


def test_fiche_is_of_the_sheets_of_the_agent(ville, alix, lea, tom):
    ana = ville.eleve(ville.bourg, prenom="Ana")
    inscrire(ana)
    assert [fiche.prenom for fiche in load_fiches(JEUDI, alix)] == ["Léa", "Tom"]  # Léa is at the lunch break of both
    assert load_fiche(ana.pk, JEUDI, alix) is None
    assert load_fiche(ana.pk, JEUDI, make_agent(SECRETARIAT)).classe == "CE1, École du Bourg"


def test_sister_of_another_school_is_not_named_on_the_card(ville, alix, lea, tom):  # ACC-05
    foyer = FoyerFactory()
    for enfant in (lea, tom):
        enfant.gardes.create(foyer=foyer)
    Enfant.objects.filter(pk=lea.pk).update(sexe="f")
    lea.personnes_autorisees.create(nom="Jean Dupont", interdite=True)
    phrases = [load_fiche(tom.pk, JEUDI, agent).ailleurs[0].phrase for agent in (alix, make_agent(SECRETARIAT), None)]
    assert plain_all(phrases) == ["Personne interdite pour sa sœur :", *["Personne interdite pour Léa, sa sœur :"] * 2]


def test_paper_is_of_the_school_of_the_agent(ville, alix, lea, tom):
    ana = ville.eleve(ville.bourg, prenom="Ana")
    inscrire(ana)
    papier = load_papier(JEUDI, agent=alix)
    assert ([ligne.nom for ligne in papier.lignes], papier.lieu) == (["MOREL Léa", "MOREL Tom"], "École du Hameau")
    assert [ligne.remarques for ligne in papier.lignes] == ["École du Bourg", "École du Hameau"]
    assert codes(papier.creneaux) == ["midi", "soir-hameau"]
    assert load_papier(JEUDI, agent=alix, code="soir") is None


def test_paper_of_several_schools_is_one_school_at_a_time(ville, lea, tom):
    secretaire = make_agent(SECRETARIAT)
    papiers = [load_papier(JEUDI, agent=secretaire, ecole=code) for code in ("", "hameau")]
    assert [(papier.lieu, codes(papier.jours[0].creneaux)) for papier in papiers] == [
        ("École du Bourg", ["matin", "midi", "soir"]),
        ("École du Hameau", ["midi", "soir-hameau"]),
    ]
    assert load_papier(JEUDI, agent=secretaire, code="midi").lieu == "École du Bourg et École du Hameau"
