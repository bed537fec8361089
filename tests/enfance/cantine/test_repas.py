"""The association's list in the place of the one before: who eats, who cannot be named, who is registered."""

from datetime import date, timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.models import (
    Creneau,
    Enregistrement,
    Evenement,
    Fermeture,
    Garde,
    Inscription,
    ListeRepas,
    Repas,
    Scolarite,
)
from portail.tables import ImportRefuse
from tests.enfance.cantine.listes import MARDI_8, NOW, importe, refus, repas
from tests.factories import ClasseFactory, EnfantFactory, ResponsableFactory, make_enfant
from tests.reading import plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("creneaux")]
JEUDI_10, VENDREDI_11, LUNDI_14 = (date(2026, 12, jour) for jour in (10, 11, 14))


def doutes(bilan):
    return [plain(doute) for doute in bilan.doutes]


def phrases(bilan):
    return [plain(phrase) for phrase in bilan.phrases()]


def listes(bilan):
    return {titre: [plain(e) for e in elements] for titre, elements in bilan.listes() if elements}


# --- A first list -----------------------------------------------------------------------------------------------------


def test_importer_writes_the_meals_of_the_list(tom):
    bilan = importe("MOREL;Tom;;08/12/2026", "MOREL;Tom;;2026-12-10")
    assert repas() == [("Tom", MARDI_8), ("Tom", JEUDI_10)]
    liste = ListeRepas.objects.get()
    assert (liste.debut, liste.fin, liste.importee_le) == (MARDI_8, JEUDI_10, NOW)
    assert bilan.titre == "Liste de repas du mardi 8\u00a0décembre au jeudi 10\u00a0décembre 2026"
    assert phrases(bilan) == [
        "Repas : 2 ajoutés, 0 retiré, 0 inchangé.",
        "Repas sans inscription à la pause méridienne, à partir d’aujourd’hui : 2.",
    ]
    assert listes(bilan) == {}


@pytest.mark.parametrize(
    "ligne",
    ["Lefèvre;Anne-Sophie", "LEFEVRE;ANNE SOPHIE", "lefevre;anne sophie", "Le Fèvre;Annesophie", "d’Arc;Anne-Sophie"],
)
def test_child_is_known_whatever_case_accents_hyphens(camille, ligne):
    make_enfant(camille, nom="Lefèvre", nom_usage="D'Arc", prenom="Anne-Sophie")
    importe(f"{ligne};;08/12/2026")
    assert repas() == [("Anne-Sophie", MARDI_8)]


def test_same_line_twice_is_counted_once_and_said(tom):
    bilan = importe("MOREL;Tom;;08/12/2026", "Morel;tom;;2026-12-08")
    assert repas() == [("Tom", MARDI_8)]
    assert doutes(bilan) == ["repas.csv, ligne 3 : tom Morel, mardi 8 décembre : déjà à la ligne 2, compté une fois."]


# --- Reported, never guessed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ligne", "raison"),
    [
        ("INCONNU;Zoé;;08/12/2026", "Zoé INCONNU n’est pas un enfant connu de l’école."),
        ("Tom;MOREL;;08/12/2026", "MOREL Tom n’est pas un enfant connu de l’école."),
        ("MOREL;Tom;CP;08/12/2026", "Tom MOREL n’est pas dans la classe « CP »."),
        ("MOREL;Tom;;12/12/2026", "Tom MOREL, samedi 12 décembre : il n’y a pas école ce jour-là."),
        ("MOREL;Tom;;09/12/2026", "Tom MOREL, mercredi 9 décembre : il n’y a pas école ce jour-là."),
        (
            "MOREL;Tom;;21/12/2026",
            "Tom MOREL, lundi 21 décembre : pas de garderie pendant les congés (Vacances de Noël).",
        ),
        ("MOREL;Tom;;29/03/2027", "Tom MOREL, lundi 29 mars : jour férié (Lundi de Pâques)."),
        (
            "MOREL;Tom;;08/12/2062",
            "Tom MOREL, vendredi 8 décembre : ce jour n’est pas dans une année scolaire préparée par la mairie.",
        ),
    ],
)
def test_line_that_cannot_be_kept_is_refused_and_the_others_are_good(tom, ligne, raison):
    bilan = importe("MOREL;Tom;;10/12/2026", ligne)
    assert repas() == [("Tom", JEUDI_10)]
    assert refus(bilan) == [f"repas.csv, ligne 3 : {raison}"]


