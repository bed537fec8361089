"""The versions of the portal that stand beside each other in `var/versions`, each a folder that nothing changes.

A version is the files of a commit, and four links: `racine` to the portal's folder, `.env` and `var` to those of it,
`.venv` to an environment. Two versions that pin the same packages share one. A folder that has its name is complete:
it is made under another and renamed.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tarfile
import textwrap
import tomllib
from pathlib import Path

from gestes import ChangelogError, gestes_between, read, released
from places import TOWNS, VAR

HERE = Path(__file__).resolve().parent
VERSIONS = Path("var/versions")
ENVIRONMENTS = Path("var/environnements")
SINCE = Path(VAR, "mise-a-jour.depuis")  # the commit that served before the upgrade that has not ended yet
FOLLOWERS = ["actuelle", "precedente"]


class UpgradeError(Exception):
    """A sentence for the person at the keyboard."""


def git(*arguments, fails=None):
    """What git answers; when it refuses, `fails` says so, then git's own words: why it died, and the line before."""
    done = subprocess.run(
        ["git", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ | {"LC_ALL": "C"}
    )
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["sans dire pourquoi"]
        last = next((number for number, line in enumerate(lines) if line.startswith("fatal:")), len(lines) - 1)
        said = " ; ".join(lines[max(0, last - 1) : last + 1])
        raise UpgradeError(f"{fails or 'git a refusé'} ({textwrap.shorten(said, 200, placeholder='…').rstrip('.')}).")
    return done.stdout.strip()


def commit_of(name):
    """The commit that this branch, tag or number names here or at origin."""
    for wanted in [name] if name == "HEAD" else [f"refs/tags/v{name}", f"refs/remotes/origin/{name}", name]:
        done = subprocess.run(
            ["git", "rev-parse", "-q", "--verify", f"{wanted}^{{commit}}"], capture_output=True, text=True
        )
        if done.returncode == 0:
            return done.stdout.strip()
    if re.fullmatch(r"v?\d+(\.\d+)+", name) and (found := published(name.removeprefix("v"))):
        return found
    raise UpgradeError(f"« {name} » n’est ni une version, ni une branche, ni un commit du dépôt.")


def published(version):
    """The commit of origin's branch that took this number, the last one if several did; None when none did."""
    search = ["log", "--first-parent", "--format=%H", "-G^version = ", newest(), "--", "pyproject.toml"]
    return next((commit for commit in git(*search).splitlines() if version_of(commit) == version), None)


def version_of(commit):
    return tomllib.loads(file_of(commit, "pyproject.toml")).get("project", {}).get("version")


def file_of(commit, name):
    """What this file says in that commit; nothing when it is not there."""
    done = subprocess.run(["git", "show", f"{commit}:{name}"], capture_output=True)
    return "" if done.returncode else done.stdout.decode()


def newest():
    """The commit at the head of origin's main branch."""
    return commit_of("origin/HEAD" if is_known("refs/remotes/origin/HEAD") else "main")


def is_known(ref):
    return subprocess.run(["git", "rev-parse", "-q", "--verify", ref], capture_output=True).returncode == 0


def descends(newer, older):
    return subprocess.run(["git", "merge-base", "--is-ancestor", older, newer], capture_output=True).returncode == 0


def folder_of(commit):
    return (VERSIONS / commit[:12]).resolve()


def make(commit):
    """The folder of this commit, with its packages."""
    folder = folder_of(commit)
    if not folder.exists():
        partial = VERSIONS / f".{commit[:12]}.partiel"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        extract(commit, partial)
        for name, target in [("racine", Path.cwd()), ("var", Path("var").resolve()), (".env", Path(".env").absolute())]:
            (partial / name).symlink_to(target)
        (partial / ".venv").symlink_to(environment(partial / "requirements.txt"))
        partial.rename(folder)
    else:
        environment(folder / "requirements.txt")
    return folder


def extract(commit, folder):
    """Write the files of this commit into `folder`, without git's own; raises UpgradeError when git fails."""
    with (
        subprocess.Popen(["git", "archive", commit], stdout=subprocess.PIPE) as archive,
        tarfile.open(fileobj=archive.stdout, mode="r|") as files,
    ):
        files.extractall(folder, filter="data")
    if archive.returncode:
        raise UpgradeError(f"git n’a pas su donner les fichiers de {commit[:12]}.")


def environment(requirements):
    """The `.venv` that holds what this file pins; made, or mended, when it is not there whole."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = ENVIRONMENTS / digest
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(requirements, folder / "requirements.txt")
    done = subprocess.run(
        ["sh", HERE / "install.sh", "requirements.txt"], cwd=folder, stderr=subprocess.PIPE, text=True
    )
    if done.returncode:
        said = done.stderr.strip().replace("var/installation.log", f"{folder}/var/installation.log")
        raise UpgradeError(said or "Les paquets n’ont pas pu être installés.")
    return (folder / ".venv").absolute()


def number(folder):
    """« 0.4.0 (1a2b3c4d5e6f) »; of the portal's own folder, the commit that git says."""
    commit = folder.name if folder.parent == VERSIONS.resolve() else git("rev-parse", "--short=12", "HEAD")
    return f"{released(folder / 'pyproject.toml')} ({commit})"


def number_of(commit):
    return f"{version_of(commit)} ({commit[:12]})"


def begin_from(commit):
    """Note what serves before an upgrade, until it has ended; one cut short began from further back."""
    if not begun_from():
        aside = Path(f"{SINCE}.{os.getpid()}")
        aside.write_text(f"{commit}\n")
        aside.replace(SINCE)


def begun_from():
    """The commit that served before the upgrade under way, or cut short; None when there is none."""
    noted = SINCE.read_text().strip() if SINCE.exists() else ""
    return noted if noted and version_of(noted) else None


def gestures(before, after):
    """What each version from this commit to that folder asks of whoever keeps the portal, and the first did not."""
    known = set()
    with contextlib.suppress(ChangelogError):  # before 0.3.0, no version said it apart
        known = {gesture for version in read(file_of(before, "CHANGELOG.md")) for gesture in version.gestes}
    try:
        told = gestes_between(changelog(after), version_of(before))
    except ChangelogError as error:
        return [str(error)]
    return [f"{version.nom} : {gesture}" for version in told for gesture in version.gestes if gesture not in known]


def changelog(folder):
    path = folder / "CHANGELOG.md"
    return path.read_text("utf-8") if path.exists() else ""


def follow(folder, commit):
    """Bring the portal's own folder, where commands are typed, to this version and its packages."""
    git("checkout", "-q", "--detach", commit, fails="Le dossier du portail n’a pas pu suivre")
    target = (folder / ".venv").resolve()
    venv = Path(".venv")
    if venv.resolve() != target:
        aside = Path(f"var/.venv.{os.getpid()}")
        if venv.is_symlink():
            venv.unlink()
        elif venv.exists():
            venv.rename(aside)
        venv.symlink_to(target)
        shutil.rmtree(aside, ignore_errors=True)


def homes():
    """The folder of data of each portal that shares these versions."""
    return [Path("var"), *sorted(TOWNS.glob("*"))]


def served_from_here():
    """The other portals that still serve the portal's own folder: it may not change under them.

    A town that is stopped will start again from there; `var/` itself may be what is left of a portal that was alone.
    """
    own = [home for home in homes() if (home / "prise.lock").exists() and not (home / "actuelle").exists()]
    return [home.name for home in own if home != Path(VAR) and (home.parent == TOWNS or is_held(home / "prise.lock"))]


def is_held(lock):
    """Whether a process holds this lock."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def prune():
    """Remove what no version that serves, nor the one before, needs, and what a cut upgrade left."""
    kept = {(home / link).resolve() for home in homes() for link in FOLLOWERS} | {HERE.parent}
    environments = {(folder / ".venv").resolve().parent for folder in [*kept, Path()]}
    for parent, needed in [(VERSIONS, kept), (ENVIRONMENTS, environments)]:
        for folder in parent.iterdir() if parent.exists() else []:
            if folder.resolve() not in needed:
                shutil.rmtree(folder, ignore_errors=True)
    for pattern in (".venv.*", "static.*", "actuelle.*", "precedente.*", "mise-a-jour.depuis.*"):
        for leftover in (file for home in homes() for file in home.glob(pattern)):
            if leftover.is_symlink() or leftover.is_file():
                leftover.unlink()
            elif leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)


def say(sentence):
    print(sentence, flush=True)
