#!/usr/bin/env python
"""The command line of the portal: for what its user can mend, a sentence says it better than a traceback."""

import os
import sys
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portail.settings")
    try:
        import django
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import DatabaseError, DataError, IntegrityError
    except ModuleNotFoundError:
        sys.exit(
            "Les paquets du portail ne sont pas là\u00a0: tapez «\u00a0sh install/install.sh requirements.txt\u00a0», "
            "puis commencez vos commandes par .venv/bin/python."
        )

    try:
        ZoneInfo("Europe/Paris")
    except ZoneInfoNotFoundError:
        sys.exit(
            "Les données des fuseaux horaires manquent à cette machine, et les heures du portail sont celles de "
            "Paris\u00a0: tapez «\u00a0sudo apt install tzdata\u00a0», ou refaites .venv (install/install.sh)."
        )

    from portail.commandes import contents
    from surveillance.diagnostic.refus import tell

    try:
        if sys.argv[1:] in ([], ["help"], ["--help"], ["-h"]):
            django.setup()
            sys.stdout.write(contents() + "\n")
        else:
            execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except ImproperlyConfigured as error:
        if sys.argv[1:2] == ["diagnostic"]:
            sys.exit(tell(str(error), sys.argv[2:]))
        sys.exit(str(error))
    except (DataError, IntegrityError):
        raise  # a fault of ours
    except DatabaseError as error:
        if "--traceback" in sys.argv:
            raise
        from surveillance.etat import waiting_migrations

        if waiting := waiting_migrations():
            sys.exit(
                f"La base répond, mais n’a pas encore ses tables de cette version\u00a0: {len(waiting)} à passer, dont "
                f"{' '.join(waiting[0])}. Sauvegardez, tapez «\u00a0manage.py migrate\u00a0», puis recommencez."
            )
        sys.exit(
            f"La base de données ne répond pas comme il faut : {str(error).strip()}\n"
            "Vérifiez DATABASE_URL, l’utilisateur qui lance la commande, que la base est démarrée et libre, et que "
            "« manage.py migrate » est passé. Le détail : --traceback."
        )
    except OSError as error:
        if sys.argv[1:2] != ["sendtestemail"]:
            if not isinstance(error, BrokenPipeError):
                raise
            # « … | head »: who reads has enough. Python would complain again as it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        sys.exit(f"Le serveur de mail ne répond pas, ou refuse : {error}\nVérifiez EMAIL_URL.")
    except KeyboardInterrupt:
        sys.stderr.write("\nCommande interrompue.\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
