"""Reminders: which invoices are late enough for one, and the one reminder of each payer, never for less than the sum
that the town set. Nothing here blocks a child. Reads.

Dates are those of `ReglageFacturation`, counted from the term; a second reminder, then the treasury, leave as much time
after the one before as the town set between them. Amounts are centimes, `today` is a day of Paris.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from facturation.models import (
    Compte,
    EssaiPaiement,
    Facture,
    ReglageFacturation,
    Relance,
    SignalementFacture,
)
from facturation.papiers import mots
from facturation.payeurs.comptes import noms_of
from facturation.payeurs.entetes import IdentitePayeur, load_identites
from facturation.payeurs.reports import is_reportee, load_reportes, vivant_of
from facturation.reglages import load_reglage
from portail.certain import certain
from portail.dates import PARIS, quantieme_annee, quantieme_mois

VIEW, ADD = "facturation.view_relance", "facturation.add_relance"  # who may see them, who may make them
PAGE_RELANCES = "admin:regie_relances"
MONTREES = 50  # of the invoices that were handed over: the files hold them all

Genre = Relance.Genre
RAPPELS = [Genre.PREMIER.value, Genre.DEUXIEME.value]  # in the order in which they leave
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
    def mois(self) -> str:
        """The month of this invoice, in French, with its year when it is not that of its number; empty for none."""
        if self.facture.mois is None:
            return ""
        premier = self.facture.mois.premier
        return mots.mois_texte(premier) if premier.year == self.facture.annee else mots.mois_annee(premier)

    @property
    def depuis(self) -> str:
        """Since when it is late, in French: « depuis le 20 novembre », with its year when it is not that of its number;
        then when a first reminder left: « rappelée le 27 novembre ».
        """
        echeance = certain(self.facture.echeance)
        jour = quantieme_mois(echeance) if echeance.year == self.facture.annee else quantieme_annee(echeance)
        faite = self.faites.get(Genre.PREMIER)
        return f"depuis le {jour}" + (f", rappelée le {quantieme_mois(mots.jour_of(faite.faite_le))}" if faite else "")

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
class RappelPayeur:
    """One reminder: a payer, and the invoices for which it is time (`dues`, at least one), by date to pay."""

    dues: Sequence[FactureEchue]

    @property
    def payeur(self) -> Compte:
        """Whom it reminds."""
        return self.dues[0].payeur

    @property
    def nom(self) -> str:
        """The names of the payer."""
        return self.dues[0].nom

    @property
    def identite(self) -> IdentitePayeur | None:
        """What papers say of the payer today; None where its foyer is gone."""
        return self.dues[0].identite

    @property
    def par_lettre(self) -> bool:
        """Whether it must be a letter: no e-mail reaches the payer, or they asked for paper."""
        return self.dues[0].par_lettre

    @property
    def telephone(self) -> str:
        """A telephone of the payer; empty where none is known."""
        return self.identite.telephone if self.identite else ""

    @property
    def genre(self) -> str:
        """Which reminder it is, a code of `Relance.Genre`: the second as soon as one of its invoices had a first."""
        deuxieme = any(due.prochaine == Genre.DEUXIEME for due in self.dues)
        return str(Genre.DEUXIEME if deuxieme else Genre.PREMIER)

    @property
    def reste(self) -> int:
        """What is left to pay of its invoices, in centimes."""
        return sum(due.reste for due in self.dues)

    @property
    def attente(self) -> str:
        """Why it is better not to send it yet, in a few words: what holds one of its invoices holds them all; empty
        when nothing stands in the way.
        """
        return next((due.attente for due in self.dues if due.attente), "")


@dataclass(frozen=True)
class Retards:
    """The invoices past their term, by what is to be done of them today: the reminders, one a payer; those that would
    ask for less than the sum that the town set; what the treasury takes over, what waits for its day, those put aside,
    those handed over.
    """

    premiers: list[RappelPayeur] = field(default_factory=list)
    deuxiemes: list[RappelPayeur] = field(default_factory=list)
    sous_minimum: list[RappelPayeur] = field(default_factory=list)
    tresorerie: list[FactureEchue] = field(default_factory=list)
    plus_tard: list[FactureEchue] = field(default_factory=list)
    de_cote: list[FactureEchue] = field(default_factory=list)
    remises: list[FactureEchue] = field(default_factory=list)

    def rappels(self, genre: str) -> list[RappelPayeur]:
        """The reminders that are ready today, first or second by `genre`, a code of `Relance.Genre`."""
        return self.deuxiemes if genre == Genre.DEUXIEME else self.premiers


def load_retards(today: date) -> Retards:
    """All the invoices whose date to pay is before `today` and that are not wholly paid, sorted by what is to be done
    of them. A fixed number of queries.
    """
    return _sort(load_dues(Q(echeance__lt=today)), today)


def count_retards(today: date) -> dict[str, int]:
    """How much is to be done today, by code of `Relance.Genre`: first reminders and second ones (one a payer), invoices
    for the treasury. Three queries, and nobody is named.
    """
    dues = [
        FactureEchue(
            facture,
            vivant_of(facture.compte),
            facture.reste,
            "",
            None,
            {une.genre: une for une in facture.relances.all()},
        )
        for facture in _restent(_sous(Q(echeance__lt=today)))
    ]
    retards = _sort(dues, today)
    return {
        Genre.PREMIER: len(retards.premiers),
        Genre.DEUXIEME: len(retards.deuxiemes),
        Genre.TRESORERIE: len(retards.tresorerie),
    }


def _sort(dues: Iterable[FactureEchue], today: date) -> Retards:
    """These invoices, by what is to be done of them today."""
    reglage, retards = load_reglage(), Retards()
    a_rappeler = []
    for due in dues:
        if Genre.TRESORERIE in due.faites:
            retards.remises.append(due)
        elif Genre.DE_COTE in due.faites:
            retards.de_cote.append(due)
        elif not due.is_time(reglage, today):
            retards.plus_tard.append(due)
        elif due.prochaine == Genre.TRESORERIE:
            retards.tresorerie.append(due)
        else:
            a_rappeler.append(due)
    for rappel in _par_payeur(a_rappeler):
        assez = rappel.reste >= reglage.rappel_minimum
        (retards.rappels(rappel.genre) if assez else retards.sous_minimum).append(rappel)
    return retards


def _par_payeur(dues: Iterable[FactureEchue]) -> list[RappelPayeur]:
    """One reminder for each payer of these invoices, in the order of their first ones."""
    siennes: dict[int, list[FactureEchue]] = {}
    for due in dues:
        siennes.setdefault(due.payeur.pk, []).append(due)
    return [RappelPayeur(factures) for factures in siennes.values()]


def load_lettres(jour: date) -> list[tuple[RappelPayeur, str]]:
    """The letters of the reminders made on that day of Paris, one a payer whom no e-mail reaches or who asked for
    paper, each with the code of `Relance.Genre` that it had; an invoice paid since is left out.
    """
    faites = Relance.objects.filter(genre__in=RAPPELS, faite_le__date=jour)
    genres = dict(faites.order_by("pk").values_list("facture", "genre"))
    return [
        (rappel, max((genres[due.facture.pk] for due in rappel.dues), key=RAPPELS.index))
        for rappel in _par_payeur(load_dues(Q(pk__in=genres)))
        if rappel.par_lettre
    ]


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
