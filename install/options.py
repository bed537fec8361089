"""What may be typed after `install/mettre-a-jour`, and its help."""

import argparse
import sys


class French(argparse.RawDescriptionHelpFormatter):
    def add_usage(self, usage, actions, groups, prefix=None):
        """Begin the line of usage with « On tape : »."""
        super().add_usage(usage, actions, groups, "On tape : " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    def error(self, message):
        """Print the usage and what is wrong with the arguments, in French, then exit with code 2."""
        self.print_usage(sys.stderr)
        words = [
            ("unrecognized arguments: ", "en trop, ou mal écrit : "),
            ("argument ", ""),
            ("expected one argument", "il faut une valeur"),
        ]
        for english, french in words:
            message = message.replace(english, french)
        self.exit(2, f"{self.prog} : {message}\n")


def read_arguments(arguments):
    """What was typed after `install/mettre-a-jour`: the version (None for the newest), `--retour`, and how to back up.
    Exits with a French message when it is wrong.
    """
    parser = Parser(
        prog="install/mettre-a-jour",
        usage="%(prog)s [VERSION] [--sauvegardes DOSSIER | --sans-sauvegarde]\n         %(prog)s --retour",
        description="Met le portail à jour pendant qu’il sert, ou revient à la version précédente.",
        epilog="Exemple : install/mettre-a-jour 0.4.0",
        add_help=False,
        formatter_class=French,
    )
    what, how = parser.add_argument_group("Quelle version "), parser.add_argument_group("Comment ")
    what.add_argument(
        "version", metavar="VERSION", nargs="?", help="un numéro, une branche ou un commit ; par défaut la plus récente"
    )
    what.add_argument(
        "--retour", action="store_true", help="revient à la version précédente, sur la base telle qu’elle est"
    )
    how.add_argument(
        "--sauvegardes", metavar="DOSSIER", help="où sauvegarder d’abord ; par défaut SAUVEGARDES, ou var/sauvegardes"
    )
    how.add_argument("--sans-sauvegarde", action="store_true", help="ne sauvegarde pas d’abord : vous l’avez fait")
    how.add_argument("--suite", metavar="COMMIT", help=argparse.SUPPRESS)
    how.add_argument("-h", "--help", action="help", help="montre cette aide")
    known = parser.parse_args(arguments)
    if known.retour and known.version:
        parser.error("--retour revient à la version précédente : aucune autre à nommer")
    return known
