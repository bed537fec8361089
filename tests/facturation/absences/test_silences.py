"""An absence that a silence of the portal makes told in time: said beforehand, to the secretary, and on the line."""

from __future__ import annotations

from datetime import datetime

import pytest

from enfance.models import Absence, Indisponibilite
from facturation.arrete.cloture import arreter
from facturation.models import Justification, Prestation
from facturation.papiers.pourquoi import EnfantDit, pourquoi
from portail.dates import PARIS
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.mairie.conftest import LUNDI, VENDREDI
from tests.facturation.vecu import clore, dire_quotient, inscrire, make_commune
from tests.reading import html_of, plain, words_of

PAGE, ADRESSE = "/admin/facturation/absences/", "/admin/enfance/silence/"
SAISI = {"jour": "2026-11-26", "de": "11:20", "a": "12:10", "fin": "", "proposition": ""}


def jeudi(heure, minute=0):
    return datetime(2026, 11, 26, heure, minute, tzinfo=PARIS)


@pytest.fixture(autouse=True)
def clock(time_machine):
    time_machine.move_to(LUNDI, tick=False)


@pytest.fixture
def lea(db):
    make_commune()
    camille = ResponsableFactory(user__email="camille.morel@courriel.example")
    dire_quotient(camille.foyer, 742)
    lea = make_enfant(camille, prenom="Léa")
    inscrire(lea, VENDREDI)
    inscrire(lea, VENDREDI, creneau="matin")
    return lea


def tell(lea, quand):
    Justification.objects.create(enfant=lea, jour=VENDREDI, raison="maladie")
    return Absence.objects.create(enfant=lea, jour=VENDREDI, signalee_le=quand)


def declare():
    return Indisponibilite.objects.create(du=jeudi(11, 20), au=jeudi(12, 10), declaree_le=jeudi(12, 14))


@pytest.mark.parametrize(
    ("quand", "dit"),
    [
        (jeudi(12, 20), True),
        (jeudi(11, 59), False),  # it was in time anyway
        (jeudi(12, 50), False),
    ],
)
def test_what_is_at_stake_is_said_before_it_is_declared(mairie, lea, quand, dit):
    tell(lea, quand)

    page = plain(words_of(mairie.post(ADRESSE, SAISI)))

    phrase = "2 absences signalées entre l’ancienne limite et la nouvelle comptent comme signalées à temps : 2,00 €"
    assert (phrase in page) == dit
    assert "Un mois déjà arrêté garde ses lignes." in page


def test_secretary_reads_that_it_was_told_in_time(mairie, lea):
    tell(lea, jeudi(12, 20))
    assert "après la limite" in plain(words_of(mairie.get(PAGE)))

    declare()

    page = plain(html_of(mairie.get(PAGE)))
    assert "Signalée jeudi 26 novembre à 12 h 20, à temps (limite reportée à 12 h 50" in page
    assert "signalée après la limite" not in page
    assert "« signalée à temps : le portail ne répondait pas »" in page


def reasons(lea):
    lignes = Prestation.objects.filter(jour=VENDREDI).order_by("pk")
    return [
        dict(pourquoi(ligne, EnfantDit("Léa", True), [lea.gardes.get().foyer_id]).faits)["Sur place"]
        for ligne in lignes
    ]


@pytest.mark.parametrize("avant", [True, False])
def test_line_says_the_limit_that_moved_and_a_closed_month_keeps_its_lines(lea, avant, time_machine):
    Absence.objects.create(enfant=lea, jour=VENDREDI, signalee_le=jeudi(12, 20))  # with a reason, it would be answered
    clore(VENDREDI)
    if avant:
        declare()
    time_machine.move_to(datetime(2026, 12, 1, 9, tzinfo=PARIS), tick=False)
    arreter(VENDREDI.replace(day=1), None, now=datetime(2026, 12, 1, 9, tzinfo=PARIS))
    avec = reasons(lea)
    declare()

    assert reasons(lea) == avec
    said = "avant la limite du jeudi 26, 12 h 50 (reportée : le portail n’a pas répondu jeudi 26 novembre de 11 h 20"
    assert [said in plain(raison) for raison in avec] == [avant] * len(avec)
    assert avec
