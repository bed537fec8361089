"""The installer on a bare system: `make essai-installation SUITE=trixie`, or noble, as root, in a folder of var/.

Installs in a chroot where no systemd runs, with the answers of a file; again, to see that nothing changes; boots that
root as a machine of its own; lets the installer start what it wrote; imports the demo's school; and lets a parent in
through the web server, over TLS, with the certificate of an authority made for it. Ends on the first thing that fails.
"""

from __future__ import annotations

import argparse
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from install.essai.racine import Machine, TrialError, booted, inside, make, order, refuse_where_it_cannot_be
from install.installation import unites

ROOT = Path(__file__).resolve().parents[2]
PORTAL = "/srv/portail/portail"
NAME = "portail.essai-sur-isere.fr"
SOURCE = "127.0.0.5"  # whence the parent comes: the proxy is 127.0.0.1
APT = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-qq", "-y", "--no-install-recommends"]
ANSWERS = """\
BASE={base}
NOM_PUBLIC={name}
SERVEUR={server}
CERTIFICAT=/etc/portail-essai/portail.pem
CLE=/etc/portail-essai/portail.cle
EMAIL_SERVEUR=smtp.essai-sur-isere.fr
EMAIL_COMPTE=portail
EMAIL_MOT_DE_PASSE=un mot de passe d’essai
DEFAULT_FROM_EMAIL=Garderie d’Essai-sur-Isère <garderie@essai-sur-isere.fr>
COMMUNE_NOM=Essai-sur-Isère
COMMUNE_ADRESSE=1 place de la Mairie, 38160 Essai-sur-Isère
COMMUNE_TELEPHONE=04 65 71 00 38
COMMUNE_HORAIRES=du lundi au vendredi, de 8 h 30 à 12 h
COMMUNE_COURRIEL=mairie@essai-sur-isere.fr
GARDERIE_TELEPHONE=04 65 71 00 39
COMMUNE_DPO=dpo@essai-sur-isere.fr
COMMUNE_HEBERGEUR=Mairie d’Essai-sur-Isère, 1 place de la Mairie, 38160 Essai-sur-Isère, 04 65 71 00 38
AGENT_IDENTIFIANT=1000009
AGENT_PRENOM=Ada
AGENT_NOM=ESSAI
AGENT_COURRIEL=informatique@essai-sur-isere.fr
"""
PARENT = """
from enfance.models import Responsable
parent = Responsable.objects.get(user__last_name="MOREL", user__first_name="Camille")
parent.user.set_password({password!r}); parent.user.save(); print("IDENTIFIANT", parent.user.identifiant)
"""
INSTALL = [f"{PORTAL}/install/installer", "--reponses", "/etc/portail-essai/reponses", "--oui"]
VISIT = ["python3", f"{PORTAL}/install/essai/visite.py", NAME, "/etc/portail-essai/autorite.pem", SOURCE]
PASSWORD = "Trois-hiboux-2026"  # noqa: S105 - of a parent that lives for the length of the trial


def read_options() -> argparse.Namespace:
    """What was typed after `python3 -m install.essai`: the distribution, its mirror, the web server, the database, the
    folder.
    """
    parser = argparse.ArgumentParser(prog="python3 -m install.essai", description=__doc__.partition("\n")[0])
    parser.add_argument("--suite", default="trixie", help="trixie, noble…")
    parser.add_argument("--miroir", default="", help="d’où viennent ses paquets ; sinon, ce que mmdebstrap en sait")
    parser.add_argument("--serveur", default="nginx", choices=["nginx", "caddy"])
    parser.add_argument("--base", default="sqlite", choices=["sqlite", "postgresql"])
    parser.add_argument("--dossier", type=Path, default=ROOT / "var/essai")
    return parser.parse_args()


def step[T](what: str, do: Callable[[], T]) -> T:
    """Do this step of the trial, print its name and how many seconds it took, and return what it returns."""
    began = time.monotonic()
    result = do()
    print(f"{what}\u00a0: {time.monotonic() - began:.0f} s", flush=True)
    return result


