"""`install/mettre-a-jour`: bring the portal to another version while it serves, or back to the one before.

What can be done beside the version that serves is done first, the relay last (install/prise.py); the first thing that
fails stops everything, and the version that served still does. Started again, it takes up what is done: each step may
be repeated. Once the files of the new version are there, its own copy of this program goes on.
"""

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import gestes
import verification
import versions
from options import read_arguments
from places import VAR
from prise import BEFORE, CONTROL, CURRENT, end_with_parent, point, reason
from versions import UpgradeError, git, say

LOG = Path(VAR, "mise-a-jour.log")
LOCK = "MISE_A_JOUR_VERROU"  # the lock goes over to the program of the new version
ROOM = 500  # MiB, besides two copies of an SQLite database
ROOM_OF_A_BACKUP = 50  # MiB, besides one copy
FIRST_STEPS = ["préparation", "recherche de la version", "place et droits"]  # nothing of the new version runs yet
ORDER_WITHIN = 120  # seconds
BACKUP = "conservation/management/commands/sauvegarder.py"
COLLECTS_ASIDE = "portail/management/commands/collectstatic.py"
OLDEST = "0.3.0"  # the first that serves while another is put in its place
ADVICE = (
    "Réparez ce qui est dit, puis relancez : la commande reprend. Si cela vient de la version elle-même, prévenez qui "
    "la publie : rien n’est à faire ici."
)
SETTINGS = """
import json, os
from django.conf import settings as s
base = s.DATABASES["default"]
name = base["NAME"]
sqlite = base["ENGINE"].endswith("sqlite3")
print(json.dumps({
    "site": s.SITE_URL,
    "base": [os.path.realpath(name)] if sqlite else [base.get(key, "") for key in ("HOST", "PORT", "NAME")],
    "sqlite": sqlite,
    "sauvegardes": str(getattr(s, "SAUVEGARDES", None) or ""),
}))
"""


# --- The holder -------------------------------------------------------------------------------------------------------


def ask_holder(**order):
    """Send this order to `install/prise.py`, which holds the portal's address, and return its answer; None when it does
    not run here. Raises UpgradeError when it does not answer, or refuses.
    """
    try:
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(ORDER_WITHIN)
            peer.connect(CONTROL)
            peer.sendall(json.dumps(order).encode() + b"\n")
            answer = json.loads(peer.makefile("rb").readline())
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except (OSError, ValueError):
        raise UpgradeError("La prise (install/prise.py) n’a pas répondu : voyez ses messages, puis relancez.") from None
    if "erreur" in answer:
        raise UpgradeError(f"La relève n’a pas eu lieu : {answer['erreur']}.")
    return answer


# --- What must be true before anything is touched ---------------------------------------------------------------------


def refuse_wrong_place():
    """Raise UpgradeError unless this is the portal's folder and the account that types owns its `var/`; make the folder
    of data.
    """
    if not (Path("manage.py").exists() and Path(".git").exists()):
        raise UpgradeError(
            "Le portail n’est pas ici : tapez cette commande dans son dossier (cd /srv/portail/portail)."
        )
    Path(VAR).mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = Path("var").stat().st_uid
    if owner != os.geteuid():
        name = pwd.getpwuid(owner).pw_name
        raise UpgradeError(f"Ce portail est au compte « {name} » : tapez « sudo -u {name} » devant la commande.")


