"""The money of the town: voted tariffs, payers, quotients, and the closing of its last month; all of it rolled back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from bench.report import Line
from enfance.demo.passe import mois_vecus
from enfance.models import Foyer, load_calendrier
from facturation.arrete.cloture import arreter
from facturation.arrete.preparation import fin_de
from facturation.demo import vote
from facturation.models import Compte, Prestation, Quotient
from portail.dates import PARIS, mois_suivant

DIX_HEURES = datetime.min.time().replace(hour=10)
MINUTE = 60  # seconds, for twenty thousand children


def close_month(today: date) -> Iterator[Line]:
    """Measure the closing of the last month that is over, as the command does it: its seconds, its invoices, its lines.
    Nothing where the year has no month behind it yet."""
    vecus = mois_vecus(load_calendrier(), today)
    if not vecus:
        return
    premier = vecus[-1]
    with transaction.atomic():
        know_payers(premier)
        begin, cpu = time.perf_counter(), time.process_time()
        arret = arreter(premier, None, datetime.combine(mois_suivant(premier), DIX_HEURES, PARIS))
        seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
        assert arret.mois is not None, arret.refus
        lignes = Prestation.objects.filter(mois=arret.mois).count()
        values = {"s": seconds, "s de processeur": cpu, "factures": arret.mois.bilan["factures"], "lignes": lignes}
        transaction.set_rollback(True)
    yield Line(f"mairie : arrêter un mois, {arret.mois.bilan['enfants']} enfants", values, {"s": MINUTE})


def know_payers(premier: date) -> None:
    """Write what the month that begins on this day is billed with: the tariffs of the demonstration, a payer for each
    home, one in nine from elsewhere, a quotient for eleven in twelve."""
    vote(premier, fin_de(premier))
    comptes = Compte.objects.bulk_create(
        [
            Compte(foyer_id=foyer, residence="hors" if n % 9 == 0 else "commune")
            for n, foyer in enumerate(Foyer.objects.order_by("pk").values_list("pk", flat=True))
        ],
        batch_size=2000,
    )
    vu = premier - timedelta(days=20)
    Quotient.objects.bulk_create(
        [
            Quotient(compte=compte, valeur=n * 37 % 1900, source=Quotient.Source.CAF, debut=premier, vu_le=vu)
            for n, compte in enumerate(comptes)
            if n % 12
        ],
        batch_size=2000,
    )
