"""`install/installer`: the portal on this machine, in one command."""

from __future__ import annotations

import fcntl
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from install.installation import paquets, reglages, restes, saisie
from install.installation.chantier import Chantier, Skipped
from install.installation.etapes import ETAPES
from install.installation.fichiers import InstallError
from install.installation.machine import Machine
from install.installation.options import Options, read_options

FOLDER = Path(__file__).resolve().parents[2]
CERTIFICATES = Path("/etc/letsencrypt/live")
NOTHING = "Rien n’a été fait."


def say(sentence: str = "") -> None:
    """Print this sentence at once; an empty line without one."""
    print(sentence, flush=True)


def main(arguments: list[str]) -> int:
    """Do what was typed after `install/installer`, and return the code to exit with: 0, or 1 when something could not
    be done, which is printed.
    """
    os.environ.pop("PYTHONPATH", None)  # of this process alone
    options = read_options(arguments)
    try:
        if options.modele:
            say(saisie.model().rstrip())
            return 0
        return install(options, Machine(options.racine))
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrompu : relancez la commande, elle reprend où elle en était.", file=sys.stderr)
        return 1


def install(options: Options, machine: Machine) -> int:
    """The whole installation: ask or read the answers, show what will be done, have it agreed to, do it, and tell what
    remains. Returns 0, even when it is not agreed to and nothing is done; raises InstallError when something cannot be
    done.
    """
    refuse_wrong_place(machine)
    with one_at_a_time() as machine.lock:
        try:
            values = collect_answers(options)
            r = saisie.build(values, dossier=FOLDER, python=lasting_python(), certificates=CERTIFICATES)
            c = Chantier(r, values, machine, may_install=not options.sans_paquets)
            show_plan(c)
            if not agreed(options):
                return 0
        except (KeyboardInterrupt, EOFError):
            raise InstallError(f"\nInterrompu. {NOTHING}") from None
        run_steps(c)
    tell_what_remains(c)
    return 0


def refuse_wrong_place(machine: Machine) -> None:
    """Raise InstallError when the portal cannot be installed from its folder as it is (not whole, or closed to its
    services), or without the rights of root. Below another root (`--racine`) that root must be there, and neither the
    rights nor the place are looked at.
    """
    if not (FOLDER / "manage.py").exists() or not (FOLDER / ".env.example").exists():
        raise InstallError(f"{FOLDER} n’est pas le dossier du portail, entier.")
    if machine.elsewhere:
        if not machine.racine.is_dir():
            raise InstallError(f"--racine : {machine.racine} n’est pas un dossier.")
        return
    if os.geteuid() != 0:
        raise InstallError(f"Il faut les droits de root : « sudo {FOLDER}/install/installer ».")
    for closed in ("/root", "/home", "/tmp", "/var/tmp", "/run"):  # noqa: S108
        if FOLDER.is_relative_to(closed):
            raise InstallError(
                f"Le portail ne peut pas servir depuis {closed}, fermé à son compte ou à ses services : "
                "clonez-le dans /srv/portail/portail."
            )


