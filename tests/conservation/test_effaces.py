"""The list of what was erased, in the folder of backups: whole, said once, replayed (RGP-08)."""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
from datetime import UTC, datetime, timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from conservation.effacement import effacer
from conservation.effaces import (
    FILE,
    LOT,
    EffacesError,
    LigneEffacee,
    advance_sequences,
    read,
    replay,
    write_now,
    write_pending,
)
from conservation.models import Effacement
from conservation.tasks import write_effacements
from enfance.models import Enfant, Foyer, Garde, Responsabilite, Responsable
from tests.factories import EnfantFactory, FoyerFactory, ResponsableFactory, UserFactory, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 27, 3, 12, tzinfo=UTC)


def erased(*cles: int, le: datetime = NOW) -> list[Effacement]:
    rows = [Effacement(le=le, modele="enfance.Enfant", cle=cle) for cle in cles]
    return Effacement.objects.bulk_create(rows)


def lines(dossier) -> list[dict[str, object]]:
    return [json.loads(line) for line in (dossier / FILE).read_text("utf-8").splitlines()]


def test_keys_are_appended_once_and_by_nobody_else_readable(dossier):
    (un, deux) = erased(3, 12)
    assert write_pending(dossier, now=NOW) == 2
    assert write_pending(dossier, now=NOW) == 0
    assert lines(dossier) == [
        {"id": str(row.id), "le": "2026-11-27T03:12:00+00:00", "table": "enfance.Enfant", "cle": row.cle}
        for row in (un, deux)
    ]
    assert stat.S_IMODE((dossier / FILE).stat().st_mode) == 0o600
    assert list(Effacement.objects.values_list("ecrit_le", flat=True)) == [NOW, NOW]


def test_keys_are_told_in_the_order_of_their_erasures(dossier, monkeypatch):
    erased(12, 3)
    erased(7, le=NOW - timedelta(days=1))
    write_pending(dossier, now=NOW)
    assert [line["cle"] for line in lines(dossier)] == [7, 3, 12]

    autrefois = (dossier / FILE).read_bytes().splitlines(keepends=True)
    (dossier / FILE).write_bytes(b"".join(reversed(autrefois)))
    Effacement.objects.all().delete()
    fois: list[list[int]] = []
    monkeypatch.setattr("conservation.effaces.erase_noted", lambda rows, **kw: fois.append([row.cle for row in rows]))
    assert replay(dossier, now=NOW) == 3
    assert fois == [[7], [12, 3]]


def test_line_written_just_before_a_death_is_not_written_twice(dossier):
    """The file was told, the database did not know it yet."""
    erased(3)
    write_pending(dossier, now=NOW)
    Effacement.objects.update(ecrit_le=None)
    write_pending(dossier, now=NOW)
    assert len(lines(dossier)) == 1
    assert not Effacement.objects.not_written().exists()


@pytest.mark.ci
@pytest.mark.sqlite
def test_torn_line_is_written_anew(dossier):
    (row,) = erased(3)
    write_pending(dossier, now=NOW)
    whole = (dossier / FILE).read_bytes()
    for length in range(len(whole) - 1):
        (dossier / FILE).write_bytes(whole[:length])
        Effacement.objects.update(ecrit_le=None)
        assert read(dossier) == []
        write_pending(dossier, now=NOW)
        assert (dossier / FILE).read_bytes() == whole
    assert [ligne.id for ligne in read(dossier)] == [row.id]


def test_line_whose_end_an_editor_took_away_is_kept(dossier):
    erased(3)
    write_pending(dossier, now=NOW)
    whole = (dossier / FILE).read_bytes()
    (dossier / FILE).write_bytes(whole[:-1])
    assert [ligne.cle for ligne in read(dossier)] == [3]
    erased(12)
    write_pending(dossier, now=NOW)
    assert [line["cle"] for line in lines(dossier)] == [3, 12]


@pytest.mark.parametrize("bad", ["", "{}", "Léa", '{"id": "1", "le": "2026-11-27", "table": "x", "cle": 1}', "[1]"])
def test_unreadable_line_is_refused_and_nothing_is_lost(dossier, bad):
    erased(3)
    write_pending(dossier, now=NOW)
    before = (dossier / FILE).read_text("utf-8")
    (dossier / FILE).write_text(f"{bad}\n{before}", "utf-8")
    erased(12)
    for work in (write_pending, replay):
        with pytest.raises(EffacesError, match="la ligne 1 de effacements.jsonl n’est pas lisible"):
            work(dossier, now=NOW)
    assert (dossier / FILE).read_text("utf-8") == f"{bad}\n{before}"
    assert Effacement.objects.not_written().count() == 1


def test_folder_that_is_not_there_is_not_made(dossier):
    erased(3)
    with pytest.raises(EffacesError, match="Rien n’est perdu"):
        write_pending(dossier / "absent", now=NOW)
    assert not (dossier / "absent").exists()
    assert Effacement.objects.not_written().count() == 1


def test_full_disk_leaves_the_list_as_it_was(dossier):
    erased(3)
    write_pending(dossier, now=NOW)
    before = (dossier / FILE).read_bytes()
    erased(*range(100, 200))
    usual, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 1000, usual[1]))
    try:
        with pytest.raises(EffacesError, match="n’a pas pu être écrite"):
            write_pending(dossier, now=NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, handler)
    assert (dossier / FILE).read_bytes() == before
    write_pending(dossier, now=NOW)
    assert len(lines(dossier)) == 101


def test_without_a_folder_the_keys_wait(settings):
    settings.SAUVEGARDES = None
    erased(3)
    assert "SAUVEGARDES n’est pas réglé" in write_now(now=NOW)
    write_effacements.call()
    assert Effacement.objects.not_written().count() == 1


