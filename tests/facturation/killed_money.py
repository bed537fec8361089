"""A month of money that dies: `python -m tests.facturation.killed_money N`, -9 at its statement N; 0: it lives.

It closes November, receives, cancels, gives back, brings to the treasury and certifies, each in its own transaction,
and takes up what an earlier one left undone. A process of its own, started by `test_tue`: nothing of what it holds in
memory can be put in order. It prints how many statements it took.
"""

import os
import signal
import sys
from datetime import date, datetime

import django


def main(n: str) -> None:
    django.setup()

    from django.db import connection

    left = int(n)
    counted = 0

    def die(execute, sql, params, many, context):
        nonlocal counted
        counted += 1
        if counted == left:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(die):
        live()
    print(counted)  # noqa: T201


def live() -> None:
    from facturation.arrete.cloture import arreter
    from facturation.attestations.emission import emettre
    from facturation.models import Compte
    from facturation.payeurs.comptes import soldes
    from facturation.regie.encaissements import annuler, encaisser, rembourser, verser
    from portail.dates import PARIS

    soir, janvier = datetime(2026, 12, 10, 18, 5, tzinfo=PARIS), datetime(2027, 1, 5, 9, tzinfo=PARIS)
    arreter(date(2026, 11, 1), None, datetime(2026, 12, 1, 10, tzinfo=PARIS))
    comptes = list(Compte.objects.order_by("pk"))
    dus = soldes(comptes)
    recus = [
        encaisser(compte, "cheque", max(dus[compte.pk] // 2, 0) + 100, par=None, now=soir) for compte in comptes[:6]
    ]
    annuler(recus[0], "chèque sans provision", None, soir)
    plus = encaisser(comptes[1], "especes", 100_000, par=None, now=soir)
    rembourser(plus.compte, 500, motif="crédit rendu", par=None, now=soir)
    verser(soir.date(), None, soir)
    emettre(2026, now=janvier)


if __name__ == "__main__":
    main(sys.argv[1])
