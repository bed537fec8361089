"""The folders of work: private, gone at the end, and those of killed processes gone with the next."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from conservation import chantier as module
from conservation.chantier import chantier
from conservation.manifeste import ArchiveError


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


def test_folder_whose_process_died_while_it_removed_it_goes_with_the_next(tmp_path):
    left = tmp_path / f"{module.PREFIX}coupe{module.HELD}"
    (left / "contenu").mkdir(parents=True)  # its lock went first

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


@pytest.mark.parametrize("failing", ["mkdtemp", "fcntl.flock"])
def test_place_where_no_folder_can_be_made_is_a_sentence(tmp_path, monkeypatch, failing):
    def refuse(*words, **options):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    monkeypatch.setattr(f"conservation.chantier.{failing}", refuse)

    with pytest.raises(ArchiveError) as refused, chantier(tmp_path):
        pass

    assert str(refused.value) == (
        f"Cette commande ne peut pas travailler dans {tmp_path} (Permission denied)\u00a0: lancez-la sous le compte du "
        "portail, ou rendez-lui ce dossier."
    )
    assert list(tmp_path.iterdir()) == []