@contextmanager
def one_at_a_time() -> Iterator[int]:
    """Hold the lock of the installation of this folder during the block, and give its file descriptor. Raises
    InstallError when another installation holds it.
    """
    descriptor = os.open(FOLDER, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield descriptor
    except BlockingIOError:
        raise InstallError("Une autre installation est en cours ici : attendez qu’elle finisse.") from None
    finally:
        os.close(descriptor)


def lasting_python() -> Path:
    """The path of the system's Python that outlives its updates (`/usr/bin/python3`), or of the Python that runs here
    when that is another one.
    """
    plain = Path("/usr/bin/python3")
    if plain.exists() and plain.resolve() == Path(sys.executable).resolve():
        return plain
    return Path(sys.executable)


def collect_answers(options: Options) -> dict[str, str]:
    """The answer to each question of the installer, by its name: from the file that is given (`--reponses`), or from
    the keyboard. What `.env` or the last installation says is not asked again. Raises `saisie.Faults` with all that is
    wrong.
    """
    example = (FOLDER / ".env.example").read_text("utf-8")
    settings = reglages.of_the_town(reglages.read(FOLDER / ".env"), example)
    saved_path = FOLDER / saisie.SAVED
    saved, _ = saisie.parse(reglages.read(saved_path), set(saisie.NAMES))
    known = saisie.known_from(settings, saved)
    if not options.reponses and sys.stdin.isatty():
        return saisie.ask(known, say)
    given: dict[str, str] = {}
    faults: list[str] = []
    if options.reponses:
        given, faults = saisie.read(options.reponses, {*saisie.NAMES, *reglages.names(example)})
        if "SITE_URL" in given:
            given.setdefault("NOM_PUBLIC", given["SITE_URL"])
            if re.search(r":(?!443$)[0-9]+$", given["SITE_URL"].rstrip("/")):
                faults.append("SITE_URL : l’installeur fait un site sur le port 443 seulement.")
    values, more = saisie.find(given, known)
    if faults or more:
        raise saisie.Faults(faults + more, str(options.reponses or "Sans terminal ni fichier de réponses (--reponses)"))
    for nom in sorted(settings.keys() & given.keys()):
        if settings[nom] != values.get(nom):
            shown = "" if saisie.is_secret(nom) else f" « {settings[nom]} »"
            say(f"{nom} : .env dit déjà autre chose, gardé{shown}.")
    return values


# --- Before -----------------------------------------------------------------------------------------------------------


def show_plan(c: Chantier) -> None:
    """Print in French what the installer is about to do with these answers."""
    r = c.r
    base = "SQLite, dans var/" if r.base == "sqlite" else f"PostgreSQL, {r.base_serveur or 'sur cette machine'}"
    lines = [
        ("adresse", f"https://{r.nom_public}, par {r.serveur}, puis {r.adresse_locale}"),
        (
            "certificat",
            str(
                r.certificat
                or ("celui que Caddy obtient" if r.serveur == "caddy" else "à demander avec certbot, à la fin")
            ),
        ),
        ("compte du système", r.systeme_compte),
        ("dossier", f"{r.dossier}, donné à ce compte"),
        ("base", base),
        ("sauvegardes", f"{r.sauvegardes}, chaque nuit, vérifiées chaque semaine"),
        ("journal de sécurité", f"gardé {r.journal_mois} mois"),
        ("commune", f"{r.reglages['COMMUNE_NOM']}, {r.reglages['COMMUNE_ADRESSE']}"),
        ("e-mails", f"de {r.reglages['DEFAULT_FROM_EMAIL']}"),
    ]
    if r.agent:
        lines.append(("premier agent", f"{r.agent.prenom} {r.agent.nom}, {r.agent.identifiant}, {r.agent.groupe}"))
    if not c.machine.elsewhere and (wanted := paquets.missing(r, c.machine)):
        verb = "à installer" if c.may_install else "manquants"
        lines.append((f"paquets {verb}", ", ".join(besoin.paquet for besoin in wanted)))
    if c.machine.elsewhere:
        lines.append(("racine", f"{c.machine.racine} ; ni compte, ni paquet, ni service"))
    say("\nCe qui va être fait, s’il ne l’est pas déjà :\n")
    for name, value in lines:
        say(f"  {name:<20} {value}")
    say()


def agreed(options: Options) -> bool:
    """Whether whoever installs agrees to what was shown: `--oui`, or an answer at the keyboard. Without a
    terminal, no.
    """
    if options.oui:
        return True
    if not sys.stdin.isatty():
        say(f"{NOTHING} Ajoutez --oui pour le faire.")
        return False
    while (said := input("Le faire ? (oui/non) ").strip().lower()) not in {"oui", "o", "non", "n"}:
        say("Répondez oui ou non.")
    if said.startswith("n"):
        say(NOTHING)
        return False
    return True


# --- During, and after ------------------------------------------------------------------------------------------------


def run_steps(c: Chantier) -> None:
    """Do the steps of the installation in their order, and print what became of each; one that has no place here
    (Skipped) stops nothing. Raises InstallError, with the name of the step, at the first that fails.
    """
    for name, step in ETAPES:
        print(f"  {name:<26}", end="", flush=True)
        try:
            result = step(c)
            say(result if isinstance(result, str) else "fait" if result else "déjà fait")
        except Skipped as skipped:
            say(f"laissé : {skipped}")
        except BaseException as error:
            say("arrêt")
            if isinstance(error, InstallError):
                again = "Ce qui est fait le reste : réparez, puis relancez la même commande, elle reprend ici."
                raise InstallError(f"\nArrêt ({name}) : {error}\n{again}") from None
            raise


def tell_what_remains(c: Chantier) -> None:
    """Print what is left for the town to do by hand, and the temporary password of the first agent when one
    was opened.
    """
    say("\nLe portail est installé. Il reste à faire :")
    for heading, lines in restes.remaining(c):
        say(f"\n- {heading} :")
        for line in lines:
            say(f"    {line}")
    if c.password and c.r.agent:
        say(
            f"\nPremier agent, sur https://{c.r.nom_public}/connexion/ : identifiant {c.r.agent.identifiant}, mot de "
            "passe temporaire "
            f"{c.password}"
        )
        once = "Il sert une fois, dans les 24 heures, à choisir le vrai ; il n’est écrit nulle part ailleurs. Ensuite :"
        say(textwrap.fill(f"{once} {restes.typed(c, f'send_temporary_password {c.r.agent.identifiant}')}", 110))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
