"""The only writer of family quotients: what a parent says, what the town hall has seen on an attestation.

A quotient counts for whole months, from the first of one. Unknown is no row, and is not 0. What the family alone has
said does not count before the attestation was seen at the counter; no file is ever kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from facturation.models import Compte, Quotient
from facturation.payeurs.comptes import lock_payeurs
from portail.dates import PARIS, mois_precedent, mois_suivant, quantieme_annee

MAXIMUM = 99_999
PASSES = 12  # months, this one included, that the town may go back to


# --- Which months -----------------------------------------------------------------------------------------------------


def premier_compte(today: date) -> date:
    """The first day of the month from which a quotient typed on `today` counts: this month on its 1st, else the
    next.
    """
    return today if today.day == 1 else mois_suivant(today)


def fin_of(debut: date) -> date:
    """The last day of a quotient that begins on `debut`: 31 January of the next year.

    The State counts quotients anew each January, and what comes in January counts from February on.
    """
    return date(debut.year + 1, 1, 31)


def mois_a_venir(today: date) -> list[date]:
    """The first days of the three months that a parent or the town may choose for a new quotient to begin: the first
    one that counts and the two after it.
    """
    premier = premier_compte(today)
    return [premier, mois_suivant(premier), mois_suivant(mois_suivant(premier))]


def mois_passes(today: date) -> list[date]:
    """The first days of the twelve earlier months that the town alone may choose, with a reason, for a quotient to
    begin; the latest first.
    """
    mois = mois_precedent(premier_compte(today))
    passes = []
    for _ in range(PASSES):
        passes.append(mois)
        mois = mois_precedent(mois)
    return passes


def premier_phrase(mois: date) -> str:
    """This day in French, with its year: « 1er décembre 2026 »."""
    return quantieme_annee(mois)


# --- What the town hall types -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SaisieQuotient:
    """What an agent read on the attestation of a foyer (primary key). `motif`: why it counts from a month gone by.

    Without `debut`, it counts from the month that the family chose in time for this very value, else from the first
    one that still counts.
    """

    foyer: int
    valeur: int
    source: str
    vu_le: date
    debut: date | None = None
    motif: str = ""


@dataclass
class BilanQuotients:
    """What a save of quotients wrote, or found written already."""

    ecrits: list[Quotient] = field(default_factory=list)
    inchanges: list[Quotient] = field(default_factory=list)


def enregistrer(saisies: Collection[SaisieQuotient], *, par: int | None, now: datetime) -> BilanQuotients:
    """Write the quotients that the agent `par` (primary key; None for a command) read on families' attestations, all or
    none; what was written, and what was known already from the same month, which is not written twice.

    What a family had said of its quotient is settled by it: marked as seen where it is the same, cancelled where it is
    not. Raises ValueError for a value, a day or a month that the form should have refused.
    """
    today = now.astimezone(PARIS).date()
    bilan = BilanQuotients()
    with transaction.atomic():
        comptes = lock_payeurs({saisie.foyer for saisie in saisies})
        for saisie in saisies:
            _check(saisie, today)
            ecrit, is_new = _write(comptes[saisie.foyer], saisie, par, now)
            (bilan.ecrits if is_new else bilan.inchanges).append(ecrit)
    return bilan


def _check(saisie: SaisieQuotient, today: date) -> None:
    if not 0 <= saisie.valeur <= MAXIMUM:
        raise ValueError("A quotient goes from 0 to 99,999")
    if saisie.vu_le > today:
        raise ValueError("An attestation is seen on a day that has come")
    if saisie.debut is not None and saisie.debut < premier_compte(today) and not saisie.motif:
        raise ValueError("A month gone by needs a reason")


def _write(compte: Compte, saisie: SaisieQuotient, par: int | None, now: datetime) -> tuple[Quotient, bool]:
    """The row that holds this, and whether it is new, or newly seen. The payer is locked. A word of the family that is
    seen once its months have passed counts for these, and the attestation for those to come.
    """
    premier = premier_compte(now.astimezone(PARIS).date())
    lus = list(Quotient.objects.filter(compte=compte, annule_le=None).order_by("-debut", "-saisi_le", "-pk"))
    dits = [quotient for quotient in lus if quotient.vu_le is None]
    meme = next((dit for dit in dits if dit.valeur == saisie.valeur and saisie.debut in (None, dit.debut)), None)
    if meme is not None:
        _cancel((dit for dit in dits if dit != meme), now)
        meme.vu_le, meme.vu_par_id, meme.source = saisie.vu_le, par, saisie.source
        meme.save(update_fields=["vu_le", "vu_par", "source"])
        if saisie.debut or meme.fin is None or meme.fin >= premier:
            return meme, True
    else:
        _cancel(dits, now)
    debut = saisie.debut or premier
    connu = next((lu for lu in lus if lu.vu_le is not None and lu.debut == debut), None)  # the one that counts
    if connu is not None and (connu.valeur, connu.source) == (saisie.valeur, saisie.source):
        return connu, False
    return (
        Quotient.objects.create(
            compte=compte,
            valeur=saisie.valeur,
            source=saisie.source,
            debut=debut,
            fin=fin_of(debut),
            saisi_le=now,
            saisi_par_id=par,
            vu_le=saisie.vu_le,
            vu_par_id=par,
            motif=saisie.motif,
        ),
        True,
    )


def annuler(quotient: int, *, now: datetime) -> Quotient | None:
    """Cancel the quotient of this primary key, typed by mistake, so that the one before it counts again. Returns it;
    None when it is cancelled already. Call it inside a transaction.
    """
    lu = Quotient.objects.select_for_update(of=("self",)).filter(pk=quotient, annule_le=None).first()
    if lu is not None:
        _cancel([lu], now)
    return lu


def _cancel(quotients: Iterable[Quotient], now: datetime) -> None:
    Quotient.objects.filter(pk__in=[quotient.pk for quotient in quotients]).update(annule_le=now)


# --- What a parent says -----------------------------------------------------------------------------------------------


def declarer(foyer: int, valeur: int, source: str, debut: date, *, par: int, now: datetime) -> Quotient | None:
    """Keep what an adult (`par`, primary key of the account) of this foyer (primary key) says of its quotient. It
    replaces what the foyer had said before, and counts once the attestation has been seen at the counter.

    The row that holds it; the same thing said twice is one row. None when the month `debut` can no more be chosen.
    ValueError for a value out of range.
    """
    if debut not in mois_a_venir(now.astimezone(PARIS).date()):
        return None
    if not 0 <= valeur <= MAXIMUM:
        raise ValueError("A quotient goes from 0 to 99,999")
    with transaction.atomic():
        compte = lock_payeurs([foyer])[foyer]
        dits = list(Quotient.objects.filter(compte=compte, vu_le=None, annule_le=None))
        for dit in dits:
            if (dit.valeur, dit.source, dit.debut) == (valeur, source, debut):
                return dit
        _cancel(dits, now)
        return Quotient.objects.create(
            compte=compte,
            valeur=valeur,
            source=source,
            debut=debut,
            fin=fin_of(debut),
            saisi_le=now,
            saisi_par_id=par,
        )
