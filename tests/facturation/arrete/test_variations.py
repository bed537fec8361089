"""Why the month of a payer changed: read from the data, else « à vérifier »."""

from datetime import date, datetime

import pytest

from enfance.models import Garde, SemaineType
from facturation.arrete.cloture import arreter
from facturation.arrete.controles import controler
from facturation.arrete.totaux import totaux_of
from facturation.arrete.variations import load_variations
from facturation.models import Compte, Quotient
from portail.dates import PARIS
from tests.factories import FoyerFactory, ResponsableFactory, UserFactory, make_enfant
from tests.facturation.vecu import ENSUITE, NOVEMBRE, clore, dire_quotient, inscrire, pointer
from tests.reading import plain

pytestmark = pytest.mark.django_db
OCTOBRE = [date(2026, 10, jour) for jour in (1, 2, 5, 6, 8, 9, 12, 13, 15, 16)]
NOVEMBRES = [date(2026, 11, j) for j in (2, 3, 5, 6, 9, 10, 12, 13, 16, 17, 19, 20, 23, 24, 26, 27, 30)]


@pytest.fixture
def lea(camille):
    lea = make_enfant(camille, prenom="Léa")
    inscrire(lea, *OCTOBRE)
    close_october()
    return lea


def close_october():
    clore(*OCTOBRE)
    arreter(date(2026, 10, 1), None, datetime(2026, 11, 3, 10, 24, tzinfo=PARIS))


def variations():
    clore(*NOVEMBRES)
    return [(v.nom, v.avant, v.apres, v.pourquoi) for v in load_variations(controler(NOVEMBRE, ENSUITE).preparation)]


def causes():
    """Why, of the only payer whose month changed."""
    [(_, _, _, pourquoi)] = variations()
    return pourquoi


def test_same_days_make_no_variation(lea):
    inscrire(lea, *NOVEMBRES)

    assert variations() == []


def test_child_who_comes_for_the_first_time(lea, camille):
    tom = make_enfant(camille, prenom="Tom", date_naissance=date(2021, 1, 1))
    inscrire(lea, *NOVEMBRES)
    inscrire(tom, *NOVEMBRES[2:])

    assert variations() == [("Camille Morel", 800, 2410, "Tom vient depuis le jeudi 5\u00a0novembre")]


def test_child_who_arrives_on_a_day_that_the_school_knows(lea, camille):
    tom = make_enfant(camille, prenom="Tom", date_naissance=date(2021, 1, 1))
    tom.scolarites.update(debut=date(2026, 11, 5))
    inscrire(lea, *NOVEMBRES)
    inscrire(tom, *NOVEMBRES[4:])

    assert causes() == "Tom\u00a0: arrivée le jeudi 5\u00a0novembre"


def test_child_who_does_not_come_any_more_and_one_who_goes_on(camille):
    lea, tom = make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")
    inscrire(lea, *OCTOBRE)
    inscrire(tom, *OCTOBRE)
    close_october()
    inscrire(lea, *NOVEMBRES)

    assert causes() == "Tom ne vient plus"


def test_child_who_left(lea):
    lea.scolarites.update(depart=date(2026, 11, 2))

    assert variations() == [("Camille Morel", 800, 0, "Léa\u00a0: départ le lundi 2\u00a0novembre")]


def test_quotient_that_is_over(lea):
    Quotient.objects.update(fin=date(2026, 10, 31))
    inscrire(lea, *NOVEMBRES)

    assert causes() == "Quotient fini le 31 octobre\u00a0: prix «\u00a0quotient inconnu\u00a0»"


def test_quotient_that_changed(lea, camille):
    Quotient.objects.update(fin=date(2026, 10, 31))
    dire_quotient(camille.foyer, 410, debut=date(2026, 11, 1))
    inscrire(lea, *NOVEMBRES)

    assert causes() == "Quotient 410, 742 avant"


def test_quotient_that_is_said_at_last(camille):
    Quotient.objects.all().delete()
    lea = make_enfant(camille, prenom="Léa")
    inscrire(lea, *OCTOBRE)
    close_october()
    dire_quotient(camille.foyer, 410, debut=date(2026, 11, 1))
    inscrire(lea, *NOVEMBRES)

    assert causes() == "Quotient 410, inconnu avant"


def test_residence_that_changed(lea, camille):
    Compte.objects.update(residence="hors")
    inscrire(lea, *NOVEMBRES)

    assert causes() == "Résidence\u00a0: hors commune, commune avant"


def test_residence_that_is_said_at_last_changes_nothing(lea, camille):
    Compte.objects.update(residence="commune")
    inscrire(lea, *NOVEMBRES)

    assert variations() == []


def test_child_who_comes_more_often_of_the_day(lea):
    inscrire(lea, *NOVEMBRES)
    for creneau in ("matin", "soir"):
        inscrire(lea, *NOVEMBRES[:2], creneau=creneau)
    for jour in NOVEMBRES[:2]:
        pointer(lea, jour, depart="17:20")

    assert causes() == "Léa vient aussi le matin et le soir"


