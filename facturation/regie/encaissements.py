"""The only writer of `Encaissement`, `Imputation` and `Versement`: money that comes in, goes back, is brought away.

Amounts are centimes. Each call locks the payer (`Compte`), then takes its number (`Serie`): whoever issues invoices
locks in the same order. What is not possible is an `EncaissementRefuse`, whose sentence is for the reader; what is
asked twice happens once.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts import outbox
from accounts.models import User
from facturation.models import Compte, Encaissement, Facture, Imputation, Serie, Versement
from facturation.montants import euros
from facturation.numeros import numero, take_rangs
from facturation.payeurs.comptes import lock_payeur, noms_of, reader_of
from facturation.regie.annulations import paid_with, refus_annulation, refus_change, refus_impaye
from facturation.regie.contenus import contenu_of
from facturation.regie.imputations import Cote, cesu_of, impute, open_credits, open_debits
from facturation.scellement import Signatures, sceller, sceller_versement

Moyen = Encaissement.Moyen
RECUS = frozenset({Moyen.ESPECES, Moyen.CHEQUE, Moyen.CESU, Moyen.VIREMENT, Moyen.PAYFIP})
VERSES = (Moyen.CHEQUE, Moyen.ESPECES, Moyen.CESU)  # what is brought to the treasury; the rest comes by itself
PLAFOND = 10_000_000  # 100 000 €, as PayFiP
SEND = "facturation.regie.tasks.send_recu"
LOT = 2000  # payers locked at a time


class EncaissementRefuse(Exception):
    """What the till does not do, in a sentence."""


class CesuRefuse(EncaissementRefuse):
    """A refund that would give back these centimes of CESU in money, without a reason."""

    def __init__(self, montant: int) -> None:
        super().__init__(
            f"Dont {euros(montant)} reçus en CESU, qui ne se rendent pas en argent\u00a0: laissez-les en crédit, "
            "ou écrivez pourquoi."
        )


def encaisser(
    compte: Compte,
    moyen: str,
    montant: int,
    *,
    factures: Collection[Facture] = (),
    reference: str = "",
    titres: int | None = None,
    par: User | None,
    now: datetime,
    recu_le: datetime | None = None,
    motif: str = "",
    cle: UUID | None = None,
    part_famille: int | None = None,
) -> Encaissement:
    """Receive `montant` centimes from this payer and write the receipt: the invoices of `factures` are paid first, then
    the oldest (Code civil, 1342-10); what exceeds all of them is a credit. Returns the receipt.

    `recu_le`: when the money came, if not now. `cle`: the key of the form; the same one twice gives the first receipt
    again, and is refused for another payer, means, sum or reference, or once that receipt is cancelled. Refused too
    (EncaissementRefuse, in French): a sum of 0 or less, or above `PLAFOND`, CESU without their number (`titres`). A
    payer that was merged into another pays for the one that stays. `part_famille`: of CESU that an employer paid in
    part, the centimes that the family itself paid; None when nobody knows.
    """
    if moyen not in RECUS or not 0 < montant <= PLAFOND:
        raise EncaissementRefuse(f"Une somme reçue va de 0,01 à {euros(PLAFOND)}.")
    if moyen == Moyen.CESU and not titres:
        raise EncaissementRefuse("Écrivez le nombre de titres CESU.")
    if part_famille is not None and not 0 <= part_famille <= montant:
        raise EncaissementRefuse("La part de la famille va de 0 à la somme des titres CESU.")
    with transaction.atomic():
        compte = lock_payeur(compte.pk)
        if deja := _written_by(cle, (compte.pk, moyen, montant, reference)):
            return deja
        recu = _enter(
            compte,
            moyen,
            montant,
            par=par,
            now=now,
            recu_le=recu_le or now,
            reference=reference,
            titres=titres if moyen == Moyen.CESU else None,
            part_famille=part_famille if moyen == Moyen.CESU else None,
            motif=motif,
            cle=cle,
        )
        _settle(compte, now, first={facture.pk for facture in factures})
        _seal([recu], par, contenu=True)
        return recu


def encaisser_parts(
    compte: Compte,
    moyen: str,
    parts: Sequence[tuple[Facture, int]],
    *,
    reference: str,
    par: User | None,
    now: datetime,
    recu_le: datetime,
) -> list[Encaissement]:
    """Receive from this payer one sum that pays several invoices, and write a receipt for each, in their order; the
    receipts. `parts`: each invoice with its centimes; `recu_le`: when the money came.

    Each receipt pays its own invoice first; what exceeds it pays the oldest of the other debts, and then is a credit.
    Called twice, it writes twice.
    """
    with transaction.atomic():
        compte = lock_payeur(compte.pk)
        recus = [
            _enter(compte, moyen, montant, par=par, now=now, recu_le=recu_le, reference=reference)
            for _, montant in parts
        ]
        siennes = {recu.pk: facture.pk for recu, (facture, _) in zip(recus, parts, strict=True)}
        avoirs = open_credits([compte.pk]).get(compte.pk, [])
        dus = open_debits([compte.pk]).get(compte.pk, [])
        propres = [
            une
            for credit in avoirs
            if credit.champ == "encaissement" and credit.cle in siennes
            for une in impute([credit], _apart(dus, {siennes[credit.cle]})[0], now)
        ]
        Imputation.objects.bulk_create([*propres, *impute(avoirs, dus, now)])
        _seal(recus, par, contenu=True)
        return recus


def _written_by(cle: UUID | None, voulu: tuple[int, str, int, str]) -> Encaissement | None:
    """What this page (the key of its form) wrote already: the payer is locked. Refused when that was cancelled since,
    or was not what it asks now: payer (primary key), means, centimes, reference.
    """
    deja = Encaissement.objects.filter(cle=cle).first() if cle else None
    if deja is None:
        return None
    ecrit = f"le {'reçu' if deja.montant > 0 else 'remboursement'} {deja.numero}"
    if Encaissement.objects.filter(annule=deja).exists():
        raise EncaissementRefuse(f"Cette page a fait {ecrit}, annulé depuis\u00a0: cherchez le payeur de nouveau.")
    if (deja.compte_id, deja.moyen, deja.montant, deja.reference) != voulu:
        somme = euros(abs(deja.montant))
        raise EncaissementRefuse(f"Cette page a déjà fait {ecrit}, de {somme}\u00a0: cherchez le payeur de nouveau.")
    return deja


def is_sendable(recu: Encaissement) -> bool:
    """Whether this receipt may be sent by e-mail: money that came in, not cancelled since."""
    return recu.moyen in RECUS and Encaissement.objects.standing().filter(pk=recu.pk).exists()


def envoyer(recu: Encaissement, lecteur: User | None = None) -> User | None:
    """Queue the e-mail of this receipt to `lecteur`, by default an adult of the foyer that paid; return that adult.

    None, and nothing is queued, when no e-mail reaches that foyer or when the receipt may not be sent (`is_sendable`).
    """
    lecteur = lecteur or reader_of(recu.compte)
    if lecteur and is_sendable(recu):
        outbox.enqueue(SEND, lecteur.pk, recu.pk)
        return lecteur
    return None


def imputer_credits(comptes: Collection[int], now: datetime) -> list[Imputation]:
    """Let the credits of each of these payers (primary keys) pay what the payer owes, the oldest first; returns what
    was imputed. In a few queries by 2 000 payers.
    """
    cles = sorted(set(comptes))
    with transaction.atomic():
        for debut in range(0, len(cles), LOT):
            list(Compte.objects.select_for_update().filter(pk__in=cles[debut : debut + LOT]).order_by("pk"))
        avoirs = open_credits(cles)
        dus = open_debits(sorted(avoirs))
        faites = [une for cle, siens in avoirs.items() for une in impute(siens, dus.get(cle, []), now)]
        return Imputation.objects.bulk_create(faites, batch_size=LOT)


def annuler(
    encaissement: Encaissement, motif: str, par: User | None, now: datetime, *, impaye: bool = False
) -> Encaissement:
    """Write the entry that cancels this receipt, of the opposite sum, and return it. What the receipt paid is owed
    again, but for what another credit pays. `motif` is required.

    EncaissementRefuse without a reason, or for what `refus_annulation` says: the receipt is cancelled already, or is in
    a versement… With `impaye`, for what `refus_impaye` says: only a cheque brought to the treasury may be; the
    versement keeps its sum, and the journal has the entry of today. The receipts of one payment of several invoices are
    cancelled together; the entry returned is that of this one.
    """
    if not motif.strip():
        raise EncaissementRefuse("Écrivez la raison de l’annulation.")
    with transaction.atomic():
        compte = lock_payeur(encaissement.compte_id)
        encaissement = Encaissement.objects.select_for_update().get(pk=encaissement.pk)
        if refus := (refus_impaye if impaye else refus_annulation)(encaissement):
            raise EncaissementRefuse(refus)
        annules = [encaissement, *paid_with(encaissement)]
        contraires = [_cancel(recu, motif.strip(), par, now) for recu in annules]
        contraire = contraires[0]
        _seal(contraires, par, impaye=impaye)
        if encaissement.compte_id != compte.pk:  # of a payer made one with another, which may owe nothing
            _carry(encaissement.compte, compte, par, now)
        else:
            _settle(compte, now)
        return contraire


def _cancel(encaissement: Encaissement, motif: str, par: User | None, now: datetime) -> Encaissement:
    contraire = _enter(
        encaissement.compte,
        encaissement.moyen,
        -encaissement.montant,
        par=par,
        now=now,
        recu_le=now,
        reference=encaissement.reference,
        titres=encaissement.titres,
        motif=motif,
        annule=encaissement,
        payeur=encaissement.payeur,
    )
    Imputation.objects.filter(encaissement=encaissement).delete()
    Imputation.objects.filter(sortie=encaissement).delete()
    entree, sortie = (encaissement, contraire) if encaissement.montant > 0 else (contraire, encaissement)
    Imputation.objects.create(encaissement=entree, sortie=sortie, montant=entree.montant, faite_le=now)
    return contraire


def rembourser(
    compte: Compte,
    montant: int,
    *,
    reference: str = "",
    motif: str,
    par: User | None,
    now: datetime,
    rendu_le: datetime | None = None,
    raison_cesu: str | None = None,
    cle: UUID | None = None,
) -> Encaissement:
    """Give back `montant` centimes of what this payer has in credit, and return the entry. EncaissementRefuse for
    0, or beyond the credit that is left once what the payer owes is paid.

    `rendu_le`: when the money went, if not now. What came otherwise is given back before what came in CESU; when some
    of these must be, `raison_cesu` says why on the entry, and an empty one is refused (None: not asked). `cle`: the key
    of the form; the same one twice gives the first entry again, and is refused for another payer, sum or reference, or
    once that entry is cancelled.
    """
    with transaction.atomic():
        compte = lock_payeur(compte.pk)
        if deja := _written_by(cle, (compte.pk, Moyen.REMBOURSEMENT, -montant, reference)):
            return deja
        _settle(compte, now)
        avoirs = open_credits([compte.pk]).get(compte.pk, [])
        credit = sum(cote.reste for cote in avoirs)
        if not 0 < montant <= credit:
            raise EncaissementRefuse(f"Le crédit de ce payeur est de {euros(credit)}\u00a0: on ne rend pas plus.")
        if raison_cesu is not None and (en_cesu := montant - credit + sum(cesu_of(avoirs).values())) > 0:
            if not raison_cesu.strip():
                raise CesuRefuse(en_cesu)
            motif = f"{motif}\u00a0; {euros(en_cesu)} de CESU rendus en argent\u00a0: {raison_cesu.strip()}"
        rendu = _enter(
            compte,
            Moyen.REMBOURSEMENT,
            -montant,
            par=par,
            now=now,
            recu_le=rendu_le or now,
            reference=reference,
            motif=motif,
            cle=cle,
        )
        _settle(compte, now, cesu_last=True)
        _seal([rendu], par)
        return rendu


def reporter(source: Compte, cible: Compte, par: User | None, now: datetime) -> tuple[Encaissement, ...]:
    """Carry the balance of the payer `source` over to the payer `cible`, by two opposite entries, because their two
    foyers are one now; the entries. `source` then names `cible` as the payer that stays, owes nothing and has no
    credit.

    No entry is written when the balance is 0. ValueError when one of them was merged into another already.
    """
    with transaction.atomic():
        verrous = Compte.objects.select_for_update().filter(pk__in=[source.pk, cible.pk]).order_by("pk")
        comptes = {compte.pk: compte for compte in verrous}
        source, cible = comptes[source.pk], comptes[cible.pk]
        if source.pk == cible.pk or source.reuni_dans_id or cible.reuni_dans_id:
            raise ValueError("A balance is carried once, to a payer that stays")
        Compte.objects.filter(pk=source.pk).update(reuni_dans=cible)
        return _carry(source, cible, par, now)


def _carry(source: Compte, cible: Compte, par: User | None, now: datetime) -> tuple[Encaissement, ...]:
    """Two opposite entries, so that `source` owes nothing and has no credit; none when that is so already."""
    _settle(source, now)
    du = sum(cote.reste for cote in open_debits([source.pk]).get(source.pk, []))
    du -= sum(cote.reste for cote in open_credits([source.pk]).get(source.pk, []))
    if not du:
        return ()
    motif, payeur = "Deux foyers sont devenus un.", noms_of([cible])[cible.pk]  # the source leads to nobody any more
    paire = tuple(
        _enter(compte, Moyen.REPORT, montant, par=par, now=now, recu_le=now, motif=motif, payeur=payeur)
        for compte, montant in ((source, du), (cible, -du))
    )
    _settle(source, now)
    _settle(cible, now)
    _seal(paire, par)
    return paire


def a_verser(jusqu_au: date) -> list[Encaissement]:
    """The receipts in cash, cheques and CESU, received until the end of this day (Paris), that were not cancelled and
    are in no versement yet; by number.
    """
    dus = Encaissement.objects.standing().filter(versement=None, moyen__in=VERSES, montant__gt=0)
    return list(dus.filter(recu_le__date__lte=jusqu_au).order_by("annee", "rang"))


def verser(
    verse_le: date,
    par: User | None,
    now: datetime,
    *,
    attendu: int | None = None,
    moyens: Collection[str] = VERSES,
    de_cote: Collection[int] = (),
    comptes: Collection[int] | None = None,
) -> Versement:
    """Write the versement that brings to the treasury what was received by these means until `verse_le`, but for the
    receipts that are kept (`de_cote`, primary keys); its receipts can be cancelled no more, but a cheque that the bank
    rejects.

    `attendu`: the sum in centimes that the régisseur has read; `comptes`: the receipts that they counted (primary
    keys). EncaissementRefuse when it is another sum or are other receipts by now, when there is nothing to bring, or
    for a day to come.
    """
    if verse_le > timezone.localdate(now):
        raise EncaissementRefuse("Un versement n’est pas de demain\u00a0: choisissez aujourd’hui ou avant.")
    annee = timezone.localdate(now).year
    with transaction.atomic():
        Serie.objects.bulk_create([Serie(code=Serie.Code.VERSEMENT, annee=annee)], ignore_conflicts=True)
        Serie.objects.select_for_update().get(code=Serie.Code.VERSEMENT, annee=annee)
        vus = {recu.pk for recu in a_verser(verse_le) if recu.moyen in moyens and recu.pk not in set(de_cote)}
        list(Encaissement.objects.select_for_update().filter(pk__in=vus).order_by("pk"))
        recus = a_verser(verse_le)  # again: one of them may have been cancelled while we waited for its lock
        recus = [recu for recu in recus if recu.pk in vus]
        total = sum(recu.montant for recu in recus)
        if comptes is not None and (refus := refus_change(recus, comptes)):
            raise EncaissementRefuse(refus)
        if not recus:
            raise EncaissementRefuse("Il n’y a rien à verser.")
        if attendu is not None and attendu != total:
            raise EncaissementRefuse(
                f"Il y a {euros(total)} à verser, et non {euros(attendu)}\u00a0: relisez, puis versez."
            )
        rang = take_rangs(Serie.Code.VERSEMENT, annee)[0]
        versement = Versement(
            annee=annee,
            rang=rang,
            numero=numero(Serie.Code.VERSEMENT, annee, rang),
            verse_le=verse_le,
            ecrit_le=now,
            ecrit_par=par,
            total=total,
        )
        sceller_versement(versement, recus, Signatures())
        versement.save()
        Encaissement.objects.filter(pk__in=[recu.pk for recu in recus]).update(versement=versement)
        return versement


def _enter(
    compte: Compte,
    moyen: str,
    montant: int,
    *,
    par: User | None,
    now: datetime,
    recu_le: datetime,
    reference: str = "",
    titres: int | None = None,
    part_famille: int | None = None,
    motif: str = "",
    cle: UUID | None = None,
    annule: Encaissement | None = None,
    payeur: str = "",
) -> Encaissement:
    """The row, with the next number of its year (Paris)."""
    annee = timezone.localdate(now).year
    rang = take_rangs(Serie.Code.RECU, annee)[0]
    return Encaissement.objects.create(
        annee=annee,
        rang=rang,
        numero=numero(Serie.Code.RECU, annee, rang),
        compte=compte,
        payeur=payeur or noms_of([compte])[compte.pk][:250],
        moyen=moyen,
        montant=montant,
        recu_le=recu_le,
        reference=reference,
        titres=titres,
        part_famille=part_famille,
        ecrit_le=now,
        ecrit_par=par,
        annule=annule,
        motif=motif,
        cle=cle,
    )


def _seal(recus: Collection[Encaissement], par: User | None, *, contenu: bool = False, impaye: bool = False) -> None:
    """Freeze what these entries say, once what they pay is settled: with `contenu`, what they paid; then their seal."""
    signatures = Signatures()
    for recu in recus:
        if contenu:
            recu.contenu = contenu_of(recu)
        sceller(recu, signatures, par, impaye=impaye)
        recu.save(update_fields=["contenu", "signe", "empreinte", "scelle_le"])


def _settle(compte: Compte, now: datetime, first: Collection[int] = (), *, cesu_last: bool = False) -> None:
    """Let the credits of this payer pay their debits: those invoices (primary keys) before the others; `cesu_last`: by
    what came otherwise before what came in CESU.
    """
    avoirs = open_credits([compte.pk]).get(compte.pk, [])
    if avoirs and cesu_last:
        en_cesu = cesu_of(avoirs)
        avoirs.sort(key=lambda cote: (cote.champ, cote.cle) in en_cesu)
    if avoirs:
        dus = open_debits([compte.pk]).get(compte.pk, [])
        choisies, autres = _apart(dus, first)
        Imputation.objects.bulk_create(impute(avoirs, [*choisies, *autres], now))


def _apart(dus: Sequence[Cote], first: Collection[int]) -> tuple[list[Cote], list[Cote]]:
    choisies = [cote for cote in dus if cote.champ == "facture" and cote.cle in first]
    return choisies, [cote for cote in dus if cote not in choisies]
