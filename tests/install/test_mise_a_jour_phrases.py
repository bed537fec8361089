"""`install/mettre-a-jour`: which version a number names, and whether what it says leads to what must be mended."""

from __future__ import annotations

import shutil

import pytest
from django.db import connection

from tests.install.test_mise_a_jour import Play, refused
from tests.install.versions_essai import commit, git

pytestmark = pytest.mark.skipif(connection.vendor == "postgresql", reason="sans base : passés avec SQLite")


@pytest.fixture
def play(tmp_path) -> Play:
    return Play(tmp_path)


# --- Which version ----------------------------------------------------------------------------------------------------


def test_number_without_a_tag_is_the_commit_that_took_it(play):
    (play.origin / "manage.py").write_text("# depuis\n")
    commit(play.origin, "après la 0.2.0")
    play.write("0.3.0", "Rien.")
    git(play.origin, "tag", "-d", "v0.1.0", "v0.2.0", "v0.3.0")

    play.type("0.2.0")

    assert play.serving() == play.new[:12]


def test_tag_wins_over_the_number_in_the_files(play):
    (play.origin / "manage.py").write_text("# depuis\n")
    mended = commit(play.origin, "la 0.2.0, publiée")
    git(play.origin, "tag", "-f", "v0.2.0")
    play.type("0.2.0")
    assert play.serving() == mended[:12]


def test_number_that_no_version_ever_had_is_refused(play):
    git(play.origin, "tag", "-d", "v0.2.0")
    assert "« 0.2.1 » n’est ni une version, ni une branche, ni un commit" in refused(play, "0.2.1")


# --- What git says ----------------------------------------------------------------------------------------------------


def test_origin_that_is_gone_is_said_in_the_words_of_git(play):
    shutil.rmtree(play.origin)
    said = refused(play)
    assert "Le dépôt d’origine ne répond pas (fatal: '" in said
    assert "does not appear to be a git repository" in said
    assert "and the repository exists" not in said
