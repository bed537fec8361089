"""What must be on the machine that is not the portal: each with the package of Debian and Ubuntu that brings it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from install.installation.fichiers import InstallError
from install.installation.machine import Machine, last_words
from install.installation.reponses import Reponses

POLICY = Path("/usr/sbin/policy-rc.d")  # asked by Debian before it starts the service of a package


@dataclass(frozen=True)
class Besoin:
    """Something that the machine must have: the package that brings it, why it is needed in French, and whether it is
    there.
    """

    paquet: str
    pourquoi: str
    is_there: Callable[[], bool]


def besoins(r: Reponses, machine: Machine) -> list[Besoin]:
    """All that the machine must have for these answers, whether it is there or not."""

    def command(name: str) -> Callable[[], bool]:
        return lambda: machine.has(name)

    def venv() -> bool:
        return machine.run(r.python, "-c", "import ensurepip, venv").ok

    def authorities() -> bool:
        return Path("/etc/ssl/certs/ca-certificates.crt").exists()

    def zones() -> bool:
        return Path("/usr/share/zoneinfo/Europe/Paris").exists()

    needed = [
        Besoin(venv_package(r.python), "l’environnement de Python", venv),
        Besoin("git", "les mises à jour", command("git")),
        Besoin("ca-certificates", "vérifier le serveur de mail", authorities),
        Besoin("tzdata", "l’heure de Paris des sauvegardes", zones),
        Besoin(r.serveur, "le serveur web placé devant", command(r.serveur)),
    ]
    if r.base == "postgresql" and not r.base_serveur:
        needed.append(Besoin("postgresql", "la base", lambda: has_server(machine)))
    elif r.base == "postgresql":
        needed.append(Besoin("postgresql-client", "les sauvegardes (pg_dump)", command("pg_dump")))
    if r.serveur == "nginx" and r.certificat is None:
        needed.append(Besoin("certbot", "le certificat", command("certbot")))
    return needed


def has_server(machine: Machine) -> bool:
    """Whether a PostgreSQL server is installed on this machine, even if it does not run."""
    return any(Path("/usr/lib/postgresql").glob("*/bin/postgres")) or machine.has("postgres")


def venv_package(python: Path) -> str:
    """The name of the package that brings `venv` to this Python."""
    return "python3-venv" if python.name == "python3" else f"{python.name}-venv"


def missing(r: Reponses, machine: Machine) -> list[Besoin]:
    """What the machine must have for these answers and does not."""
    return [besoin for besoin in besoins(r, machine) if not besoin.is_there()]


def install(r: Reponses, machine: Machine, *, allowed: bool) -> bool:
    """Install what the machine lacks with apt; True when something was missing. Raises InstallError, which names what
    is missing, when that is not `allowed`, or when it cannot be installed.
    """
    wanted = missing(r, machine)
    if not wanted:
        return False
    names = [besoin.paquet for besoin in wanted]
    if not allowed:
        raise InstallError(
            f"{missing_sentence(wanted)} Installez-les (Debian, Ubuntu : « sudo apt install {' '.join(names)} »)."
        )
    if not machine.has("apt-get"):
        raise InstallError(
            f"{missing_sentence(wanted)} Cette machine n’a pas apt : installez ce qui y correspond chez elle."
        )
    with_policy = not machine.has_systemd and not POLICY.exists()
    try:
        if with_policy:  # nothing is started where nothing keeps it running
            POLICY.write_text("#!/bin/sh\nexit 101\n")
            POLICY.chmod(0o755)
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *names]):
            done = machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *command)
            if not done.ok:
                raise InstallError(f"apt n’a pas pu installer {', '.join(names)} ({last_words(done)}).")
    finally:
        if with_policy:
            POLICY.unlink(missing_ok=True)
    if left := missing(r, machine):
        raise InstallError(f"{missing_sentence(left)} apt dit pourtant les avoir installés.")
    return True


def missing_sentence(wanted: list[Besoin]) -> str:
    """The French sentence that says which packages are missing, and why each is needed."""
    return f"Il manque : {', '.join(f'{besoin.paquet} ({besoin.pourquoi})' for besoin in wanted)}."
