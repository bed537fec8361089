"""`install/communes`: the same command for each town, whichever fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.install.versions_essai import ROOT, environment
from tests.reading import plain

pytestmark = pytest.mark.une_fois

PYTHON = f"""#!/bin/sh
case "$*" in *communes.py*|*version_info*) exec "{sys.executable}" "$@" ;; esac
echo "$(basename "$PWD") $(basename "$ENV_FILE") $* ${{DATABASE_URL:-sans}}"
[ "$(basename "$ENV_FILE")" != izeron.env ] || exit 3
"""


@pytest.fixture
def shared(tmp_path) -> Path:
    """A folder that three towns share; one of them is served by a version of its own."""
    portal = tmp_path / "portail"
    version = portal / "var" / "versions" / "autre"
    for folder in (portal, version):
        (folder / ".venv" / "bin").mkdir(parents=True)
        (folder / ".venv" / "bin" / "python").write_text(PYTHON)
        (folder / ".venv" / "bin" / "python").chmod(0o755)
        (folder / "manage.py").touch()
    (portal / "var" / "communes" / "vinay").mkdir(parents=True)
    (portal / "var" / "communes" / "vinay" / "actuelle").symlink_to(version)
    for name in ("izeron", "saint-pierre", "vinay"):
        write(portal, name)
    (tmp_path / "reglages" / "lisez-moi.txt").touch()
    return portal


def write(portal: Path, name: str, **more: str) -> None:
    said = {"INSTANCE": name, "SITE_URL": f"https://{name}.fr", "SECRET_KEY": f"'{name}'"} | more
    folder = portal.parent / "reglages"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.env").write_text("".join(f"{key}={value}\n" for key, value in said.items()))


def type_in(portal: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(ROOT / "install" / "communes"), "--reglages", str(portal.parent / "reglages"), *arguments],
        cwd=portal,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_command_runs_for_each_town_in_the_version_that_serves_it_and_goes_on_after_a_failure(shared):
    done = type_in(shared, "manage.py", "purger", "--simuler", DATABASE_URL="sqlite:///d-un-autre")
    assert done.returncode == 1
    assert plain(done.stdout).splitlines() == [
        "— izeron",
        "portail izeron.env manage.py purger --simuler sans",
        "— saint-pierre",
        "portail saint-pierre.env manage.py purger --simuler sans",
        "— vinay",
        "autre vinay.env manage.py purger --simuler sans",
        "",
        "2 communes sur 3 : c’est fait.",
    ]
    assert done.stderr == "Pas fait : izeron (code 3).\n".replace(" :", "\u00a0:")


def test_town_is_chosen_by_its_name(shared):
    done = type_in(shared, "--commune", "vinay", "manage.py", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "— vinay\nautre vinay.env manage.py check sans\n"


def test_program_runs_in_the_folder_itself(shared):
    (shared / "install").mkdir()
    (shared / "install" / "essai").write_text('#!/bin/sh\necho "$(basename "$PWD") $(basename "$ENV_FILE") $1"\n')
    (shared / "install" / "essai").chmod(0o755)
    done = type_in(shared, "--commune", "vinay", "--commune", "izeron", "install/essai", "0.5.0")
    assert (done.returncode, done.stderr) == (0, "")
    assert plain(done.stdout).splitlines()[:4] == [
        "— vinay",
        "portail vinay.env 0.5.0",
        "— izeron",
        "portail izeron.env 0.5.0",
    ]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"INSTANCE": "vinay"}, "il y faut la ligne INSTANCE=izeron"),
        ({"SECRET_KEY": "vinay"}, "SECRET_KEY est le même pour izeron et vinay"),
        ({"SITE_URL": '"https://vinay.fr"'}, "SITE_URL est le même pour izeron et vinay"),
    ],
)
def test_towns_that_would_be_one_portal_are_refused_before_anything(shared, fault, sentence):
    write(shared, "izeron", **fault)
    done = type_in(shared, "manage.py", "check")
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in plain(done.stderr)


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ([], 2, "il manque la commande à lancer"),
        (["--commune", "vinnay", "manage.py", "check"], 1, "Inconnue de"),
        (["--reglages", "/nulle-part", "manage.py", "check"], 1, "/nulle-part ne peut pas être lu"),
        (["--reglages", ".", "manage.py", "check"], 1, "Aucune commune : il n’y a pas de NOM.env dans ."),
        (["install/absent"], 1, "« install/absent » n’est ni « manage.py », ni un programme"),
    ],
)
def test_what_cannot_be_done_is_said(shared, arguments, code, sentence):
    done = type_in(shared, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert sentence in plain(done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="rien n’est fermé à root")
def test_settings_of_another_account_are_said_so(shared):
    (shared.parent / "reglages" / "vinay.env").chmod(0)
    done = type_in(shared, "manage.py", "check")
    assert "« sudo -u portail » devant la commande ?" in plain(done.stderr)
