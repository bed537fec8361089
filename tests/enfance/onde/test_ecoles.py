"""Two schools, each with its own files: nobody gone, nobody double, siblings in one planning; who changes school."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from accounts.models import User
from enfance.changement_ecole import changer_place
from enfance.models import Classe, Ecole, Enfant, Evenement, Foyer, Inscription, Responsable, Scolarite
from enfance.onde.adultes import Personne, load_connus
from enfance.onde.importation import DepartsAConfirmer, EcoleAConfirmer, _dits, _sans_courriel, choose_ecole, importer
from enfance.onde.rapprochement import Registre
from portail.tables import ImportRefuse
from tests.enfance.onde.deux_ecoles import (
    AVEC_LEA,
    ELEMENTAIRE,
    LEA_PETITE,
    LINA,
    MATERNELLE,
    NOE,
    PARENTS,
    PARENTS_MATERNELLE,
    run_elementaire,
    run_maternelle,
)
from tests.enfance.onde.ecole import NOW, comptes, database, responsable
from tests.enfance.onde.exemples import (
    ADULTES,
    ANNE,
    LEA,
    PETITS,
    TOM,
    change,
    extraction,
)
from tests.factories import AnneeFactory, CreneauFactory, EcoleFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import plain_all

pytestmark = [pytest.mark.django_db, pytest.mark.ci]


@pytest.fixture
def elementaire(annee) -> Ecole:
    """The school that every database has."""
    ecole = Ecole.objects.get()
    ecole.nom, ecole.code, ecole.premier_niveau = "École élémentaire", "elementaire", "CP"
    ecole.save()
    return ecole


@pytest.fixture
def maternelle(elementaire) -> Ecole:
    return EcoleFactory(code="maternelle", nom="École maternelle", dernier_niveau="GS")


def places():
    lignes = Scolarite.objects.order_by("enfant__prenom", "pk")
    return [(s.enfant.prenom, s.ecole.code, s.debut, s.depart) for s in lignes.select_related("enfant", "ecole")]


def places_of(prenom):
    return [place[1:] for place in places() if place[0] == prenom]


@pytest.fixture
def deux(elementaire, maternelle):
    run_elementaire(elementaire)
    run_maternelle(maternelle)


@pytest.mark.parametrize("premiere", ["elementaire", "maternelle"])
def test_files_of_two_schools_in_any_order_and_again(elementaire, maternelle, premiere):
    imports = [lambda: run_elementaire(elementaire), lambda: run_maternelle(maternelle)]
    if premiere == "maternelle":
        imports.reverse()
    bilans = [importer() for importer in imports]
    avant = database()

    encore = [importer() for importer in imports]

    assert sum(bilan.eleves.crees for bilan in bilans) == Enfant.objects.count() == 14
    assert [bilan.eleves.partis for bilan in bilans + encore] == [[]] * 4
    assert [bilan.questions for bilan in bilans + encore] == [[]] * 4
    assert {place[2:] for place in places()} == {(None, None)}
    assert Responsable.objects.count() == len(ADULTES) + 1  # Lina; Camille, Karim and Rémi have children in both
    assert Foyer.objects.count() == 6
    assert database() == avant


def test_siblings_of_two_schools_are_one_familys(deux):
    camille, remi = responsable("Camille"), responsable("Rémi")

    assert {(e.prenom, e.scolarites.get().ecole.code) for e in camille.enfants.all()} == {
        ("Léa", "elementaire"),
        ("Tom", "maternelle"),
    }
    assert camille.foyer == responsable("Karim").foyer
    assert remi.enfants.count() == 9
    assert {garde.foyer for garde in Enfant.objects.get(prenom="Noé").gardes.all()} == {remi.foyer}


def test_classes_are_those_of_their_school(elementaire, maternelle):
    run_elementaire(elementaire)
    run_maternelle(maternelle, [replace(TOM, classe=LEA.classe)], PARENTS_MATERNELLE)  # of the same name

    assert Classe.objects.filter(nom=LEA.classe).count() == 2
    assert Enfant.objects.get(prenom="Tom").scolarites.get().classe.ecole == maternelle


def test_gone_are_counted_in_their_school(deux, elementaire, maternelle):
    bilan = run_elementaire(elementaire, ELEMENTAIRE[:-1])
    assert bilan.eleves.partis == ["PrénomH DUBOIS, CP-CE1 M. Érable"]

    with pytest.raises(DepartsAConfirmer, match="1.élève sur 3"):
        run_maternelle(maternelle, [TOM, NOE])
    assert {place[3] for place in places() if place[1] == "maternelle"} == {None}


def test_file_of_the_other_school_is_asked_about_before_anything(deux, elementaire, maternelle):
    avant = database()

    for simuler in (True, False):
        with pytest.raises(EcoleAConfirmer, match="11 élèves de ce fichier, sur 11, .* École élémentaire"):
            run_elementaire(maternelle, simuler=simuler)

    assert database() == avant
    bilan = run_elementaire(maternelle, confirmer_ecole=True, confirmer_departs=True, simuler=True)
    assert len(bilan.questions) == len(bilan.doutes) == 11


# --- One pupil in two schools -----------------------------------------------------------------------------------------


def with_lea(maternelle, **options):
    return importer(extraction([*MATERNELLE, LEA_PETITE], AVEC_LEA), AnneeFactory(), maternelle, now=NOW, **options)


def test_pupil_of_two_files_is_asked_about_and_left_alone(deux, maternelle):
    with_lea(maternelle)  # in this layout the others have an INE, which they had not
    avant = database()

    bilan = with_lea(maternelle)

    question = bilan.questions[0]
    assert plain_all([question.texte]) == [
        "Léa MOREL est à École élémentaire (CP-CE1 M. Érable), et dans ce fichier (École maternelle) : change "
        "d’école, ou reste ?"
    ]
    assert plain_all(option.libelle for option in question.options) == [
        "Change d’école : École maternelle",
        "Reste à École élémentaire",
    ]
    assert plain_all(bilan.doutes) == [
        "eleves.csv, ligne 5 : Léa MOREL est à École élémentaire (CP-CE1 M. Érable), et dans ce fichier (École "
        "maternelle). Sans réponse, rien n’est changé pour cet élève."
    ]
    assert (bilan.refus, bilan.eleves.modifies, database()) == ([], [], avant)


def test_pupil_who_stays_is_not_asked_about_again_from_either_side(deux, elementaire, maternelle):
    question = with_lea(maternelle).questions[0]
    choix = {question.cle: question.options[1].valeur}

    assert with_lea(maternelle, choix=choix).doutes == []
    assert run_elementaire(elementaire, choix=choix).questions == []
    assert places_of("Léa") == [("elementaire", None, None)]


def test_pupil_taken_in_by_mistake_leaves_and_comes_back_the_same_day(deux, elementaire, maternelle):
    """The wrong file was imported, then the right one."""
    question = with_lea(maternelle).questions[0]
    with_lea(maternelle, choix={question.cle: question.options[0].valeur})
    jour, lendemain = date(2026, 11, 25), date(2026, 11, 26)

    run_maternelle(maternelle, confirmer_departs=True)

    assert places_of("Léa") == [("elementaire", None, jour), ("maternelle", jour, lendemain)]
    run_elementaire(elementaire)
    assert places_of("Léa")[1:] == [("maternelle", jour, lendemain), ("elementaire", lendemain, None)]


def test_pupil_who_changes_school_keeps_the_days_of_the_old_one(deux, elementaire, maternelle):
    question = with_lea(maternelle).questions[0]
    choix = {question.cle: question.options[0].valeur}
    jour = date(2026, 11, 25)

    bilan = with_lea(maternelle, choix=choix)

    assert plain_all(bilan.eleves.modifies)[0] == "Léa MOREL : école « École élémentaire » → « École maternelle »"
    assert places_of("Léa") == [("elementaire", None, jour), ("maternelle", jour, None)]
    assert Scolarite.objects.get(enfant__prenom="Léa", debut=jour).classe.nom == PETITS
    avant = database()
    encore = run_elementaire(elementaire, choix=choix)  # she is still in it
    assert (encore.doutes, encore.eleves.partis, database()) == ([], [], avant)
    assert with_lea(maternelle, choix=choix).eleves.modifies == []


def test_pupil_gone_from_one_school_arrives_in_the_other_without_a_question(deux, elementaire, maternelle):
    midi, foyer = make_creneaux()["midi"], responsable("Camille").foyer
    for prenom in ("Léa", "Tom"):
        enfant = Enfant.objects.get(prenom=prenom)
        Inscription.objects.create(enfant=enfant, jour=date(2026, 12, 7), creneau=midi, foyer=foyer)
    Inscription.objects.filter(enfant__prenom="Tom").update(etat="annulee", origine="import")
    run_elementaire(elementaire, ELEMENTAIRE[1:], PARENTS[2:])
    jour = date(2026, 11, 25)
    assert places_of("Léa") == [("elementaire", None, jour)]

    bilan = with_lea(maternelle)

    assert bilan.questions == []
    assert "Léa MOREL arrive à École maternelle : 1 inscription à venir" in plain_all(bilan.propositions)[0]
    assert places_of("Léa") == [("elementaire", None, jour), ("maternelle", jour, None)]
    assert run_elementaire(elementaire, ELEMENTAIRE[1:], PARENTS[2:]).eleves.partis == []
    assert with_lea(maternelle).eleves.partis == []


def test_change_of_school_to_come_is_no_departure_to_tell(deux, elementaire, maternelle):
    changer_place(Scolarite.objects.get(enfant__prenom="Léa"), maternelle, date(2026, 12, 14))

    bilan = run_elementaire(elementaire)

    assert (bilan.questions, bilan.eleves.partis, [dit for dit in bilan.propositions if "Léa" in dit]) == ([], [], [])


def test_provisional_place_in_another_school_moves_without_a_question(deux, elementaire, maternelle):
    suivante = AnneeFactory(debut=date(2027, 9, 2), fin=date(2028, 7, 3))
    for enfant in Enfant.objects.all():
        Scolarite.objects.create(enfant=enfant, annee=suivante, ecole=elementaire, niveau="CP")

    bilan = run_maternelle(maternelle, annee=suivante, confirmer_ecole=True)

    assert (bilan.questions, bilan.eleves.partis) == ([], [])
    tom = suivante.scolarites.get(enfant__prenom="Tom")
    assert (tom.ecole, tom.debut, tom.depart, tom.classe.nom) == (maternelle, None, None, PETITS)
    assert suivante.scolarites.filter(ecole=elementaire).count() == 11


def test_inscriptions_follow_the_pupil_who_changes_school(deux, elementaire, maternelle):
    soir = make_creneaux()["soir"]
    soir.ecoles.set([elementaire])
    lea = Enfant.objects.get(prenom="Léa")
    Inscription.objects.create(enfant=lea, jour=date(2026, 12, 7), creneau=soir, foyer=responsable("Camille").foyer)
    question = with_lea(maternelle).questions[0]

    bilan = with_lea(maternelle, choix={question.cle: question.options[0].valeur})

    assert (bilan.inscriptions_deplacees, bilan.inscriptions_perdues) == (0, 1)
    assert Inscription.objects.get(enfant=lea).etat == "annulee"
    assert "Inscriptions que la nouvelle école ne peut prendre, annulées : 1." in plain_all(bilan.phrases())
    assert plain_all(bilan.jours_perdus) == ["Léa MOREL : lundi 7 décembre (soir)"]
    titre = "Jours que la nouvelle école ne peut prendre, un e-mail le dit aux familles"
    assert (titre, bilan.jours_perdus) in bilan.apercu


def test_days_lost_say_to_whom_nobody_can_write(deux, elementaire, maternelle):
    soir = make_creneaux()["soir"]
    soir.ecoles.set([elementaire])
    User.objects.filter(responsable__responsabilites__enfant__prenom="Léa").update(email="")
    lea, foyer = Enfant.objects.get(prenom="Léa"), responsable("Camille").foyer
    for jour in (8, 7):
        Inscription.objects.create(enfant=lea, jour=date(2026, 12, jour), creneau=soir, foyer=foyer)
    question = with_lea(maternelle).questions[0]

    bilan = with_lea(maternelle, choix={question.cle: question.options[0].valeur})

    assert plain_all(bilan.jours_perdus) == [
        "Léa MOREL (aucun e-mail : à appeler) : lundi 7 décembre (soir), mardi 8 décembre (soir)"
    ]


def test_mail_of_an_account_that_is_closed_or_suspended_reaches_nobody():
    muet, lu = ResponsableFactory(user__email=""), ResponsableFactory()
    lea, tom, zoe = make_enfant(muet, lu), make_enfant(muet, lu), make_enfant(ResponsableFactory(user__is_active=False))
    tom.responsabilites.filter(responsable=lu).update(suspendue=True)

    assert _sans_courriel({lea.pk, tom.pk, zoe.pk}) == {tom.pk, zoe.pk}


def test_days_that_a_departure_cancels_are_told_child_by_child(deux, elementaire):
    """By name, then day, then the order of the hours: neither that of the keys nor that of the codes."""
    creneaux, foyer = make_creneaux(), responsable("Camille").foyer
    creneaux["apres"] = CreneauFactory(code="apres", nom_court="après", ordre=9)
    lea, anne = Enfant.objects.get(prenom="Léa"), Enfant.objects.get(prenom="Anne-Sophie")
    for enfant, code in ((lea, "soir"), (lea, "apres"), (anne, "matin")):
        Inscription.objects.create(enfant=enfant, jour=date(2026, 12, 7), creneau=creneaux[code], foyer=foyer)

    bilan = run_elementaire(
        elementaire, [e for e in ELEMENTAIRE if e not in (LEA, ANNE)], PARENTS[3:], confirmer_departs=True
    )

    assert bilan.inscriptions_annulees == 3
    assert plain_all(bilan.jours_annules) == [
        "Anne-Sophie LEFÈVRE : lundi 7 décembre (matin)",
        "Léa MOREL : lundi 7 décembre (soir, après)",
    ]
    evenements, enfants = Evenement.objects.select_related("creneau"), {e.pk: e for e in (lea, anne)}
    assert ["aucun e-mail" in dit for dit in _dits(evenements, enfants, {lea.pk})] == [False, True]


def test_report_of_the_only_school_names_no_day(elementaire):
    run_elementaire(None)
    soir, lea = make_creneaux()["soir"], Enfant.objects.get(prenom="Léa")
    Inscription.objects.create(enfant=lea, jour=date(2026, 12, 7), creneau=soir, foyer=responsable("Camille").foyer)

    bilan = run_elementaire(None, ELEMENTAIRE[1:], PARENTS[2:])

    assert (bilan.inscriptions_annulees, bilan.jours_annules) == (1, [])


# --- What two files say of one adult ----------------------------------------------------------------------------------


def test_two_files_that_differ_about_an_adult_do_not_take_turns(elementaire, maternelle):
    autres = change(PARENTS_MATERNELLE, PARENTS_MATERNELLE[0], portable="06 39 98 00 99")
    run_elementaire(elementaire)
    run_maternelle(maternelle, adultes=autres)
    assert responsable("Camille").telephone == "06 39 98 00 99"  # the latest word

    for _ in range(2):
        assert comptes(run_elementaire(elementaire))[1] == (0, 0, 6)
        assert comptes(run_maternelle(maternelle, adultes=autres))[1] == (0, 0, 4)
    assert responsable("Camille").telephone == "06 39 98 00 99"

    run_elementaire(elementaire, adultes=change(PARENTS, PARENTS[0], portable="06 39 98 00 55"))
    assert responsable("Camille").telephone == "06 39 98 00 55"


def test_two_addresses_of_a_home_do_not_take_turns(elementaire, maternelle):
    autres = [replace(a, adresse="9 rue Neuve") if a.nom == "MOREL" else a for a in PARENTS_MATERNELLE]
    run_elementaire(elementaire)
    run_maternelle(maternelle, adultes=autres)

    for _ in range(2):
        run_elementaire(elementaire)
        run_maternelle(maternelle, adultes=autres)
        assert responsable("Camille").foyer.adresse == "9 rue Neuve"
    assert responsable("Karim").foyer == responsable("Camille").foyer


# --- Which school -----------------------------------------------------------------------------------------------------


def test_school_is_chosen_by_its_code_where_there_are_several(maternelle, elementaire):
    assert choose_ecole("maternelle") == maternelle
    with pytest.raises(ImportRefuse, match="dites de quelle école .* elementaire .École élémentaire., maternelle"):
        choose_ecole("")
    with pytest.raises(ImportRefuse, match="aucune école n’a le code «.autre.»"):
        choose_ecole("autre")


def test_only_school_needs_no_name(elementaire):
    assert choose_ecole("") == elementaire
    assert run_elementaire(None).annee == "2026-2027"


def test_report_names_the_school_where_there_are_several(maternelle):
    assert run_maternelle(maternelle).annee == "2026-2027, École maternelle"


def test_second_import_of_a_school_is_a_few_queries(deux, maternelle, django_assert_max_num_queries):
    with django_assert_max_num_queries(60):
        assert comptes(run_maternelle(maternelle))[0] == (0, 0, 3)


def test_only_those_whom_a_file_may_concern_are_read(deux):
    """Not the children born on other days, nor the adults of other children, names and addresses."""
    lus = extraction(MATERNELLE, change(PARENTS_MATERNELLE, LINA, courriel="", adresse=""), ine=False)

    registre = Registre.load(lus.eleves)
    connus = load_connus([Personne(adulte, frozenset()) for adulte in lus.adultes])

    assert {enfant.prenom for enfant in registre.enfants.values()} == {"Tom", "Noé", "Mia"}
    assert {str(adulte) for adulte in connus.values()} == {"Camille MOREL", "Karim MOREL", "Rémi DUBOIS", "Lina BERGER"}
    Enfant.objects.filter(prenom="Tom").update(date_naissance=date(2022, 10, 3))  # corrected since
    assert len(Registre.load(lus.eleves).enfants) == 3
