"""A bare system of another distribution in a folder: made by mmdebstrap, entered by chroot, then booted apart."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BOOT = Path(__file__).with_name("amorce")
AUTHORITIES = Path("usr/local/share/ca-certificates")  # of this machine: a mirror may be behind one of them
PIP = ["etc/pip.conf", "etc/xdg/pip"]
COMPONENTS = {"noble": "main,universe"}  # where its Caddy is
HELD: list[int] = []  # locks
BOOTS_WITHIN = 60
STOPS_WITHIN = 60
TOOLS = {
    "mmdebstrap": "mmdebstrap",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "ip": "iproute2",
    "openssl": "openssl",
    "git": "git",
}
CLEAN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TERM": "dumb"}


class TrialError(Exception):
    """A sentence: why the trial cannot be, or what has failed in it."""


def refuse_where_it_cannot_be() -> None:
    """Raise TrialError when the trial cannot run on this machine: not root, a tool missing, no cgroup v2, or no right
    to isolate a system.
    """
    if os.geteuid() != 0:
        raise TrialError("Il faut être root\u00a0: l’essai installe dans une racine à part, puis la démarre.")
    if lacking := sorted({package for tool, package in TOOLS.items() if not shutil.which(tool)}):
        raise TrialError(f"Il manque ici\u00a0: {', '.join(lacking)} (sudo apt install {' '.join(lacking)}).")
    if not cgroup_root():
        raise TrialError("Cette machine n’a pas de cgroup v2 : systemd ne peut pas démarrer à part.")
    if subprocess.run(["unshare", "--mount", "--pid", "--net", "--cgroup", "--fork", "true"], stderr=-3).returncode:
        raise TrialError("Cette machine ne laisse pas isoler un système (un conteneur sans CAP_SYS_ADMIN\u202f?).")


def cgroup_root() -> Path | None:
    """Where this machine has mounted cgroup v2; None when it has not."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    return next((Path(mount[1]) for mount in mounts if mount[2] == "cgroup2"), None)


def make(suite: str, mirror: str, folder: Path) -> Path:
    """Make in `folder` an untouched system of this suite (« trixie », « noble »), without systemd, and return its
    folder. Its packages come from `mirror`, and are kept as an archive, for it takes a minute; the system itself is
    made anew each time. Raises TrialError when the packages do not come, or when another trial of this suite is under
    way.
    """
    archive, root = folder / f"{suite}.tar", folder / suite
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    hold(folder / f"{suite}.lock")
    if not archive.exists():
        aside = archive.with_suffix(".partiel.tar")
        command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--include=ca-certificates"]
        command += [f"--components={COMPONENTS.get(suite, 'main')}", suite, str(aside)]
        with (folder / f"{suite}.log").open("w") as log:
            if subprocess.run([*command, *([mirror] if mirror else [])], stdout=log, stderr=log).returncode:
                aside.unlink(missing_ok=True)
                raise TrialError(
                    f"Les paquets de «\u00a0{suite}\u00a0» ne viennent pas\u00a0: voyez {log.name}, ou donnez MIROIR."
                )
        aside.replace(archive)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    subprocess.run(["tar", "--extract", f"--file={archive}", f"--directory={root}"], check=True)
    lend(root)
    return root


def hold(path: Path) -> None:
    """Take the lock of this file until the trial has ended, and its machine too, should the trial be killed. Raises
    TrialError when another trial holds it.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise TrialError(
            "Un autre essai de cette distribution est en cours ici, ou sa machine tourne encore."
        ) from None
    HELD.append(descriptor)


def lend(root: Path) -> None:
    """Copy the name servers, certificate authorities and pip settings of this machine into that system: what reaches a
    mirror here reaches it there.
    """
    for path in ["etc/resolv.conf", *PIP]:
        here = Path("/", path)
        if here.is_dir():
            shutil.copytree(here, root / path, dirs_exist_ok=True)
        elif here.exists():
            (root / path).unlink(missing_ok=True)
            shutil.copyfile(here, root / path)
    shutil.copytree(Path("/", AUTHORITIES), root / AUTHORITIES, dirs_exist_ok=True)
    inside(root, "update-ca-certificates")


def inside(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run this command in the system of the folder `root`, by chroot: no systemd runs there, and it has this machine's
    network. Returns what it did, even when it failed.
    """
    enter = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'  # seen by this command alone
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    (root / "proc").mkdir(exist_ok=True)
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", enter, str(root), *command],
        env=CLEAN | pip,
        stdin=subprocess.DEVNULL,
        text=True,
        capture_output=True,
    )