def test_pupil_gone_is_refused_from_the_day_they_left(tom):
    Scolarite.objects.filter(enfant=tom).update(depart=JEUDI_10)
    bilan = importe("MOREL;Tom;;08/12/2026", "MOREL;Tom;;10/12/2026")
    assert repas() == [("Tom", MARDI_8)]
    assert refus(bilan) == ["repas.csv, ligne 3 : Tom MOREL n’est pas à l’école le jeudi 10 décembre."]


def test_child_without_scolarite_is_refused(tom):
    EnfantFactory(prenom="Paul", nom="Grand")
    bilan = importe("MOREL;Tom;;08/12/2026", "GRAND;Paul;;08/12/2026")
    assert refus(bilan) == ["repas.csv, ligne 3 : Paul GRAND n’est pas à l’école le mardi 8 décembre."]


@pytest.fixture
def homonymes(camille):
    """Two Léa Morel, in CE1 and in CP."""
    ce1, cp = make_enfant(camille), make_enfant(ResponsableFactory())
    Scolarite.objects.filter(enfant=cp).update(niveau="CP", classe=ClasseFactory(nom="GS-CP M. Tournoud"))
    return ce1, cp


def test_homonyms_are_refused_without_their_class(homonymes, tom):
    bilan = importe("MOREL;Tom;;08/12/2026", "MOREL;Léa;;08/12/2026")
    assert repas() == [("Tom", MARDI_8)]
    assert refus(bilan) == ["repas.csv, ligne 3 : plusieurs enfants s’appellent Léa MOREL : précisez la classe."]


@pytest.mark.parametrize("classe", ["CP", "cp", "GS-CP M. Tournoud", "GS CP M TOURNOUD"])
def test_homonyms_are_told_apart_by_class_or_level(homonymes, classe):
    importe(f"MOREL;Léa;{classe};08/12/2026")
    assert Repas.objects.get().enfant == homonymes[1]


def test_homonyms_are_told_apart_by_the_short_name_of_their_level(homonymes):
    Scolarite.objects.filter(enfant=homonymes[1]).update(niveau="PS", classe=None)
    importe("MOREL;Léa;ps;08/12/2026")
    assert Repas.objects.get().enfant == homonymes[1]


def test_homonyms_of_the_same_class_are_refused(homonymes, tom):
    Scolarite.objects.update(niveau="CP")
    bilan = importe("MOREL;Tom;;08/12/2026", "MOREL;Léa;CP;08/12/2026")
    assert refus(bilan) == ["repas.csv, ligne 3 : plusieurs enfants s’appellent Léa MOREL."]


def test_homonym_who_has_left_hides_nobody(homonymes):
    Scolarite.objects.filter(enfant=homonymes[1]).update(depart=date(2026, 11, 2))
    importe("MOREL;Léa;;08/12/2026")
    assert Repas.objects.get().enfant == homonymes[0]


def test_meal_on_a_closed_day_is_kept_and_said(tom):
    Fermeture.objects.create(debut=MARDI_8, fin=MARDI_8, motif="grève")
    bilan = importe("MOREL;Tom;;08/12/2026")
    assert repas() == [("Tom", MARDI_8)]  # it stands if the day is opened again
    assert doutes(bilan) == ["repas.csv, ligne 2 : Tom MOREL, mardi 8 décembre : garderie fermée (grève)."]
    assert bilan.sans_midi == 0


