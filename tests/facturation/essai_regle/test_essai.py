"""A rule tried over one closed month: who acted after the limit, what it would have changed, what stays as it was."""

from __future__ import annotations

from datetime import date, time

import pytest

from enfance.delais import Delai, Genre
from enfance.models import Creneau, Enregistrement, Evenement, Fermeture, Indisponibilite, Inscription
from facturation.essai_regle.lecture import essayer
from facturation.essai_regle.phrases import delai_court, details_phrases, periode_phrase, resultat_phrase
from facturation.essai_regle.regle import Gestes, MontantEssaye, Quoi, RegleEssayee
from facturation.models import Partage, ReponseAbsence, Supplement
from facturation.payeurs.comptes import compte_of
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.grille import RENTREE, make_deliberation
from tests.facturation.vecu import NOVEMBRE, a, clore, dire_quotient, inscrire, make_commune, pointer
from tests.reading import plain

pytestmark = pytest.mark.django_db
VEILLE = Delai(Genre.JOURS_OUVRES, time(12), 1)
JEUDI, VENDREDI, LUNDI = date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9)
MARDI = date(2026, 11, 3)
CINQ = MontantEssaye(500)


def tenter(**fields):
    return essayer(RegleEssayee(**fields), [NOVEMBRE], today=date(2026, 12, 3))


def annuler(enfant, jour, quand, *, creneau="midi", porte="portail"):
    """This parent cancels at that instant."""
    Inscription.objects.filter(enfant=enfant, jour=jour, creneau__code=creneau).update(etat="annulee")
    Evenement.objects.create(
        enregistrement=Enregistrement.objects.create(porte=porte, quand=quand),
        enfant=enfant,
        jour=jour,
        creneau=Creneau.objects.get(code=creneau),
        avant="inscrit",
        apres="annulee",
    )


@pytest.fixture
def lea():
    make_commune()
    return make_enfant(ResponsableFactory(), prenom="Léa")


def test_working_days_are_counted_and_the_instant_of_the_limit_is_late(lea):
    inscrire(lea, LUNDI, quand=a(VENDREDI, "12:00"))
    inscrire(lea, VENDREDI, quand=a(JEUDI, "11:59"))
    inscrire(lea, JEUDI, quand=a(JEUDI, "07:00"), porte="semaine_type")
    inscrire(lea, MARDI, quand=a(MARDI, "07:00"), porte="mairie")
    clore(MARDI, JEUDI, VENDREDI, LUNDI)

    essai = tenter(quoi=Quoi.TARDIVE, premiere=VEILLE, montant=CINQ)

    assert (essai.total.touchees, essai.total.familles, essai.total.montant, essai.tardives) == (1, 1, 1000, 2)


def test_late_supplement_is_a_part_of_the_price_and_is_cut_as_it_is(lea):
    inscrire(lea, LUNDI, quand=a(LUNDI, "07:00"))
    foyer, autre = lea.gardes.get().foyer, ResponsableFactory().foyer
    for un in (foyer, autre):
        Partage.objects.create(enfant=lea, compte=compte_of(un), part=50)
    clore(LUNDI)

    essai = tenter(quoi=Quoi.TARDIVE, premiere=VEILLE, montant=MontantEssaye(pourcentage=50))

    assert (essai.total.touchees, essai.total.montant) == (2, 55)  # half of 1,10 €


def test_excused_absence_has_no_late_supplement(lea):
    inscrire(lea, LUNDI, quand=a(LUNDI, "07:00"))
    ReponseAbsence.objects.create(
        enfant=lea,
        jour=LUNDI,
        creneau=Creneau.objects.get(code="midi"),
        reponse="excusee",
        repondue_le=a(LUNDI, "18:00"),
    )
    clore(LUNDI)

    assert tenter(quoi=Quoi.TARDIVE, premiere=VEILLE, montant=CINQ).total.montant == 0


def test_last_limit_refuses_what_it_would_have_refused(lea):
    inscrire(lea, LUNDI, quand=a(LUNDI, "07:00"))
    clore(LUNDI)

    essai = tenter(quoi=Quoi.TARDIVE, premiere=VEILLE, derniere=Delai(Genre.JOURS, time(0), 0), montant=CINQ)

    assert (essai.refusees, essai.tardives, essai.total.montant) == (1, 0, -110)


@pytest.fixture
def tardive(lea):
    """Léa's lunch break of Monday was booked at seven, for the 2 € voted since September."""
    inscrire(lea, LUNDI, quand=a(LUNDI, "07:00"))
    Inscription.objects.update(hors_delai=True)
    Supplement.objects.create(genre="tardive", deliberation=make_deliberation(), debut=RENTREE, prix=200)
    clore(LUNDI)


@pytest.mark.usefixtures("tardive")
def test_tried_late_supplement_takes_the_place_of_the_voted_one_where_it_is_tried():
    partout = tenter(quoi=Quoi.TARDIVE, premiere=VEILLE, montant=CINQ)
    soir = tenter(quoi=Quoi.TARDIVE, premiere=VEILLE, montant=CINQ, moment="soir")

    assert (partout.total.montant, soir.total.montant) == (500 - 200, 0)


