"""Numbers without a gap: by series and year, taken in the transaction that issues what carries them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from facturation.models import Serie
from portail.dates import PARIS


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
