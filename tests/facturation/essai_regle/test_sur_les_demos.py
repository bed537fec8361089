"""What a rule would have given on the demonstration and on the town of three schools: the same as a recount by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from io import StringIO
from time import perf_counter

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from enfance.delais import Delai, Genre
from facturation.arrete.contextes import load_tarifs
from facturation.essai_regle.lecture import dernier_trimestre, essayer, load_mois_arretes
from facturation.essai_regle.regle import MontantEssaye, Quoi, RegleEssayee
from facturation.models import Prestation, Tarif
from tests.facturation.essai_regle import recompte

pytestmark = [pytest.mark.django_db, pytest.mark.ci, pytest.mark.une_fois]
LE_3 = date(2026, 12, 3)
SECONDES = 10  # 220 children and a term


def _try(regle: RegleEssayee):
    """The trial over the last three closed months; it writes nothing, in time."""
    premiers = dernier_trimestre(load_mois_arretes())
    debut = perf_counter()
    with CaptureQueriesContext(connection) as requetes:
        essai = essayer(regle, premiers, today=LE_3)
    assert perf_counter() - debut < SECONDES
    assert {requete["sql"].split()[0].upper() for requete in requetes} <= {"SELECT", "DECLARE", "FETCH", "CLOSE"}
    return essai


@pytest.mark.parametrize("options", [[], ["--ville"]], ids=["école", "ville"])
def test_rule_tried_gives_what_a_recount_does(options):
    """One long story: the loading takes seconds."""
    call_command("charger_demo", *options, "--aujourd-hui", LE_3.isoformat(), stdout=StringIO())
    mois = dernier_trimestre(load_mois_arretes())
    bornes = mois[0], date(2026, 10, 31)

    _inscriptions_two_days_before_at_five_euros(bornes)
    _inscriptions_twenty_days_before_at_half_the_price(bornes)
    _pick_ups_at_seven_euros_after_two_minutes(bornes)
    _grid_of_the_next_year(bornes)


def _inscriptions_two_days_before_at_five_euros(bornes) -> None:
    for jours in (2, 20):
        essai = _try(
            RegleEssayee(
                quoi=Quoi.TARDIVE, premiere=Delai(Genre.JOURS_OUVRES, time(12), jours), montant=MontantEssaye(500)
            )
        )
        sommes: Counter = Counter()
        for foyer, enfant, _ in recompte.booked_late(*bornes, jours):
            sommes[foyer, enfant] += 500
        recompte.assert_same(essai, sommes)
    assert essai.total.touchees > 20


def _inscriptions_twenty_days_before_at_half_the_price(bornes) -> None:
    essai = _try(
        RegleEssayee(
            quoi=Quoi.TARDIVE,
            moment="midi",
            premiere=Delai(Genre.JOURS_OUVRES, time(12), 20),
            montant=MontantEssaye(pourcentage=50),
        )
    )
    lignes = Prestation.objects.filter(nature="seance")
    prix = {(ligne.cle_enfant, ligne.jour, ligne.creneau_id): ligne.entier for ligne in lignes}
    sommes: Counter = Counter()
    for foyer, enfant, un in recompte.booked_late(*bornes, 20):
        if un.creneau.moment == "midi":
            sommes[foyer, enfant] += (prix[enfant, un.jour, un.creneau_id] + 1) // 2  # a half cent goes up
    recompte.assert_same(essai, sommes)


def _pick_ups_at_seven_euros_after_two_minutes(bornes) -> None:
    essai = _try(RegleEssayee(quoi=Quoi.RETARD, moment="soir", montant=MontantEssaye(700), tolerance=2))
    sommes: Counter = Counter()
    for foyer, enfant, vu in recompte.fetched_late(*bornes, 2):
        sommes[foyer, enfant] += 700 * (vu.creneau.moment == "soir")
    for foyer, enfant, vu in recompte.fetched_late(*bornes, 5):
        sommes[foyer, enfant] -= 500 * (vu.creneau.moment == "soir")
    recompte.assert_same(essai, sommes)
    assert essai.total.montant


def _grid_of_the_next_year(bornes) -> None:
    """A grid that was only typed: midi dearer by a fifth."""
    voulu = Tarif.objects.filter(moment="midi").latest("debut")
    cher = Tarif.objects.get(pk=voulu.pk)
    cher.pk, cher.debut = None, date(2027, 9, 1)
    cher.save()
    for ligne in voulu.lignes.all():
        ligne.pk, ligne.tarif, ligne.prix = None, cher, ligne.prix * 6 // 5
        ligne.save()
    [grille] = load_tarifs([cher.pk])
    essai = _try(RegleEssayee(quoi=Quoi.GRILLE, grilles=(grille,)))
    sommes: Counter = Counter()
    for foyer, enfant, ecart in recompte.repriced(*bornes, recompte.price_of_the_other_year(cher)):
        sommes[foyer, enfant] += ecart
    recompte.assert_same(essai, sommes)
    assert essai.total.touchees > 20
