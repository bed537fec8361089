"""A list of meals names its schools: it replaces the days of their children alone."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from enfance.cantine.repas import lock_midis
from enfance.cantine.retour import RetourRefuse, defaire, dernieres_listes
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Inscription, ListeRepas, Repas, Scolarite
from enfance.planning.ecarts import inscriptions_sans_repas, repas_sans_midi
from enfance.regles import Acteur, Cle
from portail.tables import ImportRefuse
from tests.enfance.cantine.ecoles import make_deux_ecoles, make_eleve
from tests.enfance.cantine.listes import MARDI_8, NOW, importe, refus, repas
from tests.factories import AnneeFactory, ResponsableFactory, ScolariteFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("creneaux")]
JEUDI_10 = date(2026, 12, 10)


@pytest.fixture
def ecoles():
    return make_deux_ecoles()


@pytest.fixture
def lea(camille, ecoles):
    return make_eleve(camille, ecoles[0], prenom="Léa")


@pytest.fixture
def zoe(camille, ecoles):
    return make_eleve(camille, ecoles[1], prenom="Zoé")


def inscrire(enfant, code, *jours):
    changements = [Changement(Cle(enfant.pk, jour, code), "inscrit") for jour in jours]
    assert enregistrer(changements, Acteur.parent(enfant.responsables.get()), now=NOW).refus == ()


def test_list_of_one_school_leaves_the_meals_of_the_others(ecoles, lea, zoe):
    bourg, hameau = ecoles
    importe("MOREL;Léa;;08/12/2026", "MOREL;Léa;;10/12/2026", ecoles=[bourg])
    bilan = importe("MOREL;Zoé;;08/12/2026", ecoles=[hameau])
    assert (len(bilan.retires), bilan.remplace, bilan.precedente) == (0, False, 0)
    assert repas() == [("Léa", MARDI_8), ("Zoé", MARDI_8), ("Léa", JEUDI_10)]

    bilan = importe("MOREL;Léa;;10/12/2026", debut=MARDI_8, ecoles=[bourg])

    assert repas() == [("Zoé", MARDI_8), ("Léa", JEUDI_10)]
    assert bilan.titre.endswith("2026 (École)")
    assert list(bilan.liste.ecoles.all()) == [bourg]


def test_list_of_both_schools_replaces_the_days_of_both(ecoles, lea, zoe):
    for ecole, nom in zip(ecoles, ("Léa", "Zoé"), strict=True):
        importe(f"MOREL;{nom};;08/12/2026", f"MOREL;{nom};;10/12/2026", ecoles=[ecole])
    importe("MOREL;Léa;;08/12/2026", "MOREL;Zoé;;10/12/2026", ecoles=ecoles)
    assert repas() == [("Léa", MARDI_8), ("Zoé", JEUDI_10)]


def test_child_of_another_school_is_not_known_in_this_one(ecoles, lea, zoe):
    bilan = importe("MOREL;Léa;;08/12/2026", "MOREL;Zoé;;08/12/2026", ecoles=ecoles[:1])
    assert refus(bilan) == ["repas.csv, ligne 3 : Zoé MOREL n’est pas un enfant connu de l’école."]
    assert repas() == [("Léa", MARDI_8)]


def test_child_of_none_of_several_schools_is_said_so(ecoles, lea):
    bilan = importe("MOREL;Léa;;08/12/2026", "INCONNU;Zoé;;08/12/2026", ecoles=ecoles)
    assert refus(bilan) == ["repas.csv, ligne 3 : Zoé INCONNU n’est pas un enfant connu de ces écoles."]


def test_namesakes_of_two_schools_are_told_apart_by_the_list(camille, ecoles, lea):
    autre = make_eleve(ResponsableFactory(), ecoles[1], prenom="Léa")
    importe("MOREL;Léa;;08/12/2026", ecoles=ecoles[1:])
    assert Repas.objects.get().enfant == autre


def test_child_who_moves_eats_in_each_school_in_its_time(ecoles, lea):
    bourg, hameau = ecoles
    Scolarite.objects.filter(enfant=lea).update(depart=JEUDI_10)
    ScolariteFactory(enfant=lea, annee=AnneeFactory(), ecole=hameau, classe=None, debut=JEUDI_10)
    lignes = "MOREL;Léa;;08/12/2026", "MOREL;Léa;;10/12/2026"

    bilan = importe(*lignes, ecoles=[bourg])
    assert (repas(), refus(bilan)) == (
        [("Léa", MARDI_8)],
        ["repas.csv, ligne 3 : Léa MOREL n’est pas à l’école le jeudi 10 décembre."],
    )
    importe(*lignes, ecoles=[hameau])
    assert repas() == [("Léa", MARDI_8), ("Léa", JEUDI_10)]


def test_meal_of_who_has_left_the_town_goes_with_the_next_list_of_their_school(camille, ecoles, lea):
    make_eleve(camille, ecoles[0], prenom="Tom")
    importe("MOREL;Léa;;10/12/2026", "MOREL;Tom;;10/12/2026", ecoles=ecoles[:1])
    Scolarite.objects.filter(enfant=lea).update(depart=MARDI_8)
    importe("MOREL;Tom;;10/12/2026", ecoles=ecoles[:1])
    assert repas() == [("Tom", JEUDI_10)]


def test_school_without_lunch_break_is_told_so(ecoles, zoe):
    hameau = ecoles[1]
    hameau.creneaux.all().delete()
    with pytest.raises(ImportRefuse, match="n’existe pas encore"):
        importe("MOREL;Zoé;;08/12/2026", ecoles=[hameau])


def test_same_list_again_writes_nothing_but_that_of_another_school_is_another(ecoles, lea, zoe):
    bourg, hameau = ecoles
    importe("MOREL;Léa;;08/12/2026", ecoles=[bourg])
    assert importe("MOREL;Léa;;08/12/2026", ecoles=[bourg]).liste is None
    assert importe("MOREL;Zoé;;08/12/2026", ecoles=[hameau]).liste is not None
    assert importe("MOREL;Léa;;08/12/2026", ecoles=[bourg]).liste is None


def test_list_of_one_school_says_nothing_of_who_brings_their_own_lunch_elsewhere(ecoles, lea, zoe):
    inscrire(lea, "midi", MARDI_8)
    inscrire(zoe, "midi-hameau", MARDI_8)
    ListeRepas.objects.create(debut=MARDI_8, fin=MARDI_8).ecoles.set(ecoles[:1])

    assert [i.enfant for i in inscriptions_sans_repas(now=NOW)] == [lea]
    assert [i.enfant for i in inscriptions_sans_repas(now=NOW, ecoles=[ecoles[0].pk])] == [lea]
    assert list(inscriptions_sans_repas(now=NOW, ecoles=[ecoles[1].pk])) == []
    ListeRepas.objects.get().ecoles.clear()
    assert {i.enfant for i in inscriptions_sans_repas(now=NOW)} == {lea, zoe}


def test_report_is_of_the_schools_of_the_list(ecoles, lea, zoe):
    inscrire(zoe, "midi-hameau", JEUDI_10)
    importe("MOREL;Zoé;;08/12/2026", fin=JEUDI_10, ecoles=ecoles[1:])
    bilan = importe("MOREL;Léa;;08/12/2026", ecoles=ecoles[:1])
    assert (bilan.mangent_sans_midi, bilan.inscrits_sans_repas) == ([(lea.pk, MARDI_8)], [])
    assert {r.enfant for r in repas_sans_midi(now=NOW)} == {lea, zoe}
    assert [r.enfant for r in repas_sans_midi(now=NOW, ecoles=[ecoles[1].pk])] == [zoe]


def test_import_registers_at_the_lunch_break_of_the_school(ecoles, zoe, settings):
    settings.REPAS_INSCRIT_D_OFFICE = True
    assert importe("MOREL;Zoé;;08/12/2026", ecoles=ecoles[1:]).d_office == 1
    assert Inscription.objects.get().creneau.code == "midi-hameau"


def test_list_holds_up_the_lunch_breaks_of_its_schools_alone(ecoles):
    bourg, hameau = ecoles
    with transaction.atomic():
        assert [creneau.code for creneau in lock_midis([hameau])] == ["midi-hameau"]
        assert [creneau.code for creneau in lock_midis([bourg])] == ["midi"]
        assert [creneau.code for creneau in lock_midis([])] == ["midi", "midi-hameau"]


# --- Undone -----------------------------------------------------------------------------------------------------------


def test_last_list_of_each_school_may_be_undone(ecoles, lea, zoe):
    bourg, hameau = ecoles
    du_bourg = importe("MOREL;Léa;;08/12/2026", ecoles=[bourg]).liste
    du_hameau = importe("MOREL;Zoé;;08/12/2026", ecoles=[hameau], now=NOW + timedelta(hours=1)).liste
    assert dernieres_listes([bourg.pk, hameau.pk]) == [du_hameau, du_bourg]
    assert dernieres_listes([bourg.pk]) == [du_bourg]

    assert defaire(du_bourg.pk).nombres == (0, 1)

    assert repas() == [("Zoé", MARDI_8)]


def test_list_that_another_of_its_schools_has_replaced_is_not_undone(ecoles, lea, zoe):
    tous = importe("MOREL;Léa;;08/12/2026", "MOREL;Zoé;;08/12/2026", ecoles=ecoles).liste
    importe("MOREL;Zoé;;10/12/2026", ecoles=ecoles[1:])
    with pytest.raises(RetourRefuse, match="n’est plus la dernière"):
        defaire(tous.pk)
    assert dernieres_listes([ecoles[0].pk]) == []  # it says of the other school too
