"""The year in figures: who was registered, who came, how full each day was."""

from datetime import date, datetime

import pytest

from enfance.mairie.chiffres import load_chiffres, mois_de
from enfance.mairie.graphiques import HAUTEUR, GroupeBarres, Valeur, colonnes
from enfance.models import AnneeScolaire, Creneau, Enfant, Inscription, Pointage
from portail.dates import PARIS
from tests.factories import AnneeFactory, ClasseFactory, ScolariteFactory, make_creneaux, make_enfant

DECEMBRE = date(2026, 12, 1)
JEUDI, LUNDI = date(2026, 12, 10), date(2026, 12, 14)


@pytest.fixture
def ecole(db):
    annee, creneaux = AnneeFactory(), make_creneaux()
    Creneau.objects.filter(code="soir").update(places=2)
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
    absent = Enfant.objects.get(prenom="Léa")
    Pointage.objects.create(enfant=absent, jour=JEUDI, creneau=creneaux["soir"], present=False)
    return annee


def load(ecole):
    return load_chiffres(ecole, DECEMBRE, today=date(2026, 12, 11))


def nombres(ligne):
    return [(nombre.inscrits, nombre.venus) for nombre in ligne.nombres]


def test_months_count_who_holds_a_place_and_who_came(ecole):
    chiffres = load(ecole)
    par_mois = {ligne.titre: nombres(ligne) for ligne in chiffres.par_mois}
    assert par_mois["Décembre 2026"] == [(0, 0), (0, 0), (3, 1)]
    assert par_mois["Janvier 2027"] == [(0, 0), (1, 0), (0, 0)]
    assert nombres(chiffres.total_mois) == [(0, 0), (1, 0), (3, 1)]


def test_months_to_come_of_which_nothing_is_known_are_left_out(ecole):
    assert [ligne.titre for ligne in load(ecole).par_mois][-1] == "Janvier 2027"
    mars = load_chiffres(ecole, date(2027, 3, 1), today=date(2026, 12, 11))
    assert [ligne.titre for ligne in mars.par_mois][-1] == "Mars 2027"


def test_classes_of_the_month_and_who_has_none(ecole):
    chiffres = load(ecole)
    par_classe = {ligne.titre: nombres(ligne)[-1] for ligne in chiffres.par_classe}
    assert par_classe["CE1 B"] == (2, 0)
    assert par_classe["Sans classe"] == (1, 1)
    assert nombres(chiffres.total_classes)[-1] == (3, 1)


def test_class_is_that_of_the_year_not_of_the_prepared_one(ecole):
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4))
    for enfant in Enfant.objects.all():
        ScolariteFactory(enfant=enfant, annee=suivante, classe=ClasseFactory(annee=suivante, nom="CE2 B"))

    par_classe = {ligne.titre: nombres(ligne)[-1] for ligne in load(ecole).par_classe}

    assert (par_classe["CE1 B"], par_classe["Sans classe"]) == ((2, 0), (1, 1))


def test_year_that_ends_on_the_first_of_a_month_has_that_month():
    assert mois_de(AnneeScolaire(debut=date(2026, 9, 1), fin=date(2027, 7, 1)))[-1] == date(2027, 7, 1)


def test_days_of_school_are_filled_and_full_ones_counted(ecole):
    soir = load(ecole).remplissages[-1]
    assert {jour.jour: jour.pris for jour in soir.jours if jour.pris} == {JEUDI: 2, LUNDI: 1}
    assert date(2026, 12, 21) not in {jour.jour for jour in soir.jours}  # holidays
    assert [jour.jour for jour in soir.jours if jour.complet] == [JEUDI]
    assert (soir.complets, soir.is_limite) == (1, True)


@pytest.mark.parametrize(("change", "complets"), [(date(2026, 12, 11), [JEUDI]), (JEUDI, [])])
def test_a_day_is_full_by_the_places_of_that_day(ecole, time_machine, change, complets):
    """More places from a day on do not empty the days before it."""
    time_machine.move_to(datetime(change.year, change.month, change.day, 9, tzinfo=PARIS))
    soir = Creneau.objects.get(code="soir")
    soir.places = 3
    soir.save()
    remplissage = load(ecole).remplissages[-1]
    assert [jour.jour for jour in remplissage.jours if jour.complet] == complets
    assert {jour.places for jour in remplissage.jours if jour.jour >= change} == {3}
    assert {jour.places for jour in remplissage.jours if jour.jour < change} == {2}


def test_the_second_change_of_a_day_keeps_what_yesterday_had(ecole, time_machine):
    time_machine.move_to(datetime(2026, 12, 11, 9, tzinfo=PARIS))
    soir = Creneau.objects.get(code="soir")
    for places in (3, None):
        soir.places = places
        soir.save()
    assert [(passees.jusqu_au, passees.places) for passees in soir.places_passees.all()] == [(JEUDI, 2)]


def test_totals_tell_how_many_a_day_and_who_came_of_days_gone_by(ecole):
    matin, midi, soir = load(ecole).totaux
    assert (soir.inscrits, soir.par_jour, soir.pour_cent) == (3, 0, None)  # Zoé came unregistered
    assert (midi.inscrits, midi.par_jour) == (1, 0)
    assert matin.inscrits == 0
    venue = datetime(2026, 12, 10, 16, 35, tzinfo=PARIS)
    Pointage.objects.filter(present=False).update(present=True, arrivee=venue, arrivee_recue=venue)
    assert load(ecole).totaux[-1].pour_cent == 50


def test_months_of_a_year_go_from_its_first_to_its_last(ecole):
    mois = mois_de(ecole)
    assert (mois[0], mois[-1]) == (ecole.debut.replace(day=1), ecole.fin.replace(day=1))
    assert len(mois) == len(set(mois)) == 11


def test_figures_cost_the_same_whatever_the_children(ecole, django_assert_num_queries):
    with django_assert_num_queries(14):
        load(ecole)


# --- Pictures ---------------------------------------------------------------------------------------------------------


def groupes(*listes, **kwargs):
    return [GroupeBarres(nom, tuple(Valeur(n, "midi") for n in valeurs), **kwargs) for nom, valeurs in listes]


def test_picture_measures_its_columns_by_a_round_scale():
    image = colonnes(groupes(("sept.", [20, 10]), ("oct.", [0, 40])))
    assert [barre.hauteur for barre in image.barres] == [HAUTEUR // 2, round(HAUTEUR / 4), 0, HAUTEUR]
    assert [n for _, n in image.regles] == [10, 20, 30, 40]
    assert [nom for _, nom, _ in image.noms] == ["sept.", "oct."]


def test_picture_keeps_inside_its_width_and_its_height():
    image = colonnes(groupes(*((str(n), [n, 999, n]) for n in range(11))), largeur=1180)
    assert all(b.x > 0 and b.x + b.largeur <= 1180 and b.y >= 0 and b.y + b.hauteur == image.axe for b in image.barres)


def test_limit_is_one_line_as_long_as_it_stays_the_same():
    image = colonnes([*groupes(("1", [3]), ("2", [4]), limite=4), *groupes(("3", [5]), limite=6), *groupes(("4", [1]))])
    assert [(limite.n, limite.fin - limite.x) for limite in image.limites] == [(4, 292), (6, 146)]


def test_picture_of_nothing_is_flat():
    assert [barre.hauteur for barre in colonnes(groupes(("sept.", [0]))).barres] == [0]
    assert colonnes([]).barres == ()
