"""`make demo`: a fictional school served as in production, web server and worker, until Ctrl-C. `make demo-ville`: a
town of three schools, whose data are in `var/ville/`.

The `.env` of the folder is not read: a demonstration is the same everywhere. Each process has a session of its own, so
that a Ctrl-C on the terminal reaches them once, through here: a second SIGTERM would make the current task fail.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import fcntl
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from io import StringIO
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
DATABASE = VAR_DIR / "portail.sqlite3"
MAILS = VAR_DIR / "courriels"
LOGS = VAR_DIR / "journaux"
MAILS_ARRIVE = "arrivent dans {}/, un fichier .eml chacun."
MAILS_HELD = "sont retenus (ENVOIS_RETENUS) : la mairie les laisse partir, ils arrivent alors dans {}/."
NAMES = {"web": "Le serveur web", "taches": "Le traitement des tâches", "payfip": "Le PayFiP d’essai"}
PAYFIP = "090909"  # the number of the town's régie, at the PayFiP on the loopback
# Else the 12 MiB of a hash stay with the process, once or more; in large pages, giving them back costs nothing.
MEMORY = {"MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=1048576:glibc.malloc.hugetlb=1"}
READY_WITHIN = 60  # seconds
STOPPED_WITHIN = 30  # seconds, then by force


class DemoError(Exception):
    """A sentence for the person at the terminal."""


@dataclass(frozen=True)
class Variant:
    """What is shown, how it is asked for (`make target`), and where its data are."""

    target: str
    shown: str
    database: Path
    mails: Path
    logs: Path

    @property
    def code(self) -> str:
        """The target of `make` that gives an agent's code for this demonstration: « code » or « code-ville »."""
        return self.target.replace("demo", "code")

    @property
    def folder(self) -> Path:
        """The folder of this demonstration's data, which holds its database."""
        return self.database.parent


def school() -> Variant:
    """The demonstration of one school (`make demo`)."""
    return Variant("demo", "de l’école", DATABASE, MAILS, LOGS)


def town() -> Variant:
    """The demonstration of a town of three schools (`make demo-ville`)."""
    folder = VAR_DIR / "ville"
    return Variant("demo-ville", "de la ville", folder / DATABASE.name, folder / MAILS.name, folder / LOGS.name)


def in_words(path: Path) -> str:
    """This path relative to the folder of the project: « var/courriels »."""
    return str(path.relative_to(BASE_DIR))


def read_port(value: str) -> int:
    """The number of the port that this text gives. Raises DemoError when it is none, or cannot be opened at this
    instant."""
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise DemoError(f"PORT : « {value} » n’est pas un numéro de port. Exemple : make demo PORT=8080")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(value)))
        except OSError as error:
            why = {
                errno.EADDRINUSE: "est déjà pris, peut-être par une autre démonstration : arrêtez-la",
                errno.EACCES: "est réservé au système",
            }.get(error.errno or 0, "ne peut pas être ouvert")
            raise DemoError(f"Le port {value} {why}, ou choisissez-en un autre : make demo PORT=8080") from None
    return int(value)


def refuse_real_portal() -> None:
    """Raise DemoError in a folder whose `.env` serves a real portal (SITE_URL in https): the demonstration writes into
    `var/`."""
    dotenv = BASE_DIR / ".env"
    if dotenv.exists() and re.search(r"(?m)^\s*(export\s+)?SITE_URL\s*=\s*[\"']?https:", dotenv.read_text("utf-8")):
        raise DemoError(
            "Ce dossier sert un vrai portail (SITE_URL en https dans .env) : "
            "lancez la démonstration depuis une autre copie du projet."
        )


