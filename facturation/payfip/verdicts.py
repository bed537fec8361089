"""What an answer of PayFiP makes of an attempt: its state, its sum, its hour. Pure; `paiements` writes it.

Amounts are centimes.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from facturation.models import EssaiPaiement
from facturation.payfip.echange import ETATS_OF_FAULTS, RESULTATS, EtatPayfip, ReponsePayfip, read_centimes
from facturation.regie.encaissements import EncaissementRefuse
from portail.dates import PARIS

Etat = EssaiPaiement.Etat
FIN = timedelta(hours=1)  # before which neither P1 nor P4 ends anything


def somme_payee(essai: EssaiPaiement) -> int | None:
    """What PayFiP's answer, kept with this attempt, says was paid, in centimes; what was asked when the answer says no
    sum; None when its sum cannot be read, or is empty though it says paid.
    """
    dite = essai.reponse.get("montant")
    if dite is None or not dite and RESULTATS.get(essai.resultrans) != EtatPayfip.PAYE:
        return essai.montant
    return read_centimes(str(dite))


def somme_a_crediter(essai: EssaiPaiement) -> int:
    """What to credit for this attempt, in centimes: what PayFiP's answer, kept with it, says was paid (`somme_payee`).
    Raises EncaissementRefuse when that answer names another payment, or when that is 0 or unknown.
    """
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
    """The state that this answer of PayFiP gives to an attempt that is not paid yet, a code of `EssaiPaiement.Etat`.

    An unknown code, or a payment that is not the one asked for, is left for the régisseur to check and never guessed;
    once they have closed it, the same answer changes nothing. PayFiP may say P1 of a payment that it has not received
    yet, and P4 while somebody is still paying: neither ends anything within the hour.
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
        case EtatPayfip.PERIME if essai.etat == Etat.EN_COURS and now - essai.demande_le >= FIN:
            return Etat.PERIME
    return essai.etat


def is_the_one(essai: EssaiPaiement, reponse: ReponsePayfip) -> bool:
    """Whether the payment that this answer tells is exactly the one asked for: same name, client, reference, sum and
    mode.
    """
    asked = (essai.id_op, essai.numcli, essai.refdet, essai.montant, essai.saisie)
    return asked == (reponse.idop, reponse.numcli, reponse.refdet, reponse.montant, reponse.saisie)


def paid_at(essai: EssaiPaiement, jour: str, heure: str, *, now: datetime) -> datetime:
    """The instant, in Paris, when PayFiP says that this attempt was paid, from its `dattrans` (JJMMAAAA) and
    `heurtrans` (HHMM); `now` when that is unreadable, or not between the attempt and `now`.
    """
    try:
        said = datetime.strptime(f"{jour} {heure}", "%d%m%Y %H%M").replace(tzinfo=PARIS)
    except ValueError:
        return now
    return said if essai.demande_le - timedelta(minutes=1) <= said <= now else now


def is_news(essai: EssaiPaiement, reponse: ReponsePayfip) -> bool:
    """Whether this answer is worth keeping with the attempt: not when it says that there is no result yet, nor when
    PayFiP has forgotten a result that it had given.
    """
    if reponse.etat in (EtatPayfip.PAS_ENCORE, EtatPayfip.UTILISE):
        return False
    return reponse.etat != EtatPayfip.PERIME or essai.resultrans in ("", *ETATS_OF_FAULTS)