def test_list_of_which_nothing_can_be_kept_is_refused_and_empties_no_day(tom):
    importe("MOREL;Tom;;08/12/2026")
    with pytest.raises(ImportRefuse, match="aucun repas de cette liste ne peut être gardé"):
        importe("INCONNU;Zoé;;08/12/2026")
    assert repas() == [("Tom", MARDI_8)]


def test_school_without_lunch_break_is_told_so(tom):
    Creneau.objects.filter(code="midi").delete()
    with pytest.raises(ImportRefuse, match="n’existe pas encore"):
        importe("MOREL;Tom;;08/12/2026")


# --- A new list -------------------------------------------------------------------------------------------------------


def test_new_list_replaces_the_days_that_it_covers_and_says_what_changed(camille, tom):
    make_enfant(camille)
    importe("MOREL;Tom;;08/12/2026", "MOREL;Tom;;10/12/2026", "MOREL;Tom;;14/12/2026")
    bilan = importe("MOREL;Tom;;08/12/2026", "MOREL;Léa;;08/12/2026", "MOREL;Léa;;11/12/2026")
    assert repas() == [("Léa", MARDI_8), ("Tom", MARDI_8), ("Léa", VENDREDI_11), ("Tom", LUNDI_14)]
    assert phrases(bilan)[0] == "Repas : 2 ajoutés, 1 retiré, 1 inchangé."
    assert listes(bilan) == {
        "À vérifier": ["Jeudi 10 décembre : plus aucun repas ce jour-là."],
        "Repas ajoutés depuis la liste précédente": ["Léa Morel : mardi 8 décembre et vendredi 11 décembre"],
        "Repas retirés depuis la liste précédente": ["Tom Morel : jeudi 10 décembre"],
    }


def test_same_list_again_writes_nothing(tom):
    importe("MOREL;Tom;;08/12/2026", "MOREL;Tom;;10/12/2026")
    avant = [*ListeRepas.objects.values_list(), *Repas.objects.values_list()]
    bilan = importe("MOREL;Tom;;08/12/2026", "MOREL;Tom;;10/12/2026", now=NOW + timedelta(days=1))
    assert [*ListeRepas.objects.values_list(), *Repas.objects.values_list()] == avant
    assert "Rien n’a changé depuis la liste précédente." in phrases(bilan)
    assert bilan.liste is None


def test_list_confirmed_after_another_import_is_refused_unless_all_of_it_is_there(tom):
    importe("MOREL;Tom;;08/12/2026")
    importe("MOREL;Tom;;08/12/2026", apres=0)
    with pytest.raises(ImportRefuse):
        importe("MOREL;Tom;;10/12/2026", debut=MARDI_8, apres=0)
    assert repas() == [("Tom", MARDI_8)]


def test_days_may_be_given(tom):
    importe("MOREL;Tom;;08/12/2026", "MOREL;Tom;;14/12/2026")
    bilan = importe("MOREL;Tom;;10/12/2026", "MOREL;Tom;;15/12/2026", debut=date(2026, 12, 7), fin=date(2026, 12, 14))
    assert repas() == [("Tom", JEUDI_10)]
    assert refus(bilan) == ["repas.csv, ligne 3 : Tom MOREL, mardi 15 décembre : hors de la période."]


def test_simulation_says_all_and_writes_nothing(tom, settings):
    settings.REPAS_INSCRIT_D_OFFICE = True
    bilan = importe("MOREL;Tom;;08/12/2026", simuler=True)
    assert phrases(bilan) == [
        "Simulation : rien n’est écrit.",
        "Repas : 1 ajouté, 0 retiré, 0 inchangé.",
        "Inscriptions à la pause méridienne faites d’office : 1.",
        "Repas sans inscription à la pause méridienne, à partir d’aujourd’hui : 0.",
    ]
    written = [ListeRepas, Repas, Inscription, Enregistrement, DBTaskResult]
    assert [modele.objects.count() for modele in written] == [0] * len(written)


