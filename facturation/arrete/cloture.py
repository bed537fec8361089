"""Closing a month, once and for ever; the only writer of what is issued: lines, invoices, avoirs, their numbers.

Whoever issues first takes the lock of the series of invoices (`lock_emission`): what is asked twice at once happens
once. All or nothing, in one transaction, with the mails that tell it. No créneau is locked. Amounts are centimes;
`now` is aware, and the year of a number is that of the issue in Paris.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery

from accounts import journal, mailings
from accounts.models import Mailing, User
from facturation.arrete.controles import Controle, controler
from facturation.arrete.preparation import PreparationMois, Projet
from facturation.arrete.tasks import send_factures
from facturation.lignes import Avance, LigneFigee, Textes, ecrire, figee_of
from facturation.models import Facture, GenreFacture, Mois, Prestation
from facturation.montants import euros
from facturation.numeros import lock_emission, numero, take_rangs
from facturation.payeurs.comptes import comptes_of
from facturation.payeurs.entetes import IdentitePayeur, empreinte_of, entete_of, load_enfants
from facturation.regie.encaissements import imputer_credits
from facturation.reglages import load_emetteur
from portail.certain import certain
from portail.dates import PARIS
from portail.francais import NBSP

__all__ = ["Arret", "Emise", "arreter", "emettre", "empreinte_of"]

Genre = Facture.Genre
LOT = 500  # invoices of one statement


@dataclass(frozen=True)
class Arret:
    """What closing a month did: the closed month, or why it stays open, in sentences; what was checked and written.
    `deja`: it was closed before, nothing was computed.
    """

    mois: Mois | None
    controle: Controle | None = None
    refus: tuple[str, ...] = ()

    @property
    def deja(self) -> bool:
        """Whether the month was closed before this call, so that nothing was computed nor written."""
        return self.controle is None


@dataclass(frozen=True)
class Emise:
    """What one payer is to be issued: an invoice when the sum is above 0, else an avoir. `nouvelles` are written with
    it, `anciennes` waited.
    """

    compte: int
    identite: IdentitePayeur
    nouvelles: Sequence[LigneFigee]
    anciennes: Sequence[Prestation] = ()
    quotient: int | None = None
    residence: str = ""
    lieu: str = ""
    origine: Facture | None = None
    motif: str = ""
    lignes: list[LigneFigee | Prestation] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lignes", [*self.anciennes, *self.nouvelles])

    @property
    def total(self) -> int:
        """The sum of the lines of this document in centimes; below 0 for an avoir (credit note)."""
        return sum(ligne.montant for ligne in self.lignes)

    @property
    def genre(self) -> GenreFacture:
        """The kind of document that this is to be: an invoice when its total is above 0, else an avoir (credit
        note).
        """
        return Genre.FACTURE if self.total > 0 else Genre.AVOIR


def arreter(
    premier: date, par: int | None, now: datetime, *, attendu: int | None = None, avance: Avance | None = None
) -> Arret:
    """Close the month that begins on `premier`, in the name of the agent `par` (primary key; None for a command): issue
    its invoices and avoirs, and queue their mails. Nothing is written when something blocks it; asked again once
    closed, it gives the closed month and changes nothing.

    `attendu`: the sum in centimes that the agent has read; nothing is written when it is another one by now. `avance`
    is told how many lines more are written.
    """
    with transaction.atomic():
        lock_emission(now)
        if deja := Mois.objects.filter(premier=premier).first():
            return Arret(deja)
        controle = controler(premier, now)
        refus = controle.refus
        total = controle.preparation.a_emettre
        if not refus and attendu is not None and attendu != total:
            refus = [f"Le total a changé{NBSP}: {euros(total)}, et non {euros(attendu)}. Relisez, puis arrêtez."]
        if refus:
            return Arret(None, controle, tuple(refus))
        mois = _ecrire(controle.preparation, par, now, avance)
        journal.event("mois_arrete", user=par, mois=f"{premier:%Y-%m}", factures=mois.bilan["factures"])
    return Arret(mois, controle)


def _ecrire(preparation: PreparationMois, par: int | None, now: datetime, avance: Avance | None) -> Mois:
    mois = Mois.objects.create(
        premier=preparation.premier,
        arrete_le=now,
        arrete_par_id=par,
        echeance=preparation.echeance,
        bilan=preparation.bilan,
    )
    comptes = comptes_of([projet.foyer for projet in preparation.projets if projet.foyer is not None])
    emises: list[Emise] = []
    textes = Textes()
    attendent: list[LigneFigee] = []
    for projet in preparation.projets:
        compte = comptes[projet.foyer].pk if projet.foyer is not None else certain(projet.compte)
        nouvelles = [figee_of(charge, compte, textes) for charge in projet.charges]
        if projet.genre is None:
            attendent += nouvelles
        else:
            emises.append(_emise(projet, compte, nouvelles))
    factures = emettre(emises, mois=mois, par=par, now=now, avance=avance)
    ecrire(((ligne, None) for ligne in attendent), mois.pk, avance)
    imputer_credits({facture.compte_id for facture in factures}, now)
    mois.bilan |= _envoyer(mois, preparation.projets, factures, par, now)
    mois.save(update_fields=["bilan"])
    return mois


def _emise(projet: Projet, compte: int, nouvelles: Sequence[LigneFigee]) -> Emise:
    return Emise(
        compte,
        projet.identite,
        nouvelles,
        projet.attente,
        quotient=projet.quotient,
        residence=projet.residence,
        lieu=projet.lieu,
    )


def emettre(
    emises: Sequence[Emise], *, mois: Mois | None, par: int | None, now: datetime, avance: Avance | None = None
) -> list[Facture]:
    """Issue these invoices and avoirs, in their order, with numbers that follow each other; the documents as written.

    The caller must hold the lock of the emission (`lock_emission`). `mois`: the month that is being closed, None for an
    avoir issued alone. `par` is the agent (primary key); the year of the numbers is that of `now` in Paris.
    """
    annee = now.astimezone(PARIS).year
    genres = [emise.genre for emise in emises]
    rangs = {genre: iter(take_rangs(genre, annee, genres.count(genre))) for genre in set(genres)}
    enfants = load_enfants({ligne.cle_enfant for emise in emises for ligne in emise.lignes})
    attendaient = [ligne for emise in emises for ligne in emise.anciennes]
    geles = {ligne.cle_enfant: ligne.faits["enfant"] for ligne in attendaient if "enfant" in ligne.faits}
    enfants = geles | enfants  # of those who were erased since
    emetteur = load_emetteur()
    factures = []
    for emise in emises:
        rang = next(rangs[emise.genre])
        facture = Facture(
            genre=emise.genre,
            annee=annee,
            rang=rang,
            numero=numero(emise.genre, annee, rang),
            compte_id=emise.compte,
            mois=mois,
            origine=emise.origine,
            emise_le=now,
            emise_par_id=par,
            echeance=mois.echeance if mois and emise.genre == Genre.FACTURE else None,
            total=emise.total,
            motif=emise.motif,
            entete=entete_of(
                emise.identite,
                enfants,
                (ligne.cle_enfant for ligne in emise.lignes),
                quotient=emise.quotient,
                residence=emise.residence,
                emetteur=emetteur,
                lieu=emise.lieu,
            ),
        )
        facture.empreinte = empreinte_of(facture, emise.lignes)
        factures.append(facture)
    Facture.objects.bulk_create(factures, batch_size=LOT)
    paires = zip(emises, factures, strict=True)
    lignes = ((ligne, facture.pk) for emise, facture in paires for ligne in emise.nouvelles)
    ecrire(lignes, mois.pk if mois else None, avance)
    _sortir_d_attente(emises, factures)
    return factures


def _sortir_d_attente(emises: Iterable[Emise], factures: Iterable[Facture]) -> None:
    """Put the lines that waited on their invoice, in a few statements whatever their number."""
    anciennes = {facture.pk: emise for emise, facture in zip(emises, factures, strict=True) if emise.anciennes}
    if anciennes:
        nouvelle = Facture.objects.filter(pk__in=anciennes, compte=OuterRef("compte")).values("pk")[:1]
        siennes = [ligne.pk for emise in anciennes.values() for ligne in emise.anciennes]  # and no line come since
        for debut in range(0, len(siennes), LOT * 10):
            lot = siennes[debut : debut + LOT * 10]
            Prestation.objects.waiting().filter(pk__in=lot).update(facture=Subquery(nouvelle))


def _envoyer(
    mois: Mois, projets: Iterable[Projet], factures: Iterable[Facture], par: int | None, now: datetime
) -> dict[str, Any]:
    """Queue one mail a payer; a letter is for the others. What the closed month keeps of it."""
    par_compte = {facture.compte_id: facture for facture in factures}
    destinataires: dict[int, int] = {}
    lettres = []
    for projet, facture in zip((p for p in projets if p.genre is not None), par_compte.values(), strict=True):
        if projet.courriel is None:
            lettres.append(facture.pk)
        else:
            destinataires[projet.courriel] = facture.pk
    envoi = None
    if destinataires:
        envoi, _ = mailings.open_mailing(
            Mailing.Mail.INVOICE,
            User.objects.filter(pk__in=destinataires).order_by("pk"),
            recipients=f"les payeurs de {mois}",
            by=par,
            now=now,
        )
        send_factures.enqueue(mois.pk)
    return {
        "envoi": envoi.pk if envoi else None,
        "courriels": len(destinataires),
        "lettres": lettres,
        "premier_numero": min((f.numero for f in par_compte.values() if f.genre == Genre.FACTURE), default=""),
    }