def main() -> None:
    """Run the whole trial of the installer, and exit with a French sentence on the first thing that fails."""
    options = read_options()
    try:
        refuse_where_it_cannot_be()
        root = step(f"Racine nue, {options.suite}", lambda: make(options.suite, options.miroir, options.dossier))
        prepare(root, options)
        if options.base == "sqlite":
            step("Installation, sans systemd", lambda: print(order(root, *INSTALL)))
        else:
            step("Installation, sans systemd", lambda: stops_at_the_base(root))
        step("Paquets d’une machine qui démarre", lambda: order(root, *APT, "systemd-sysv", "dbus"))
        with booted(root) as machine:
            step("Installation, avec systemd", lambda: print(machine.order(*INSTALL)))
            before = snapshot(root)
            step("La même, relancée", lambda: machine.order(*INSTALL))
            if changed := {path for path, _ in before.items() ^ snapshot(root).items()}:
                raise TrialError(f"Relancée, l’installation a changé\u00a0: {', '.join(sorted(changed))}")
            step("École importée", lambda: import_school(machine))
            step("Visite", lambda: visit(machine))
            step("Sauvegarde, vérification, rechargement", lambda: run_units(machine))
            step("Arrêt", lambda: visit_stopped(machine))
            step("Ce qui est écrit", lambda: read_logs(machine, options.serveur))
    except TrialError as error:
        sys.exit(f"Essai arrêté\u00a0: {error}")
    print("Tout a marché.")


def stops_at_the_base(root: Path) -> None:
    """Run the installer where PostgreSQL is installed and nothing starts it; raises TrialError unless it stops at the
    database and says how to start it.
    """
    done = inside(root, *INSTALL)
    if done.returncode != 1 or "pg_ctlcluster" not in done.stderr:
        raise TrialError(f"L’installation devait s’arrêter à la base\u00a0: {(done.stderr or done.stdout)[-900:]}")
    print(done.stdout, done.stderr)


def prepare(root: Path, options: argparse.Namespace) -> None:
    """Put into this system what the IT person brings before the installer runs: git and the checkout, a certificate,
    the file of answers.
    """
    order(root, "apt-get", "update", "-qq")
    order(root, *APT, "git")
    portal = root / PORTAL.lstrip("/")
    portal.parent.mkdir(parents=True)
    order(root, "git", "config", "--system", "--add", "safe.directory", "*")
    clone = ["git", "clone", "-q", "--bare", "--no-hardlinks", str(ROOT), str(root / "srv/origine.git")]
    trusting = os.environ | {"GIT_CONFIG_GLOBAL": str(root / "etc/gitconfig")}  # root reads a developer's checkout
    subprocess.run(clone, env=trusting, check=True)
    order(root, "git", "clone", "-q", "/srv/origine.git", PORTAL)
    given = root / "etc/portail-essai"
    given.mkdir()
    make_certificate(given)
    (given / "reponses").write_text(ANSWERS.format(base=options.base, name=NAME, server=options.serveur), "utf-8")
    (given / "reponses").chmod(0o600)
    with (root / "etc/hosts").open("a") as hosts:
        hosts.write(f"127.0.0.1 localhost {NAME}\n")


def make_certificate(folder: Path) -> None:
    """Write into this folder a certificate authority, and the portal's certificate signed by it, both with
    their keys.
    """
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    run = ["openssl", "req", "-x509", *key, "-days", "7"]
    authority = ["-keyout", f"{folder}/autorite.cle", "-out", f"{folder}/autorite.pem", "-subj", "/CN=Essai"]
    authority += ["-addext", "keyUsage=critical,keyCertSign"]
    signed = ["-CA", f"{folder}/autorite.pem", "-CAkey", f"{folder}/autorite.cle", "-subj", f"/CN={NAME}"]
    signed += ["-addext", f"subjectAltName=DNS:{NAME}", "-addext", "basicConstraints=critical,CA:FALSE"]
    out = ["-keyout", f"{folder}/portail.cle", "-out", f"{folder}/portail.pem"]
    for command in ([*run, *authority], [*run, *signed, *out]):
        subprocess.run(command, check=True, capture_output=True)
    (folder / "portail.cle").chmod(0o644)  # Caddy reads it as an account of its own


