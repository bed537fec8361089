"""The steps, in their order. Each may be done again: it looks first, and says whether there was anything to do, or what
there was to say."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

from install.installation import base, mise_en_service, paquets, reglages, saisie
from install.installation.chantier import Chantier, Skipped
from install.installation.fichiers import Fichier, InstallError, poser
from install.installation.machine import Machine, last_words

REQUIREMENTS = "requirements.txt"
COLLECTED = "var/installation.statiques"
TREES_OF_STATICS = ["static", "styles", "docs/captures"]


# --- The account and its folders --------------------------------------------------------------------------------------


def account(c: Chantier) -> bool:
    """Create the system account of the portal; True when it was not there. Raises Skipped below another root."""
    if c.machine.elsewhere:
        raise Skipped("les fichiers vont sous une autre racine")
    if c.machine.account(c.r.systeme_compte):
        return False
    home = c.r.dossier.parent
    done = c.machine.run(
        *("useradd", "--system", "--user-group", "--home-dir", home, "--no-create-home"),
        *("--shell", "/usr/sbin/nologin", c.r.systeme_compte),
    )
    c.must(done, f"Le compte {c.r.systeme_compte} n’a pas pu être créé")
    return True


def folders(c: Chantier) -> bool:
    """Give the checkout to the portal's account, for it upgrades itself, and make `var/` and the folder of backups,
    closed to all others. True when something changed; raises InstallError when the account cannot write there.
    """
    changed = False
    if not c.machine.elsewhere:
        changed |= give(c.r.dossier, c.machine, c.r.systeme_compte)
    changed |= make_folder(c.r.dossier / "var", c)
    changed |= make_folder(c.r.sauvegardes, c)
    if not c.machine.run("test", "-w", c.r.dossier / "var", who=c.r.systeme_compte).ok:
        raise InstallError(
            f"Le compte {c.r.systeme_compte} n’entre pas dans {c.r.dossier} : un des dossiers au-dessus lui est fermé "
            f"(« namei -l {c.r.dossier} »)."
        )
    if not c.machine.run("test", "-w", c.r.sauvegardes, who=c.r.systeme_compte).ok:
        raise InstallError(
            f"Le compte {c.r.systeme_compte} ne peut pas écrire dans {c.r.sauvegardes} : « sudo chown "
            f"{c.r.systeme_compte}: {c.r.sauvegardes} », "
            "et chaque dossier au-dessus doit lui être ouvert."
        )
    return changed


def give(folder: Path, machine: Machine, name: str) -> bool:
    """Make all that is below this folder belong to the account of this name; True when something did not. Links
    themselves are given, never what they lead to, out of the folder or not. Does nothing unless root runs this and the
    account exists.
    """
    entry = machine.account(name)
    if entry is None or os.geteuid() != 0:
        return False
    owner = (entry.pw_uid, entry.pw_gid)
    changed = False
    for _, folders_in, files, descriptor in os.fwalk(folder):
        for found in [".", *folders_in, *files]:
            state = os.stat(found, dir_fd=descriptor, follow_symlinks=False)
            if (state.st_uid, state.st_gid) != owner:
                os.chown(found, *owner, dir_fd=descriptor, follow_symlinks=False)
                changed = True
    return changed


def make_folder(folder: Path, c: Chantier) -> bool:
    """Make this folder, for the portal's account alone; True when something changed. A folder that holds something
    already keeps its owner and mode, `var` excepted. Raises InstallError when it cannot be made.
    """
    wanted = Fichier(folder, "", 0o700, c.r.systeme_compte)
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not new and folder != c.r.dossier / "var" and any(folder.iterdir()):
            return False
        entry = c.machine.account(c.r.systeme_compte)
        found = folder.stat()
        if os.geteuid() == 0 and not c.machine.elsewhere and entry and found.st_uid != entry.pw_uid:
            os.chown(folder, entry.pw_uid, entry.pw_gid)
            new = True
        if stat.S_IMODE(found.st_mode) != wanted.mode:
            folder.chmod(wanted.mode)
            new = True
    except OSError as error:
        raise InstallError(f"{folder} ne peut pas être préparé ({error.strerror}).") from None
    return new


# --- Settings ---------------------------------------------------------------------------------------------------------


def settings(c: Chantier) -> bool:
    """Write `.env`, and the file of what the next run must know; True when one of them changed. This comes first:
    nothing typed is lost to what fails later.
    """
    path = c.r.dossier / ".env"
    example = (c.r.dossier / ".env.example").read_text("utf-8")
    text = reglages.fill(reglages.read(path), example, c.r.reglages)
    changed = poser(Fichier(path, text, 0o600, c.owner))
    return poser(Fichier(c.r.dossier / saisie.SAVED, saisie.to_save(c.values), 0o600, c.owner)) or changed


def packages(c: Chantier) -> bool:
    """Install the system packages that are missing; True when there were some. Raises Skipped below another root,
    InstallError when they may not or cannot be installed.
    """
    if c.machine.elsewhere:
        raise Skipped("les fichiers vont sous une autre racine")
    return paquets.install(c.r, c.machine, allowed=c.may_install)


def environment(c: Chantier) -> bool:
    """Install the pinned packages into `.venv`, or into the one that an upgrade shares between versions
    (install/versions.py); True when something was installed. Raises InstallError when that fails.
    """
    venv, place = c.r.dossier / ".venv", c.r.dossier
    pinned = (c.r.dossier / REQUIREMENTS).read_bytes()
    if venv.is_symlink() and (venv.resolve().parent / REQUIREMENTS).exists():
        place = venv.resolve().parent
        if (place / REQUIREMENTS).read_bytes() != pinned:
            place = c.r.dossier
    mark = place / ".venv/.complete"
    before = mark.stat().st_mtime_ns if mark.exists() else 0
    script = c.r.dossier / "install/install.sh"
    done = c.machine.run("sh", script, REQUIREMENTS, who=c.r.systeme_compte, cwd=place)
    if not done.ok:
        raise InstallError(last_words(done))
    return mark.stat().st_mtime_ns != before


def checks(c: Chantier) -> str:
    """Have the portal check its own settings: what it only warns of is kept for the end. Returns « bon »; raises
    InstallError for what it refuses.
    """
    done = c.manage("check", "--deploy", "--fail-level", "ERROR")
    said = [line.strip() for line in f"{done.out}\n{done.err}".splitlines()]
    if not done.ok:
        wrong = [line for line in said if line]
        if any(line.startswith("Traceback") for line in wrong):
            c.must(done, "Le contrôle des réglages n’a pas pu se faire")
        raise InstallError("Le portail refuse ces réglages, à corriger dans .env :\n  " + "\n  ".join(wrong))
    c.warnings += [line.partition(") ")[2] for line in said if line.startswith("?: (")]
    return "bon"


def database(c: Chantier) -> bool | str:
    """Make the PostgreSQL database, and see that the portal enters it; True when it was made. For SQLite there is
    nothing to do here: returns the French words that say so.
    """
    return "un fichier, que font les tables" if c.r.base == "sqlite" else base.make(c.r, c.machine)


def migrations(c: Chantier) -> bool:
    """Run the migrations that are still to run; True when there were some."""
    if c.manage("migrate", "--check").ok:
        return False
    c.must(c.manage("migrate", "--noinput"), "Les tables n’ont pas pu être faites")
    return True


def groups(c: Chantier) -> bool:
    """Make or update the groups of agents (`sync_groups`); True when one changed."""
    done = c.must(c.manage("sync_groups"), "Les groupes d’agents n’ont pas pu être faits")
    return any(line.endswith((": nouveau.", ": mis à jour.")) for line in done.out.replace("\u00a0", " ").splitlines())


def statics(c: Chantier) -> bool:
    """Collect the static files; True when it was done. Nothing is done when what they are made of has not changed since
    they were collected: doing it again would write them again.
    """
    mark = Fichier(c.r.dossier / COLLECTED, digest_of_statics(c.r.dossier) + "\n", 0o600, c.owner)
    manifest = c.r.dossier / "var/static/staticfiles.json"
    if manifest.exists() and mark.chemin.exists() and mark.chemin.read_text("utf-8") == mark.contenu:
        return False
    c.must(c.manage("collectstatic", "--noinput"), "Les fichiers statiques n’ont pas pu être rassemblés")
    poser(mark)
    return True


def digest_of_statics(folder: Path) -> str:
    """A SHA-256 of all that the static files are made of: their sources in this checkout, and the pinned packages."""
    whole = hashlib.sha256((folder / REQUIREMENTS).read_bytes())
    for path in sorted(path for tree in TREES_OF_STATICS for path in (folder / tree).rglob("*") if path.is_file()):
        whole.update(f"{path.relative_to(folder)}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def agent(c: Chantier) -> bool:
    """Open the first agent's account with a temporary password, told once: the agent chooses the real one in a browser
    (AUT-11). True when it was opened; False when it was there already, or none is wanted.
    """
    who = c.r.agent
    if who is None:
        return False
    words = ["create_staff", who.identifiant, "--groupe", who.groupe, "--nom", who.nom, "--prenom", who.prenom]
    words += ["--courriel", who.courriel, "--si-absent", "--temporaire"]
    done = c.must(c.manage(*words), "Le premier compte d’agent n’a pas pu être ouvert")
    said = done.out.replace("\u00a0", " ").splitlines()
    c.password = next((line.rpartition(" : ")[2] for line in said if line.startswith("Mot de passe temporaire")), "")
    return bool(c.password)


ETAPES: list[tuple[str, Callable[[Chantier], bool | str]]] = [
    ("compte du système", account),
    ("dossiers", folders),
    ("réglages (.env)", settings),
    ("paquets", packages),
    ("environnement de Python", environment),
    ("base", database),
    ("contrôle des réglages", checks),
    ("tables", migrations),
    ("groupes d’agents", groups),
    ("fichiers statiques", statics),
    ("unités de systemd", mise_en_service.units),
    ("site du serveur web", mise_en_service.site),
    ("services", mise_en_service.start),
    ("premier agent", agent),
]
