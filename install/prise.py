"""Hold the portal's address open, and serve behind it the version that `var/actuelle` names: web server and tasks.

Started in the portal's folder, by systemd or by hand: `python3 install/prise.py 127.0.0.1:8000`. A version takes over
from another without a visitor seeing it: the new web server loads and waits, the old one stops accepting and ends what
it has begun, then the new one accepts; meanwhile whoever comes waits in the socket's queue, a few tenths of a second.
Orders come by `var/prise.sock`, one line of JSON each. Kept small, with the standard library alone: this process
outlives versions, and is itself replaced only when its service restarts.
"""

import argparse
import contextlib
import ctypes
import errno
import fcntl
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from places import VAR

CONTROL = f"{VAR}/prise.sock"  # relative: the path of a socket has 107 bytes at most
CURRENT = f"{VAR}/actuelle"
BEFORE = f"{VAR}/precedente"
HOOKS = f"{VAR}/gunicorn_hooks.py"  # as they were when it started: those of the portal's folder follow the versions
BOOTS_WITHIN = 60  # seconds, for all that follows
OPENS_WITHIN = 5  # what a killed holder left ends meanwhile, and gives the address back
LEAVES_WITHIN = 5  # then the new one accepts, and the old one goes on ending what it has
TASK_ENDS_WITHIN = 600
STOPS_WITHIN = 75  # more than gunicorn gives its own
PAUSES = [1, 2, 4, 8, 15, 30]  # between two starts of what dies at once
GUNICORN = ["-m", "gunicorn", "portail.wsgi", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
# As in portail/demo.py: the 12 MiB of a hash are given back.
MEMORY = {"MALLOC_ARENA_MAX": "1", "GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=1048576:glibc.malloc.hugetlb=1"}
WAY = ["--graceful-timeout", "60", "--no-control-socket"]  # what was accepted is answered, on a busy machine as well
libc = ctypes.CDLL(None)


# --- The holder -------------------------------------------------------------------------------------------------------


class RelayError(Exception):
    """A sentence: why the version that was asked does not serve."""


class Server:
    """One process of a version, in a session of its own: a Ctrl-C reaches it once, through here."""

    def __init__(self, name, folder, command, *, fds=(), **env):
        self.name, self.since = name, time.monotonic()
        kept = {key: value for key, value in os.environ.items() if not key.startswith("LISTEN_")}
        self.process = subprocess.Popen(
            [f"{folder}/.venv/bin/python", *command],
            cwd=folder,
            env=kept | MEMORY | {"PYTHONUNBUFFERED": "1"} | env,
            stdin=subprocess.DEVNULL,
            pass_fds=fds,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )

    def ended(self, within=0.0):
        """Whether the process has ended, once waited for up to `within` seconds."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(within)
        return self.process.poll() is not None

    def leave(self):
        """Ask the process to end (SIGTERM); does nothing when it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    def kill(self):
        """Kill the process and all those of its group at once (SIGKILL), and wait for its end."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class WebServer(Server):
    """gunicorn, which loads, says that it is ready, and accepts nobody before `accept()`."""

    def __init__(self, folder, listener, options):
        heard, told = os.pipe()
        go, accept = os.pipe()
        self.heard, self.go = os.fdopen(heard, "rb", 0), os.fdopen(accept, "wb", 0)  # closed with this object
        os.set_blocking(told, False)
        fds = [listener.fileno(), told, go]
        command = [*GUNICORN, *WAY, "--bind", f"fd://{fds[0]}", "--config", Path(HOOKS).absolute()]
        try:
            super().__init__("web", folder, [*command, *options], fds=fds, PRISE_FDS=f"{told} {go}")
        finally:
            os.close(told)
            os.close(go)
        self.number = None
        self.signs = b""

    def accept(self):
        """Let gunicorn accept requests: at once, or as soon as it is loaded."""
        self.go.close()

    def hear(self, within):
        """Take in what the processes of gunicorn have signalled, waiting for it up to `within` seconds; return whether
        there was anything.
        """
        said = self.heard.read(1000) if select.select([self.heard], [], [], within)[0] else b""
        self.signs += said
        if self.number is None and b"\n" in self.signs:
            number, _, self.signs = self.signs.partition(b"\n")
            self.number = int(number)
        return bool(said)

    def wait_for(self, sign, within):
        """Whether each process of gunicorn has sent this sign before `within` seconds have passed; False as soon as
        gunicorn ends.
        """
        limit = time.monotonic() + within
        while time.monotonic() < limit:
            self.hear(0.1)
            if self.number is not None and self.signs.count(sign) >= self.number:
                return True
            if self.ended():
                return False
        return False

    def leave(self):
        """Ask gunicorn to end (SIGTERM), and let the processes go that wait before they accept."""
        super().leave()
        self.accept()

    def kill(self):
        """Kill gunicorn and its processes at once (SIGKILL), wait for its end, and close its pipe."""
        super().kill()
        self.accept()


def end_with_parent():
    """Ask Linux to send SIGTERM to this process when its parent dies; does nothing on another system."""
    if sys.platform == "linux":
        libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def reason(said, folder):
    """Why a command of the version in `folder` failed, in a sentence drawn from what it said; for a fault of its code,
    with the file and line.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip() and line[0] != "{"] or ["sans dire pourquoi"]
    if checks := [line for line in lines if re.match(r"\S+: \([\w.]+\.[EC]\d+\) ", line)]:
        return " ".join(checks)
    named = [number for number, line in enumerate(lines) if re.match(r"[\w.]+(Error|Exception|Configured): ", line)]
    told = lines[named[-1] :] if named else lines[-1:] if "Traceback" in said else lines
    last = re.sub(r"^[\w.]+(Error|Exception|Configured): ", "", " ".join(told))
    if not named or re.match(r"CommandError|[\w.]*Configured", told[0]):
        return last
    ours = re.findall(rf'File "{re.escape(str(folder))}/((?!\.venv/)[^"]+)", line (\d+)', said)
    path, line = (ours or re.findall(r'File "(/[^"]+)", line (\d+)', said) or [("", "")])[-1]
    return f"{path}, ligne {line} : {last}" if path else last