def test_erasure_asks_the_worker_to_write_once(dossier, settings):
    settings.SAUVEGARDES = dossier
    for enfant in EnfantFactory.create_batch(2):
        effacer({"enfance.Enfant": {enfant.pk}}, now=NOW)
    asked = DBTaskResult.objects.filter(task_path="conservation.tasks.write_effacements")
    assert asked.count() == 1
    write_effacements.call()
    assert len(lines(dossier)) == 2


# --- Replayed on an older database -----------------------------------------------------------------------------------


@pytest.mark.ci
@pytest.mark.sqlite
def test_older_database_forgets_whom_the_list_tells(dossier):  # RGP-08
    camille, sacha = ResponsableFactory(), ResponsableFactory(user__first_name="Sacha")
    lea, tom = make_enfant(camille), make_enfant(sacha, prenom="Tom")
    keys = {
        "enfance.Enfant": {lea.pk},
        "enfance.Responsable": {camille.pk},
        "accounts.User": {camille.user_id},
        "enfance.Foyer": {camille.foyer_id},
    }
    told = [Effacement(le=NOW, modele=modele, cle=cle) for modele, cles in keys.items() for cle in cles]
    (dossier / FILE).write_bytes(b"".join(LigneEffacee.of(row).texte for row in told))
    assert replay(dossier, now=NOW + timedelta(days=1)) == 4
    assert list(Enfant.objects.all()) == [tom]
    assert list(Responsable.objects.all()) == [sacha]
    assert {row.id for row in Effacement.objects.all()} == {row.id for row in told}
    assert set(Effacement.objects.values_list("le", "ecrit_le")) == {(NOW, NOW + timedelta(days=1))}
    assert replay(dossier, now=NOW) == 0


def test_older_database_asks_for_a_long_list_lot_by_lot(dossier):
    """Each year erases hundreds of keys: those that it knows are told from the last one, that it does not."""
    known = erased(*range(1, 2 * LOT + 2))
    assert write_pending(dossier, now=NOW) == len(known)
    assert not Effacement.objects.not_written().exists()
    lea = EnfantFactory(pk=90_000)
    with open(dossier / FILE, "ab") as file:
        file.write(LigneEffacee.of(Effacement(le=NOW, modele="enfance.Enfant", cle=lea.pk)).texte)

    assert replay(dossier, now=NOW) == 1

    assert not Enfant.objects.exists()
    assert Effacement.objects.count() == len(known) + 1


def test_home_where_somebody_lived_then_stays_theirs(dossier):
    """Since the archive, Sacha has left the home that was erased."""
    foyer = FoyerFactory()
    camille, sacha = ResponsableFactory(foyer=foyer), ResponsableFactory(foyer=foyer)
    lea = make_enfant(sacha)
    for modele, cle in (("enfance.Foyer", foyer.pk), ("enfance.Responsable", camille.pk)):
        erased_row = Effacement(le=NOW, modele=modele, cle=cle)
        with open(dossier / FILE, "ab") as file:
            file.write(LigneEffacee.of(erased_row).texte)
    assert replay(dossier, now=NOW) == 2
    assert list(Responsable.objects.all()) == [sacha]
    assert (Foyer.objects.count(), Garde.objects.get().enfant, Responsabilite.objects.count()) == (1, lea, 1)
    assert replay(dossier, now=NOW) == 0


def test_line_of_a_table_that_is_no_more_is_left(dossier):
    row = Effacement(le=NOW, modele="facturation.Facture", cle=1)
    (dossier / FILE).write_bytes(LigneEffacee.of(row).texte)
    assert replay(dossier, now=NOW) == 0
    advance_sequences(dossier)


def test_keys_that_were_erased_are_never_given_again(dossier):
    """Relative to what was given so far: on PostgreSQL, the tests before have moved the sequences too."""
    loin = max(UserFactory().pk, EnfantFactory().pk) + 5000
    foyer = FoyerFactory().pk
    cles = [(modele, cle) for modele in ("enfance.Enfant", "accounts.User") for cle in (loin, loin - 20)]
    rows = [Effacement(le=NOW, modele=modele, cle=cle) for modele, cle in cles]
    (dossier / FILE).write_bytes(b"".join(LigneEffacee.of(row).texte for row in rows))
    advance_sequences(dossier)
    advance_sequences(dossier)
    assert min(EnfantFactory().pk, UserFactory().pk) > loin
    erased(loin + 20)  # not in the list yet
    advance_sequences(dossier)
    assert EnfantFactory().pk > loin + 20
    Effacement.objects.all().delete()  # nothing tells of those any more
    (dossier / FILE).write_bytes(LigneEffacee.of(Effacement(le=NOW, modele="enfance.Enfant", cle=12)).texte)
    Enfant.objects.all().delete()
    advance_sequences(dossier)
    assert EnfantFactory().pk > loin + 20
    assert FoyerFactory().pk < foyer + 5000


@pytest.mark.ci
@pytest.mark.sqlite
def test_sequences_are_never_moved_back(dossier):
    loin = UserFactory().pk + 9000
    high = User.objects.create(pk=loin, identifiant="9000007")
    row = Effacement(le=NOW, modele="accounts.User", cle=12)
    (dossier / FILE).write_bytes(LigneEffacee.of(row).texte)
    advance_sequences(dossier)
    high.delete()
    assert UserFactory().pk > loin


def test_no_list_is_nothing_to_do(dossier):
    assert (read(dossier), replay(dossier, now=NOW)) == ([], 0)
    advance_sequences(dossier)
    assert os.listdir(dossier) == []