def test_child_who_leaves_a_moment_and_is_late_no_more(camille):
    lea = make_enfant(camille, prenom="Léa")
    inscrire(lea, *OCTOBRE)
    inscrire(lea, *OCTOBRE[:3], creneau="soir")
    for jour, depart in zip(OCTOBRE[:3], ("18:41", "18:45", "17:20"), strict=True):
        pointer(lea, jour, depart=depart)
    close_october()
    inscrire(lea, *NOVEMBRES)

    assert causes() == "2\u00a0retards en octobre, aucun depuis\u202f; Léa ne vient plus le soir"


@pytest.mark.parametrize(
    ("avant", "apres", "said"), [("17:20", "18:20", "plus long"), ("18:20", "17:20", "plus court")]
)
def test_evenings_that_last_longer_or_less(camille, avant, apres, said):
    lea, tom = make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")
    for enfant, depart in ((lea, avant), (tom, "17:20")):
        inscrire(enfant, *OCTOBRE, creneau="soir")
        for jour in OCTOBRE:
            pointer(enfant, jour, depart=depart)
    close_october()
    for enfant, depart in ((lea, apres), (tom, "17:20")):
        inscrire(enfant, *NOVEMBRES, creneau="soir")
        for jour in NOVEMBRES:
            pointer(enfant, jour, depart=depart)

    assert causes() == f"Léa\u00a0: soir {said} qu’avant"


def test_child_who_comes_more_often(camille):
    lea, tom = make_enfant(camille, prenom="Léa"), make_enfant(camille, prenom="Tom")
    inscrire(lea, *OCTOBRE[:2])
    inscrire(tom, *OCTOBRE)
    close_october()
    inscrire(lea, *NOVEMBRES)
    inscrire(tom, *NOVEMBRES)

    assert plain(causes()).startswith("Léa : 17 fois le midi en 17 jours, 2 en 1")


def test_garde_that_changed(lea, camille):
    paul = ResponsableFactory(user=UserFactory(first_name="Paul", last_name="Zola"), foyer=FoyerFactory())
    dire_quotient(paul.foyer, 742)
    Garde.objects.filter(enfant=lea).update(fin=date(2026, 11, 15))
    Garde.objects.create(enfant=lea, foyer=paul.foyer, debut=date(2026, 11, 16))
    inscrire(lea, *NOVEMBRES)

    assert [(nom, pourquoi) for nom, _, _, pourquoi in variations()] == [
        ("Camille Morel", "Léa\u00a0: garde changée le lundi 16\u00a0novembre"),
        ("Paul Zola", "Léa\u00a0: garde changée le lundi 16\u00a0novembre"),
    ]


def test_weekly_pattern_that_changed_and_a_late_evening(lea, camille):
    SemaineType.objects.create(
        foyer=camille.foyer,
        enfant=lea,
        debut=date(2026, 11, 2),
        fin=date(2027, 7, 2),
        modifiee_le=datetime(2026, 10, 28, 20, 0, tzinfo=PARIS),
    )
    inscrire(lea, *NOVEMBRES)
    inscrire(lea, NOVEMBRES[0], creneau="soir")
    pointer(lea, NOVEMBRES[0], depart="18:41")

    [(_, _, _, pourquoi)] = variations()

    assert pourquoi.startswith(
        "Semaine type changée le mercredi 28\u00a0octobre\u202f; 1\u00a0retard\u00a0: 5,00\u202f€"
    )
    assert pourquoi.endswith("Léa vient aussi le soir")


def test_change_that_nothing_explains_comes_first(lea, camille):
    """One day more in a month: no cause is large enough to be said."""
    autre = ResponsableFactory(user=UserFactory(first_name="Paul", last_name="Zola"), foyer=FoyerFactory())
    tom = make_enfant(autre, prenom="Tom")
    inscrire(lea, *NOVEMBRES[1:])
    inscrire(tom, *NOVEMBRES)

    assert [(nom, pourquoi) for nom, _, _, pourquoi in variations()] == [
        ("Camille Morel", "à vérifier"),
        ("Paul Zola", "Tom vient depuis le lundi 2\u00a0novembre"),
    ]


def test_totals_are_compared_by_school_day(lea):
    inscrire(lea, *NOVEMBRES)
    clore(*NOVEMBRES)

    totaux = totaux_of(controler(NOVEMBRE, ENSUITE).preparation)

    [midi] = totaux.lignes
    assert (midi.titre, midi.nombre_avant, midi.montant_avant, midi.nombre, midi.montant) == ("Midi", 10, 800, 17, 1360)
    assert (midi.par_jour_avant, midi.par_jour, midi.ecart) == (80, 80, 0)
    assert (totaux.total.montant, totaux.compare) == (1360, True)
