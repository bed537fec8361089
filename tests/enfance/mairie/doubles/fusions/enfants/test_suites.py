"""Two files of one child made one: inscriptions, who pays, the gate, meals, all that the double had goes on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django_tasks_db.models import DBTaskResult

from enfance.equipe.pointages import enregistrer as pointer
from enfance.mairie.doubles.fusion_enfants import garde_of, payeurs
from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import (
    Absence,
    Creneau,
    DemandeRappel,
    EcartVu,
    Enregistrement,
    Evenement,
    Fermeture,
    Garde,
    Geste,
    ImportOnde,
    Inscription,
    ListeRepas,
    Pointage,
    Repas,
    Responsable,
    Scolarite,
    SemaineType,
)
from tests.enfance.gate import JEUDI, at, tap
from tests.enfance.mairie.doubles.fusions.doubles import NOW
from tests.enfance.mairie.doubles.fusions.enfants.fiches import HIER, LUNDI_7, LUNDI_14, MARDI_8, book, save
from tests.factories import (
    AnneeFactory,
    ClasseFactory,
    make_enfant,
)

pytestmark = [pytest.mark.django_db, pytest.mark.ci]


# --- Inscriptions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    ("un", "autre", "kept"),
    [("inscrit", "attente", "inscrit"), ("attente", "annulee", "attente"), ("inscrit", "annulee", "inscrit")],
)
def test_better_state_stays(lea, double, unite, un, autre, kept, swapped):
    for enfant, etat in zip((double, lea) if swapped else (lea, double), (un, autre), strict=True):
        book(enfant, etat=etat)
    book(double, jour=MARDI_8)

    bilan = unite(lea, double)

    lignes = Inscription.objects.order_by("jour").values_list("enfant", "jour", "etat")
    assert list(lignes) == [(lea.pk, LUNDI_7, kept), (lea.pk, MARDI_8, "inscrit")]
    assert dict(bilan.deplaces)["inscriptions"] >= 1


@pytest.mark.parametrize("first", ["lea", "double"])
def test_better_rank_stays(lea, double, unite, first):
    delais = {"lea": timedelta(0), "double": timedelta(0), first: timedelta(days=1)}
    book(lea, etat="attente", attente_depuis=NOW - delais["lea"])
    book(double, etat="attente", attente_depuis=NOW - delais["double"])

    unite(lea, double)

    assert Inscription.objects.get().attente_depuis == NOW - timedelta(days=1)


def test_box_that_a_closure_gives_back_stays(lea, double, unite):
    book(lea, etat="annulee", origine="portail")
    book(double, etat="annulee", origine="fermeture")

    unite(lea, double)

    assert Inscription.objects.get().origine == "fermeture"


def test_place_held_twice_is_given_to_who_waits(lea, double, sacha, unite):
    autre = make_enfant(sacha, prenom="Tom")
    Creneau.objects.update(places=2)
    book(lea)
    book(double)
    book(autre, etat="attente")

    bilan = unite(lea, double)

    assert dict(Inscription.objects.values_list("enfant__prenom", "etat")) == {"Léa": "inscrit", "Tom": "inscrit"}
    assert "Inscrit sur les deux fiches\u00a0: 1 à venir, comptées une fois." in bilan.avis


def test_trace_says_at_last_what_the_row_says(lea, double, camille, agent, unite):
    save(camille, lea, "inscrit")
    save(camille, double, "inscrit", now=NOW + timedelta(seconds=1))
    save(camille, double, "annulee", now=NOW + timedelta(seconds=2))
    DBTaskResult.objects.all().delete()

    unite(lea, double)

    dernier = Evenement.objects.order_by("-enregistrement_id").first()
    assert (dernier.enfant, dernier.avant, dernier.apres) == (lea, "annulee", "inscrit")
    assert (dernier.enregistrement.auteur, dernier.enregistrement.motif) == (
        agent,
        "Deux fiches du même enfant réunies",
    )
    assert Evenement.objects.filter(enfant=lea).count() == 4
    assert [task.task_path.rsplit(".", 1)[-1] for task in DBTaskResult.objects.all()] == ["tell_family"]


def test_nothing_is_traced_nor_told_where_nothing_changes(lea, double, camille, unite):
    save(camille, lea, "inscrit")
    save(camille, double, "inscrit", jour=MARDI_8)
    DBTaskResult.objects.all().delete()

    unite(lea, double)

    assert (Enregistrement.objects.count(), DBTaskResult.objects.count()) == (2, 0)


# --- Who pays, and where the child lives ------------------------------------------------------------------------------


@pytest.fixture
def ailleurs(sacha):
    """The same child, typed for the other home."""
    return make_enfant(sacha, nom="Morel", prenom="Lea")


def test_who_pays_is_asked_where_two_homes_do(lea, ailleurs, camille, sacha):
    today = NOW.date()
    assert payeurs(lea, ailleurs, today=today) == []
    book(lea, foyer=camille.foyer)
    book(ailleurs, jour=HIER, foyer=sacha.foyer)
    assert payeurs(lea, ailleurs, today=today) == []
    book(ailleurs, jour=MARDI_8, foyer=sacha.foyer)

    assert payeurs(lea, ailleurs, today=today) == [camille.foyer, sacha.foyer]


@pytest.mark.parametrize(("chosen", "kept"), [("sacha", ["sacha"] * 2), ("chacun", ["camille", "sacha"])])
def test_home_that_was_chosen_pays_what_is_to_come(lea, ailleurs, camille, sacha, unite, chosen, kept):
    foyers = {"camille": camille.foyer, "sacha": sacha.foyer}
    book(lea, jour=HIER, foyer=camille.foyer)
    book(lea, foyer=camille.foyer)
    book(ailleurs, jour=MARDI_8, foyer=sacha.foyer)

    unite(lea, ailleurs, payeur=str(foyers[chosen].pk) if chosen in foyers else chosen)

    payes = Inscription.objects.order_by("jour").values_list("foyer", flat=True)
    assert list(payes) == [camille.foyer_id, *(foyers[nom].pk for nom in kept)]


def test_home_pays_on_its_own_days_alone(lea, ailleurs, camille, sacha, unite):
    Garde.objects.filter(enfant=lea).update(rythme="alternee", depuis=LUNDI_7)
    Garde.objects.filter(enfant=ailleurs).update(rythme="alternee", depuis=LUNDI_14)
    book(lea, foyer=camille.foyer)
    book(ailleurs, jour=LUNDI_14, foyer=sacha.foyer)

    unite(lea, ailleurs, payeur=str(sacha.foyer_id))

    assert list(Inscription.objects.order_by("jour").values_list("foyer", flat=True)) == [
        camille.foyer_id,
        sacha.foyer_id,
    ]


@pytest.mark.parametrize(
    ("garde", "foyers"), [("reste", ["camille"]), ("double", ["sacha"]), ("deux", ["camille", "sacha"])]
)
def test_garde_is_chosen_where_the_files_disagree(lea, ailleurs, camille, sacha, unite, garde, foyers):
    bilan = unite(lea, ailleurs, garde=garde)

    siennes = Garde.objects.filter(enfant=lea).order_by("pk")
    assert [ligne.foyer for ligne in siennes] == [{"camille": camille, "sacha": sacha}[nom].foyer for nom in foyers]
    a_regler = "L’enfant a deux foyers\u202f: le rythme de garde est à régler sur sa fiche."
    assert (a_regler in bilan.avis) is (garde == "deux")


def test_same_garde_twice_is_one(lea, double, unite):
    bilan = unite(lea, double)

    assert Garde.objects.count() == 1
    assert bilan.gardes == ("Léa MOREL\u00a0: toujours",)
    assert garde_of(lea) == ["Foyer Morel, 12 chemin des Tilleuls\u00a0: toujours"]


def test_adults_who_read_another_garde_are_told(lea, ailleurs, camille, sacha, unite):
    Garde.objects.filter(enfant=lea).update(rythme="alternee", depuis=LUNDI_7)

    unite(lea, ailleurs, garde="reste")

    envois = [task for task in DBTaskResult.objects.all() if task.task_path.endswith("send_garde")]
    assert [task.args_kwargs["args"][0] for task in envois] == [sacha.user_id]


# --- The gate, meals, the rest ----------------------------------------------------------------------------------------


def test_all_taps_are_kept_and_the_sheet_is_told_anew(lea, double, agent, unite):
    enfants = {"lea": lea, "double": double}
    for nom, quoi, a in [
        ("double", "present", at(16, 31)),
        ("lea", "present", at(16, 40)),
        ("double", "parti", at(17)),
    ]:
        pointer([tap(enfants[nom], quoi, a=a)], JEUDI, "soir", agent, now=at(17, 30))
    pointer([tap(double, a=at(7, 40))], JEUDI, "matin", agent, now=at(17, 30))

    unite(lea, double)

    soir = Pointage.objects.get(creneau__code="soir")
    assert (soir.enfant, soir.present, soir.arrivee, soir.depart) == (lea, True, at(16, 31), at(17))
    assert (soir.gestes.count(), Geste.objects.count()) == (3, 4)
    assert Pointage.objects.get(creneau__code="matin").enfant == lea


def test_meal_that_stands_stays(lea, double, unite):
    liste = ListeRepas.objects.create(debut=LUNDI_7, fin=LUNDI_14)
    for jour, ici, la in [(LUNDI_7, NOW, None), (MARDI_8, None, NOW), (LUNDI_14, None, None)]:
        Repas.objects.create(enfant=lea, jour=jour, liste=liste, annule_le=ici)
        Repas.objects.create(enfant=double, jour=jour, liste=liste, annule_le=la)

    unite(lea, double)

    assert list(Repas.objects.order_by("jour").values_list("enfant", "annule_le")) == [(lea.pk, None)] * 3


def test_what_is_said_once_a_day_is_once(lea, double, unite, creneaux):
    for enfant in (lea, double):
        Absence.objects.create(enfant=enfant, jour=LUNDI_7)
        EcartVu.objects.create(enfant=enfant, jour=LUNDI_7, creneau=creneaux["soir"], genre="absent")
    Absence.objects.create(enfant=double, jour=MARDI_8)

    unite(lea, double)

    assert list(lea.absences.order_by("jour").values_list("jour", flat=True)) == [LUNDI_7, MARDI_8]
    assert lea.ecarts_vus.count() == EcartVu.objects.count() == 1


def test_absences_of_the_same_day_are_one_of_the_moments_of_both(lea, double, unite, creneaux):
    for enfant, code in ((lea, "midi"), (double, "soir")):
        Absence.objects.create(enfant=enfant, jour=LUNDI_7).creneaux.add(creneaux[code])

    unite(lea, double)

    assert Absence.objects.get().moments == "midi et soir"


def test_absence_that_was_taken_back_follows_beside_the_one_that_stands(lea, double, unite):
    Absence.objects.create(enfant=lea, jour=LUNDI_7)
    Absence.objects.create(enfant=double, jour=LUNDI_7, retiree_le=NOW)

    unite(lea, double)

    assert sorted(lea.absences.values_list("retiree_le", flat=True), key=bool) == [None, NOW]


def test_one_call_waits_for_a_parent(lea, double, camille, unite):
    for enfant in (lea, double):
        DemandeRappel.objects.create(enfant=enfant, demandee_par=camille.user)
    DemandeRappel.objects.create(enfant=double, demandee_par=camille.user, rappele_le=LUNDI_7)

    unite(lea, double)

    assert (lea.demandes_rappel.count(), lea.demandes_rappel.waiting().count()) == (2, 1)


def test_patterns_of_one_instant_stay_two(lea, double, camille, unite):
    for enfant in (lea, double):
        SemaineType.objects.create(foyer=camille.foyer, enfant=enfant, debut=LUNDI_7, fin=LUNDI_14, modifiee_le=NOW)

    unite(lea, double)

    assert lea.semaines_types.count() == 2


@pytest.mark.parametrize("swapped", [False, True])
def test_class_that_onde_said_stays(lea, double, unite, swapped):
    autre = ClasseFactory(nom="CM1 M. Érable")
    Scolarite.objects.filter(enfant=double).update(niveau="CM1", classe=autre)
    Scolarite.objects.filter(enfant=lea).update(depart=LUNDI_7)

    unite(*((double, lea) if swapped else (lea, double)))

    scolarite = Scolarite.objects.get()
    assert (scolarite.niveau, scolarite.classe.nom, scolarite.depart) == ("CE1", "CE1-CE2 Mme Sorbier", None)


def test_year_of_the_double_alone_follows(lea, double, unite):
    annee = AnneeFactory(debut=date(2025, 9, 1), fin=date(2026, 7, 3))
    Scolarite.objects.create(enfant=double, annee=annee, niveau="CP", depart=date(2026, 3, 1))

    unite(lea, double)

    assert lea.scolarites.get(annee=annee).depart == date(2026, 3, 1)


def test_places_where_the_child_is_a_number_follow(lea, double, camille, agent, unite):
    Responsable.objects.filter(pk=camille.pk).update(
        onde={"enfants": [double.pk], "doubles": [{"nom": "X", "enfants": [lea.pk, double.pk]}]}
    )
    depot = ImportOnde.objects.create(annee=AnneeFactory(), choix={"q": f"enfant-{double.pk}", "r": "nouveau"})
    LogEntry.objects.log_actions(agent.pk, [double], CHANGE, change_message="Classe.", single_object=True)

    unite(lea, double)

    camille.refresh_from_db()
    depot.refresh_from_db()
    assert camille.onde == {"enfants": [lea.pk], "doubles": [{"nom": "X", "enfants": [lea.pk]}]}
    assert depot.choix == {"q": f"enfant-{lea.pk}", "r": "nouveau"}
    assert LogEntry.objects.get().object_id == str(lea.pk)


def test_closure_gives_back_what_it_took_of_the_double(lea, double, camille, unite):
    save(camille, double, "inscrit")
    fermer(Portee(LUNDI_7, LUNDI_7, "grève"), now=NOW)
    unite(lea, double)

    rouvrir(Fermeture.objects.get().pk, now=NOW)

    assert Inscription.objects.get().etat == "inscrit"
