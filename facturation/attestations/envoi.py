"""The certificates of a year, for the whole town: what is due, issued at once, told by mail, or printed.

Amounts are centimes. Certificates and mails are of one transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from accounts import mailings
from accounts.models import Mailing, User
from facturation.attestations.emission import ConstatAttestation, constater, emettre
from facturation.attestations.tasks import send_attestations
from facturation.models import Attestation, Compte, Encaissement
from facturation.payeurs.entetes import load_identites
from portail.francais import et
from portail.lettres import lettres


@dataclass(frozen=True)
class LigneAttestation:
    """A payer of the page: what their certificate says, or would say. `joignable`: a mail reaches them."""

    constat: ConstatAttestation
    joignable: bool

    @property
    def nom(self) -> str:
        """The name of the payer, as the certificate says it."""
        return str(self.constat.contenu["payeur"].get("nom", ""))

    @property
    def enfants(self) -> str:
        """The first names of the children of the certificate, « Tom et Zoé »; empty without any."""
        dits = self.constat.contenu["enfants"]
        return et([enfant["prenom"] for enfant in dits]) if dits else ""

    @property
    def total(self) -> int:
        """What the certificate certifies, or would certify, in centimes."""
        return self.constat.total

    @property
    def emise(self) -> Attestation | None:
        """The certificate that stands for this payer and year; None while none was issued."""
        return self.constat.emise

    @property
    def a_refaire(self) -> bool:
        """Whether the certificate that stands is to be replaced, because what was paid has changed since."""
        return self.emise is not None and self.constat.a_emettre


@dataclass(frozen=True)
class Campagne:
    """The certificates of a year: all, by the name of the payer."""

    annee: int
    lignes: Sequence[LigneAttestation]
    finie: bool

    @property
    def dues(self) -> list[LigneAttestation]:
        """The payers whose certificate is to be issued, or issued again."""
        return [ligne for ligne in self.lignes if ligne.constat.a_emettre]

    @property
    def emises(self) -> list[LigneAttestation]:
        """The payers who have a certificate of the year."""
        return [ligne for ligne in self.lignes if ligne.emise]

    @property
    def total(self) -> int:
        """The sum of all the certificates, issued or not, in centimes."""
        return sum(ligne.total for ligne in self.lignes)

    @property
    def lettres(self) -> list[LigneAttestation]:
        """The payers whose certificate, issued or due, is to be printed because no mail reaches them."""
        return [ligne for ligne in self.lignes if not ligne.joignable]


@dataclass(frozen=True)
class Emission:
    """What was done: the certificates, how many mails leave."""

    emises: Sequence[Attestation]
    courriels: int
    mailing: Mailing | None


def annees(today: date) -> list[int]:
    """The calendar years that a certificate may be about, the latest first: from the year when money was first received
    to that of `today`; none while nothing was received.
    """
    premier: datetime | None = Encaissement.objects.aggregate(premier=Min("recu_le"))["premier"]
    if premier is None:
        return []
    return list(range(today.year, timezone.localdate(premier).year - 1, -1))


def load_campagne(annee: int, *, today: date) -> Campagne:
    """What the certificates of this calendar year are, or would be today, for all payers, by name."""
    constats = list(constater(annee))
    joignables = _joignables([constat.compte for constat in constats])
    lignes = [LigneAttestation(constat, constat.compte in joignables) for constat in constats]
    return Campagne(annee, sorted(lignes, key=lambda ligne: lettres(ligne.nom)), today.year > annee)


def emettre_et_dire(annee: int, *, par: int | None, now: datetime) -> Emission:
    """Issue all the certificates of this calendar year that are due, and queue one mail for each payer whom mails
    reach; what was done. Asked twice, it does nothing more. `par` is the agent (primary key). `ValueError` before the
    year is over.
    """
    with transaction.atomic():
        emises = emettre(annee, now=now)
        joignables = _joignables([attestation.compte_id for attestation in emises])
        if not joignables:
            return Emission(emises, 0, None)
        envoi, _ = mailings.open_mailing(
            Mailing.Mail.CERTIFICATE,
            User.objects.filter(pk__in=joignables.values()).order_by("pk"),
            recipients=f"les familles, pour {annee}",
            by=par,
            now=now,
        )
        send_attestations.enqueue(annee, envoi.pk)
        return Emission(emises, len(joignables), envoi)


def _joignables(comptes: Collection[int]) -> dict[int, int]:
    """The account (primary key) that the mail of each of these payers goes to; those that want paper, or whom no mail
    reaches, are left out.
    """
    payeurs = Compte.objects.filter(pk__in=comptes, envoi=Compte.Envoi.COURRIEL, foyer__isnull=False)
    foyers = {foyer: compte for compte, foyer in payeurs.values_list("pk", "foyer") if foyer is not None}
    identites = load_identites(foyers)
    joints = {foyers[foyer]: identite.joignable for foyer, identite in identites.items()}
    return {compte: cle for compte, cle in joints.items() if cle is not None}


def standing(annee: int, comptes: Iterable[int] | None = None) -> list[Attestation]:
    """The certificates of this calendar year that no later one has replaced, by number; of these payers alone (primary
    keys) when `comptes` is given.
    """
    siennes = Attestation.objects.filter(annee_payee=annee, remplacee_par=None).select_related("remplace")
    voulues = siennes if comptes is None else siennes.filter(compte__in=list(comptes))
    return list(voulues.order_by("annee", "rang"))


def sans_courriel(attestations: Collection[Attestation]) -> list[Attestation]:
    """Among these certificates, the ones whose payer no mail reaches, or who wants paper."""
    joignables = _joignables([attestation.compte_id for attestation in attestations])
    return [attestation for attestation in attestations if attestation.compte_id not in joignables]
