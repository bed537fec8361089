"""Which archives stay in the folder of backups; what is not one is left alone."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conservation.dossier import RECENT, archives_of, kept, newest_archive, rotate, unread_of
from conservation.manifeste import ArchiveError
from portail.dates import PARIS
from tests.conservation.conftest import NOW

HEADER = b"manifeste.json".ljust(1024, b"\0")


def archive(folder, moment, end=".tar"):
    path = folder / f"portail-{moment:%Y-%m-%dT%H%M%SZ}{end}"
    path.write_bytes(HEADER if end == ".tar" else b"age-encryption.org/v1\n")
    return path


def nights(count):
    return [NOW - timedelta(days=n) for n in range(count)]


def test_a_year_of_nights_keeps_days_weeks_and_months():
    stay = sorted(kept(nights(500), now=NOW), reverse=True)

    assert [f"{moment:%d/%m/%y}" for moment in stay] == [
        *["27/11/26", "26/11/26", "25/11/26", "24/11/26", "23/11/26", "22/11/26", "21/11/26"],
        *["15/11/26", "08/11/26"],  # Sundays: those of the 22nd and of the running week are above
        *["31/10/26", "30/09/26", "31/08/26", "31/07/26", "30/06/26", "31/05/26"],
        *["30/04/26", "31/03/26", "28/02/26", "31/01/26", "31/12/25"],
    ]


def test_of_one_day_in_paris_the_last_stays():
    # 23:30 in UTC is half past midnight in Paris, of the next day.
    evening, midnight, morning = (
        datetime(2026, 11, day, hour, 30, tzinfo=UTC) for day, hour in [(26, 21), (26, 23), (27, 3)]
    )
    older = [evening - timedelta(days=n) for n in range(1, 8)]

    stay = kept([evening, midnight, morning, *older], now=morning + timedelta(days=3))

    assert evening in stay
    assert midnight not in stay
    assert morning in stay


def test_all_those_of_the_last_48_hours_stay():
    """That of the morning, and the copies that a restore keeps of what was there, outlive the day of an incident."""
    recent = [NOW - timedelta(hours=hours) for hours in range(48)]
    older = [NOW - timedelta(hours=hours) for hours in range(48, 24 * 30)]

    stay = kept([*recent, *older], now=NOW)

    assert stay >= set(recent)
    local = sorted((moment.astimezone(PARIS) for moment in stay & set(older)), reverse=True)
    assert [f"{moment:%d/%m}" for moment in local] == ["24/11", "23/11", "22/11", "21/11", "15/11", "08/11", "31/10"]


def test_those_of_the_future_stay_and_take_no_place():
    """The clock was wrong for a night."""
    future = [NOW + timedelta(days=n, hours=n) for n in range(1, 40)]

    assert kept([*nights(500), *future], now=NOW) == {*kept(nights(500), now=NOW), *future}


YEARS, DAYS = (st.timedeltas(timedelta(-past), timedelta(future)) for past, future in [(3000, 1500), (9, 3)])


@given(st.sets(st.one_of(YEARS, DAYS).map(NOW.__add__), max_size=60))
def test_rotation_keeps_the_newest_never_too_many_and_is_done_once(moments):
    past = {moment for moment in moments if moment <= NOW - RECENT}

    stay = kept(moments, now=NOW)

    assert kept(stay, now=NOW) == stay
    assert moments - past <= stay <= moments
    assert len(stay & past) <= 7 + 4 + 12
    assert not moments or max(moments) in stay


def test_every_night_in_turn_leaves_what_one_look_would():
    held: set[datetime] = set()
    for night in reversed(nights(500)):
        held = kept({*held, night}, now=night)

    assert held == kept(nights(500), now=NOW)


def test_rotation_removes_archives_and_nothing_else(tmp_path):
    archives = [archive(tmp_path, night) for night in nights(30)]
    old = NOW - timedelta(days=400)
    strange = [
        tmp_path / "effacements.jsonl",
        tmp_path / "base.sqlite3",
        tmp_path / f"portail-{old:%Y-%m-%dT%H%M%SZ}.tar.gz",
        tmp_path / f"portail-{old:%Y-%m-%dT%H%M%SZ}.tar",  # by its name only
    ]
    for path in strange:
        path.write_text("autre chose", encoding="utf-8")
    folder = tmp_path / f"portail-{old + timedelta(1):%Y-%m-%dT%H%M%SZ}.tar"
    folder.mkdir()
    link = tmp_path / f"portail-{old + timedelta(2):%Y-%m-%dT%H%M%SZ}.tar"
    link.symlink_to(archives[0])

    removed = rotate(tmp_path, newest=archives[0])

    stay = set(archives) - set(removed)
    assert len(stay) == 10
    assert {path for path in tmp_path.iterdir()} == {*stay, *strange, folder, link}
    assert link.is_symlink()


def test_encrypted_and_plain_archives_take_turns(tmp_path):
    archives = [archive(tmp_path, night, end) for night, end in zip(nights(6), [".tar", ".tar.age"] * 3, strict=True)]

    assert rotate(tmp_path, newest=archives[0]) == []
    older = archive(tmp_path, NOW - timedelta(days=2, hours=1))
    assert rotate(tmp_path, newest=archives[0]) == [older]


def test_archive_just_made_stays_when_the_clock_has_gone_back(tmp_path):
    for night in nights(30):
        archive(tmp_path, night + timedelta(days=300))
    made = archive(tmp_path, NOW - timedelta(days=3000))

    assert rotate(tmp_path, newest=made) == []


def test_newest_archive_of_a_folder(tmp_path):
    paths = [archive(tmp_path, night) for night in nights(3)]

    assert newest_archive(tmp_path) == paths[0]


def test_folder_without_archive_is_a_sentence(tmp_path):
    with pytest.raises(ArchiveError, match="ne contient aucune archive du portail"):
        newest_archive(tmp_path)


@pytest.fixture
def closed(monkeypatch):
    """Files that nobody opens, not even root, as on a disk that fails."""
    paths = set()
    usual = Path.open

    def refuse(path, *args, **kwargs):
        if path in paths:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return usual(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    return paths


def test_archive_that_cannot_be_read_stays_and_stops_no_rotation(tmp_path, closed):
    archives = [archive(tmp_path, night) for night in nights(30)]
    closed.update({archives[4], archives[20]})

    removed = rotate(tmp_path, newest=archives[0])

    assert list(unread_of(tmp_path)) == [archives[20], archives[4]]
    assert {archives[4], archives[20]}.isdisjoint(removed)
    # The place of the fifth night is another's: seven days that can be read stay.
    readable = [NOW - timedelta(days=n) for n in range(30) if n not in {4, 20}]
    assert set(archives_of(tmp_path).values()) == kept(readable, now=NOW)


def test_archive_that_cannot_be_removed_stops_no_rotation(tmp_path, monkeypatch):
    archives = [archive(tmp_path, night) for night in nights(30)]
    usual = Path.unlink

    def refuse(path, *args, **kwargs):
        if path == archives[25]:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path))
        usual(path, *args, **kwargs)

    monkeypatch.setattr(Path, "unlink", refuse)

    with pytest.raises(ArchiveError, match=f"{archives[25].name} n’a pas pu être retirée"):
        rotate(tmp_path, newest=archives[0])

    assert len(archives_of(tmp_path)) == 11


def test_newest_archive_that_cannot_be_read_is_not_passed_over_for_an_older_one(tmp_path, closed):
    archives = [archive(tmp_path, night) for night in nights(3)]
    closed.add(archives[0])

    with pytest.raises(ArchiveError, match=f"L’archive .*{archives[0].name} ne se lit pas"):
        newest_archive(tmp_path)
