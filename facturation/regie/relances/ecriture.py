"""The writer of `Relance`, but for the lists of a town whose treasury collects everything (`titres`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts import outbox
from accounts.models import User
from facturation.models import Compte, EssaiPaiement, Facture, Relance
from facturation.models.paiements import ATTENTE
from facturation.payeurs.reports import restes_dus
from facturation.regie.relances.lecture import FactureEchue, load_retards
from portail.dates import PARIS

Genre = Relance.Genre
SEND = "facturation.regie.relances.tasks.send_rappel"
LOT = 2000  # payers locked at a time


@dataclass(frozen=True)
class BilanRelance:
    """What one sending did: how many mails leave, the invoices whose letter is to be printed; those that were asked for
    and of which nobody is reminded, with why.
    """

    courriels: int
    lettres: list[FactureEchue]
    ecartees: list[tuple[str, str]] = field(default_factory=list)

    @property
    def nombre(self) -> int:
        """How many reminders were made, by e-mail or letter."""
        return self.courriels + len(self.lettres)


def rappeler(numeros: Collection[str], genre: str, par: User | None, now: datetime) -> BilanRelance:
    """Send a reminder of these invoices (numbers), first or second by `genre`: an e-mail is queued, or a letter is to
    be printed where no e-mail reaches. Returns what was done.

    Invoices that were paid meanwhile, are being paid, were put aside or reminded of already, or whose day has not come,
    are left out, and told in the result: asked twice, it happens once.
    """
    with transaction.atomic():
        dues = _locked(numeros, genre, now)
        Relance.objects.bulk_create(
            [Relance(facture=due.facture, genre=genre, faite_le=now, faite_par=par) for due in dues]
        )
        lettres = [due for due in dues if due.par_lettre]
        for due in dues:
            if not due.par_lettre and due.identite:
                outbox.enqueue(SEND, due.identite.joignable, due.facture.pk, genre)
        return BilanRelance(len(dues) - len(lettres), lettres, _ecartees(numeros, dues, genre, now))


def _ecartees(
    numeros: Collection[str], dues: Collection[FactureEchue], genre: str, now: datetime
) -> list[tuple[str, str]]:
    """Those of these numbers that had no reminder, and why, in their order."""
    ecartes = sorted(set(numeros) - {due.numero for due in dues})
    if not ecartes:
        return []
    lues = Facture.objects.filter(numero__in=ecartes).select_related("compte").prefetch_related("relances")
    connues = {une.numero: une for une in lues}
    reste, commencees = restes_dus(connues.values()), _being_paid(ecartes, now)
    raisons = []
    for numero in ecartes:
        facture = connues.get(numero)
        if facture is None:
            raisons.append((numero, "ce numéro n’existe pas"))
            continue
        faites = {relance.genre for relance in facture.relances.all()}
        if not reste[facture.pk]:
            raisons.append((numero, "payée depuis"))
        elif numero in commencees:
            raisons.append((numero, "un paiement est commencé"))
        elif Genre.TRESORERIE in faites:
            raisons.append((numero, "remise à la trésorerie"))
        elif Genre.DE_COTE in faites:
            raisons.append((numero, "mise de côté depuis"))
        else:
            raisons.append((numero, "rappelée déjà" if genre in faites else "son jour n’est pas venu"))
    return raisons


def remettre(numeros: Collection[str], par: User | None, now: datetime) -> list[FactureEchue]:
    """Note that those of these invoices (numbers) for which it is time were handed over to the treasury, so that no
    more reminder leaves; returns them. The others, and one that is being paid, are left out.
    """
    with transaction.atomic():
        dues = _locked(numeros, Genre.TRESORERIE, now)
        faite: dict[str, Any] = {"genre": Genre.TRESORERIE, "faite_le": now, "faite_par": par}
        Relance.objects.bulk_create(Relance(facture=due.facture, montant=due.reste, **faite) for due in dues)
        return dues


def mettre_de_cote(facture: Facture, motif: str, par: User | None, now: datetime) -> bool:
    """Leave this invoice out of the reminders, with a reason; whether that is new, else the first reason stays.

    `ValueError` without a reason.
    """
    if not motif.strip():
        raise ValueError("A reason is asked for")
    with transaction.atomic():
        Compte.objects.select_for_update().get(pk=facture.compte_id)
        _, nouvelle = Relance.objects.get_or_create(
            facture=facture,
            genre=Genre.DE_COTE,
            defaults={"motif": motif.strip(), "faite_le": now, "faite_par": par},
        )
        return nouvelle


def reprendre(facture: Facture) -> bool:
    """Let this invoice be reminded of again; whether it was put aside."""
    nombre, _ = Relance.objects.filter(facture=facture, genre=Genre.DE_COTE).delete()
    return nombre > 0


def _locked(numeros: Collection[str], genre: str, now: datetime) -> list[FactureEchue]:
    """Those of these invoices to which it is time for this, and that nobody is paying, their payers locked."""
    lock_payeurs_of(Facture.objects.filter(numero__in=numeros))
    today = now.astimezone(PARIS).date()
    return _among(load_retards(today).of(genre), set(numeros) - _being_paid(numeros, now))


def _being_paid(numeros: Collection[str], now: datetime) -> set[str]:
    """Those of these invoices (numbers) of which a payment is begun."""
    essais = EssaiPaiement.objects.of_facture(OuterRef("pk")).begun(now - ATTENTE)
    return set(Facture.objects.filter(Exists(essais), numero__in=numeros).values_list("numero", flat=True))


def lock_payeurs_of(factures: QuerySet[Facture, Any]) -> None:
    """Lock the payers of these invoices, and the payers that they were merged into, until the transaction ends: nothing
    is paid of the invoices meanwhile.
    """
    chaines = factures.order_by().values_list("compte", "compte__reuni_dans", "compte__reuni_dans__reuni_dans")
    comptes = sorted({cle for chaine in chaines for cle in chaine if cle})
    for lot in batched(comptes, LOT):
        list(Compte.objects.select_for_update().filter(pk__in=lot).order_by("pk").values_list("pk"))


def _among(dues: Iterable[FactureEchue], numeros: Collection[str]) -> list[FactureEchue]:
    voulus = set(numeros)
    return [due for due in dues if due.numero in voulus]