def complaint(folder):
    """Why the version in this folder would not start with the settings as they are now (`manage.py check`), in a
    sentence; empty when it would.
    """
    command = [f"{folder}/.venv/bin/python", "manage.py", "check"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=BOOTS_WITHIN)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"« manage.py check » ne répond pas ({getattr(error, 'strerror', None) or 'trop long'})"
    return reason(done.stderr, folder) if done.returncode else ""


class Prise:
    """The holder of the portal's address: it starts the web server and the worker of tasks, keeps them running, and
    lets one version take over from another.
    """

    def __init__(self, listener, options):
        self.listener, self.options = listener, options
        self.folder = current()
        self.servers = {}
        self.leaving = []  # (server, when to end it by force)
        self.starts = {"web": (0, 0.0), "taches": (0, 0.0)}  # how many in a row, when the next
        self.stopping = self.renewing = False

    def on_signal(self, signum, frame):
        """Note for the loop of `run` what this signal asks: to read the settings again (SIGHUP), or to stop (any
        other).
        """
        if signum == signal.SIGHUP:
            self.renewing = True
        else:
            self.stopping = True

    def run(self, control):
        """Keep the portal running and obey the orders that come by the socket `control`, until SIGTERM or SIGINT."""
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, self.on_signal)
        while not self.stopping:
            self.keep_running()
            if self.renewing:
                self.renewing = False
                self.renew()
            if select.select([control], [], [], 0.3)[0]:
                self.obey(control.accept()[0])
        self.stop()

    def renew(self):
        """Restart the version that serves, without a visitor seeing it, so that it reads the settings again. When they
        will not do, nothing changes, and one sentence says why.
        """
        folder = current()
        try:
            if why := complaint(folder):
                raise RelayError(why)
            self.relay(folder, None)
        except RelayError as error:
            say(f"rien n’a changé : {str(error).rstrip('.')}.")

    def keep_running(self):
        """Start the web server and the worker of tasks when they do not run, less and less often when they die at once;
        forget the processes that have left, and kill those that take too long to.
        """
        now = time.monotonic()
        self.leaving = [(server, limit) for server, limit in self.leaving if not server.ended()]
        for server, limit in self.leaving:
            if now > limit:
                server.kill()
        for name, (row, when) in self.starts.items():
            server = self.servers.get(name)
            if server and server.ended():
                row = 0 if now - server.since > BOOTS_WITHIN else row
                self.starts[name] = (row + 1, now + PAUSES[min(row, len(PAUSES) - 1)])
                say(f"{name} s’est arrêté (code {server.process.returncode}).")
                del self.servers[name]
            elif not server and now >= when:
                try:
                    self.servers[name] = self.start(name)
                except OSError as error:
                    self.starts[name] = (row + 1, now + PAUSES[min(row, len(PAUSES) - 1)])
                    say(f"{name} ne démarre pas : {error.filename} ({error.strerror}).")

    def start(self, name):
        """Start the process of this name, « web » or « taches », in the version that serves, and return it."""
        if name == "taches":
            return Server(name, self.folder, ["manage.py", "db_worker"])
        server = WebServer(self.folder, self.listener, self.options)
        server.accept()
        return server

    def relay(self, folder, before):
        """Let the version in `folder` serve in the place of the one that does, its worker of tasks too, without a
        visitor seeing it; `before`, if given, is the folder that a return will lead to. Raises RelayError, with nothing
        changed, when it does not start; once `var/actuelle` leads to it, a restart serves it too.
        """
        try:
            new = WebServer(folder, self.listener, self.options)
        except OSError as error:
            raise RelayError(f"{error.filename} ({error.strerror})") from None
        try:
            if not new.wait_for(b".", BOOTS_WITHIN):
                raise RelayError(f"son serveur web n’est pas prêt en {BOOTS_WITHIN} secondes, ou s’arrête au démarrage")
            if before:
                point(BEFORE, before)
            if folder == root():
                Path(CURRENT).unlink(missing_ok=True)
            else:
                point(CURRENT, folder)
        except (OSError, RelayError) as error:
            new.kill()
            raise RelayError(str(error)) from None
        self.folder = folder
        if old := self.servers.get("web"):
            while old.hear(0):
                pass
            old.signs = b""  # from now on
            old.leave()
            old.wait_for(b"x", LEAVES_WITHIN)
            self.leaving.append((old, time.monotonic() + STOPS_WITHIN))
        new.accept()
        self.servers["web"] = new
        if old := self.servers.pop("taches", None):
            old.leave()
            self.leaving.append((old, time.monotonic() + TASK_ENDS_WITHIN))
        self.starts = {"web": (0, 0.0), "taches": (0, 0.0)}
        self.keep_running()
        say(f"{folder} sert.")

    def obey(self, peer):
        """Read one order, a line of JSON, from this connection: to let a version serve, or only to tell the state.
        Answer by the state, or by the sentence that says why not.
        """
        with peer, contextlib.suppress(OSError):
            peer.settimeout(5)
            try:
                order = json.loads(peer.makefile("rb").readline())
                if order["ordre"] == "servir":
                    self.relay(Path(order["dossier"]), order.get("avant"))
                answer = self.state()
            except RelayError as error:
                answer = {"erreur": str(error)}
            except (ValueError, KeyError, TypeError):
                answer = {"erreur": "cet ordre n’est pas compris"}
            peer.sendall(json.dumps(answer).encode() + b"\n")

    def state(self):
        """What serves, for an answer in JSON: the folder, the address, the environment, how many processes are leaving,
        and the number of each process that runs.
        """
        address = self.listener.getsockname()
        return {
            "dossier": str(self.folder),
            "adresse": address if isinstance(address, str) else list(address[:2]),
            "partants": len(self.leaving),
            "environnement": dict(os.environ),
            **{name: server.process.pid for name, server in self.servers.items()},
        }

    def stop(self):
        """Ask all the processes to end, and kill those that have not after 75 seconds."""
        servers = [*self.servers.values(), *(server for server, _ in self.leaving)]
        for server in servers:
            server.leave()
        limit = time.monotonic() + STOPS_WITHIN
        for server in servers:
            if not server.ended(max(0.1, limit - time.monotonic())):
                server.kill()


