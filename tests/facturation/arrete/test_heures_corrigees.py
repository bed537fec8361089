"""The hours of a sheet, as a month is billed by them: written afterwards, unknown, or of another day than the sheet."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from enfance.equipe.pointages import GesteRecu, enregistrer
from enfance.models import Pointage
from facturation.arrete.cloture import arreter
from facturation.arrete.controles import controler
from facturation.models import Prestation
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.facturation.grille import make_tarif
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, dire_quotient, inscrire, make_commune, pointer

pytestmark = pytest.mark.django_db


@pytest.fixture
def lea():
    make_commune()
    camille = ResponsableFactory()
    dire_quotient(camille.foyer, 742)
    return make_enfant(camille, prenom="Léa")


def venir(enfant, creneau, **passage):
    inscrire(enfant, LUNDI, creneau=creneau)
    pointer(enfant, LUNDI, creneau=creneau, **passage)
    clore(LUNDI)


def lignes():
    """Nature, quantity, amount of each line of November."""
    arreter(NOVEMBRE, None, ENSUITE)
    return list(Prestation.objects.order_by("pk").values_list("nature", "quantite", "montant"))


def sans_depart():
    return next(point for point in controler(NOVEMBRE, ENSUITE).points if point.code == "sans_depart")


@pytest.mark.parametrize("jours", [-1, 1, 31])
def test_departure_of_another_day_is_one_that_nobody_noted(lea, jours):
    """As a box ticked later was kept once: to the end of the créneau, and never late."""
    venir(lea, "soir", arrivee="16:31" if jours > 0 else "00:00", depart="18:20")
    pointage = Pointage.objects.get()
    pointage.depart += timedelta(days=jours)
    if jours < 0:
        pointage.arrivee = pointage.depart - timedelta(hours=2)
    pointage.save()

    point = sans_depart()
    assert (point.nombre, point.porte.adresse) == (1, f"/equipe/{LUNDI}/?creneau=soir")
    assert (point.porte.geste, point.porte.suite) == ("Écrire l’heure", "\u00a0: Léa Morel, lundi 2, soir")
    assert lignes() == [("seance", 4, 260)]
    assert Prestation.objects.get().faits["presence"]["depart"] is None


def test_departure_ticked_a_month_later_is_not_late(lea):
    """Without an hour, on a sheet that is closed: by the gate’s own writer, on the day of the closing."""
    venir(lea, "soir")
    parti = GesteRecu(uuid4(), lea.pk, "parti", True, ENSUITE)
    bilan = enregistrer([parti], LUNDI, "soir", StaffFactory(), now=ENSUITE, correction="Oubli")
    assert bilan.refus == []
    assert lignes() == [("seance", 4, 260)]


@pytest.mark.parametrize(("arrivee", "quantite"), [("07:50", 2), (None, 2), ("08:10", 1)])
def test_morning_of_an_unknown_arrival_counts_from_its_beginning(lea, arrivee, quantite):
    """Ticked there on another day, or without an hour."""
    make_tarif("matin", debut=date(2026, 10, 1), unite="tranche", minutes=30)
    venir(lea, "matin", arrivee=arrivee or "07:50")
    if arrivee is None:
        Pointage.objects.update(arrivee=None)
    elif quantite == 2:
        Pointage.objects.update(arrivee=ENSUITE, arrivee_recue=ENSUITE)
    [(_, combien, _)] = lignes()
    assert combien == quantite
    assert (Prestation.objects.get().faits["presence"]["arrivee"] is None) == (quantite == 2)


def test_who_is_there_without_an_hour_is_not_absent(lea):
    venir(lea, "midi", arrivee="11:31")
    Pointage.objects.update(arrivee=None)
    assert lignes() == [("seance", 1, 80)]
    assert "absence" not in Prestation.objects.get().faits
