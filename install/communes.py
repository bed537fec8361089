"""`install/communes COMMAND…`: the same command for each of the portals that share this folder, one after the other.

A portal is a file of /etc/portail, `NAME.env`, which says INSTANCE=NAME. `manage.py …` runs in the version that serves
that town; anything else, in this folder. A town that fails stops no other; at the end, which ones did.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from options import French, Parser
from places import NAME, TOWNS, setting

ENV_FILES = Path("/etc/portail")
OWN = ["DATABASE_URL", "SITE_URL", "SECRET_KEY"]  # no two towns have the same


class TownsError(Exception):
    """A sentence for the person at the keyboard."""


def read_arguments(arguments):
    """What was typed after `install/communes`: which towns (`commune`, None for all), where their settings are
    (`reglages`, /etc/portail unless given), and the command. Exits with a message when no command is given.
    """
    parser = Parser(
        prog="install/communes",
        usage="%(prog)s [--commune NOM]… [--reglages DOSSIER] COMMANDE…",
        description="Lance la même commande pour chacune des communes qui partagent ce dossier, l’une après l’autre.",
        epilog="Exemples :\n  install/communes manage.py migrate --check\n  install/communes install/mettre-a-jour\n"
        "  install/communes --commune saint-sauveur manage.py unlock_account 1000017",
        add_help=False,
        formatter_class=French,
    )
    how = parser.add_argument_group("Lesquelles ")
    how.add_argument("--commune", metavar="NOM", action="append", help="celle-ci seulement ; plusieurs fois, celles-ci")
    how.add_argument(
        "--reglages",
        metavar="DOSSIER",
        type=Path,
        default=ENV_FILES,
        help="où sont les NOM.env ; par défaut /etc/portail",
    )
    how.add_argument("-h", "--help", action="help", help="montre cette aide")
    parser.add_argument("commande", metavar="COMMANDE", nargs="...", help="« manage.py … », ou un programme d’install/")
    known = parser.parse_args(arguments)
    if not known.commande:
        parser.error("il manque la commande à lancer")
    return known


def towns(folder):
    """The path of the `.env` of each town in this folder, by the name of the town. Raises TownsError when there is
    none, when one cannot be read or is misnamed, or when two of them would be one portal.
    """
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".env")
        texts = {path: path.read_text("utf-8-sig") for path in files}
    except OSError as error:
        raise TownsError(
            f"{error.filename} ne peut pas être lu ({error.strerror}) : « sudo -u portail » devant la commande ?"
        ) from None
    except UnicodeDecodeError:
        raise TownsError(f"Un fichier de {folder} n’est pas enregistré en UTF-8.") from None
    if not files:
        raise TownsError(f"Aucune commune : il n’y a pas de NOM.env dans {folder}.")
    for path, text in texts.items():
        if not NAME.fullmatch(path.stem):
            raise TownsError(
                f"{path.name} : un nom de commune est fait de lettres minuscules, de chiffres et de tirets."
            )
        if setting("INSTANCE", text) != path.stem:
            raise TownsError(f"{path} : il y faut la ligne INSTANCE={path.stem}.")
    for name in OWN:
        said = Counter(filter(None, (setting(name, text) for text in texts.values())))
        if twice := [path.stem for path, text in texts.items() if said[setting(name, text)] > 1]:
            raise TownsError(f"{name} est le même pour {' et '.join(twice)} : chaque commune a le sien.")
    return {path.stem: path for path in files}


def run(name, path, command, alone):
    """Run the command for the town of this name, whose `.env` is `path`; return the code that it ends with, 127 when it
    cannot be started. `manage.py` runs in the version that serves the town (in this folder when there is none),
    anything else in this folder. With `alone`, the command may ask on the keyboard.
    """
    served = (TOWNS / name / "actuelle").resolve()
    folder = served if command[0] == "manage.py" and (served / "manage.py").exists() else Path.cwd()
    words = [folder / ".venv/bin/python", *command] if command[0] == "manage.py" else command
    env = {key: value for key, value in os.environ.items() if key not in {"INSTANCE", *OWN}}
    try:
        return subprocess.run(
            words,
            cwd=folder,
            env=env | {"ENV_FILE": str(path.absolute())},
            stdin=None if alone else subprocess.DEVNULL,  # a question would come as many times as there are towns
        ).returncode
    except OSError as error:
        print(f"{words[0]} ne se lance pas ({error.strerror}).", file=sys.stderr, flush=True)
        return 127


def main():
    """Run the command that was typed for each town that was chosen, one after the other; exit with a message that names
    those where it failed.
    """
    options = read_arguments(sys.argv[1:])
    try:
        if not Path("manage.py").exists():
            raise TownsError(
                "Le portail n’est pas ici : tapez cette commande dans son dossier (cd /srv/portail/portail)."
            )
        known = towns(options.reglages)
        chosen = options.commune or list(known)
        if unknown := [name for name in chosen if name not in known]:
            raise TownsError(f"Inconnue de {options.reglages} : {', '.join(unknown)}.")
        if options.commande[0] not in {"manage.py", "./manage.py"} and not shutil.which(options.commande[0]):
            raise TownsError(f"« {options.commande[0]} » n’est ni « manage.py », ni un programme qui se lance d’ici.")
    except TownsError as error:
        sys.exit(str(error))
    options.commande[0] = options.commande[0].removeprefix("./")
    failed = {}
    try:
        for name in chosen:
            print(f"— {name}", flush=True)
            if code := run(name, known[name], options.commande, alone=len(chosen) == 1):
                failed[name] = code
    except KeyboardInterrupt:
        sys.exit(f"\nInterrompu à {name} : relancez, ou reprenez par --commune.")
    if len(chosen) > 1:
        print(f"\n{len(chosen) - len(failed)} communes sur {len(chosen)} : c’est fait.", flush=True)
    if failed:
        sys.exit("Pas fait : " + ", ".join(f"{name} (code {code})" for name, code in failed.items()) + ".")


if __name__ == "__main__":
    main()
