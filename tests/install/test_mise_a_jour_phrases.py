"""`install/mettre-a-jour`: which version a number names, and whether what it says leads to what must be mended."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.install.play import Play, refused
from tests.install.versions_essai import ROOT, commit, free_port, git, holder
from tests.reading import plain

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]

ADVICE = "Réparez ce qui est dit"
OF_THE_VERSION = "prévenez qui la publie : rien n’est à faire ici."


@pytest.fixture
def play(tmp_path) -> Play:
    return Play(tmp_path)


@pytest.fixture
def served(play) -> Iterator[Play]:
    with holder(play.portal, free_port(), PLAY=str(play.folder)):
        yield play


# --- Which version ----------------------------------------------------------------------------------------------------


def test_number_without_a_tag_is_the_commit_that_took_it(play):
    (play.origin / "manage.py").write_text("# depuis\n")
    commit(play.origin, "après la 1.2.0")
    play.write("1.3.0", "Rien.")
    git(play.origin, "tag", "-d", "v1.1.0", "v1.2.0", "v1.3.0")

    play.type("1.2.0")

    assert play.serving() == play.new[:12]


def test_tag_wins_over_the_number_in_the_files(play):
    (play.origin / "manage.py").write_text("# depuis\n")
    mended = commit(play.origin, "la 1.2.0, publiée")
    git(play.origin, "tag", "-f", "v1.2.0")
    play.type("1.2.0")
    assert play.serving() == mended[:12]


def test_number_that_no_version_ever_had_is_refused(play):
    git(play.origin, "tag", "-d", "v1.2.0")
    assert "« 0.2.1 » n’est ni une version, ni une branche, ni un commit" in refused(play, "0.2.1")


# --- What git says ----------------------------------------------------------------------------------------------------


def test_origin_that_is_gone_is_said_in_the_words_of_git(play):
    shutil.rmtree(play.origin)
    said = refused(play)
    assert "Le dépôt d’origine ne répond pas (fatal: '" in said
    assert "does not appear to be a git repository" in said
    assert "and the repository exists" not in said


# --- What a command of a version says ---------------------------------------------------------------------------------


def fail(play: Play, said: str) -> str:
    """What the upgrade says when the settings of the new version end on this."""
    (play.folder / "said").write_text(said)
    [python] = (play.portal / "var" / "environnements").glob("*/.venv/bin/python")
    stop = f"""[ "$(basename "$PWD")" = {play.new[:12]} ] && case "$*" in *"import settings"*)
  sed "s#HERE#$PWD#" "$PLAY/said" >&2; exit 1 ;;
esac
case"""
    changed = python.with_name("changé")  # the one that runs cannot be written
    changed.write_text(python.read_text().replace("case", stop, 1))
    changed.chmod(0o755)
    changed.replace(python)
    done = play.type()
    assert done.returncode == 1
    assert play.serving() in {play.old[:12], None}
    return plain(done.stderr)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            'Traceback (most recent call last):\n  File "<string>", line 2, in <module>\n'
            '  File "HERE/.venv/lib/django/conf.py", line 80, in __getattr__\n'
            '  File "HERE/portail/settings.py", line 3\n    a b\n    ^^^\nSyntaxError: invalid syntax\n',
            "portail/settings.py, ligne 3 : invalid syntax (tout est dans",
        ),
        (
            'Traceback (most recent call last):\n  File "HERE/portail/settings.py", line 3, in <module>\n'
            "django.core.exceptions.ImproperlyConfigured: SITE_URL : il faut https.\nSECRET_KEY : trop courte.\n",
            "SITE_URL : il faut https. SECRET_KEY : trop courte. (tout est dans",
        ),
        (
            "SystemCheckError: System check identified some issues:\n\nERRORS:\n?: (portail.E001) Rien ne va.\n\n"
            "WARNINGS:\n?: (portail.W001) À voir.\n\nSystem check identified 2 issues (0 silenced).\n",
            "?: (portail.E001) Rien ne va. (tout est dans",
        ),
        ("", "sans dire pourquoi"),
    ],
)
def test_fault_of_a_version_is_said_with_its_place(play, said, sentence):
    assert f"Arrêt (réglages) : {sentence}" in fail(play, said)


def test_fault_of_a_version_is_for_those_who_publish_it(served):
    said = fail(served, "SyntaxError: invalid syntax\n")
    assert ADVICE in said
    assert OF_THE_VERSION in said


def test_unknown_version_is_followed_by_what_serves_and_no_advice(served):
    said = refused(served, "9.9")
    assert said.rstrip().endswith(f"Ce qui sert : la version 1.1.0 ({served.old[:12]}).")


# --- The folder of backups, before anything is made -------------------------------------------------------------------


def test_folder_of_backups_that_is_not_there_is_refused_at_once(play):
    said = refused(play, "--sauvegardes", str(play.folder / "absent"))
    assert f"Arrêt (place et droits) : Le dossier des sauvegardes, {play.folder}/absent, n’est pas là" in said
    assert not (play.portal / "var" / "versions").exists()


def test_folder_of_backups_without_room_is_refused_at_once(play, monkeypatch):
    shutil.copytree(ROOT / "install", play.folder / "install")
    path = play.folder / "install" / "mise_a_jour.py"
    path.write_text(path.read_text("utf-8").replace("ROOM_OF_A_BACKUP = 50", "ROOM_OF_A_BACKUP = 500_000_000"), "utf-8")
    monkeypatch.setattr("tests.install.play.ROOT", play.folder)
    assert "pour la sauvegarde : faites de la place." in refused(play)
    assert not (play.portal / "var" / "versions").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_folder_of_backups_that_is_not_ours_is_refused_at_once(play):
    (play.folder / "fermé").mkdir(mode=0o500)
    assert "ne peut pas écrire dans" in refused(play, "--sauvegardes", str(play.folder / "fermé"))


def test_folder_of_backups_is_not_looked_at_when_none_is_made(play):
    play.type("--sans-sauvegarde", "--sauvegardes", str(play.folder / "absent"))
    assert play.serving() == play.new[:12]


# --- Help -------------------------------------------------------------------------------------------------------------


def test_headings_of_the_help_are_in_french(play):
    said = plain(play.type("--help").stdout)
    assert said.startswith("On tape : install/mettre-a-jour [VERSION]")
    assert "Quelle version :\n  VERSION " in said
    assert "Comment :\n  --sauvegardes DOSSIER" in said
    assert not [word for word in ("usage", "positional", "options:", "--suite") if word in said]


def test_usage_after_a_mistake_is_in_french(play):
    assert "On tape : install/mettre-a-jour" in refused(play, "--vite", code=2)
