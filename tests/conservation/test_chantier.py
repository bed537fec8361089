"""The folders of work: private, gone at the end, and those of killed processes gone with the next."""

from __future__ import annotations

import os
import stat

import pytest

from conservation import chantier as module
from conservation.chantier import chantier


def test_folder_is_private_and_gone_at_the_end(tmp_path):
    with chantier(tmp_path) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "base").write_text("x", encoding="utf-8")

    assert list(tmp_path.iterdir()) == []


def test_folder_is_gone_after_an_error(tmp_path):
    with pytest.raises(ZeroDivisionError), chantier(tmp_path):
        1 / 0  # noqa: B018

    assert list(tmp_path.iterdir()) == []


def test_folder_that_another_holds_stays(tmp_path):
    with chantier(tmp_path) as first, chantier(tmp_path) as second:
        assert first.is_dir()
        assert second.is_dir()


def test_folder_of_a_killed_process_goes_with_the_next(tmp_path):
    number = os.fork()
    if number == 0:
        held = chantier(tmp_path)
        held.__enter__()
        os._exit(9)  # nothing is undone, as by a kill
    os.waitpid(number, 0)
    [left] = tmp_path.iterdir()

    with chantier(tmp_path):
        assert not left.exists()


def test_folder_whose_process_died_before_holding_it_goes_after_a_while(tmp_path):
    old, fresh = (tmp_path / f"{module.PREFIX}{name}{module.NEW}" for name in ("ancien", "recent"))
    for folder in (old, fresh):
        folder.mkdir()
    os.utime(old, (0, 0))

    with chantier(tmp_path):
        assert (old.exists(), fresh.exists()) == (False, True)


def test_folder_of_somebody_else_stays(tmp_path):
    others = [tmp_path / name for name in ("chantier", "autre.partiel", "chantier-1")]
    for folder in others:
        folder.mkdir()

    with chantier(tmp_path):
        pass

    assert sorted(tmp_path.iterdir()) == sorted(others)