def order(root: Path, *command: str) -> str:
    """Run this command in the system of the folder `root`, by chroot, and return what it prints; raises TrialError when
    it fails.
    """
    done = inside(root, *command)
    if done.returncode:
        raise TrialError(
            f"«\u00a0{' '.join(command)}\u00a0» a échoué\u00a0: {(done.stderr or done.stdout).strip()[-600:]}"
        )
    return done.stdout


class Machine:
    """A system in a folder, run by its own systemd as a machine apart, without any network but its own."""

    def __init__(self, root: Path) -> None:
        self.cgroup = Path(cgroup_root() or "/sys/fs/cgroup", f"essai-{root.name}-{os.getpid()}")
        self.cgroup.mkdir()
        self.log = root.with_suffix(".demarrage.log").open("w")
        self.process = subprocess.Popen(
            ["sh", str(BOOT), str(root), str(self.cgroup)],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            pass_fds=HELD,
        )

    def first(self) -> str:
        """The process number, on this machine, of the systemd of the machine on trial; empty as long as it has none."""
        with suppress(OSError, IndexError):
            return (self.cgroup / "init.scope/cgroup.procs").read_text().split()[0]
        return ""

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run this command inside the machine on trial; return what it did, even when it failed."""
        enter = ["nsenter", "--target", self.first(), "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup"]
        return subprocess.run(
            [*enter, "--root", "--wd", *command], env=CLEAN, stdin=subprocess.DEVNULL, text=True, capture_output=True
        )

    def order(self, *command: str) -> str:
        """Run this command inside the machine on trial and return what it prints; raises TrialError when it fails."""
        done = self.run(*command)
        if done.returncode:
            raise TrialError(
                f"«\u00a0{' '.join(command)}\u00a0» a échoué\u00a0: {(done.stderr or done.stdout).strip()[-900:]}"
            )
        return done.stdout

    def wait_until_up(self) -> None:
        """Wait until the systemd of the machine on trial has booted; raises TrialError when it has not within 60
        seconds, or ends.
        """
        limit = time.monotonic() + BOOTS_WITHIN
        while time.monotonic() < limit and self.process.poll() is None:
            said = self.run("systemctl", "is-system-running").stdout.strip() if self.first() else ""
            if said in ("running", "degraded"):  # a console, a kernel module: what a machine apart does not have
                return
            time.sleep(0.5)
        raise TrialError(f"Le système à part ne démarre pas\u00a0: voyez {self.log.name}.")

    def stop(self) -> None:
        """Power off the machine on trial, by force after 60 seconds, and remove its cgroup."""
        if self.first():
            self.run("systemctl", "poweroff", "--no-wall")
        try:
            self.process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()  # the first process of its namespace: the others go with it
            self.process.wait()
        self.log.close()
        for folder in sorted(self.cgroup.rglob("*/"), reverse=True):
            with suppress(OSError):
                folder.rmdir()
        with suppress(OSError):
            self.cgroup.rmdir()


@contextmanager
def booted(root: Path) -> Iterator[Machine]:
    """Boot the system of the folder `root` as a machine of its own during the block, then power it off. Raises
    TrialError when it does not boot.
    """
    machine = Machine(root)
    try:
        machine.wait_until_up()
        yield machine
    finally:
        machine.stop()