def root():
    """The portal's own folder, from which this process was started."""
    return Path.cwd()


def current():
    """The folder to serve: the version that `var/actuelle` names, or else the portal's own folder."""
    folder = Path(CURRENT).resolve()
    return folder if (folder / "manage.py").exists() else root()


def point(link, folder):
    """Make the symbolic link `link` lead to that folder, in one step, whether it led elsewhere before or did
    not exist.
    """
    aside = f"{link}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(aside)
    os.symlink(folder, aside)
    os.replace(aside, link)


def say(sentence):
    """Print this sentence on the error output, where the journal takes it."""
    print(f"prise : {sentence}", file=sys.stderr, flush=True)


def listen(address):
    """The socket to accept on: the one that systemd hands over (portail.socket), whatever the address, or else a new
    one at this address, as « 127.0.0.1:8000 », waited for 5 seconds while it is in use. Exits with a message when the
    address is none, or cannot be opened.
    """
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS", "0") != "0":
        return socket.socket(fileno=3)
    host, _, port = (address or "").rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        sys.exit(f"« {address or ''} » n’est pas une adresse. Exemple : python3 install/prise.py 127.0.0.1:8000")
    host = host.strip("[]")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    limit = time.monotonic() + OPENS_WITHIN
    while True:
        try:
            listener.bind((host, int(port)))
            listener.listen(2048)
            return listener
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > limit:
                sys.exit(f"L’adresse {address} ne s’ouvre pas ({error.strerror}) : un portail y répond-il déjà ?")
        time.sleep(0.1)


