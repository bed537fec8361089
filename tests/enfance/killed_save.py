"""A save that dies: `python -m tests.enfance.killed_save TABLE RESPONSABLE KEY…`, -9 once it has written into TABLE.

A process of its own, started by `test_inscriptions_pannes`: nothing of what it holds in memory can be put in order.
"""

import os
import signal
import sys
from datetime import datetime

import django


def main(table: str, responsable_pk: str, *keys: str) -> None:
    django.setup()

    from django.db import connection

    from enfance.inscriptions import Changement, enregistrer
    from enfance.models import Responsable
    from enfance.regles import Acteur, Cle
    from portail.dates import PARIS

    def die(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith((f'INSERT INTO "{table}"', f'UPDATE "{table}"')):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    acteur = Acteur.parent(Responsable.objects.select_related("foyer").get(pk=responsable_pk))
    changements = [Changement(cle, "inscrit") for key in keys if (cle := Cle.parse(key))]
    with connection.execute_wrapper(die):
        enregistrer(changements, acteur, now=datetime(2026, 12, 3, 20, 51, tzinfo=PARIS))  # it opens a mail of its own


if __name__ == "__main__":
    main(*sys.argv[1:])
