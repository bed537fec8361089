"""A credit that dies: `python -m tests.facturation.killed_payment TABLE ESSAI`, -9 once it has written into TABLE.

A process of its own, started by `test_paiements_concurrence`: nothing of what it holds in memory can be put in order.
"""

import os
import signal
import sys
from datetime import datetime

import django


def main(table: str, essai_pk: str) -> None:
    django.setup()

    from django.db import connection

    from facturation.models import EssaiPaiement
    from facturation.payfip.echange import EtatPayfip, ReponsePayfip
    from facturation.payfip.paiements import conclure
    from portail.dates import PARIS

    def die(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith((f'INSERT INTO "{table}"', f'UPDATE "{table}"')):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    essai = EssaiPaiement.objects.get(pk=essai_pk)
    reponse = ReponsePayfip(
        idop=str(essai.id_op),
        etat=EtatPayfip.PAYE,
        code="P",
        numcli=essai.numcli,
        refdet=essai.refdet,
        montant=essai.montant,
        saisie=essai.saisie,
    )
    with connection.execute_wrapper(die):
        conclure(essai.pk, reponse, now=datetime(2026, 12, 3, 20, 53, tzinfo=PARIS))


if __name__ == "__main__":
    main(*sys.argv[1:])
