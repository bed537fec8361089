"""Attempts to pay an invoice on PayFiP: a parent begins one, our own question to PayFiP concludes it. The only writer
of `EssaiPaiement`.

A notification and a return say that there is something to ask, never what is true: nothing they carry is written.
Amounts are centimes. PayFiP is asked outside any transaction; what it said is written in one, with the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from accounts import outbox
from accounts.models import User
from facturation.models import Compte, Encaissement, EssaiPaiement, Facture, Relance
from facturation.montants import euros
from facturation.payeurs.reports import restes_dus
from facturation.payfip.echange import (
    ETATS_OF_FAULTS,
    MAXIMUM,
    MINIMUM,
    PATIENCE,
    RESULTATS,
    DemandePayfip,
    EtatPayfip,
    PayfipIndisponible,
    RefusPayfip,
    ReponsePayfip,
    creer,
    interroger,
    obstacles_to,
    read_centimes,
    write_objet,
)
from facturation.regie.encaissements import EncaissementRefuse, encaisser, envoyer
from portail.dates import PARIS, heure_texte

Etat = EssaiPaiement.Etat
ATTENTE = timedelta(minutes=20)  # before another attempt, unless PayFiP has answered
PAGE_OUVERTE = timedelta(minutes=15)
DELAIS = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)]  # when it is asked, from the beginning on
PAUSE = timedelta(seconds=5)  # between two questions that others ask for
SUIVI = timedelta(days=7)  # each night, for so long
QUESTION = "facturation.payfip.questions.interroger_essai"
ALERTE = "facturation.payfip.questions.prevenir_regie"
EN_ATTENTE = [Etat.DEMANDE, Etat.EN_COURS, Etat.A_VERIFIER]
# What a parent can put right; of all else, the régisseur is told.
DU_PARENT = {"A1", "A2", "M3", "M5"}
FERME = "Le paiement en ligne n’est pas ouvert\u00a0: réglez au guichet."


class PaiementImpossible(Exception):
    """Why this invoice cannot be paid on line now, in a sentence for a parent."""


@dataclass(frozen=True)
class Ouverture:
    """Whether an invoice may be paid on line now: what remains to pay, the attempt that is waited for, why not.
    `remise`: the treasury collects it."""

    reste: int
    en_cours: EssaiPaiement | None
    remise: bool
    refus: str


def is_open() -> bool:
    """Whether this portal takes payments on line at all."""
    return settings.ENCAISSEMENT == "regie" and bool(settings.PAYFIP_NUMCLI)


def load_ouverture(facture: Facture, *, now: datetime) -> Ouverture:
    """Read that of this invoice, in three queries."""
    reste, reportee = restes_dus([facture])[facture.pk], facture.compte.reuni_dans_id is not None
    recents = EssaiPaiement.objects.filter(facture=facture, etat__in=EN_ATTENTE, demande_le__gt=now - ATTENTE)
    en_cours = recents.order_by("-demande_le", "-pk").first()
    remise = facture.relances.filter(genre=Relance.Genre.TRESORERIE).exists()
    return Ouverture(reste, en_cours, remise, _refus(reste, en_cours, remise=remise, reportee=reportee))


def _refus(reste: int, en_cours: EssaiPaiement | None, *, remise: bool, reportee: bool) -> str:
    if not is_open():
        return FERME
    if reste <= 0:
        return "Cette facture est payée\u00a0: il ne reste rien à payer."
    if remise:
        return "La trésorerie recouvre cette facture\u00a0: suivez l’avis qu’elle vous envoie."
    if reportee:
        return "Cette facture est reprise d’avant la réunion de vos foyers\u00a0: réglez-la au guichet."
    if reste < MINIMUM:
        return f"PayFiP n’accepte pas moins de {euros(MINIMUM)}\u00a0: réglez au guichet, ou avec la prochaine facture."
    if reste > MAXIMUM:
        return f"PayFiP n’accepte pas plus de {euros(MAXIMUM)}\u00a0: voyez avec la mairie."
    if en_cours:
        return (
            f"Un paiement est commencé depuis {heure(en_cours.demande_le)}. Sans réponse de PayFiP, "
            f"un nouvel essai sera possible à {heure(en_cours.demande_le + ATTENTE)}."
        )
    return ""


def heure(instant: datetime) -> str:
    """« 20 h 52 », in Paris."""
    return heure_texte(instant.astimezone(PARIS).time())


def commencer(
    facture: Facture, mel: str, *, par: User | None, now: datetime, patience: float = PATIENCE
) -> EssaiPaiement:
    """Ask PayFiP to take what remains to pay of this invoice; the attempt, whose `reponse["page"]` is where to pay.

    Raises PaiementImpossible. Two at once are one attempt and one refusal. One that PayFiP did not take is over at
    once; one whose process dies before PayFiP's answer is written leaves no page to pay on, and twenty minutes to wait.
    """
    with transaction.atomic():
        Compte.objects.select_for_update().get(pk=facture.compte_id)
        ouverture = load_ouverture(facture, now=now)
        if ouverture.refus:
            raise PaiementImpossible(ouverture.refus)
        essai = EssaiPaiement(
            facture=facture,
            compte_id=facture.compte_id,
            numcli=settings.PAYFIP_NUMCLI,
            exer=str(facture.annee),
            refdet=facture.reference,
            objet=write_objet(f"Garderie facture {facture.numero}"),
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


def demande_of(essai: EssaiPaiement) -> DemandePayfip:
    """What PayFiP is asked for this attempt."""
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
    """Somebody says that there is something to ask about this payment: ask, once, whatever the number of those who say
    it, and not again within five seconds. Of a name that is not of ours, or of a payment that is done, nothing.
    """
    essai = EssaiPaiement.objects.filter(id_op=idop).exclude(etat=Etat.PAYE).first() if idop else None
    if essai is None:
        return
    soon = essai.interroge_le + PAUSE if essai.interroge_le and now < essai.interroge_le + PAUSE else None
    with transaction.atomic():
        if not outbox.join(QUESTION, essai.pk):
            outbox.enqueue(QUESTION, essai.pk, at=soon)


def regler(idop: str, *, now: datetime, patience: float = PATIENCE) -> EssaiPaiement | None:
    """Ask PayFiP about this payment, and write what it says: credited once, if it is the payment that was asked for.

    None when no attempt has this name. Raises PayfipIndisponible, and then nothing is changed.
    """
    essai = EssaiPaiement.objects.filter(id_op=idop).first()
    if essai is None or essai.etat == Etat.PAYE:
        return essai
    return conclure(essai.pk, interroger(idop, patience=patience), now=now)


def conclure(pk: int, reponse: ReponsePayfip, *, now: datetime) -> EssaiPaiement:
    """Write this answer to the attempt of this key: its state, and the receipt of what was paid. Whoever comes second
    finds it paid, and writes nothing."""
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
            essai.encaissement = _crediter(essai, essai.montant, numauto, par=None, now=now, recu_le=recu_le)
        essai.save(update_fields=["etat", "interroge_le", "resultrans", "reponse", "conclu_le", "encaissement"])
        if essai.encaissement:  # nobody has to ask for that receipt
            envoyer(essai.encaissement, essai.demande_par)
        if essai.etat == Etat.A_VERIFIER and avant != Etat.A_VERIFIER:
            outbox.enqueue(ALERTE, essai.pk)
        return essai


def is_news(essai: EssaiPaiement, reponse: ReponsePayfip) -> bool:
    """Whether this answer is to be kept: not one that says as little as silence, nor one of a PayFiP that has forgotten
    what it had said itself."""
    if reponse.etat in (EtatPayfip.PAS_ENCORE, EtatPayfip.UTILISE):
        return False
    return reponse.etat != EtatPayfip.PERIME or essai.resultrans in ("", *ETATS_OF_FAULTS)


def _crediter(
    essai: EssaiPaiement, montant: int, numauto: str, *, par: User | None, now: datetime, recu_le: datetime
) -> Encaissement:
    """The receipt of this attempt, for its invoice first."""
    return encaisser(
        essai.compte,
        Encaissement.Moyen.PAYFIP,
        montant,
        factures=[essai.facture],
        reference=f"{essai.refdet} {numauto}".strip()[:60],
        par=par,
        now=now,
        recu_le=recu_le,
    )


def trancher(pk: int, *, paye: bool, par: User, now: datetime) -> EssaiPaiement | None:
    """What the régisseur has read in PayFiP's own pages of an attempt to be checked: paid, what PayFiP said was paid is
    credited; else it is over, unless PayFiP says otherwise later. None when it is to be checked no more. Raises
    EncaissementRefuse when PayFiP spoke of another payment.
    """
    with transaction.atomic():
        essai = EssaiPaiement.objects.select_for_update().get(pk=pk)
        if essai.etat != Etat.A_VERIFIER:
            return None
        essai.etat, essai.conclu_le = Etat.PAYE if paye else Etat.PERIME, now
        if paye:
            numauto, jour, heure = (str(essai.reponse.get(nom, "")) for nom in ("numauto", "dattrans", "heurtrans"))
            recu_le = paid_at(essai, jour, heure, now=now)
            essai.encaissement = _crediter(essai, somme_a_crediter(essai), numauto, par=par, now=now, recu_le=recu_le)
        essai.save(update_fields=["etat", "conclu_le", "encaissement"])
        if essai.encaissement:
            envoyer(essai.encaissement, essai.demande_par)
        return essai


def somme_payee(essai: EssaiPaiement) -> int | None:
    """What PayFiP said was paid, in centimes, in the answer that is kept; what was asked where it has said no sum. None
    for a sum that nobody can read."""
    dite = essai.reponse.get("montant")
    if dite is None or not dite and RESULTATS.get(essai.resultrans) != EtatPayfip.PAYE:
        return essai.montant
    return read_centimes(str(dite))


def somme_a_crediter(essai: EssaiPaiement) -> int:
    """The same, of what was paid for this attempt. Raises EncaissementRefuse when PayFiP named another payment."""
    asked = {"idOp": essai.id_op, "numcli": essai.numcli, "refdet": essai.refdet, "saisie": essai.saisie}
    autres = [str(dit) for nom, attendu in asked.items() if (dit := essai.reponse.get(nom)) and dit != attendu]
    somme = somme_payee(essai)
    if autres or not somme:
        dit = ", ".join(autres) or f"{essai.reponse.get('montant') or 'aucune'} pour somme"
        raise EncaissementRefuse(
            f"{essai.refdet}\u00a0: PayFiP a parlé d’un autre paiement ({dit}). Rien n’est encaissé\u00a0: recevez "
            "cette somme au guichet, en virement, de qui l’a payée, puis classez cet essai."
        )
    return somme


def etat_after(essai: EssaiPaiement, reponse: ReponsePayfip, *, now: datetime) -> str:
    """What this answer makes of an attempt that is not paid yet. A code that is unknown, or a payment that is not the
    one asked for, is for the régisseur: never guessed; once they have classed it, the same answer changes nothing.

    PayFiP may say P1 of a payment that it has not received yet, and P4 while somebody is still paying: neither ends
    anything within the hour.
    """
    match reponse.etat:
        case EtatPayfip.PAYE if is_the_one(essai, reponse):
            return Etat.PAYE
        case EtatPayfip.PAYE | EtatPayfip.INCONNU:
            connue = (reponse.code, dict(reponse.brute)) == (essai.resultrans, essai.reponse)
            return Etat.PERIME if connue and essai.etat == Etat.PERIME else Etat.A_VERIFIER
        case EtatPayfip.REFUSE:
            return Etat.REFUSE
        case EtatPayfip.ABANDONNE:
            return Etat.ABANDONNE
        case EtatPayfip.PERIME if essai.etat == Etat.EN_COURS and now - essai.demande_le >= DELAIS[-1]:
            return Etat.PERIME
    return essai.etat


def is_the_one(essai: EssaiPaiement, reponse: ReponsePayfip) -> bool:
    """Whether what PayFiP says was paid is what we asked for."""
    asked = (essai.id_op, essai.numcli, essai.refdet, essai.montant, essai.saisie)
    return asked == (reponse.idop, reponse.numcli, reponse.refdet, reponse.montant, reponse.saisie)


def paid_at(essai: EssaiPaiement, jour: str, heure: str, *, now: datetime) -> datetime:
    """When PayFiP says that it was paid (`dattrans` and `heurtrans`: its minute, in Paris), if that is between the
    attempt and now; else now.
    """
    try:
        said = datetime.strptime(f"{jour} {heure}", "%d%m%Y %H%M").replace(tzinfo=PARIS)
    except ValueError:
        return now
    return said if essai.demande_le - timedelta(minutes=1) <= said <= now else now


def suivre(pk: int, tour: int, *, now: datetime, patience: float = PATIENCE) -> None:
    """Ask about the attempt of this key, and again at the next of `DELAIS` while it is not paid. `tour`: which of them
    this one is; below 0, a question out of turn, which is asked again only if PayFiP has not answered: after as long.

    The next question in turn is noted first: should this process die, it is asked all the same. Raises
    PayfipIndisponible.
    """
    essai = EssaiPaiement.objects.filter(pk=pk).exclude(id_op=None).first()
    if essai is None or essai.etat == Etat.PAYE:
        return
    if 0 <= tour < len(DELAIS) - 1:
        at = essai.demande_le + DELAIS[tour + 1]
        with transaction.atomic():
            if not outbox.join(QUESTION, essai.pk, tour + 1, at=at):
                outbox.enqueue(QUESTION, essai.pk, tour + 1, at=at)
    try:
        regler(str(essai.id_op), now=now, patience=patience)
    except PayfipIndisponible:
        EssaiPaiement.objects.filter(pk=essai.pk).exclude(etat=Etat.PAYE).update(interroge_le=now)
        if -len(DELAIS) <= tour < 0:
            outbox.enqueue(QUESTION, essai.pk, tour - 1, at=now + DELAIS[-tour - 1])
        raise


def nightly(*, now: datetime) -> list[int]:
    """The attempts (keys) to ask about tonight: those of a week that may still turn out to be paid, and older ones that
    nobody has asked about since, as in an archive that comes back.

    Those older that have no answer then are for the régisseur; those that never reached PayFiP are over.
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