def main():
    """Hold the portal's address and serve the version in force, until SIGTERM. The options that are not its own go to
    gunicorn. Exits with a message when this is not the portal's folder, or when another holder runs there.
    """
    parser = argparse.ArgumentParser(
        prog="install/prise.py", description="Tient l’adresse du portail et sert la version en cours, jusqu’à SIGTERM."
    )
    parser.add_argument("adresse", nargs="?", help="par exemple 127.0.0.1:8000 ; sans elle, la socket de systemd")
    known, options = parser.parse_known_args()  # the others are gunicorn's: --workers 3
    if not Path("manage.py").exists():
        sys.exit("Le portail n’est pas ici : lancez cette commande dans son dossier (cd /srv/portail/portail).")
    try:
        Path(VAR).mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(f"{VAR}/prise.lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sys.exit("Une autre prise sert déjà ce dossier : arrêtez-la d’abord.")
            Path(CONTROL).unlink(missing_ok=True)
            shutil.copyfile(Path(__file__).with_name("gunicorn_hooks.py"), HOOKS)
            with socket.socket(socket.AF_UNIX) as control:
                mask = os.umask(0o177)
                control.bind(CONTROL)
                os.umask(mask)
                control.listen()
                with listen(known.adresse) as listener:
                    Prise(listener, options).run(control)
            Path(CONTROL).unlink(missing_ok=True)
    except OSError as error:
        sys.exit(f"La prise ne peut pas démarrer : {error.filename or VAR} ({error.strerror}).")


if __name__ == "__main__":
    main()
