"""A price tried by hand, and a month computed again under another grid."""

from datetime import date, time

import pytest

from facturation.arrete.contextes import grille_of
from facturation.models import Tarif
from facturation.prix.mois import Horaire
from facturation.votes.simulations import Essai, essayer, projeter
from facturation.votes.vus import lignes_of
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.bareme import MIDI, SOIR, matin_tranche, midi, rangs_of, soir_tranche, tarif
from tests.facturation.vecu import NOVEMBRE, inscrire, make_commune

MATIN_H = Horaire("matin", time(7, 30), time(8, 30))
MIDI_H = Horaire("midi", time(11, 30), time(13, 30))
SOIR_H = Horaire("soir", time(16, 30), time(18, 30))


@pytest.mark.parametrize(
    ("duree", "minutes", "tranches"),
    [(45, 45, 2), (30, 30, 1), (None, 120, 4), (time(17, 42), 72, 3), (500, 120, 4), (time(16, 0), 0, 0)],
)
def test_evening_is_tried_for_so_many_minutes_or_until_an_hour(duree, minutes, tranches):
    resultat = essayer(soir_tranche(48), SOIR_H, Essai("commune", 652, duree=duree))

    assert (resultat.minutes, resultat.total) == (minutes, 48 * tranches)


@pytest.mark.parametrize(("duree", "tranches"), [(20, 1), (None, 2), (time(8, 10), 1), (time(7, 31), 2)])
def test_morning_is_tried_from_an_hour_to_its_end(duree, tranches):
    assert essayer(matin_tranche(60), MATIN_H, Essai("commune", 652, duree=duree)).total == 60 * tranches


def test_each_child_has_its_rank_and_its_sum():
    resultat = essayer(midi(0, lignes=rangs_of(100, 90)), MIDI_H, Essai("", 0, enfants=3, fois=12))

    assert [(e.rang, e.quantite, e.prix, e.montant) for e in resultat.enfants] == [
        (1, 12, 100, 1200),
        (2, 12, 90, 1080),
        (3, 12, 90, 1080),
    ]
    assert resultat.total == 3360


def test_price_of_the_month_and_of_siblings_are_tried():
    mensuel = essayer(tarif(MIDI, unite="mois", prix=3000), MIDI_H, Essai("commune", 0, fois=12))
    fratrie = essayer(tarif(SOIR, fratrie=True, lignes=rangs_of(280, 465)), SOIR_H, Essai("commune", 0, enfants=2))

    assert (mensuel.total, fratrie.total) == (3000, 465)


def test_grid_without_a_price_for_them_says_so():
    assert essayer(midi(80), MIDI_H, Essai("hors", 652)).enfants is None


@pytest.mark.django_db
def test_closed_month_is_computed_again_under_another_grid():
    make_commune()
    camille = ResponsableFactory()
    inscrire(make_enfant(camille, prenom="Léa"), date(2026, 11, 3), date(2026, 11, 5), creneau="midi")
    voted = Tarif.objects.get(creneaux__code="midi")
    grille = grille_of(voted, lignes_of(voted))
    dearer = grille_of(voted, [ligne for ligne in grille.lignes if ligne.qf_min is not None])

    same = projeter(grille, NOVEMBRE, today=date(2026, 12, 1))
    troue = projeter(dearer, NOVEMBRE, today=date(2026, 12, 1))

    assert (same.avant, same.apres, same.ecart, same.sans_prix) == (220, 220, 0, 0)  # quotient unknown: 1,10 each
    assert (troue.avant, troue.apres, troue.sans_prix) == (220, 0, 1)