@pytest.mark.usefixtures("tardive")
def test_limit_by_which_nobody_was_late_gives_the_voted_supplement_back():
    huit_heures = Delai(Genre.JOURS, time(8), 0)

    assert tenter(quoi=Quoi.LIMITE, premiere=huit_heures).total.montant == -200
    assert tenter(quoi=Quoi.LIMITE, premiere=huit_heures, gestes=Gestes.ANNULER).total.montant == 0
    assert tenter(quoi=Quoi.LIMITE, premiere=huit_heures, moment="soir").total.montant == 0
    assert tenter(quoi=Quoi.LIMITE, premiere=VEILLE).total.montant == -110 - 200


def test_limit_that_an_outage_moved_makes_nobody_late(lea):
    inscrire(lea, LUNDI, quand=a(VENDREDI, "12:20"))
    clore(LUNDI)
    assert tenter(quoi=Quoi.TARDIVE, premiere=VEILLE, montant=CINQ).total.montant == 500

    Indisponibilite.objects.create(du=a(VENDREDI, "11:20"), au=a(VENDREDI, "12:10"), declaree_le=a(VENDREDI, "12:14"))

    assert tenter(quoi=Quoi.TARDIVE, premiere=VEILLE, montant=CINQ).total.montant == 0


def test_other_limit_keeps_what_was_cancelled_too_late_and_refuses_what_was_booked_too_late(lea):
    inscrire(lea, LUNDI, JEUDI)
    annuler(lea, LUNDI, a(LUNDI, "07:00"))
    annuler(lea, JEUDI, a(MARDI, "07:00"))
    inscrire(lea, VENDREDI, quand=a(VENDREDI, "07:00"))
    pointer(lea, VENDREDI, creneau="midi", arrivee="11:31")
    clore(JEUDI, VENDREDI, LUNDI)

    deux = tenter(quoi=Quoi.LIMITE, premiere=VEILLE)
    annulation = tenter(quoi=Quoi.LIMITE, premiere=VEILLE, gestes=Gestes.ANNULER)
    inscription = tenter(quoi=Quoi.LIMITE, premiere=VEILLE, gestes=Gestes.INSCRIRE)

    assert (annulation.retenues, annulation.refusees, annulation.total.montant) == (1, 0, 110)
    # The tariff bills what is booked: of who came anyway, the supplement of a presence without inscription alone.
    assert (inscription.retenues, inscription.refusees, inscription.total.montant) == (0, 1, 100 - 110)
    assert deux.total.montant == annulation.total.montant + inscription.total.montant


def test_cancelled_on_a_day_that_was_closed_since_is_not_due(lea):
    inscrire(lea, LUNDI)
    annuler(lea, LUNDI, a(LUNDI, "07:00"))
    Fermeture.objects.create(debut=LUNDI, fin=LUNDI, motif="neige")

    assert tenter(quoi=Quoi.LIMITE, premiere=VEILLE).retenues == 0


def test_tried_supplement_takes_the_place_of_the_voted_one_where_it_is_tried(lea):
    inscrire(lea, LUNDI, MARDI, creneau="soir")
    pointer(lea, LUNDI, depart="18:33")
    pointer(lea, MARDI, depart="18:36")
    clore(LUNDI, MARDI)

    essai = tenter(quoi=Quoi.RETARD, montant=MontantEssaye(700), tolerance=2)

    assert essai.total.montant == 2 * 700 - 500  # the voted one asks 5 € past five minutes
    assert tenter(quoi=Quoi.RETARD, moment="matin", montant=MontantEssaye(700)).total.montant == 0


def test_absence_that_nobody_excused_is_tried(lea):
    dire_quotient(lea.gardes.get().foyer, 700)
    inscrire(lea, LUNDI)
    clore(LUNDI)

    essai = tenter(quoi=Quoi.ABSENCE, montant=MontantEssaye(pourcentage=50))

    assert essai.total.montant == 40
    assert [(ligne.titre, ligne.montant) for ligne in essai.par_quotient.lignes] == [("600 à 859", 40)]


def test_sentences_say_the_rule_the_families_and_the_sum(lea):
    inscrire(lea, LUNDI, quand=a(VENDREDI, "12:00"))
    clore(LUNDI)

    essai = tenter(quoi=Quoi.TARDIVE, premiere=VEILLE, montant=CINQ)

    assert plain(resultat_phrase(essai)) == (
        "Avec 24 h (1 jour ouvré avant, 12 h) et 5,00 €, en novembre 2026, 1 famille sur 1 aurait payé 5,00 € de plus."
    )
    assert details_phrases(essai)[0].startswith("1\u00a0inscription tenue est d’après la première limite.")


@pytest.mark.parametrize(
    ("delai", "dit"),
    [
        (Delai(Genre.JOURS_OUVRES, time(12), 2), "48 h (2 jours ouvrés avant, 12 h)"),
        (Delai(Genre.JOURS_ECOLE, time(9), 1), "24 h (1 jour d’école avant, 9 h)"),
        (Delai(Genre.JOURS, time(12), 15), "15 jours avant (12 h)"),
        (Delai(Genre.JOURS, time(9), 0), "le jour même, 9 h"),
    ],
)
def test_limit_is_said_in_hours_when_they_are_few(delai, dit):
    assert plain(delai_court(delai)) == dit


def test_months_are_said_with_their_years():
    assert periode_phrase([date(2026, 12, 1), date(2027, 2, 1)]) == "de décembre 2026 à février 2027"
