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
    """Run this git command and return what it prints. Raises UpgradeError when it fails: `fails` (a French sentence),
    then git's own words, the fatal line and the one before it.
    """
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
    """The full identifier of the commit that this name (a version, a branch, a tag, a commit) stands for, here or at
    origin. Raises UpgradeError when it stands for none.
    """
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
    """The commit by which origin's main branch took this version number, the last one if several did; None when none
    did.
    """
    search = ["log", "--first-parent", "--format=%H", "-G^version = ", newest(), "--", "pyproject.toml"]
    return next((commit for commit in git(*search).splitlines() if version_of(commit) == version), None)


def version_of(commit):
    """The version number that pyproject.toml gives in this commit; None when it gives none."""
    return tomllib.loads(file_of(commit, "pyproject.toml")).get("project", {}).get("version")


def file_of(commit, name):
    """The text of the file of this name in this commit; empty when it is not there."""
    done = subprocess.run(["git", "show", f"{commit}:{name}"], capture_output=True)
    return "" if done.returncode else done.stdout.decode()


def newest():
    """The commit at the head of origin's main branch."""
    return commit_of("origin/HEAD" if is_known("refs/remotes/origin/HEAD") else "main")


def is_known(ref):
    """Whether git knows this reference here."""
    return subprocess.run(["git", "rev-parse", "-q", "--verify", ref], capture_output=True).returncode == 0


def descends(newer, older):
    """Whether the commit `newer` is `older`, or has it among its ancestors."""
    return subprocess.run(["git", "merge-base", "--is-ancestor", older, newer], capture_output=True).returncode == 0


def folder_of(commit):
    """The folder, in `var/versions`, of the version of this commit, whether it exists yet or not."""
    return (VERSIONS / commit[:12]).resolve()


def make(commit):
    """Make the folder of the version of this commit, with its files and packages, when it is not there, or see to its
    packages when it is; return it. Raises UpgradeError when that fails.
    """
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
    """Make, or mend, the `.venv` that holds the packages that this requirements file pins, and return its path. Raises
    UpgradeError when they cannot be installed.
    """
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
    """The number and commit of the version in this folder, as « 0.4.0 (1a2b3c4d5e6f) »; in the portal's own folder, the
    commit is the one that git says.
    """
    commit = folder.name if folder.parent == VERSIONS.resolve() else git("rev-parse", "--short=12", "HEAD")
    return f"{released(folder / 'pyproject.toml')} ({commit})"


def number_of(commit):
    """The number and commit of the version of this commit, as « 0.4.0 (1a2b3c4d5e6f) »."""
    return f"{version_of(commit)} ({commit[:12]})"


def begin_from(commit):
    """Note that this commit served before the upgrade that begins, until it ends. When an upgrade was cut short, the
    commit from which that one began stays noted.
    """
    if not begun_from():
        aside = Path(f"{SINCE}.{os.getpid()}")
        aside.write_text(f"{commit}\n")
        aside.replace(SINCE)


def begun_from():
    """The commit that served before the upgrade that is under way or was cut short; None when there is none."""
    noted = SINCE.read_text().strip() if SINCE.exists() else ""
    return noted if noted and version_of(noted) else None


def gestures(before, after):
    """What the versions after the commit `before`, up to the one in the folder `after`, ask of whoever keeps the
    portal, in French sentences; what the CHANGELOG of `before` asked already is left out. A CHANGELOG that is not as it
    should be gives one sentence, which says so.
    """
    known = set()
    with contextlib.suppress(ChangelogError):  # before 0.3.0, no version said it apart
        known = {gesture for version in read(file_of(before, "CHANGELOG.md")) for gesture in version.gestes}
    try:
        told = gestes_between(changelog(after), version_of(before))
    except ChangelogError as error:
        return [str(error)]
    return [f"{version.nom} : {gesture}" for version in told for gesture in version.gestes if gesture not in known]


def changelog(folder):
    """The text of the CHANGELOG of the version in this folder; empty when it has none."""
    path = folder / "CHANGELOG.md"
    return path.read_text("utf-8") if path.exists() else ""


def follow(folder, commit):
    """Bring the portal's own folder, where commands are typed, to this commit, and its `.venv` to that of the version
    in `folder`. Raises UpgradeError when git refuses.
    """
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
    """The folder of data of each portal that shares these versions: `var`, and each of `var/communes`."""
    return [Path("var"), *sorted(TOWNS.glob("*"))]


def served_from_here():
    """The names of the other portals that still serve from the portal's own folder, which may not change under them.

    A town that is stopped counts: it will start again from there. `var/` itself may be what is left of a portal that
    was alone, and counts only while it runs.
    """
    own = [home for home in homes() if (home / "prise.lock").exists() and not (home / "actuelle").exists()]
    return [home.name for home in own if home != Path(VAR) and (home.parent == TOWNS or is_held(home / "prise.lock"))]


def is_held(lock):
    """Whether a process holds the lock of this file."""
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def prune():
    """Remove the versions and environments that no portal serves, nor would return to, and what an upgrade that was cut
    has left.
    """
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
    """Print this sentence at once."""
    print(sentence, flush=True)
