"""The diagnosis of the town's own guides: one that does not show is named, with its remedy."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from conservation import archives
from conservation.manifeste import ArchiveError
from surveillance.diagnostic import guides
from tests.reading import plain
from tests.surveillance.constater import LIEU, lines, only, told


@pytest.fixture
def folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    (tmp_path / "guides").mkdir()
    return tmp_path / "guides"


def test_town_without_a_guide_of_its_own_is_told_nothing(folder):
    assert lines(guides.check_guides(LIEU)) == []
    folder.rmdir()
    assert lines(guides.check_guides(LIEU)) == []


def test_guides_that_show_are_named(folder):
    (folder / "equipe.md").write_text("# L’équipe\n", "utf-8")

    assert told(only(guides.check_guides(LIEU))) == ("bon", "equipe.md : montrés aux lecteurs.")


def test_guide_that_nobody_opens_is_named_by_the_diagnosis_and_by_the_backup(folder, monkeypatch):
    guide = folder / "equipe.md"
    guide.write_text("# L’équipe\n", "utf-8")
    usual = Path.open

    def refuse(path, *args, **kwargs):
        if path == guide:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return usual(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "read_text", lambda path, *args, **kwargs: refuse(path))

    point = only(guides.check_guides(LIEU))

    assert point.etat == "mauvais"
    assert "le fichier ne s’ouvre pas" in plain(point.phrase)
    assert point.commande == f"sudo chown {LIEU.compte}: {guide} && sudo chmod 600 {guide}"
    with pytest.raises(ArchiveError, match=f"Le guide {guide} ne se lit pas"):
        archives.guides()


@pytest.mark.parametrize(
    ("name", "contents", "says", "etat"),
    [
        ("equipe.md", "# L’équipe d’été\n".encode("cp1252"), "il n’est pas enregistré en UTF-8.", "mauvais"),
        ("equipe.md", b"Sans titre\n", "il ne commence pas par un titre", "mauvais"),
        ("ekipe.md", b"# Un\n", "n’est le nom d’aucun guide", "attention"),
    ],
)
def test_guide_that_is_not_shown_is_named(folder, name, contents, says, etat):
    (folder / name).write_bytes(contents)

    point = only(guides.check_guides(LIEU))

    assert (point.etat, says in plain(point.phrase)) == (etat, True)
    assert str(folder / name) in point.phrase


def test_guide_that_is_not_shown_is_named_before_the_static_files_are_gathered(folder, monkeypatch):
    def refuse(name):
        raise ValueError(f"Missing staticfiles manifest entry for '{name}'")

    monkeypatch.setattr("portail.guides.static", refuse)
    (folder / "equipe.md").write_bytes("# L’équipe d’été\n".encode("cp1252"))

    point = only(guides.check_guides(LIEU))

    assert "il n’est pas enregistré en UTF-8." in plain(point.phrase)
    assert point.commande.splitlines()[1].endswith(f"mv {folder}/equipe.md.utf8 {folder}/equipe.md")