def hold(lock: int, variant: Variant | None = None, *, afresh: bool) -> None:
    """Lock the demonstration's folder, shared with others of it, until the file of descriptor `lock` is closed.
    `afresh` first deletes its database and mails, not its logs, alone in it. Raises DemoError when another
    demonstration stands in the way."""
    variant = variant or school()
    try:
        fcntl.flock(lock, (fcntl.LOCK_EX if afresh else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoError("Une démonstration tourne encore dans ce dossier : arrêtez-la d’abord (Ctrl-C).") from None
    if afresh:
        for path in variant.folder.glob(f"{variant.database.name}*"):
            path.unlink()
        shutil.rmtree(variant.mails, ignore_errors=True)
        fcntl.flock(lock, fcntl.LOCK_SH)


def free_port() -> int:
    """A port of this machine that nobody uses at this instant."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configure(port: int, variant: Variant, payfip: int = 0) -> None:
    """Set in `os.environ` the settings of the demonstration: it answers at `port`, on the data of this variant, and
    pays at the port `payfip` of this machine."""
    for name in ("SECRET_KEY", "TRUSTED_PROXIES", "GUNICORN_CMD_ARGS", "WEB_CONCURRENCY"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "portail.settings",
        "ENV_FILE": os.devnull,
        "DEBUG": "0",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DIRECT_ACCESS": "1",
        "CANTINE_COURRIEL": "cantine@saint-sauveur.example",
        "CANTINE_TELEPHONE": "04 65 71 00 37",
        "FEUILLE_AUTORISES": "1",
        "PAYFIP_NUMCLI": PAYFIP,
        "PAYFIP_WSDL": f"http://127.0.0.1:{payfip}/tpa/services/securite?wsdl",
        "REGIE_NOM": "Régie de recettes de la garderie",
        "REGIE_SIRET": "12345678200010",
        "FACTURE_TVA": "TVA non applicable, article 256 B du code général des impôts.",
        "FACTURE_RECOURS": "Cette facture se conteste dans les deux mois qui suivent sa réception, par une lettre à la "
        "mairie, puis devant le tribunal administratif de Grenoble.",
        "PYTHONUNBUFFERED": "1",
        **MEMORY,
        "DATABASE_URL": f"sqlite:///{variant.database}",
        "EMAIL_URL": f"filemail:///{variant.mails}",
    }


def prepare(port: int, variant: Variant, payfip: int = 0) -> str:
    """Set the environment of the demonstration and load its data, one process at a time: two may be started together in
    an empty folder. Returns what `charger_demo` says of its accounts."""
    with (VAR_DIR / "preparation.lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        configure(port, variant, payfip)
        return load(variant)


def load(variant: Variant) -> str:
    """Bring the database, the static files and the school's data up to date; what `charger_demo` says of its
    accounts."""
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    collect_static()
    said = StringIO()
    logging.disable(logging.INFO)  # the journal begins with the first visitor
    call_command("charger_demo", ville=variant == town(), stdout=said)
    logging.disable(logging.NOTSET)
    return said.getvalue().strip()


def collect_static() -> None:
    """Collect and compress the static files, which takes seconds, only when one of them has changed."""
    paths = [storage.path(name) for finder in get_finders() for name, storage in finder.list(None)]
    state = "\n".join(sorted(f"{path} {os.stat(path).st_mtime_ns}" for path in paths))
    mark = VAR_DIR / "static.etat"
    if not mark.exists() or mark.read_text(encoding="utf-8") != state or not (VAR_DIR / "static").exists():
        call_command("collectstatic", verbosity=0, interactive=False)
        mark.write_text(state, encoding="utf-8")


def start(
    port: int, logs: Path = LOGS, *, payfip: int = 0, holding: Sequence[int] = ()
) -> dict[str, subprocess.Popen[bytes]]:
    """Start the web server, the worker and, with a port `payfip`, the PayFiP of the trial, as in production; the
    processes by name. What each writes goes to a file of the folder `logs`; `holding`: file descriptors that they keep
    open.

    Should this process be killed, they end too; where no system does that, the lock they hold says they are there.
    """
    libc = ctypes.CDLL(None)
    logs.mkdir(exist_ok=True)
    gunicorn = f"gunicorn portail.wsgi --bind 127.0.0.1:{port} --worker-class gthread --workers 2 --threads 4"
    commands = {
        "web": ["-m", *gunicorn.split(), "--no-control-socket", "--graceful-timeout", "10"],
        "taches": ["manage.py", "db_worker"],
        **({"payfip": ["-m", "facturation.essai_payfip", "--port", str(payfip), "--numcli", PAYFIP]} if payfip else {}),
    }
    processes = {}
    for name, command in commands.items():
        with (logs / f"{name}.log").open("ab") as log:
            processes[name] = subprocess.Popen(
                [sys.executable, *command],
                cwd=BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=holding,
                preexec_fn=lambda: end_with_parent(libc),  # noqa: PLW1509 - no thread here
            )
    return processes


def end_with_parent(libc: ctypes.CDLL) -> None:
    """Ask Linux to send SIGTERM to this process when its parent ends; nothing on another system."""
    if sys.platform == "linux":
        libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def stop(processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """Stop these processes: one SIGTERM to each, 30 seconds to finish, then SIGKILL to what is left."""
    for process in processes.values():
        if process.poll() is None:
            process.terminate()
    limit = time.monotonic() + STOPPED_WITHIN
    for process in processes.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, limit - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):  # what it may have left behind in its session
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    """Whether the portal answers its login page at this port of the machine, within 5 seconds."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/connexion/")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


class Demo:
    def __init__(self, port: int, variant: Variant, lock: int, payfip: int = 0) -> None:
        self.port = port
        self.payfip = payfip
        self.variant = variant
        self.lock = lock
        self.stopping = False
        self.parent = os.getppid()

    def on_signal(self, signum: int, frame: object) -> None:
        """Note that the demonstration has to stop."""
        self.stopping = True

    def orphaned(self) -> bool:
        """Whether the make that started this process has ended, so that nobody can stop it by Ctrl-C."""
        return "MAKELEVEL" in os.environ and os.getppid() != self.parent

    def run(self, accounts: str) -> None:
        """Start the processes, tell the `accounts` once the portal is ready, and wait until a signal, or the end of the
        make, stops all."""
        signal.signal(signal.SIGINT, self.on_signal)
        signal.signal(signal.SIGTERM, self.on_signal)
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup keeps its meaning
            signal.signal(signal.SIGHUP, self.on_signal)
        processes = start(self.port, self.variant.logs, payfip=self.payfip, holding=[self.lock])
        try:
            self.wait(processes, accounts)
        finally:
            stop(processes)

    def wait(self, processes: Mapping[str, subprocess.Popen[bytes]], accounts: str) -> None:
        """Wait until the demonstration has to stop, and present it once it answers. Raises DemoError when a process
        ends, or when the portal does not answer within 60 seconds."""
        ready, limit = False, time.monotonic() + READY_WITHIN
        while not self.stopping and not self.orphaned():
            for name, process in processes.items():
                if process.poll() is not None:
                    log = in_words(self.variant.logs / f"{name}.log")
                    raise DemoError(f"{NAMES[name]} s’est arrêté : la raison est dans {log}.")
            if not ready and answers(self.port):
                ready = True
                self.present(accounts)
            if not ready and time.monotonic() > limit:
                raise DemoError(f"Le serveur web ne répond pas : voyez {in_words(self.variant.logs / 'web.log')}.")
            time.sleep(0.2)
        print("\nLa démonstration s’arrête…", flush=True)

    def present(self, accounts: str) -> None:
        """Print where the portal is, its accounts, and where its mails and logs are."""
        variant, mails = self.variant, MAILS_HELD if settings.ENVOIS_RETENUS else MAILS_ARRIVE
        print(
            f"\nLe portail est prêt : http://127.0.0.1:{self.port}\n\n{accounts}\n\n"
            "Les factures s’y paient sur un PayFiP d’essai, qui ne prend pas d’argent.\n"
            f"Les e-mails {mails.format(in_words(variant.mails))}\n"
            f"Journaux : {in_words(variant.logs)}/. Ctrl-C arrête tout et garde les données ; "
            f"« make {variant.target}-neuve » les efface et recommence.",
            flush=True,
        )


def tell_code(identifiant: str, variant: Variant | None = None) -> None:
    """Print the code that the phone of the demo's agent of this identifiant would show. Raises DemoError when none is
    given, or before the demonstration was prepared."""
    variant = variant or school()
    if not identifiant:
        raise DemoError(f"Dites de quel compte. Exemple : make {variant.code} COMPTE=1000009")
    if not DATABASE.exists():
        raise DemoError(f"La démonstration n’a pas encore été préparée : lancez d’abord « make {variant.target} ».")
    configure(8000, variant)
    django.setup()
    call_command("code_demo", identifiant)


def main() -> None:
    """Run the command line of the demonstration (`python -m portail.demo`)."""
    parser = argparse.ArgumentParser(prog="portail.demo", description="Sert une école fictive jusqu’à Ctrl-C.")
    parser.add_argument("--ville", action="store_true", help="une ville de trois écoles")
    parser.add_argument("--neuve", action="store_true", help="efface d’abord les données de la démonstration")
    parser.add_argument("--code", metavar="IDENTIFIANT", help="donne seulement le code du moment d’un agent")
    options = parser.parse_args()
    variant = town() if options.ville else school()
    try:
        variant.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if options.code is not None:
            refuse_real_portal()
            return tell_code(options.code, variant)
        port, payfip = read_port(os.environ.get("PORT") or "8000"), free_port()
        refuse_real_portal()
        with (variant.folder / "demo.lock").open("w") as lock:
            hold(lock.fileno(), variant, afresh=options.neuve)
            print(f"Préparation {variant.shown} de démonstration…", flush=True)
            Demo(port, variant, lock.fileno(), payfip).run(prepare(port, variant, payfip))
    except (DemoError, CommandError) as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(
            f"La démonstration ne peut pas démarrer : {error.filename} ne peut pas être ouvert ({error.strerror})."
        )
    except KeyboardInterrupt:
        sys.exit(f"\nPréparation interrompue : « make {variant.target} » la reprendra.")


if __name__ == "__main__":
    main()
