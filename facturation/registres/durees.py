"""What money keeps, and for how long (RGP-06): the accounts ten years; what only served a price, as long as the days of
school that it is about.

A paper goes with all that it is bound to: an invoice, what paid it, what corrects it. One that is not settled waits,
unless nothing newer is left of its payer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from itertools import batched
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from enfance.mairie.durees import INSCRIPTIONS, JOURNAL, limite
from facturation.models import (
    Attestation,
    Compte,
    Encaissement,
    EssaiPaiement,
    Facture,
    Imputation,
    Justification,
    NombreEnfants,
    Partage,
    PartPaiement,
    Prestation,
    Quotient,
    Relance,
    ReponseAbsence,
    SignalementFacture,
    Versement,
)
from facturation.payeurs.comptes import soldes
from facturation.payeurs.reports import load_reportes, restes_dus, vivant_of
from portail.durees import AN, Cadence, Duree, Lot, counted, jours, rows

FACTURES = "CONSERVATION_FACTURES"
COMPTES = 100  # payers of one transaction
Etat = EssaiPaiement.Etat
SANS_SUITE = (Etat.REFUSE, Etat.ABANDONNE, Etat.PERIME)


# --- Accounts ---------------------------------------------------------------------------------------------------------


def first_whole_year(now: datetime) -> int:
    """The first year of which every document that was issued must still be kept, at `now` (Paris)."""
    kept: int = getattr(settings, FACTURES)
    return timezone.localdate(now).year - -(-kept // AN)


def _papiers(now: datetime) -> Iterator[Lot]:
    derniere = first_whole_year(now) - 1
    comptes = {
        cle
        for model in (Facture, Encaissement, Attestation)
        for cle in model._base_manager.filter(annee__lte=derniere).order_by().values_list("compte", flat=True)
    }
    for lot in batched(sorted(comptes), COMPTES):
        yield partial(_forget_papiers, lot, derniere)
    yield partial(counted, Versement.objects.filter(annee__lte=derniere, encaissements=None))
    yield partial(_forget_comptes)


def _forget_papiers(comptes: Collection[int], derniere: int) -> Mapping[str, int]:
    """What has passed its time of these payers. Whoever writes a receipt of theirs waits."""
    list(Compte.objects.select_for_update().filter(pk__in=comptes).order_by("pk").values_list("pk"))
    finis = [compte for compte in comptes if _is_over(compte, derniere)]
    factures = set(Facture.objects.filter(compte__in=finis).values_list("pk", flat=True))
    recus = set(Encaissement.objects.filter(compte__in=finis).values_list("pk", flat=True))
    for compte in set(comptes) - set(finis):
        soldees, siens = _settled(compte, derniere)
        factures |= soldees
        recus |= siens
    partis: Counter[str] = Counter()
    suites: tuple[QuerySet[Any], ...] = (
        _imputations(factures, recus),
        SignalementFacture.objects.filter(facture__in=factures),
        Relance.objects.filter(facture__in=factures),
        EssaiPaiement.objects.filter(pk__in=_essais_of(factures, recus)),
    )
    for siennes in suites:
        partis.update(counted(siennes))
    lignes = Prestation.objects.filter(Q(facture__in=factures) | Q(facture=None, compte__in=finis))
    partis.update(_from_the_last(lignes, "corrections"))
    partis.update(_from_the_last(Facture.objects.filter(pk__in=factures), "avoirs_sur_elle"))
    partis.update(_from_the_last(Encaissement.objects.filter(pk__in=recus), "annule_par"))
    attestations = Attestation.objects.filter(compte__in=comptes, annee__lte=derniere)
    partis.update(_from_the_last(attestations, "remplacee_par"))
    return partis


def _essais_of(factures: Collection[int], recus: Collection[int]) -> QuerySet[Any]:
    """The attempts (primary keys) to pay one of these invoices, or that made one of these receipts."""
    des_parts = Q(parts__facture__in=factures) | Q(parts__encaissement__in=recus)
    return EssaiPaiement.objects.filter(Q(facture__in=factures) | Q(encaissement__in=recus) | des_parts).values("pk")


def _from_the_last(lignes: QuerySet[Any], suivantes: str) -> Mapping[str, int]:
    """Delete those that none follows any more, then those that these followed."""
    partis: Counter[str] = Counter()
    while derniers := +Counter(counted(lignes.filter(**{suivantes: None}))):
        partis.update(derniers)
    return partis


def _is_over(compte: int, derniere: int) -> bool:
    """Whether nothing of this payer is newer, issued or waiting, nor corrected by what another payer was issued."""
    recents = [
        model._base_manager.filter(compte=compte, annee__gt=derniere).exists() for model in (Facture, Encaissement)
    ]
    attente = Prestation.objects.waiting().filter(compte=compte)
    ailleurs = [
        Prestation.objects.filter(corrige__facture__compte=compte).exclude(compte=compte).exists(),
        Facture.objects.filter(origine__compte=compte).exclude(compte=compte).exists(),
    ]
    return not any(recents + ailleurs) and not attente.exclude(mois__premier__year__lte=derniere).exists()


# --- What is bound to what --------------------------------------------------------------------------------------------

type Papier = tuple[str, int]  # FACTURE or RECU, and the primary key
FACTURE, RECU = "facture", "recu"


def _settled(compte: int, derniere: int) -> tuple[set[int], set[int]]:
    """The invoices and the receipts (primary keys) of this payer that have passed their time, settled, with all that
    they are bound to.
    """
    factures = {facture.pk: facture for facture in Facture.objects.filter(compte=compte)}
    recus = {recu.pk: recu for recu in Encaissement.objects.filter(compte=compte)}
    restes: Counter[Papier] = Counter({(FACTURE, cle): abs(facture.total) for cle, facture in factures.items()})
    restes.update({(RECU, cle): abs(recu.montant) for cle, recu in recus.items()})
    paires: list[tuple[tuple[str, int | None], tuple[str, int | None]]] = []
    for imputation in _imputations(factures, recus):
        source = (RECU, imputation.encaissement_id) if imputation.encaissement_id else (FACTURE, imputation.avoir_id)
        cible = (FACTURE, imputation.facture_id) if imputation.facture_id else (RECU, imputation.sortie_id)
        paires.append((source, cible))
        for genre, cle in (source, cible):
            restes[genre, cle or 0] -= imputation.montant
    paires += [((FACTURE, cle), (FACTURE, facture.origine_id)) for cle, facture in factures.items()]
    avoirs = Facture.objects.filter(origine__in=factures).exclude(compte=compte).values_list("pk", "origine")
    paires += [((FACTURE, avoir), (FACTURE, origine)) for avoir, origine in avoirs]
    paires += [((RECU, cle), (RECU, recu.annule_id)) for cle, recu in recus.items()]
    ensemble = PartPaiement.objects.filter(encaissement__in=recus).values_list("encaissement", "essai__encaissement")
    paires += [((RECU, un), (RECU, autre)) for un, autre in ensemble]  # paid at once, by one payment on line
    corrections = Prestation.objects.filter(corrige__facture__in=factures)
    for correction, corrigee in corrections.values_list("facture", "corrige__facture"):
        paires.append(((FACTURE, correction or 0), (FACTURE, corrigee)))  # 0: it waits for an invoice
    liens = {((un, une), (autre, l_autre)) for (un, une), (autre, l_autre) in paires if None not in (une, l_autre)}
    partent = {papier for papier, reste in restes.items() if reste == 0}
    partent -= {(FACTURE, cle) for cle, facture in factures.items() if facture.annee > derniere}
    partent -= {(RECU, cle) for cle, recu in recus.items() if recu.annee > derniere}
    while tenus := {une for une, autre in _both_ways(liens) if une in partent and autre not in partent}:
        partent -= tenus
    return {cle for genre, cle in partent if genre == FACTURE}, {cle for genre, cle in partent if genre == RECU}


def _both_ways(liens: Collection[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    yield from liens
    yield from ((autre, une) for une, autre in liens)


def _imputations(factures: Collection[int], recus: Collection[int]) -> QuerySet[Imputation]:
    des_factures = Q(facture__in=factures) | Q(avoir__in=factures)
    return Imputation.objects.filter(des_factures | Q(encaissement__in=recus) | Q(sortie__in=recus))


def _forget_comptes() -> Mapping[str, int]:
    """The payers of whom nothing is left, and that lead to no foyer any more."""
    relations = (
        *("factures", "prestations", "encaissements", "essais", "attestations"),
        *("quotients", "nombres_enfants", "partages"),
    )
    return _from_the_last(Compte.objects.filter(foyer=None, **dict.fromkeys(relations)), "reunis")


# --- What served a price ----------------------------------------------------------------------------------------------


def _faits(now: datetime) -> Iterable[Lot]:
    """Of school years whose days have gone: nothing is worked out of them any more."""
    fin = limite(now)
    return () if fin is None else _faits_of(fin)


def _faits_of(fin: date) -> Iterator[Lot]:
    lendemain = fin + timedelta(days=1)
    suivant = Quotient.objects.seen().filter(compte=OuterRef("compte"), debut__gt=OuterRef("debut"))
    finis = Q(fin__lte=fin) | Q(annule_le__date__lte=fin) | Q(vu_le=None, saisi_le__date__lte=fin)
    yield from rows(Quotient.objects.filter(finis | Exists(suivant.filter(debut__lte=lendemain))))
    suite = NombreEnfants.objects.filter(compte=OuterRef("compte"), debut__gt=OuterRef("debut"), debut__lte=lendemain)
    yield from rows(NombreEnfants.objects.filter(Exists(suite)))
    yield from rows(Justification.objects.filter(jour__lte=fin))
    yield from rows(ReponseAbsence.objects.filter(jour__lte=fin))
    yield from rows(Partage.objects.filter(fin__lte=fin))


def _essais(now: datetime) -> Iterator[Lot]:
    avant = now - timedelta(days=getattr(settings, JOURNAL))
    yield from rows(EssaiPaiement.objects.filter(etat__in=SANS_SUITE, demande_le__lt=avant))


# --- Who has left, and is not settled ---------------------------------------------------------------------------------

PRESCRIPTION = 4  # years after which nobody asks for it any more
SUITES = (Relance.Genre.TRESORERIE, Relance.Genre.DE_COTE)


def retenus(foyers: Collection[int], today: date) -> set[int]:
    """Among these foyers (primary keys), the ones that time alone must not erase yet: a line waits for an invoice, or
    something is owed either way since less than four years.

    What the treasury collects, or what was put aside, keeps no foyer.
    """
    comptes = dict(Compte.objects.filter(foyer__in=foyers).values_list("pk", "foyer"))
    recents = {
        cle
        for model in (Facture, Encaissement)
        for cle in model._base_manager.filter(compte__in=comptes, annee__gte=today.year - PRESCRIPTION)
        .order_by()
        .values_list("compte", flat=True)
    }
    attente = Prestation.objects.waiting().filter(compte__in=comptes).order_by()
    tenus = {cle for cle, somme in attente.values_list("compte").annotate(Sum("montant")) if somme}
    dus = {cle: solde for cle, solde in soldes(recents).items() if solde}
    siennes = Q(compte__in=dus) | Q(pk__in=load_reportes(dus))
    factures = Facture.objects.filter(siennes, total__gt=0).exclude(relances__genre__in=SUITES)
    reste = restes_dus(lues := list(factures.select_related("compte__reuni_dans")))
    a_payer = {vivant_of(facture.compte).pk for facture in lues if reste[facture.pk]}
    tenus |= {cle for cle, solde in dus.items() if solde < 0 or cle in a_payer}
    return {foyer for cle, foyer in comptes.items() if cle in tenus}


DUREES = (
    Duree(
        "payment_attempts",
        "Paiements en ligne refusés ou abandonnés",
        lambda: jours(JOURNAL),
        reglages=(JOURNAL,),
        modeles=("facturation.EssaiPaiement", "facturation.PartPaiement"),
        lots=_essais,
        avant="school_years",
    ),
    Duree(
        "prices",
        "Quotients familiaux, nombres d’enfants, parts de prix, raisons d’une absence et réponses de la mairie",
        lambda: f"l’année scolaire où ils comptent, puis {jours(INSCRIPTIONS)}",
        Cadence.AN,
        (INSCRIPTIONS,),
        (
            *("facturation.Justification", "facturation.NombreEnfants", "facturation.Partage"),
            *("facturation.Quotient", "facturation.ReponseAbsence"),
        ),
        _faits,
        avant="messages",
    ),
    Duree(
        "accounts_of_money",
        "Factures et leurs lignes, paiements, reçus, attestations",
        lambda: f"{jours(FACTURES)} après l’année de leur émission, même si la famille est effacée",
        Cadence.AN,
        (FACTURES,),
        (
            "facturation.Attestation",
            "facturation.Compte",
            "facturation.Encaissement",
            "facturation.Facture",
            "facturation.Imputation",
            "facturation.Prestation",
            "facturation.Relance",
            "facturation.SignalementFacture",
            "facturation.Versement",
        ),
        _papiers,
        avant="departures",
    ),
)
AILLEURS = {
    "facturation.Deliberation": "un vote du conseil",
    "facturation.LieuResidence": "une résidence de la liste de la mairie",
    "facturation.Plafond": "un vote du conseil",
    "facturation.Mois": "un mois arrêté et ses totaux, sans nom ; il l’est pour toujours",
    "facturation.Supplement": "un vote du conseil",
    "facturation.Tarif": "un vote du conseil",
}
