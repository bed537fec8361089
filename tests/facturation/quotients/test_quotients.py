"""Quotients: from which month they count, who says them, who has seen them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from facturation.famille.quotient import load_quotient
from facturation.models import Quotient
from facturation.payeurs.comptes import compte_of
from facturation.quotients.ecriture import (
    SaisieQuotient,
    annuler,
    declarer,
    enregistrer,
    fin_of,
    mois_a_venir,
    mois_passes,
    premier_compte,
    premier_phrase,
)
from portail.dates import PARIS
from tests.factories import ResponsableFactory, StaffFactory

pytestmark = pytest.mark.django_db

LUNDI = datetime(2026, 11, 30, 9, tzinfo=PARIS)
DECEMBRE, NOVEMBRE = date(2026, 12, 1), date(2026, 11, 1)


@pytest.fixture
def parent():
    return ResponsableFactory()


@pytest.fixture
def agente():
    return StaffFactory()


def saisie(parent, valeur=742, **fields):
    known = {"source": "caf", "vu_le": LUNDI.date()}
    return SaisieQuotient(parent.foyer_id, valeur, **{**known, **fields})


def counted(parent, mois):
    """What counts for this month: the value of the first that holds."""
    lus = Quotient.objects.holding(mois).filter(compte__foyer=parent.foyer)
    return next((quotient.valeur for quotient in lus), None)


@pytest.mark.parametrize(
    ("today", "debut"),
    [
        (date(2026, 12, 1), date(2026, 12, 1)),
        (date(2026, 12, 2), date(2027, 1, 1)),
        (date(2026, 11, 30), date(2026, 12, 1)),
        (date(2026, 1, 31), date(2026, 2, 1)),
        (date(2028, 2, 29), date(2028, 3, 1)),
    ],
)
def test_quotient_counts_from_this_month_on_the_first_else_from_the_next(today, debut):
    assert premier_compte(today) == debut
    assert mois_a_venir(today)[0] == debut
    assert mois_passes(today)[0] < debut
    assert len({*mois_a_venir(today), *mois_passes(today)}) == 15


def test_quotient_lasts_until_the_end_of_the_january_after():
    assert fin_of(date(2026, 9, 1)) == date(2027, 1, 31)
    assert fin_of(date(2027, 1, 1)) == date(2028, 1, 31)
    assert premier_phrase(DECEMBRE) == "1er\u00a0décembre 2026"


def test_what_the_town_hall_has_seen_counts_from_the_next_month(parent, agente):
    bilan = enregistrer([saisie(parent)], par=agente.pk, now=LUNDI)

    [quotient] = bilan.ecrits
    assert (quotient.debut, quotient.fin, quotient.vu_par) == (DECEMBRE, date(2027, 1, 31), agente)
    assert (counted(parent, NOVEMBRE), counted(parent, DECEMBRE)) == (None, 742)


def test_zero_is_a_quotient(parent, agente):
    enregistrer([saisie(parent, 0)], par=agente.pk, now=LUNDI)

    assert counted(parent, DECEMBRE) == 0


def test_same_quotient_twice_is_one_row(parent, agente):
    enregistrer([saisie(parent)], par=agente.pk, now=LUNDI)
    bilan = enregistrer([saisie(parent)], par=agente.pk, now=LUNDI)

    assert (len(bilan.ecrits), len(bilan.inchanges)) == (0, 1)
    assert Quotient.objects.count() == 1


def test_month_gone_by_needs_a_reason(parent, agente):
    with pytest.raises(ValueError, match="reason"):
        enregistrer([saisie(parent, debut=NOVEMBRE)], par=agente.pk, now=LUNDI)
    enregistrer([saisie(parent, debut=NOVEMBRE, motif="attestation égarée ici")], par=agente.pk, now=LUNDI)

    assert counted(parent, NOVEMBRE) == 742


@pytest.mark.parametrize("wrong", [{"valeur": -1}, {"valeur": 100_000}, {"vu_le": date(2026, 12, 1)}])
def test_what_no_attestation_says_is_refused_whole(parent, agente, wrong):
    bon = saisie(ResponsableFactory())
    with pytest.raises(ValueError, match=r"quotient|attestation"):
        enregistrer([bon, saisie(parent, **wrong)], par=agente.pk, now=LUNDI)

    assert not Quotient.objects.exists()


def test_latest_one_counts_when_two_hold(parent, agente):
    enregistrer([saisie(parent, 900)], par=agente.pk, now=LUNDI)
    enregistrer([saisie(parent, 742)], par=agente.pk, now=LUNDI.replace(hour=10))

    assert counted(parent, DECEMBRE) == 742


def test_what_a_parent_says_counts_once_seen(parent, agente):
    dit = declarer(parent.foyer_id, 742, "msa", DECEMBRE, par=parent.user_id, now=LUNDI)
    assert counted(parent, DECEMBRE) is None

    enregistrer([saisie(parent, 742)], par=agente.pk, now=datetime(2026, 12, 7, 9, tzinfo=PARIS))

    [quotient] = Quotient.objects.all()
    assert quotient == dit
    assert (quotient.source, quotient.vu_par, quotient.saisi_par) == ("caf", agente, parent.user)
    assert counted(parent, DECEMBRE) == 742  # said in time: the month stays the one that the family chose


def test_other_value_on_the_attestation_replaces_what_was_said(parent, agente):
    declarer(parent.foyer_id, 500, "caf", DECEMBRE, par=parent.user_id, now=LUNDI)
    enregistrer([saisie(parent, 742)], par=agente.pk, now=LUNDI)

    assert counted(parent, DECEMBRE) == 742
    assert not Quotient.objects.declared(DECEMBRE).exists()


def test_value_typed_back_after_a_mistake_counts_again(parent, agente):
    for heure, valeur in enumerate((742, 512, 742, 742), 9):
        enregistrer([saisie(parent, valeur)], par=agente.pk, now=LUNDI.replace(hour=heure))

    assert counted(parent, DECEMBRE) == 742
    assert Quotient.objects.count() == 3  # said once more, the last one is there already
    assert load_quotient(parent.foyer_id, NOVEMBRE).suivant.valeur == 742


def test_word_seen_once_its_months_have_passed_counts_for_these_and_from_now_on(parent, agente):
    """Said in November for December, which ends in January; the attestation comes in February."""
    declarer(parent.foyer_id, 742, "caf", DECEMBRE, par=parent.user_id, now=LUNDI)
    fevrier = datetime(2027, 2, 10, 9, tzinfo=PARIS)
    assert load_quotient(parent.foyer_id, fevrier.date()).dit is None
    assert not Quotient.objects.declared(fevrier.date()).exists()

    bilan = enregistrer([SaisieQuotient(parent.foyer_id, 742, "caf", fevrier.date())], par=agente.pk, now=fevrier)

    assert [ecrit.debut for ecrit in bilan.ecrits] == [date(2027, 3, 1)]
    assert [counted(parent, mois) for mois in (DECEMBRE, date(2027, 2, 1), date(2027, 3, 1))] == [742, None, 742]


def test_parent_says_it_again_and_replaces_it(parent):
    declarer(parent.foyer_id, 500, "caf", DECEMBRE, par=parent.user_id, now=LUNDI)
    declarer(parent.foyer_id, 742, "caf", DECEMBRE, par=parent.user_id, now=LUNDI)
    declarer(parent.foyer_id, 742, "caf", DECEMBRE, par=parent.user_id, now=LUNDI)

    assert [dit.valeur for dit in Quotient.objects.declared(DECEMBRE)] == [742]
    assert Quotient.objects.count() == 2


def test_parent_goes_back_to_no_month(parent):
    assert declarer(parent.foyer_id, 742, "caf", NOVEMBRE, par=parent.user_id, now=LUNDI) is None
    assert not Quotient.objects.exists()


def test_cancelled_quotient_gives_way_to_the_one_before(parent, agente):
    enregistrer([saisie(parent, 742)], par=agente.pk, now=LUNDI)
    [faux] = enregistrer([saisie(parent, 74)], par=agente.pk, now=LUNDI.replace(hour=10)).ecrits

    assert annuler(faux.pk, now=LUNDI.replace(hour=11)) == faux
    assert annuler(faux.pk, now=LUNDI.replace(hour=12)) is None

    assert counted(parent, DECEMBRE) == 742


def test_quotients_of_two_homes_are_apart(parent, agente):
    autre = ResponsableFactory()
    enregistrer([saisie(parent, 742), saisie(autre, 300)], par=agente.pk, now=LUNDI)

    assert (counted(parent, DECEMBRE), counted(autre, DECEMBRE)) == (742, 300)
    assert compte_of(parent.foyer) != compte_of(autre.foyer)
