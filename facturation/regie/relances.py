"""Reminders: which invoices are late enough for one, and the writer of `Relance`; of the lists of a town whose treasury
collects everything, `titres` is. Nothing here blocks a child.

Dates are those of `ReglageFacturation`, counted from the term; a second reminder, then the treasury, leave as much time
after the one before as the town set between them. Amounts are centimes, `today` is a day of Paris.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts import outbox
from accounts.models import User
from facturation.models import (
    Compte,
    EssaiPaiement,
    Facture,
    ReglageFacturation,
    Relance,
    SignalementFacture,
)
from facturation.models.paiements import ATTENTE
from facturation.payeurs.comptes import noms_of
from facturation.payeurs.entetes import IdentitePayeur, load_identites
from facturation.payeurs.reports import is_reportee, load_reportes, restes_dus, vivant_of
from facturation.reglages import load_reglage
from portail.certain import certain
from portail.dates import PARIS

VIEW, ADD = "facturation.view_relance", "facturation.add_relance"  # who may see them, who may make them
PAGE_RELANCES = "admin:regie_relances"
MONTREES = 50  # of the invoices that were handed over: the files hold them all

Genre = Relance.Genre
SEND = "facturation.regie.tasks.send_rappel"
LOT = 2000  # payers locked at a time
ESSAIS = [EssaiPaiement.Etat.EN_COURS, EssaiPaiement.Etat.A_VERIFIER]


@dataclass(frozen=True)
class FactureEchue:
    """An invoice past its term: what remains of it, the payer (of one that was carried, the one that stays), what was
    done already. `attente`: why it is better not to remind of it yet, in a few words; empty when nothing stands in the
    way.
    """

    facture: Facture
    payeur: Compte
    reste: int
    nom: str
    identite: IdentitePayeur | None
    faites: dict[str, Relance]
    attente: str = ""

    @property
    def numero(self) -> str:
        """The number of this invoice."""
        return self.facture.numero

    @property
    def paye(self) -> int:
        """What was paid already of this invoice, in centimes."""
        return self.facture.total - self.reste

    @property
    def par_lettre(self) -> bool:
        """Whether its reminder must be a letter: no e-mail reaches the payer, or they asked for paper."""
        papier = self.payeur.envoi == Compte.Envoi.PAPIER
        return papier or self.identite is None or self.identite.joignable is None

    @property
    def prochaine(self) -> str:
        """The next step for this invoice, a code of `Relance.Genre`: first reminder, second reminder, then the
        treasury, which it remains once that is done.
        """
        if Genre.TRESORERIE in self.faites or Genre.DEUXIEME in self.faites:
            return str(Genre.TRESORERIE)
        return str(Genre.DEUXIEME if Genre.PREMIER in self.faites else Genre.PREMIER)

    def is_time(self, reglage: ReglageFacturation, today: date) -> bool:
        """Whether the next step for this invoice is to be proposed on `today`, by the delays that the town set."""
        echeance = certain(self.facture.echeance)
        delais = {
            Genre.PREMIER: (reglage.rappel_1, None, 0),
            Genre.DEUXIEME: (reglage.rappel_2, Genre.PREMIER, reglage.rappel_2 - reglage.rappel_1),
            Genre.TRESORERIE: (reglage.tresorerie, Genre.DEUXIEME, reglage.rappel_2 - reglage.rappel_1),
        }
        jours, precedente, apres = delais[Genre(self.prochaine)]
        if today < echeance + timedelta(days=jours):
            return False
        faite = self.faites.get(precedente) if precedente else None
        return faite is None or today >= faite.faite_le.astimezone(PARIS).date() + timedelta(days=apres)


@dataclass(frozen=True)
class Retards:
    """The invoices past their term, by what is to be done of them today; those put aside, those handed over."""

    premiers: list[FactureEchue]
    deuxiemes: list[FactureEchue]
    tresorerie: list[FactureEchue]
    plus_tard: list[FactureEchue]
    de_cote: list[FactureEchue]
    remises: list[FactureEchue]

    def of(self, genre: str) -> list[FactureEchue]:
        """The invoices that are ready today for this step, a code of `Relance.Genre`; any code but the two reminders
        gives those for the treasury.
        """
        return {Genre.PREMIER: self.premiers, Genre.DEUXIEME: self.deuxiemes}.get(Genre(genre), self.tresorerie)


def load_retards(today: date) -> Retards:
    """All the invoices whose date to pay is before `today` and that are not wholly paid, sorted by what is to be done
    of them. A fixed number of queries.
    """
    return _sort(load_dues(Q(echeance__lt=today)), today)


def count_retards(today: date) -> dict[str, int]:
    """How many invoices may have each step today, by code of `Relance.Genre`: first reminder, second, treasury. Three
    queries, and nobody is named.
    """
    dues = [
        FactureEchue(
            facture, facture.compte, facture.reste, "", None, {une.genre: une for une in facture.relances.all()}
        )
        for facture in _restent(_sous(Q(echeance__lt=today)))
    ]
    retards = _sort(dues, today)
    return {genre: len(retards.of(genre)) for genre in (Genre.PREMIER, Genre.DEUXIEME, Genre.TRESORERIE)}


def _sort(dues: Iterable[FactureEchue], today: date) -> Retards:
    """These invoices, by what is to be done of them today."""
    reglage = load_reglage()
    retards = Retards([], [], [], [], [], [])
    for due in dues:
        if Genre.TRESORERIE in due.faites:
            retards.remises.append(due)
        elif Genre.DE_COTE in due.faites:
            retards.de_cote.append(due)
        elif due.is_time(reglage, today):
            retards.of(due.prochaine).append(due)
        else:
            retards.plus_tard.append(due)
    return retards


def load_dues(condition: Q, au: datetime | None = None) -> list[FactureEchue]:
    """The invoices under this condition of which something remains to pay, or remained at the instant `au`; by date to
    pay. Six queries.
    """
    lues = with_attente(_sous(condition))
    factures = _restent(lues.select_related("mois").order_by("echeance", "annee", "rang"), au)
    payeurs = {facture.pk: vivant_of(facture.compte) for facture in factures}
    comptes = {payeur.pk: payeur for payeur in payeurs.values()}
    noms = noms_of(list(comptes.values()))
    identites = load_identites({compte.foyer_id for compte in comptes.values() if compte.foyer_id})
    return [
        FactureEchue(
            facture,
            payeurs[facture.pk],
            facture.reste,
            noms[payeurs[facture.pk].pk],
            identites.get(payeurs[facture.pk].foyer_id or 0),
            {relance.genre: relance for relance in facture.relances.all()},
            attente_of(facture),
        )
        for facture in factures
    ]


def _sous(condition: Q) -> QuerySet[Facture, Any]:
    """The invoices under this condition."""
    lues: QuerySet[Facture, Any] = Facture.objects.factures().filter(condition).select_related("compte__reuni_dans")
    return lues.prefetch_related("relances")


def _restent(lues: QuerySet[Facture, Any], au: datetime | None = None) -> list[Any]:
    """These invoices, with what remains of each (`reste`), when something does; what was carried remains."""
    avant = Q(imputations__faite_le__lte=au) if au else None
    lues = lues.annotate(reste=F("total") - Coalesce(Sum("imputations__montant", filter=avant), 0))
    factures: list[Any] = list(lues.annotate(reportee=is_reportee()).filter(Q(reste__gt=0) | Q(reportee=True)))
    if any(facture.reportee for facture in factures):
        reportes = load_reportes(au=au)
        for facture in factures:
            facture.reste += reportes.get(facture.pk, 0)
    return [facture for facture in factures if facture.reste]


def with_attente(factures: QuerySet[Facture, Any]) -> QuerySet[Facture, Any]:
    """These invoices with two more columns, `essayee` and `signalee`, which `attente_of` reads: whether a payment on
    PayFiP is begun or to be checked, whether a parent reported an error without an answer yet.
    """
    essais = EssaiPaiement.objects.of_facture(OuterRef("pk")).filter(etat__in=ESSAIS)
    signalees = SignalementFacture.objects.filter(facture=OuterRef("pk"), repondu_le=None)
    return factures.annotate(essayee=Exists(essais), signalee=Exists(signalees))


def attente_of(facture: Any) -> str:
    """Why it is better to ask nothing of this invoice yet, in a few French words; empty when nothing stands in the way.
    The invoice must come from `with_attente`.
    """
    if facture.signalee:
        return "une erreur est signalée, sans réponse"
    return "un paiement est à vérifier" if facture.essayee else ""


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
