"""Attempts to pay on PayFiP, one invoice or several: a parent begins one, our own question to PayFiP concludes it. The
only writer of `EssaiPaiement` and its parts.

A notification and a return say that there is something to ask, never what is true: nothing they carry is written.
Amounts are centimes. PayFiP is asked outside any transaction; what it said is written in one, with the receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from accounts import outbox
from accounts.models import User
from facturation.models import Compte, Encaissement, EssaiPaiement, Facture, PartPaiement, Relance, Serie
from facturation.models.paiements import ATTENTE
from facturation.montants import euros
from facturation.numeros import numero, take_rangs
from facturation.payeurs.reports import restes_dus
from facturation.payfip.echange import (
    MAXIMUM,
    MINIMUM,
    PATIENCE,
    DemandePayfip,
    PayfipIndisponible,
    RefusPayfip,
    ReponsePayfip,
    creer,
    interroger,
    obstacles_to,
    write_objet,
)
from facturation.payfip.verdicts import etat_after, is_news, paid_at, somme_a_crediter
from facturation.regie.encaissements import encaisser_parts, envoyer
from portail.dates import PARIS, date_heure, heure_texte

Etat, Moyen = EssaiPaiement.Etat, Encaissement.Moyen
PAGE_OUVERTE = timedelta(minutes=15)
DELAIS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # when it is asked, from the beginning on
PAUSE = timedelta(seconds=5)  # between two questions that others ask for
SUIVI = timedelta(days=7)  # each night, for so long
QUESTION = "facturation.payfip.questions.interroger_essai"
ALERTE = "facturation.payfip.questions.prevenir_regie"
EN_ATTENTE = [Etat.DEMANDE, Etat.EN_COURS, Etat.A_VERIFIER]
# What a parent can put right; of all else, the régisseur is told.
DU_PARENT = {"A1", "A2", "M3", "M5"}
NOMMEES = 6  # invoices that the object of a payment names: it has 99 signs
CHANGE = "Vos factures ont changé depuis que cette page est ouverte\u00a0: relisez la somme, puis payez."
FERME = "Le paiement en ligne n’est pas ouvert\u00a0: réglez au guichet."


class PaiementImpossible(Exception):
    """Why this invoice cannot be paid on line now, in a sentence for a parent."""


@dataclass(frozen=True)
class Ouverture:
    """Whether invoices may be paid on line now, by one payment: what remains to pay of them, the attempt that is waited
    for, why not. `restes`: of each, in their order; `remise`: the treasury collects one of them.
    """

    restes: list[int]
    en_cours: EssaiPaiement | None
    remise: bool
    refus: str

    @property
    def reste(self) -> int:
        """What remains to pay of all these invoices together, in centimes."""
        return sum(self.restes)


def is_open() -> bool:
    """Whether this portal takes payments on line at all: the régie collects, and PayFiP knows the town."""
    return settings.ENCAISSEMENT == "regie" and bool(settings.PAYFIP_NUMCLI)


def load_ouverture(facture: Facture, avec: Sequence[Facture] = (), *, now: datetime) -> Ouverture:
    """Whether this invoice, alone or with the invoices of `avec`, may be paid on line at `now`: what remains to pay,
    and why not. Three queries.
    """
    factures = [facture, *avec]
    dus = restes_dus(factures)
    restes, reportee = [dus[une.pk] for une in factures], any(une.compte.reuni_dans_id for une in factures)
    essais = EssaiPaiement.objects.begun(now - ATTENTE)
    siens = essais.filter(Q(facture__in=factures) | Q(parts__facture__in=factures))
    en_cours = siens.select_related("facture__mois").order_by("-demande_le", "-pk").first()
    remise = Relance.objects.filter(facture__in=factures, genre=Relance.Genre.TRESORERIE).exists()
    return Ouverture(restes, en_cours, remise, _refus(restes, en_cours, remise=remise, reportee=reportee))


def _refus(restes: Sequence[int], en_cours: EssaiPaiement | None, *, remise: bool, reportee: bool) -> str:
    reste = sum(restes)
    if not is_open():
        return FERME
    if len(restes) > 1 and (min(restes) <= 0 or remise or reportee):
        return CHANGE
    if reste <= 0:
        return "Cette facture est payée\u00a0: il ne reste rien à payer."
    if remise:
        return "La trésorerie recouvre cette facture\u00a0: suivez l’avis qu’elle vous envoie."
    if reportee:
        return "Cette facture est reprise d’avant la réunion de vos foyers\u00a0: réglez-la au guichet."
    if en_cours and en_cours.etat == Etat.A_VERIFIER:
        return (
            f"La mairie vérifie un paiement commencé {date_heure(en_cours.demande_le)}\u00a0: ne payez pas une seconde "
            "fois sans l’avoir appelée."
        )
    if en_cours:
        return (
            f"Un paiement est commencé depuis {heure(en_cours.demande_le)}. Sans réponse de PayFiP, "
            f"un nouvel essai sera possible à {heure(en_cours.demande_le + ATTENTE)}."
        )
    if reste < MINIMUM:
        return f"PayFiP n’accepte pas moins de {euros(MINIMUM)}\u00a0: réglez au guichet, ou avec la prochaine facture."
    if reste > MAXIMUM:
        return f"PayFiP n’accepte pas plus de {euros(MAXIMUM)}\u00a0: voyez avec la mairie."
    return ""


def heure(instant: datetime) -> str:
    """The hour of this instant in Paris, in French: « 20 h 52 »."""
    return heure_texte(instant.astimezone(PARIS).time())


def commencer(
    facture: Facture,
    mel: str,
    *,
    avec: Sequence[Facture] = (),
    attendu: int | None = None,
    par: User | None,
    now: datetime,
    patience: float = PATIENCE,
) -> EssaiPaiement:
    """Ask PayFiP to take what remains to pay of this invoice, or of this one and of the invoices of `avec`; returns the
    attempt, whose `reponse["page"]` is where to pay. `attendu`: the sum in centimes that the parent has read.

    Raises PaiementImpossible, whose text is for a parent. Two at once are one attempt and one refusal. One that PayFiP
    did not take is over at once; one whose process dies before PayFiP's answer is written leaves no page to pay on, and
    twenty minutes to wait.
    """
    factures = [facture, *avec]
    with transaction.atomic():
        Compte.objects.select_for_update().get(pk=facture.compte_id)
        ouverture = load_ouverture(facture, avec, now=now)
        if ouverture.refus:
            raise PaiementImpossible(ouverture.refus)
        if attendu not in (None, ouverture.reste) or {une.compte_id for une in factures} != {facture.compte_id}:
            raise PaiementImpossible(CHANGE)
        essai = EssaiPaiement(
            facture=facture,
            compte_id=facture.compte_id,
            numcli=settings.PAYFIP_NUMCLI,
            exer=str(max(une.annee for une in factures)),
            refdet=facture.reference if not avec else _take_reference(now),
            objet=objet_of(factures),
            montant=ouverture.reste,
            saisie=settings.PAYFIP_SAISIE,
            mel=mel,
            demande_le=now,
            demande_par=par,
        )
        demande = demande_of(essai)
        if obstacles := obstacles_to(demande):
            raise PaiementImpossible(" ".join(obstacles))
        essai.save(force_insert=True)
        PartPaiement.objects.bulk_create(
            PartPaiement(essai=essai, facture=une, montant=reste)
            for une, reste in zip(avec, ouverture.restes[1:], strict=True)
        )
    try:
        ouvert = creer(demande, patience=patience)
    except (PayfipIndisponible, RefusPayfip) as error:
        _fermer(essai, error.faute.code if isinstance(error, RefusPayfip) else "", now=now)
        raise PaiementImpossible(str(error)) from None
    essai.id_op, essai.etat, essai.reponse = ouvert.idop, Etat.EN_COURS, {"page": ouvert.page}
    with transaction.atomic():
        essai.save(update_fields=["id_op", "etat", "reponse"])
        outbox.enqueue(QUESTION, essai.pk, 0, at=now + DELAIS[0])
    return essai


def objet_of(factures: Sequence[Facture]) -> str:
    """The object of a payment of these invoices, as PayFiP shows it to the payer: « Garderie facture F 2026 0349 »,
    « Garderie 2 factures F 2026 0349 F 2026 0358 »; it names the first six.
    """
    combien = "facture" if len(factures) == 1 else f"{len(factures)} factures"
    return write_objet(" ".join(["Garderie", combien, *(une.numero for une in factures[:NOMMEES])]))


def _take_reference(now: datetime) -> str:
    """« P20260118 », of a payment of several invoices; numbered by year (Paris), as they are."""
    annee = now.astimezone(PARIS).year
    return numero(Serie.Code.PAIEMENT, annee, take_rangs(Serie.Code.PAIEMENT, annee)[0]).replace("-", "")


def demande_of(essai: EssaiPaiement) -> DemandePayfip:
    """The request that PayFiP is sent for this attempt."""
    return DemandePayfip(
        numcli=essai.numcli,
        exer=essai.exer,
        refdet=essai.refdet,
        objet=essai.objet,
        montant=essai.montant,
        mel=essai.mel,
        saisie=essai.saisie,
        urlnotif=settings.SITE_URL + reverse("facturation:paiement_notification"),
        urlredirect=settings.SITE_URL + reverse("facturation:paiement_retour"),
    )


def _fermer(essai: EssaiPaiement, code: str, *, now: datetime) -> None:
    """PayFiP has not taken it: there is nothing to wait for. Of a fault of the portal's, the régisseur is told once a
    day."""
    veille = EssaiPaiement.objects.filter(resultrans=code, demande_le__gt=now - timedelta(days=1))
    with transaction.atomic():
        deja = veille.exclude(pk=essai.pk).exists()
        essai.etat, essai.resultrans, essai.conclu_le = Etat.PERIME, code, now
        essai.save(update_fields=["etat", "resultrans", "conclu_le"])
        if code and code not in DU_PARENT and not deja:
            outbox.enqueue(ALERTE, essai.pk)


def signaler(idop: str, *, now: datetime) -> None:
    """Queue a question to PayFiP about the payment of this name, because a notification or a browser's return says that
    it has a result. Several calls make one question, and no sooner than five seconds after the last one.

    Nothing happens for a name that is none of ours, or for a payment that is paid already.
    """
    essai = EssaiPaiement.objects.filter(id_op=idop).exclude(etat=Etat.PAYE).first() if idop else None
    if essai is None:
        return
    soon = essai.interroge_le + PAUSE if essai.interroge_le and now < essai.interroge_le + PAUSE else None
    with transaction.atomic():
        if not outbox.lock_enqueued(QUESTION, essai.pk):
            outbox.enqueue(QUESTION, essai.pk, at=soon)


def regler(idop: str, *, now: datetime, patience: float = PATIENCE) -> EssaiPaiement | None:
    """Ask PayFiP about the payment of this name now, and write what it says: money is credited once, and only if it is
    the payment that was asked for. Returns the attempt.

    None when no attempt has this name. One that is paid already is returned, and PayFiP is not asked. Raises
    PayfipIndisponible, and then nothing is changed.
    """
    essai = EssaiPaiement.objects.filter(id_op=idop).first()
    if essai is None or essai.etat == Etat.PAYE:
        return essai
    return conclure(essai.pk, interroger(idop, patience=patience), now=now)


def conclure(pk: int, reponse: ReponsePayfip, *, now: datetime) -> EssaiPaiement:
    """Write this answer of PayFiP to the attempt of this primary key: its state, and the receipts of what was paid. A
    call for an attempt that is already paid writes nothing.
    """
    with transaction.atomic():
        essai = EssaiPaiement.objects.select_for_update().get(pk=pk)
        if essai.etat == Etat.PAYE:
            return essai
        avant, essai.etat = essai.etat, etat_after(essai, reponse, now=now)
        essai.interroge_le = now
        if is_news(essai, reponse):
            essai.resultrans, essai.reponse = reponse.code, dict(reponse.brute)
        if essai.etat not in EN_ATTENTE:
            essai.conclu_le = now
        if essai.etat == Etat.PAYE:
            numauto, recu_le = reponse.numauto, paid_at(essai, reponse.dattrans, reponse.heurtrans, now=now)
            _crediter(essai, essai.montant, numauto, par=None, now=now, recu_le=recu_le)
        essai.save(update_fields=["etat", "interroge_le", "resultrans", "reponse", "conclu_le", "encaissement"])
        if essai.etat == Etat.A_VERIFIER and avant != Etat.A_VERIFIER:
            outbox.enqueue(ALERTE, essai.pk)
        return essai


def _crediter(
    essai: EssaiPaiement, somme: int, numauto: str, *, par: User | None, now: datetime, recu_le: datetime
) -> None:
    """The receipts of this attempt, an invoice each, which nobody has to ask for. Of another sum than was asked, the
    first invoices are paid first, and what exceeds them is with the last one.
    """
    parts = list(essai.parts.select_related("facture"))
    factures, demandes = [essai.facture, *(part.facture for part in parts)], [part.montant for part in parts]
    demandes.insert(0, essai.montant - sum(demandes))
    sommes, reste = [], somme
    for demande in demandes:
        sommes.append(min(demande, reste))
        reste -= sommes[-1]
    payees = [(facture, part) for facture, part in zip(factures, sommes, strict=True) if part]
    payees[-1] = payees[-1][0], payees[-1][1] + reste
    reference = f"{essai.refdet} {numauto}".strip()[:60]
    recus = encaisser_parts(essai.compte, Moyen.PAYFIP, payees, reference=reference, par=par, now=now, recu_le=recu_le)
    essai.encaissement = recus[0]
    for part, recu in zip(parts, recus[1:], strict=False):
        part.encaissement = recu
    PartPaiement.objects.bulk_update(parts, ["encaissement"])
    for recu in recus:
        envoyer(recu, essai.demande_par)


def trancher(pk: int, *, paye: bool, par: User, now: datetime) -> EssaiPaiement | None:
    """Settle an attempt (primary key) to be checked, as the régisseur `par` has read it in PayFiP's own pages: with
    `paye`, what PayFiP said was paid is credited; without, it is over, unless PayFiP says otherwise later.

    None when it is to be checked no more. Raises EncaissementRefuse when PayFiP spoke of another payment.
    """
    with transaction.atomic():
        essai = EssaiPaiement.objects.select_for_update().get(pk=pk)
        if essai.etat != Etat.A_VERIFIER:
            return None
        essai.etat, essai.conclu_le = Etat.PAYE if paye else Etat.PERIME, now
        if paye:
            numauto, jour, heure = (str(essai.reponse.get(nom, "")) for nom in ("numauto", "dattrans", "heurtrans"))
            recu_le = paid_at(essai, jour, heure, now=now)
            _crediter(essai, somme_a_crediter(essai), numauto, par=par, now=now, recu_le=recu_le)
        essai.save(update_fields=["etat", "conclu_le", "encaissement"])
        return essai


def ask_and_plan_next(pk: int, tour: int, *, now: datetime, patience: float = PATIENCE) -> None:
    """Ask PayFiP about the attempt of this primary key, and first plan the next question in case it is not paid.
    Nothing for an attempt that is paid, or that PayFiP never took.

    `tour` is the place of this question in `DELAIS` (1, 5, 15 and 60 minutes after the beginning); below 0, a question
    out of turn, asked again after such a delay only if PayFiP has not answered. Planned first, the next question is
    asked even if this process dies. Raises PayfipIndisponible.
    """
    essai = EssaiPaiement.objects.filter(pk=pk).exclude(id_op=None).first()
    if essai is None or essai.etat == Etat.PAYE:
        return
    if 0 <= tour < len(DELAIS) - 1:
        at = essai.demande_le + DELAIS[tour + 1]
        with transaction.atomic():
            if not outbox.lock_enqueued(QUESTION, essai.pk, tour + 1, at=at):
                outbox.enqueue(QUESTION, essai.pk, tour + 1, at=at)
    try:
        regler(str(essai.id_op), now=now, patience=patience)
    except PayfipIndisponible:
        EssaiPaiement.objects.filter(pk=essai.pk).exclude(etat=Etat.PAYE).update(interroge_le=now)
        if -len(DELAIS) <= tour < 0:
            outbox.enqueue(QUESTION, essai.pk, tour - 1, at=now + DELAIS[-tour - 1])
        raise


def close_old_and_list_pending(*, now: datetime) -> list[int]:
    """Close the old payment attempts that can be closed, then return the primary keys of the ones to ask PayFiP about
    tonight.

    First it writes: an attempt that never reached PayFiP expires an hour after it was made; one still without an answer
    when asked a week after it began is marked to be checked, and the régisseur gets an e-mail. Then it returns the
    attempts of the last week that may still be paid, and older ones that were not asked about since that week ended, as
    happens after a restoration.
    """
    debut = now - SUIVI
    perdus = EssaiPaiement.objects.filter(id_op=None, etat=Etat.DEMANDE, demande_le__lte=now - DELAIS[-1])
    perdus.update(etat=Etat.PERIME, conclu_le=now)
    vieux = EssaiPaiement.objects.filter(etat=Etat.EN_COURS, demande_le__lte=debut)
    for pk in vieux.filter(interroge_le__gte=F("demande_le") + SUIVI).values_list("pk", flat=True):
        with transaction.atomic():
            essai = EssaiPaiement.objects.select_for_update().get(pk=pk)
            if essai.etat == Etat.EN_COURS:
                essai.etat = Etat.A_VERIFIER
                essai.save(update_fields=["etat"])
                outbox.enqueue(ALERTE, essai.pk)
    suivis = EssaiPaiement.objects.exclude(id_op=None).filter(Q(demande_le__gt=debut) | Q(etat=Etat.EN_COURS))
    encore = Q(etat__in=[Etat.EN_COURS, Etat.A_VERIFIER, Etat.ABANDONNE]) | Q(etat=Etat.PERIME, resultrans="P4")
    return list(suivis.filter(encore).order_by("pk").values_list("pk", flat=True))
