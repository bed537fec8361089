"""Numbers without a gap: by series and year, taken in the transaction that issues what carries them."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import transaction

from facturation.models import Serie
from portail.dates import PARIS

ENTRE = r"[\s./\-‐‑–—]"  # what people put between the parts of a number
NUMERO = re.compile(
    rf"(?:N{ENTRE}*[°O]{ENTRE}*)?(?:"
    rf"(?P<serie>{'|'.join(sorted(Serie.Code.values, reverse=True))}){ENTRE}*"
    rf"(?:(?P<annee>20\d\d){ENTRE}*(?P<rang>\d{{1,9}})|(?P<court>\d{{1,9}}))"
    rf"|(?P<nue>20\d\d){ENTRE}+(?P<seul>\d{{4,9}}))"
)


def take_rangs(code: str, annee: int, combien: int = 1) -> range:
    """The next `combien` ranks of this series in this year; none for 0. The series stays locked until the transaction
    ends, and takes them back if it is undone. TransactionManagementError outside `atomic()`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("take_rangs() outside atomic()")
    Serie.objects.bulk_create([Serie(code=code, annee=annee)], ignore_conflicts=True)
    serie = Serie.objects.select_for_update().get(code=code, annee=annee)
    premier = serie.dernier + 1
    serie.dernier += combien
    serie.save(update_fields=["dernier"])
    return range(premier, premier + combien)


def numero(code: str, annee: int, rang: int) -> str:
    """The printed number of this rank of a series in a year: « F-2026-0349 », with four digits, or more when they are
    needed.
    """
    return f"{code}-{annee}-{rang:04d}"


def lock_emission(now: datetime) -> None:
    """Lock the series of invoices of the year of `now` (Paris) until this transaction ends: nobody else issues an
    invoice, nor adds a line that waits for one, meanwhile. TransactionManagementError outside `atomic()`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("lock_emission() outside atomic()")
    annee = now.astimezone(PARIS).year
    Serie.objects.bulk_create([Serie(code=Serie.Code.FACTURE, annee=annee)], ignore_conflicts=True)
    Serie.objects.select_for_update().get(code=Serie.Code.FACTURE, annee=annee)


def numeros_of(texte: str, annee: int) -> list[str]:
    """The printed numbers that this text may mean, whatever its case, spaces and hyphens: « f2026 441 » is
    « F-2026-0441 ». Without its year, a number is of `annee` or of the year before; without its series, of any, when
    its year stands apart (« 2026-0441 »). Empty for a text that is no number.
    """
    lu = NUMERO.fullmatch(texte.strip().upper())
    if lu is None:
        return []
    annees = [int(lu["annee"] or lu["nue"])] if lu["annee"] or lu["nue"] else [annee, annee - 1]
    series = [lu["serie"]] if lu["serie"] else [code.value for code in Serie.Code]
    rang = int(lu["rang"] or lu["court"] or lu["seul"])
    return [numero(code, an, rang) for an in annees for code in series]