@contextlib.contextmanager
def alone():
    """Hold during the block the locks against another upgrade in this folder and against a restoration of this portal;
    gives the file of the first. Both go when the process ends, however it does. Raises UpgradeError when one of them is
    under way.
    """
    try:
        if LOCK in os.environ:
            mine = os.fdopen(int(os.environ.pop(LOCK)), "w")
        else:
            mine = open("var/mise-a-jour.lock", "w")  # noqa: SIM115 - kept over execv
            fcntl.flock(mine, fcntl.LOCK_EX | fcntl.LOCK_NB)
        running = open(f"{VAR}/portail.lock", "a")  # noqa: SIM115
    except BlockingIOError:
        raise UpgradeError("Une autre mise à jour est en cours dans ce dossier : attendez qu’elle finisse.") from None
    with mine, running:
        try:
            fcntl.flock(running, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UpgradeError("Une restauration est en cours : attendez qu’elle finisse.") from None
        yield mine


def refuse_changed_files():
    """Raise UpgradeError when files of the portal that git follows were changed in this folder."""
    changed = [line.split(maxsplit=1)[1] for line in git("status", "--porcelain", "--untracked-files=no").splitlines()]
    if changed:
        more = f" et {len(changed) - 5} autres" if len(changed) > 5 else ""
        raise UpgradeError(
            f"Des fichiers du portail ont été changés ici : {', '.join(changed[:5])}{more}. Les guides de la commune "
            "vont dans var/guides/ ; pour garder un autre changement, faites-en un commit ; pour y renoncer, "
            "« git checkout -- . ». Puis relancez."
        )


# --- The upgrade ------------------------------------------------------------------------------------------------------


class Upgrade:
    """One upgrade of the portal, or one return to the version before: its options, its lock, and the version that
    serves (`before`).
    """

    def __init__(self, options, lock):
        self.options, self.lock = options, lock
        self.step = "préparation"
        self.settings = {}
        self.holder = ask_holder(ordre="etat")
        here = self.holder["dossier"] if self.holder else CURRENT if Path(CURRENT).exists() else "."
        self.before = Path(here).resolve()
        self.env = self.holder["environnement"] if self.holder else dict(os.environ)

    @property
    def in_versions(self):
        """Whether the version that serves has its own folder in `var/versions`, and is not the portal's own folder."""
        return self.before.parent == versions.VERSIONS.resolve()

    def begin(self, step):
        """Note the step that begins, and print its name."""
        self.step = step
        say(f"- {step}…")

    def run(self):
        """Do the whole upgrade, or the return (`--retour`); return the code to exit with, 1 when the portal is still to
        be started. Raises UpgradeError when a step fails.
        """
        if self.options.retour:
            return self.go_back()
        if not self.options.suite:
            refuse_changed_files()
            self.begin("recherche de la version")
            git("fetch", "--quiet", "--tags", "--force", "origin", fails="Le dépôt d’origine ne répond pas")
        wanted = self.options.suite or self.options.version
        commit = versions.commit_of(wanted) if wanted else versions.newest()
        old = versions.commit_of(self.before.name if self.in_versions else "HEAD")
        if not versions.descends(commit, old):
            raise UpgradeError(
                f"La version demandée ({commit[:12]}) ne contient pas celle qui sert ({old[:12]}) : elle est plus "
                "ancienne, ou le portail a ici des changements qu’elle n’a pas. Pour revenir en arrière : --retour."
            )
        self.refuse_too_old(old)
        if commit == old and self.in_versions:
            say(f"La version {versions.number(self.before)} sert déjà.")
            return self.finish(versions.make(commit), commit)
        self.prepare(commit, old)
        return self.relay(commit, old)

    @staticmethod
    def refuse_too_old(old):
        """Raise UpgradeError when the commit `old`, which serves, is of a version before 0.3.0: none of those waits
        well while the tables change, and no version serves on the tables of one so far ahead.
        """
        number = versions.version_of(old)
        if number and gestes.key(number) < gestes.key(OLDEST):
            where = f"v{OLDEST}"
            with contextlib.suppress(UpgradeError):
                where = versions.commit_of(OLDEST)[:12]
            raise UpgradeError(
                f"La version {number}, qui sert, est d’avant la {OLDEST} : elle ne sait pas servir pendant une mise à "
                f"jour. Passez d’abord à la {OLDEST}, portail arrêté, base copiée : « git checkout --detach {where} », "
                "« sh install/install.sh requirements.txt », puis « .venv/bin/python manage.py » avec migrate, "
                "sync_groups et collectstatic --noinput. Démarrez-la, et relancez cette commande."
            )

    def prepare(self, commit, old):
        """Make the folder of the commit to serve, with its files and packages, beside the version `old` that serves. If
        that folder has this program, it then takes the place of this process, and goes on with the upgrade. Does
        nothing in the program that goes on (`--suite`).
        """
        if self.options.suite:
            return
        self.begin("place et droits")
        self.refuse_full_disk()
        if not self.in_versions:
            self.step_aside(old)
        self.begin(f"fichiers et paquets de {commit[:12]}")
        folder = versions.make(commit)
        program = folder / "install/mise_a_jour.py"
        if program.exists() and program != Path(__file__).resolve():
            os.set_inheritable(self.lock.fileno(), True)
            os.environ[LOCK] = str(self.lock.fileno())
            more = ["--sans-sauvegarde"] if self.options.sans_sauvegarde else []
            more += ["--sauvegardes", self.options.sauvegardes] if self.options.sauvegardes else []
            os.execv(folder / ".venv/bin/python", ["python", "-B", str(program), "--suite", commit, *more])

    def step_aside(self, old):
        """Let the version that serves, at the commit `old`, serve from a folder of its own in `var/versions`: the
        portal's own folder, where commands are typed, will change.
        """
        self.begin("version qui sert, à part de ce dossier")
        folder = versions.make(old)
        site = self.settings_of(folder)["site"]
        if (folder / COLLECTS_ASIDE).exists():  # the versions before need not: all share one manifest
            self.collect(folder)
        self.hand_over(folder, site)

    def collect(self, folder):
        """Collect the static files of the version in this folder."""
        self.manage(folder, "collectstatic", "--noinput", "--verbosity", "0")

    def relay(self, commit, old):
        """Let this commit serve in the place of `old`: settings checked, database backed up, static files collected,
        tables migrated, then the relay. Returns the code to exit with.
        """
        folder = versions.folder_of(commit)
        say(f"De {versions.number(self.before)} à {versions.number(folder)}.")
        self.begin("réglages")
        settings = self.settings_of(folder)
        self.manage(folder, "check", "--deploy", "--fail-level", "ERROR")
        self.back_up(folder, settings)
        self.begin("fichiers statiques")
        self.collect(folder)
        self.begin("base de données")
        self.manage(folder, "migrate", "--noinput")
        self.manage(folder, "sync_groups")
        versions.begin_from(old)
        self.hand_over(folder, settings["site"])
        return self.finish(folder, commit)

    def go_back(self):
        """Let the version that `var/precedente` names serve again, on the database as it is; return the code to exit
        with. Raises UpgradeError when there is none.
        """
        folder = Path(BEFORE).resolve()
        if not Path(BEFORE).exists() or folder == self.before:
            raise UpgradeError("Aucune version précédente n’est gardée ici.")
        self.begin(f"retour à {versions.number(folder)}")
        before = self.before
        self.hand_over(folder, self.settings_of(folder)["site"])
        say(f"\nDe {versions.number(before)} à {versions.number(folder)} : c’est fait, sur la base telle qu’elle est.")
        say("Ce dossier et ses commandes restent à la plus récente, qui va avec la base. Relancer --retour y ramène.")
        return self.tell_how_to_start()

    def hand_over(self, folder, site):
        """Try the version in this folder on a private socket, let it serve, and check it at the portal's address (as
        the site `site`). Raises UpgradeError when it is not as it should be, the version before serving again. Without
        prise.py it is only tried, and will serve at the next start.
        """
        self.begin("essai, à part")
        verification.try_out(folder, self.env, site)
        self.begin("relève")
        before = self.before
        self.serve(folder, before)
        if self.holder:
            self.begin("contrôle")
            try:
                verification.examine(self.address(), site)
            except UpgradeError as error:
                self.serve(before, None)
                raise UpgradeError(f"{error} La relève a été défaite.") from None

    def serve(self, folder, before):
        """Let the version in `folder` serve, at once by prise.py, or at its next start when it does not run. The
        version in `before` becomes the one that a return leads to, when it is in `var/versions` too.
        """
        kept = str(before) if before and before.parent == folder.parent else None
        if self.holder:
            ask_holder(ordre="servir", dossier=str(folder), avant=kept)
        else:
            if kept:
                point(BEFORE, before)
            if folder.parent == versions.VERSIONS.resolve():
                point(CURRENT, folder)
        self.before = folder

    def finish(self, folder, commit):
        """End the upgrade: bring the portal's own folder to this commit once nothing runs from it, remove what is
        needed no more, and print what has changed and what is to be done by hand. Returns the code to exit with.
        """
        if self.holder or git("rev-parse", "HEAD") == commit:
            self.begin("rangement")
            if waiting := versions.served_from_here():
                say(f"Ce dossier suivra après la mise à jour de : {', '.join(waiting)}.")
            else:
                versions.follow(folder, commit)
            versions.prune()
        if since := versions.begun_from():
            done = "c’est fait" if self.holder else "tout est prêt"
            say(f"\nDe {versions.number_of(since)} à {versions.number(folder)} : {done}.")
            told = versions.gestures(since, folder)
            say("\n  - ".join(["Ce qui demande un geste :", *told] if told else ["Aucun geste n’est demandé."]))
        if self.holder:
            versions.SINCE.unlink(missing_ok=True)
        return self.tell_how_to_start()

    # --- What the steps need ------------------------------------------------------------------------------------------

    def address(self):
        """Where the portal that serves answers on this machine: the path of a Unix socket, or its host and port."""
        if isinstance(self.holder["adresse"], str):  # a Unix socket
            return self.holder["adresse"]
        host, port = self.holder["adresse"]
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - where to ask

    def refuse_full_disk(self):
        """Raise UpgradeError when the disk of `var/`, or that of the backups if one is to be made, has no room for the
        upgrade, or when the folder of backups cannot be written.
        """
        settings = self.read_settings(self.before)
        base = Path(settings["base"][0]) if settings["sqlite"] else Path()
        needed = ROOM + 2 * (base.stat().st_size >> 20 if base.is_file() else 0)
        free = shutil.disk_usage("var").free >> 20
        if free < needed:
            raise UpgradeError(f"Il reste {free} Mio là où est var/, il en faut {needed} : faites de la place.")
        if not self.options.sans_sauvegarde:
            copy = base.stat().st_size >> 20 if base.is_file() else 0
            self.refuse_folder_of_backups(self.backups(settings), ROOM_OF_A_BACKUP + copy)

    def backups(self, settings):
        """The folder in which to back up before the upgrade: that of `--sauvegardes`, of SAUVEGARDES in these settings,
        or else `var/sauvegardes`, which is made.
        """
        where = Path(self.options.sauvegardes or settings["sauvegardes"] or f"{VAR}/sauvegardes").absolute()
        if where == Path(VAR, "sauvegardes").absolute():
            where.mkdir(mode=0o700, exist_ok=True)
        return where

    @staticmethod
    def refuse_folder_of_backups(where, needed):
        """Raise UpgradeError when this folder of backups does not exist, cannot be written, or has less than `needed`
        MiB left.
        """
        if not where.is_dir():
            raise UpgradeError(
                f"Le dossier des sauvegardes, {where}, n’est pas là : créez-le, ou nommez-en un autre (--sauvegardes)."
            )
        if not os.access(where, os.W_OK | os.X_OK):
            raise UpgradeError(f"Le compte du portail ne peut pas écrire dans {where}, le dossier des sauvegardes.")
        free = shutil.disk_usage(where).free >> 20
        if free < needed:
            raise UpgradeError(
                f"Il reste {free} Mio dans {where}, il en faut {needed} pour la sauvegarde : faites de la place."
            )

    def settings_of(self, folder):
        """What the settings of the version in this folder say (site, database, backups). Raises UpgradeError when they
        lead to another database than those of the version that serves.
        """
        found = self.read_settings(folder)
        if found["base"] != self.read_settings(self.before)["base"]:
            raise UpgradeError(
                "DATABASE_URL mène cette version à une autre base que celle qui sert : écrivez-y le chemin en entier "
                "(sqlite:////srv/…)."
            )
        return found

    def read_settings(self, folder):
        """What the settings of the version in this folder say (site, database, backups), asked of its own
        Python once.
        """
        if folder not in self.settings:
            self.settings[folder] = json.loads(self.python(folder, "-c", SETTINGS).splitlines()[-1])
        return self.settings[folder]

    def back_up(self, folder, settings):
        """Make an archive of the database by `manage.py sauvegarder`, of the version that serves or else of the new one
        in `folder`; does nothing with `--sans-sauvegarde`. Raises UpgradeError when neither knows how to.
        """
        if self.options.sans_sauvegarde:
            return
        self.begin("sauvegarde")
        able = next((version for version in (self.before, folder) if (version / BACKUP).exists()), None)
        if not able:
            raise UpgradeError(
                "Aucune des deux versions ne sait sauvegarder : faites-le, puis ajoutez --sans-sauvegarde."
            )
        said = self.manage(able, "sauvegarder", str(self.backups(settings))).splitlines()
        say("\n".join(f"  {line}" for line in said if not line.startswith("{")))  # those are of the journal

    def manage(self, folder, *command):
        """Run this command of `manage.py` in the version of this folder, and return what it prints; raises UpgradeError
        when it fails.
        """
        return self.python(folder, "manage.py", *command)

    def python(self, folder, *command):
        """Run this command with the Python of the version in this folder, and return what it prints. All that it says
        goes to the log. Raises UpgradeError, with the reason, when it fails.
        """
        if not (folder / ".venv/bin/python").exists():
            raise UpgradeError(
                f"Le Python de {folder} n’est plus là : tapez-y « sh install/install.sh requirements.txt »."
            )
        done = subprocess.run(
            [folder / ".venv/bin/python", *command],
            cwd=folder,
            env=self.env | {"DJANGO_SETTINGS_MODULE": "portail.settings", "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            preexec_fn=end_with_parent,
        )
        with LOG.open("a", encoding="utf-8") as log:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            named = " ".join(command).partition("\n")[0]
            log.write(f"{stamp} {folder.name} {named} : {done.returncode}\n{done.stdout}{done.stderr}")
        if done.returncode:
            raise UpgradeError(f"{reason(done.stderr, folder)} (tout est dans {LOG})")
        return done.stdout

    def tell_how_to_start(self):
        """The code to exit with: 0 when the portal runs, else 1, and how to start it is printed."""
        if self.holder:
            return 0
        say(
            "\nAucune prise ne tourne ici : rien n’a encore changé pour les familles. Démarrez le portail "
            "(docs/exploitation.md, « Le service »), puis relancez cette commande, qui finit."
        )
        return 1


def main():
    """Do what was typed after `install/mettre-a-jour`, and exit: 0 when all is done, else 1 or a message."""
    options = read_arguments(sys.argv[1:])
    upgrade = None
    try:
        refuse_wrong_place()
        with alone() as lock:
            upgrade = Upgrade(options, lock)
            sys.exit(upgrade.run())
    except UpgradeError as error:
        stop(upgrade, str(error))
    except OSError as error:
        stop(upgrade, f"{error.filename or 'le système'} : {error.strerror}.")
    except KeyboardInterrupt:
        stop(upgrade, "interrompu.", advice="Relancez : la commande reprend.")


def stop(upgrade, why, advice=ADVICE):
    """Exit with why the upgrade has stopped, at which step, and which version serves. `upgrade` is None when it had not
    begun; `advice` says what to do.
    """
    where = f"Arrêt ({upgrade.step}) : " if upgrade else ""
    serving = ""
    if upgrade:
        with contextlib.suppress(UpgradeError, OSError):
            state = ask_holder(ordre="etat")
            if state:
                serving = f"\nCe qui sert : la version {versions.number(Path(state['dossier']))}."
                serving += "" if advice == ADVICE and upgrade.step in FIRST_STEPS else f" {advice}"
    sys.exit(f"{where}{why}{serving}")


if __name__ == "__main__":
    main()
