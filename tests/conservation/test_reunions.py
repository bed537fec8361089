"""Files that were made one are erased together, even in an archive where they were still two (RGP-08)."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import transaction

from accounts.models import User
from conservation.effacement import effacer
from conservation.effaces import read, replay, write_pending
from conservation.models import Effacement, Reunion
from conservation.reunions import doubles_of, note
from enfance.famille.effacement import effacer_famille
from enfance.mairie.doubles.fusion_enfants import reunir_enfants
from enfance.mairie.doubles.fusions import reunir_adultes, reunir_foyers
from enfance.models import Enfant, Foyer, Responsable
from portail.dates import PARIS
from tests.factories import (
    AnneeFactory,
    EnfantFactory,
    ResponsableFactory,
    StaffFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 12, 41, tzinfo=PARIS)


@pytest.fixture
def family(time_machine):
    """Camille twice, in two homes, each time with Léa."""
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()
    adultes = [ResponsableFactory(), ResponsableFactory()]
    return adultes, [make_enfant(adulte, date_naissance=date(2019, 3, 14)) for adulte in adultes]


def people() -> list[int]:
    return [model.objects.filter(**only).count() for model, only in PEOPLE]


PEOPLE = [(User, {"is_staff": False}), (Responsable, {}), (Foyer, {}), (Enfant, {})]


def test_older_archive_forgets_both_files_of_who_was_erased(family, dossier):
    (ici, la), (lea, double) = family
    agent = StaffFactory()
    point = transaction.savepoint_create()
    reunir_enfants(lea.pk, double.pk, {}, agent.pk, now=NOW)
    reunir_adultes(ici.pk, la.pk, {}, now=NOW)
    if Foyer.objects.count() == 2:
        reunir_foyers(ici.foyer_id, la.foyer_id, {})
    effacer_famille(ici.user_id, now=NOW)
    assert (people(), Reunion.objects.count()) == ([0] * 4, 0)
    write_pending(dossier, now=NOW)
    transaction.savepoint_rollback(point)
    assert people() == [2] * 4
    assert replay(dossier, now=NOW) == len(read(dossier)) == 8
    assert people() == [0] * 4


def test_double_of_a_double_is_found():
    trois = EnfantFactory.create_batch(3)
    note(trois[0], trois[1])
    note(trois[1], trois[2])
    assert doubles_of("enfance.Enfant", {trois[2].pk}) == {trois[0].pk, trois[1].pk}
    assert doubles_of("enfance.Enfant", {trois[0].pk}) == set()
    assert doubles_of("enfance.Foyer", {trois[2].pk}) == set()


def test_both_keys_are_told():
    """And nothing is forgotten of what was made one besides, a home of the same key among them."""
    ici, la, autre, double = EnfantFactory.create_batch(4)
    keys = {ici.pk, la.pk}
    note(la, ici)
    note(double, autre)
    Reunion.objects.create(modele="enfance.Foyer", double=la.pk, reste=ici.pk)
    la.delete()
    effacer({"enfance.Enfant": {ici.pk}}, now=NOW)
    assert set(Effacement.objects.values_list("cle", flat=True)) == keys
    restent = {("enfance.Enfant", autre.pk), ("enfance.Foyer", ici.pk)}
    assert set(Reunion.objects.values_list("modele", "reste")) == restent
