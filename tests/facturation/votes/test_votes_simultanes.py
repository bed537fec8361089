"""What was voted, written while a month closes: the month is priced by the old grid or by the new one, whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from threading import Event

import pytest
from django.db import connections

from enfance.models import Creneau
from facturation.arrete import cloture
from facturation.arrete.cloture import arreter
from facturation.models import LigneTarif, Mois, Prestation, Supplement, Tarif
from facturation.prix.tarifs import LigneGrille
from facturation.votes import ecriture
from facturation.votes.ecriture import VoteRefuse, enregistrer, is_used, recopier, supprimer
from tests.factories import ResponsableFactory, make_enfant
from tests.facturation.grille import make_deliberation
from tests.facturation.vecu import ENSUITE, LUNDI, NOVEMBRE, clore, inscrire, make_commune
from tests.races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.ci, pytest.mark.sqlite]
VIEUX, NEUF = 110, 77  # centimes of a lunch break whose payer has no quotient, before and after
MARDI, DERNIER, MILIEU = date(2026, 11, 3), date(2026, 11, 24), date(2026, 11, 16)
PLATE = [LigneGrille(residence, qf, None, 1, prix=NEUF) for residence in ("commune", "hors") for qf in (0, None)]


@pytest.fixture
def midi() -> Tarif:
    """The tariff of the lunch break; six children had three of them in November."""
    make_commune()
    jours = (LUNDI, MARDI, DERNIER)
    for _ in range(6):
        inscrire(make_enfant(ResponsableFactory()), *jours)
    clore(*jours)
    return Tarif.objects.get(nom="Midi")


def close() -> bool:
    return not arreter(NOVEMBRE, None, ENSUITE).refus


def tried(work) -> bool:
    """Whether it was written."""
    try:
        work()
    except VoteRefuse:
        return False
    return True


def edit(tarif: Tarif) -> bool:
    vu = Tarif.objects.get(pk=tarif.pk)
    return tried(partial(enregistrer, vu, list(vu.creneaux.all()), PLATE, now=ENSUITE))


def add() -> bool:
    neuf = Tarif(nom="Midi neuf", deliberation=make_deliberation(), debut=MILIEU, unite="seance")
    return tried(partial(enregistrer, neuf, list(Creneau.objects.filter(code="midi")), PLATE, now=ENSUITE))


def check_frozen() -> None:
    """Each line has the price that its tariff still says."""
    assert Prestation.objects.count() == 18
    for ligne in Prestation.objects.select_related("ligne", "tarif"):
        assert (ligne.prix, ligne.jour >= ligne.tarif.debut) == (ligne.ligne.prix, True)


def prices() -> dict[date, set[int]]:
    jours = Prestation.objects.order_by().values_list("jour", flat=True).distinct()
    return {jour: set(Prestation.objects.filter(jour=jour).values_list("prix", flat=True)) for jour in jours}


@pytest.mark.parametrize("essai", range(3))
def test_tariff_edited_while_a_month_closes_prices_all_of_it_or_nothing(midi, essai):
    edits = at_once(*[close] * 2, *[partial(edit, midi)] * 2)[2:]

    assert set.union(*prices().values()) == {NEUF if any(edits) else VIEUX}
    check_frozen()
    assert not edit(midi)  # it is used


@pytest.mark.parametrize("essai", range(3))
def test_tariff_added_while_a_month_closes_prices_its_days_or_is_refused(midi, essai):
    *_, added, again = at_once(*[close] * 2, add, add)

    assert added + again < 2
    tard = {NEUF} if added or again else {VIEUX}
    assert prices() == {LUNDI: {VIEUX}, MARDI: {VIEUX}, DERNIER: tard}
    assert Tarif.objects.filter(debut=MILIEU).exists() is bool(added or again)
    check_frozen()


@pytest.mark.parametrize("essai", range(3))
def test_tariff_deleted_while_a_month_closes_priced_nothing_or_stays(midi, essai):
    closed, deleted = at_once(close, lambda: tried(partial(supprimer, Tarif.objects.get(pk=midi.pk), now=ENSUITE)))

    assert closed is not deleted  # without it, no price: the month stays open
    assert Tarif.objects.filter(pk=midi.pk).exists() is closed
    assert Prestation.objects.count() == (18 if closed else 0)


def test_two_copies_of_a_year_at_once_are_one(midi):
    copy = partial(recopier, [midi], make_deliberation(), date(2027, 9, 1), now=ENSUITE)

    copied = at_once(*[partial(tried, copy)] * 6)

    assert sum(copied) == 1
    assert Tarif.objects.filter(debut=date(2027, 9, 1)).count() == 1


@pytest.mark.postgresql
def test_who_edits_waits_for_who_closes(midi, monkeypatch):
    """Once the month is computed, and before it is written: the edit that asked meanwhile is refused."""
    asked = Event()
    lock, write = ecriture.lock_emission, cloture._ecrire

    def lock_seen(now):
        asked.set()
        lock(now)

    def in_thread():
        try:
            return edit(midi)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        edits = []

        def write_meanwhile(*args):
            edits.append(pool.submit(in_thread))
            assert asked.wait(60)
            return write(*args)

        monkeypatch.setattr(ecriture, "lock_emission", lock_seen)
        monkeypatch.setattr(cloture, "_ecrire", write_meanwhile)
        assert close()
        assert not edits[0].result(60)
    assert Mois.objects.exists()
    assert is_used(midi)
    assert set.union(*prices().values()) == {VIEUX}
    check_frozen()


def test_supplement_and_its_grid_lines_are_untouched_by_a_refused_copy(midi):
    before = (LigneTarif.objects.count(), Supplement.objects.count(), Tarif.objects.count())
    close()

    with pytest.raises(VoteRefuse):
        recopier([midi], make_deliberation(), MILIEU, list(Supplement.objects.all()), now=ENSUITE)

    assert (LigneTarif.objects.count(), Supplement.objects.count(), Tarif.objects.count()) == before
