"""The writer of `Relance`, but for the lists of a town whose treasury collects everything (`titres`)."""

from __future__ import annotations

from collections.abc import Collection
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
from facturation.montants import euros
from facturation.payeurs.comptes import noms_of, with_reunis
from facturation.payeurs.reports import vivant_of
from facturation.regie.relances.lecture import FactureEchue, RappelPayeur, Retards, load_retards
from facturation.reglages import load_reglage
from portail.dates import PARIS

Genre = Relance.Genre
SEND = "facturation.regie.relances.tasks.send_rappel"
LOT = 2000  # payers locked at a time


@dataclass(frozen=True)
class BilanRelance:
    """What one sending did: the reminders made, one a payer; the payers who were asked for and are not reminded, by
    name, each with why.
    """

    rappels: list[RappelPayeur]
    ecartes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def lettres(self) -> int:
        """How many of them are letters to print."""
        return sum(rappel.par_lettre for rappel in self.rappels)

    @property
    def courriels(self) -> int:
        """How many of them leave by e-mail."""
        return len(self.rappels) - self.lettres


def rappeler(payeurs: Collection[int], genre: str, par: User | None, now: datetime) -> BilanRelance:
    """Send their reminder, first or second by `genre`, to these payers (primary keys): one for each, of all the
    invoices for which it is time. An e-mail is queued, or a letter is to be printed where no e-mail reaches. Returns
    what was done.

    A payer who has paid meanwhile, is paying, owes less than the sum that the town set, was reminded already, or whose
    day has not come, is left out, and told in the result: asked twice, it happens once.
    """
    with transaction.atomic():
        lock_payeurs_of(Facture.objects.filter(compte__in=with_reunis(payeurs)))
        payeurs = {vivant_of(compte).pk for compte in Compte.objects.filter(pk__in=payeurs)}  # who owes it by now
        retards = load_retards(now.astimezone(PARIS).date())
        prets = [rappel for rappel in retards.rappels(genre) if rappel.payeur.pk in payeurs]
        commencees = _being_paid([due.numero for rappel in prets for due in rappel.dues], now)
        paient = {rappel.payeur.pk for rappel in prets if any(due.numero in commencees for due in rappel.dues)}
        rappels = [rappel for rappel in prets if rappel.payeur.pk not in paient]
        Relance.objects.bulk_create(
            Relance(facture=due.facture, genre=due.prochaine, faite_le=now, faite_par=par)
            for rappel in rappels
            for due in rappel.dues
        )
        for rappel in rappels:
            if rappel.identite and not rappel.par_lettre:
                cles = [due.facture.pk for due in rappel.dues]
                outbox.enqueue(SEND, rappel.identite.joignable, cles, genre)
        autres = set(payeurs) - {rappel.payeur.pk for rappel in rappels}
        return BilanRelance(rappels, _ecartes(autres, paient, retards))


def _ecartes(payeurs: Collection[int], paient: Collection[int], retards: Retards) -> list[tuple[str, str]]:
    """Why each of these payers (primary keys) has no reminder, after their names. `paient`: whose payment is begun."""
    minimum = f"moins de {euros(load_reglage().rappel_minimum)}"
    raisons = {due.payeur.pk: "la trésorerie s’en charge" for due in [*retards.remises, *retards.tresorerie]}
    raisons |= {due.payeur.pk: "de côté depuis" for due in retards.de_cote}
    raisons |= {
        due.payeur.pk: "rappel déjà parti" if due.faites else "son jour n’est pas venu" for due in retards.plus_tard
    }
    raisons |= {rappel.payeur.pk: "c’est l’autre rappel qui est prêt" for rappel in _prets(retards)}
    raisons |= {rappel.payeur.pk: minimum for rappel in retards.sous_minimum}
    raisons |= dict.fromkeys(paient, "un paiement est commencé")
    noms = noms_of(list(Compte.objects.filter(pk__in=payeurs).order_by("pk"))) if payeurs else {}
    return [(nom, raisons.get(cle, "plus rien à payer")) for cle, nom in noms.items()]


def _prets(retards: Retards) -> list[RappelPayeur]:
    return [*retards.premiers, *retards.deuxiemes]


def remettre(numeros: Collection[str], par: User | None, now: datetime) -> list[FactureEchue]:
    """Note that those of these invoices (numbers) for which it is time were handed over to the treasury, so that no
    more reminder leaves; returns them. The others, and one that is being paid, are left out.
    """
    with transaction.atomic():
        dues = _locked(numeros, now)
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


def _locked(numeros: Collection[str], now: datetime) -> list[FactureEchue]:
    """Those of these invoices that the treasury may take over, and that nobody is paying, their payers locked."""
    lock_payeurs_of(Facture.objects.filter(numero__in=numeros))
    voulus = set(numeros) - _being_paid(numeros, now)
    return [due for due in load_retards(now.astimezone(PARIS).date()).tresorerie if due.numero in voulus]


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
