"""A portal and the repository it comes from, played: real files and a real repository, whose Python notes what it is
asked, and fails when told.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.install.versions_essai import ROOT, borrow_packages, commit, environment, git
from tests.reading import plain

PYTHON = f"""#!/bin/sh
case "$*" in
  *mise_a_jour.py*) exec "{sys.executable}" "$@" ;;
  *"import pip"*) exit 0 ;;
  *db_worker*) exec sleep 1000 ;;
esac
echo "$(basename "$PWD") $(echo "$*" | head -n 1)" >> "$PLAY/asked"
case "$*" in
  *"import settings"*) cat "$PLAY/settings"; exit 0 ;;
  *gunicorn*) exec "{sys.executable}" "$@" ;;
esac
[ -e "$PLAY/fails" ] && case "$*" in
  *"$(cat "$PLAY/fails")"*) echo "détail" >&2; echo "CommandError: la phrase qui dit pourquoi" >&2; exit 1 ;;
esac
exit 0
"""
# What a version serves; the play may tell one of them to answer otherwise, or so at its public address alone: a trial
# comes by a Unix socket, where a peer has no address.
SITE = """
import os, pathlib
HERE = pathlib.Path(__file__).parents[1]
VERSION = (HERE / "pyproject.toml").read_text().split('"')[1]
PAGES = {
    "/connexion/": '<link rel="stylesheet" href="/static/p.css"> VERSION',
    "/static/p.css": "p {}",
    "/sante/": '{"database": "ok", "migrations": "ok"}',
}
def application(environ, start_response):
    path = environ["PATH_INFO"]
    names = [VERSION + path.replace("/", "-")]
    if environ["REMOTE_ADDR"]:
        names.append("public-" + names[0])
    told = [file for name in names if (file := pathlib.Path(os.environ["PLAY"], name)).exists()]
    said = told[0].read_text() if told else PAGES.get(path, "").replace("VERSION", VERSION)
    start_response("200 OK" if said else "500 Non", [("Content-Type", "text/html"), ("Content-Length", str(len(said)))])
    return [said.encode()]
"""


class Play:
    """A portal at version `old`, its origin at version `new`, and what their Python is told to answer."""

    def __init__(self, folder: Path, old: str = "1.1.0", new: str = "1.2.0") -> None:
        self.folder, self.origin, self.portal = folder, folder / "origine", folder / "portail"
        (self.origin / "conservation" / "management" / "commands").mkdir(parents=True)
        shutil.copytree(ROOT / "install", self.origin / "install", ignore=shutil.ignore_patterns("__pycache__"))
        (self.origin / "portail").mkdir()
        (self.origin / "portail" / "wsgi.py").write_text(SITE)
        for name in ("manage.py", "conservation/management/commands/sauvegarder.py"):
            (self.origin / name).touch()
        (self.origin / ".gitignore").write_text("var/\n.venv\n.env\n")
        (self.origin / "requirements.txt").write_text("# rien\n")
        git(folder, "init", "-q", "-b", "main", "origine")
        self.old = self.write(old, "- Un geste d’avant.")
        git(folder, "clone", "-q", "origine", "portail")
        self.new = self.write(new, "- Changer `TEL`\n  dans `.env`.\n- Un geste d’avant.")
        (self.portal / "var").mkdir(mode=0o700)
        venv = borrow_packages(self.portal, self.portal / "requirements.txt")
        (venv / "bin" / "python").unlink()
        (venv / "bin" / "python").write_text(PYTHON)
        (venv / "bin" / "python").chmod(0o755)
        (self.portal / ".venv").symlink_to(venv)
        self.tell(settings='{"site": "http://essai", "base": ["x"], "sqlite": true, "sauvegardes": ""}')

    def write(self, version: str, changes: str) -> str:
        (self.origin / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n')
        (self.origin / "CHANGELOG.md").write_text(
            f"# Ce qui a changé\n\n## {version} — 1er mars 2027\n\n### Ce qui demande un geste\n\n{changes}\n"
        )
        done = commit(self.origin, version)
        git(self.origin, "tag", f"v{version}")
        return done

    def tell(self, **answers: str) -> None:
        for name, text in answers.items():
            (self.folder / name).write_text(text)

    def type(self, *arguments: str, folder: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(ROOT / "install" / "mettre-a-jour"), *arguments],
            cwd=folder or self.portal,
            env=environment(PLAY=str(self.folder), **more),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def asked(self) -> list[str]:
        path = self.folder / "asked"
        return path.read_text().splitlines() if path.exists() else []

    def serving(self) -> str | None:
        link = self.portal / "var" / "actuelle"
        return link.resolve().name if link.exists() else None


def refused(play: Play, *arguments: str, code: int = 1) -> str:
    done = play.type(*arguments)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert [line for line in play.asked() if "manage.py" in line] == []
    return plain(done.stderr)
