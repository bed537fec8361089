"""What may be typed after `install/installer`, and its help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from install.installation.fichiers import ROOT
from install.options import French, Parser

EXAMPLE = """Exemples :
  sudo install/installer                                        demande ce qu’il faut, puis installe
  sudo install/installer --reponses portail.reponses            montre ce qui serait fait
  sudo install/installer --reponses portail.reponses --oui      le fait, sans rien demander
  install/installer --modele > portail.reponses                 un fichier de réponses à remplir"""


@dataclass(frozen=True)
class Options:
    reponses: Path | None
    racine: Path
    oui: bool
    sans_paquets: bool
    modele: bool


def read_options(arguments: Sequence[str]) -> Options:
    """What was typed after `install/installer`. Exits with a French message when it is wrong."""
    parser = Parser(
        prog="install/installer",
        usage="%(prog)s [--reponses FICHIER [--oui]] [--sans-paquets] [--racine DOSSIER]\n         %(prog)s --modele",
        description="Installe le portail : compte, base, réglages, services, serveur web, premier agent.\n"
        "Relancé, il ne refait que ce qui manque.",
        epilog=EXAMPLE,
        add_help=False,
        allow_abbrev=False,
        formatter_class=French,
    )
    group = parser.add_argument_group("Options ")
    group.add_argument("--reponses", metavar="FICHIER", type=Path, help="lit les réponses ici au lieu de les demander")
    group.add_argument("--oui", action="store_true", help="fait ce qui est montré, sans demander confirmation")
    group.add_argument("--sans-paquets", action="store_true", help="n’installe aucun paquet : nomme ceux qui manquent")
    group.add_argument(
        "--racine",
        metavar="DOSSIER",
        type=Path,
        default=ROOT,
        help="écrit les fichiers de /etc sous ce dossier, et rien d’autre : ni compte, ni paquet, ni service",
    )
    group.add_argument("--modele", action="store_true", help="affiche un fichier de réponses à remplir")
    group.add_argument("-h", "--help", action="help", help="montre cette aide")
    known = parser.parse_args(arguments)
    return Options(known.reponses, known.racine.resolve(), known.oui, known.sans_paquets, known.modele)