def test_meal_that_a_family_cancelled_is_said_when_the_list_still_holds_it(tom):
    importe("MOREL;Tom;;08/12/2026")
    Repas.objects.update(annule_le=NOW)
    bilan = importe("MOREL;Tom;;08/12/2026")
    assert listes(bilan) == {
        "Repas que la famille dit avoir annulés, toujours dans la liste": ["Tom Morel : mardi 8 décembre"]
    }
    assert Repas.objects.get().annule_le is None


def test_meal_that_a_family_cancelled_goes_with_the_next_list(camille, tom):
    make_enfant(camille)
    importe("MOREL;Tom;;08/12/2026", "MOREL;Léa;;08/12/2026")
    Repas.objects.filter(enfant=tom).update(annule_le=NOW)
    importe("MOREL;Léa;;08/12/2026")
    assert repas() == [("Léa", MARDI_8)]


@pytest.mark.ci
def test_list_of_a_whole_year_is_imported(camille):
    enfants = [make_enfant(camille, prenom=f"Enfant{chr(97 + n)}") for n in range(20)]
    jours = [date(2026, 12, 1) + timedelta(days=n) for n in range(200)]
    lignes = [f"MOREL;{enfant.prenom};;{jour:%d/%m/%Y}" for enfant in enfants for jour in jours]
    bilan = importe(*lignes)
    assert Repas.objects.count() == len(bilan.ajoutes) == len(lignes) - len(bilan.refus) > 1700
    assert importe(lignes[0], debut=bilan.debut, fin=bilan.fin).inchanges == 1
    assert repas() == [("Enfanta", date(2026, 12, 1))]


# --- REPAS_INSCRIT_D_OFFICE -------------------------------------------------------------------------------------------


def test_import_registers_nobody_by_itself(tom, settings):
    settings.REPAS_INSCRIT_D_OFFICE = False
    importe("MOREL;Tom;;08/12/2026")
    assert not Inscription.objects.exists()


def test_import_registers_who_eats_past_limit_and_places_and_says_so(tom, settings):
    settings.REPAS_INSCRIT_D_OFFICE = True
    Creneau.objects.filter(code="midi").update(places=0)
    bilan = importe("MOREL;Tom;;04/12/2026", "MOREL;Tom;;08/12/2026", user_id=None)
    assert list(Inscription.objects.values_list("jour", "etat", "origine", "foyer")) == [
        (date(2026, 12, 4), "inscrit", "import", tom.gardes.get().foyer_id),
        (MARDI_8, "inscrit", "import", tom.gardes.get().foyer_id),
    ]
    enregistrement = Enregistrement.objects.get()
    assert (enregistrement.porte, enregistrement.motif) == ("repas", "Repas de cantine commandé")
    assert Evenement.objects.count() == 2
    assert (bilan.d_office, bilan.sans_midi) == (2, 0)
    (task,) = DBTaskResult.objects.all()
    assert (task.task_path, task.args_kwargs["args"]) == ("enfance.courriels.tasks.tell_family", [enregistrement.pk])


def test_import_registers_nobody_twice_nor_in_the_past(tom, settings):
    settings.REPAS_INSCRIT_D_OFFICE = True
    lignes = "MOREL;Tom;;01/12/2026", "MOREL;Tom;;08/12/2026"
    importe(*lignes)
    bilan = importe(*lignes)
    assert (bilan.d_office, list(Inscription.objects.values_list("jour", flat=True))) == (0, [MARDI_8])


def test_day_of_nobodys_garde_is_left_to_the_town_hall(tom, settings):
    settings.REPAS_INSCRIT_D_OFFICE = True
    Garde.objects.all().delete()
    bilan = importe("MOREL;Tom;;08/12/2026")
    assert doutes(bilan) == ["Tom Morel, mardi 8 décembre : aucun foyer n’a la garde ce jour-là."]
    assert (bilan.d_office, bilan.sans_midi) == (0, 1)
