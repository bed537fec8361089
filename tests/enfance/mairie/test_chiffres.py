"""The year in figures: who was registered, who came, how full each day was."""

from datetime import date, datetime

import pytest

from enfance.mairie.chiffres import load_chiffres, mois_de
from enfance.mairie.graphiques import HAUTEUR, colonnes
from enfance.models import Inscription, Pointage
from portail.dates import PARIS
from tests.factories import AnneeFactory, ClasseFactory, make_creneaux, make_enfant

DECEMBRE = date(2026, 12, 1)
JEUDI, LUNDI = date(2026, 12, 10), date(2026, 12, 14)


@pytest.fixture
def ecole(db):
    annee, creneaux = AnneeFactory(), make_creneaux()
    creneaux["soir"].places = 2
    creneaux["soir"].save()
    ce1 = ClasseFactory(annee=annee, nom="CE1 B")
    for prenom in ("Léa", "Tom", "Zoé"):
        enfant = make_enfant(annee=annee, prenom=prenom)
        if prenom != "Zoé":
            enfant.scolarites.update(classe=ce1)
            Inscription.objects.create(enfant=enfant, jour=JEUDI, creneau=creneaux["soir"])
    enfant.scolarites.update(classe=None)
    Inscription.objects.create(enfant=enfant, jour=LUNDI, creneau=creneaux["soir"])
    Inscription.objects.create(enfant=enfant, jour=date(2027, 1, 4), creneau=creneaux["midi"])
    Inscription.objects.create(enfant=enfant, jour=LUNDI, creneau=creneaux["midi"], etat="annulee")
    venu = datetime(2026, 12, 10, 16, 40, tzinfo=PARIS)
    Pointage.objects.create(
        enfant=enfant, jour=JEUDI, creneau=creneaux["soir"], present=True, arrivee=venu, arrivee_recue=venu
    )
    return annee


def nombres(ligne):
    return [(nombre.inscrits, nombre.venus) for nombre in ligne.nombres]


def test_months_count_who_holds_a_place_and_who_came(ecole):
    chiffres = load_chiffres(ecole, DECEMBRE)
    par_mois = {ligne.titre: nombres(ligne) for ligne in chiffres.par_mois}
    assert par_mois["Décembre 2026"] == [(0, 0), (0, 0), (3, 1)]
    assert par_mois["Janvier 2027"] == [(0, 0), (1, 0), (0, 0)]
    assert sum(inscrits for valeurs in par_mois.values() for inscrits, _ in valeurs) == 4


def test_classes_of_the_month_and_who_has_none(ecole):
    chiffres = load_chiffres(ecole, DECEMBRE)
    par_classe = {ligne.titre: nombres(ligne)[-1] for ligne in chiffres.par_classe}
    assert par_classe["CE1 B"] == (2, 0)
    assert par_classe["Sans classe"] == (1, 1)


def test_days_of_school_are_filled_and_full_ones_counted(ecole):
    soir = load_chiffres(ecole, DECEMBRE).remplissages[-1]
    assert {jour.jour: jour.pris for jour in soir.jours if jour.pris} == {JEUDI: 2, LUNDI: 1}
    assert date(2026, 12, 21) not in {jour.jour for jour in soir.jours}  # holidays
    assert (soir.plus, soir.complets, soir.echelle) == (2, 1, 2)


def test_months_of_a_year_go_from_its_first_to_its_last(ecole):
    mois = mois_de(ecole)
    assert (mois[0], mois[-1]) == (ecole.debut.replace(day=1), ecole.fin.replace(day=1))
    assert len(mois) == len(set(mois)) == 11


def test_figures_cost_the_same_whatever_the_children(ecole, django_assert_num_queries):
    with django_assert_num_queries(8):
        load_chiffres(ecole, DECEMBRE)


def test_picture_measures_its_columns_by_the_highest_value_or_the_limit():
    image = colonnes([("sept.", [2, 1]), ("oct.", [0, 4])], limite=8)
    assert [colonne.hauteur for colonne in image.colonnes] == [HAUTEUR // 4, HAUTEUR // 8, 0, HAUTEUR // 2]
    assert image.limite == 0
    assert [nom for _, nom in image.etiquettes] == ["sept.", "oct."]


def test_picture_of_nothing_is_flat():
    assert [colonne.hauteur for colonne in colonnes([("sept.", [0])]).colonnes] == [0]
