"""The set-up on a machine whose Pythons are not all what they seem."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from install import environment

pytestmark = [pytest.mark.une_fois, pytest.mark.ci]
ROOT = Path(settings.BASE_DIR)
SAYS_ITS_NAME = '#!/bin/sh\n[ "$1" = install/environment.py ] && echo "$0" "$@"\nexit 0\n'

NO_NETWORK = {
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_FIND_LINKS": "",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_NO_CACHE_DIR": "1",
}


@pytest.fixture
def project(tmp_path):
    """A checkout where nothing is installed yet, and a folder `bin` that comes first on the PATH."""
    shutil.copytree(ROOT / "install", tmp_path / "install", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "requirements.txt").write_text("django==6.1.3\n", encoding="utf-8")
    (tmp_path / "bin").mkdir()
    return tmp_path


def add_command(project: Path, name: str, script: str) -> None:
    path = project / "bin" / name
    path.write_text(script, encoding="utf-8")
    path.chmod(0o755)


def install(project: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "install/install.sh", "requirements.txt"],
        cwd=project,
        env={**os.environ, "PATH": f"{project / 'bin'}:{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_install_skips_a_python_that_only_looks_like_one(project):
    add_command(project, "python3.14", "#!/bin/sh\necho 'pyenv: python3.14: command not found' >&2\nexit 127\n")
    add_command(project, "python3.13", SAYS_ITS_NAME)

    result = install(project)

    assert result.stderr == ""
    assert result.stdout.split()[0] == str(project / "bin" / "python3.13")


def test_install_prefers_a_python_that_has_venv(project):
    add_command(project, "python3.14", '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\nexit 0\n')
    add_command(project, "python3.13", SAYS_ITS_NAME)

    assert install(project).stdout.split()[0] == str(project / "bin" / "python3.13")


def complete(project: Path) -> None:
    """What a finished installation leaves."""
    (project / ".venv" / "bin").mkdir(parents=True)
    add_command(project, "python3.14", SAYS_ITS_NAME)
    add_command(project, "../.venv/bin/python", "#!/bin/sh\nexit 0\n")
    (project / ".venv" / ".complete").write_text(install(project).stdout.split(maxsplit=3)[3], encoding="utf-8")


def test_install_does_nothing_when_all_is_there(project):
    complete(project)

    result = install(project)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "accident",
    [
        pytest.param(lambda project: (project / ".venv" / ".complete").unlink(), id="cut short"),
        pytest.param(lambda project: (project / ".venv" / "bin" / "python").unlink(), id="its Python is gone"),
        pytest.param(lambda project: (project / "requirements.txt").write_text("django==6.1.4\n"), id="other versions"),
    ],
)
def test_install_begins_again_after(project, accident):
    complete(project)
    accident(project)

    assert install(project).stdout.split()[0] == str(project / "bin" / "python3.14")


@pytest.fixture
def no_network(project, monkeypatch):
    (project / "requirements.txt").write_text("django==6.1.3 --hash=sha256:" + "0" * 64 + "\n", encoding="utf-8")
    for name, value in NO_NETWORK.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("no_network")
def test_install_makes_the_environment_anew_when_its_python_is_gone(project):
    complete(project)
    (project / "bin" / "python3.14").unlink()
    (project / ".venv" / "bin" / "python").unlink()
    (project / ".venv" / "bin" / "python").symlink_to("/usr/bin/python3.1")

    result = install(project)

    assert result.stdout.splitlines()[0] == "L’environnement .venv est incomplet\xa0: il est refait."
    assert result.stderr.startswith("L’installation n’a pas abouti\xa0: le réseau ne répond pas")


def test_install_says_what_cannot_be_written(project):
    (project / "var").write_text("", encoding="utf-8")  # as closed to root as to anybody

    result = install(project)

    assert (result.returncode, result.stderr) == (
        1,
        "L’installation n’a pas abouti\xa0: var ne peut pas être écrit (File exists).\n",
    )


@pytest.mark.usefixtures("no_network")
def test_install_without_network_says_so_and_leaves_no_trace_of_success(project):
    (project / "var").mkdir(mode=0o755)

    result = install(project)

    assert result.returncode == 1
    assert result.stderr.startswith("L’installation n’a pas abouti\xa0: le réseau ne répond pas")
    assert not (project / ".venv" / ".complete").exists()
    assert (project / "var").stat().st_mode & 0o777 == 0o700  # the families' data are for its owner alone


def test_authority_that_pip_does_not_know_is_said_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = "SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed'): /simple/django/ - No matching distribution"

    with pytest.raises(environment.InstallError, match="pip ne connaît pas l’autorité"):
        environment.run(sys.executable, "-c", f"print({said!r}); raise SystemExit(1)")