def snapshot(root: Path) -> dict[str, tuple[int, int, int]]:
    """The time, size and mode of every file that an installation may write in this system; the SQLite files, which a
    portal that serves writes of its own, are left out.
    """
    found = {}
    for top in ["etc", "srv", "usr"]:
        for path in (root / top).rglob("*"):
            state = path.lstat()
            if stat.S_ISREG(state.st_mode) and "sqlite3" not in path.name:
                found[str(path.relative_to(root))] = (state.st_mtime_ns, state.st_size, state.st_mode)
    return found


def manage(machine: Machine, *words: str) -> str:
    """Run this command of `manage.py` in the machine on trial, as the portal's account; return what it prints, or raise
    TrialError.
    """
    return machine.order("runuser", "-u", "portail", "--", "env", "-C", PORTAL, ".venv/bin/python", "manage.py", *words)


def import_school(machine: Machine) -> None:
    """Prepare the school year under way (it begins in August here), and import the school of the demo."""
    now = time.localtime()
    manage(machine, "preparer_annee", str(now.tm_year - (now.tm_mon < 8)))
    manage(machine, "importer_onde", "demo/CSVExtraction-eleves.csv", "demo/CSVExtraction-responsables.csv")


def visit(machine: Machine) -> None:
    """Give a parent of the demo a password, have that parent visit the portal through the web server, and print what
    was seen.
    """
    said = manage(machine, "shell", "-c", PARENT.format(password=PASSWORD))
    identifiant = said.split("IDENTIFIANT ")[1].split()[0]
    print(machine.order(*VISIT, identifiant, PASSWORD), end="")


def visit_stopped(machine: Machine) -> None:
    """Stop the portal, print what a visitor then sees through the web server, and start it again."""
    machine.order("systemctl", "stop", "portail.socket", "portail.service")
    print(machine.order(*VISIT), end="")
    machine.order("systemctl", "start", "portail.socket", "portail.service")


def run_units(machine: Machine) -> None:
    """Run the systemd units of the backup and of its check, reload the portal, see that all units run, and print the
    grade that systemd gives to how each service is confined.
    """
    for name in ["portail-sauvegarde.service", "portail-verification.service"]:
        machine.order("systemctl", "start", name)
    machine.order("systemctl", "reload", "portail.service")
    machine.order("systemctl", "is-active", *unites.TO_ENABLE)
    for name in unites.CONFINED:
        noted = re.search(r"level for \S+: ([\d.]+)", machine.order("systemd-analyze", "security", "--no-pager", name))
        print(f"  {name}\u00a0: {noted[1] if noted else 'sans note'} sur 10")


def read_logs(machine: Machine, server: str) -> None:
    """Raise TrialError unless the portal's journal has the visitor's true address, and the logs of this web server
    (nginx or caddy) have no secret address.
    """
    journal = machine.order("journalctl", "--namespace=portail", "--output=cat", "--no-pager")
    logins = [line for line in journal.splitlines() if '"login"' in line]
    if not any(SOURCE in line for line in logins) or "203.0.113.66" in journal:
        raise TrialError(f"Le journal n’a pas la bonne adresse\u00a0: {logins}")
    if server == "nginx":
        written = machine.order("sh", "-c", "cat /var/log/nginx/*")
    else:
        written = machine.order("journalctl", "--unit=caddy", "--output=cat", "--no-pager")
    if "jamais-ecrit" in written:
        raise TrialError("Une adresse secrète est écrite par le serveur web.")
    if server == "nginx" and "/connexion/" not in written:
        raise TrialError("nginx n’écrit pas les autres demandes.")


if __name__ == "__main__":
    main()
