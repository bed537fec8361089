"""Payers: whose they are, and what each owes. Reads, but for a foyer's payer, which is made the first time.

Balance = invoices − avoirs − receipts that count; negative, the town owes. Amounts are centimes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery, Sum

from accounts.models import User
from enfance.models import Foyer, Responsable
from facturation.models import Compte, Encaissement, Facture, Imputation, Relance
from facturation.payeurs.entetes import load_identites, noms_phrase


def compte_of(foyer: Foyer | int) -> Compte:
    """The payer (`Compte`) of this foyer or primary key of a foyer; it is created if the foyer had none."""
    cle = foyer if isinstance(foyer, int) else foyer.pk
    compte, _ = Compte.objects.get_or_create(foyer_id=cle)
    return compte


def comptes_of(foyers: Collection[int]) -> dict[int, Compte]:
    """The payers (`Compte`) of these foyers (primary keys), by foyer; a foyer that had none gets one. Two queries at
    most, but for the first time.
    """
    connus = {compte.foyer_id: compte for compte in Compte.objects.filter(foyer__in=foyers)}
    if nouveaux := sorted(set(foyers) - connus.keys()):
        Compte.objects.bulk_create([Compte(foyer_id=cle) for cle in nouveaux], ignore_conflicts=True)
        connus |= {compte.foyer_id: compte for compte in Compte.objects.filter(foyer__in=nouveaux)}
    return {cle: compte for cle, compte in connus.items() if cle is not None}


def lock_payeur(cle: int) -> Compte:
    """The payer of this primary key, locked until the transaction ends; or the payer that it was merged into."""
    compte = Compte.objects.select_for_update(of=("self",)).get(pk=cle)
    while compte.reuni_dans_id:
        compte = Compte.objects.select_for_update(of=("self",)).get(pk=compte.reuni_dans_id)
    return compte


def lock_payeurs(foyers: Collection[int]) -> dict[int, Compte]:
    """The payers of these foyers (primary keys), by foyer, locked until the transaction ends; a foyer without a payer
    gets one.

    When another transaction has just merged a foyer into another, it is the payer that stays: nothing is written for
    one that owes no more.
    """
    cles = {foyer: compte.pk for foyer, compte in comptes_of(foyers).items()}
    verrous = Compte.objects.select_for_update(of=("self",)).filter(pk__in=cles.values()).order_by("pk")
    comptes = {compte.pk: compte for compte in verrous}
    return {foyer: lock_payeur(cle) if comptes[cle].reuni_dans_id else comptes[cle] for foyer, cle in cles.items()}


def comptes_seen_by(user: Any) -> list[Compte]:
    """The payers whose papers this account reads: that of the parent's own foyer, and all those that were merged into
    it; empty for an account that is no parent's.
    """
    responsable = getattr(user, "responsable", None)
    if responsable is None:
        return []
    siens = list(Compte.objects.filter(foyer=responsable.foyer_id))
    vague = siens
    while vague:
        vague = list(Compte.objects.filter(reuni_dans__in=vague))
        siens.extend(vague)
    return siens


def noms_of(comptes: Collection[Compte]) -> dict[int, str]:
    """What papers call each of these payers, by primary key: « Camille et Dominique Morel »; for a family that is gone,
    the name of its last invoice, else « Payeur 12 ». One query, and one for those that are gone.
    """
    par_foyer = {compte.foyer_id: compte.pk for compte in comptes if compte.foyer_id}
    noms: dict[int, list[tuple[str, str]]] = {}
    adultes = Responsable.objects.filter(foyer__in=par_foyer).order_by("pk")
    for foyer, prenom, nom in adultes.values_list("foyer", "user__first_name", "user__last_name"):
        noms.setdefault(par_foyer[foyer], []).append((prenom, nom))
    dits = {cle: noms_phrase(siens) for cle, siens in noms.items()}
    if partis := [compte.pk for compte in comptes if compte.pk not in dits]:
        factures = Facture.objects.filter(compte__in=partis).order_by("emise_le", "pk")
        for cle, entete in factures.values_list("compte", "entete"):
            dits[cle] = entete.get("payeur", {}).get("nom", "")
    return {compte.pk: dits.get(compte.pk) or f"Payeur {compte.pk}" for compte in comptes}


def reader_of(compte: Compte) -> User | None:
    """The account of the adult of this payer's foyer to whom its e-mails go; None when e-mails reach nobody there, or
    when the payer asked for paper. Three queries.
    """
    if compte.foyer_id is None or compte.envoi == Compte.Envoi.PAPIER:
        return None
    identite = load_identites([compte.foyer_id]).get(compte.foyer_id)
    if identite is None or identite.joignable is None:
        return None
    return User.objects.filter(pk=identite.joignable).exclude(email="").first()


def with_reunis(comptes: Iterable[int]) -> set[int]:
    """The primary keys of these payers and of all those that were merged into them, directly or through others."""
    tous: set[int] = set()
    vague = set(comptes)
    while vague:
        tous |= vague
        vague = set(Compte.objects.filter(reuni_dans__in=vague).values_list("pk", flat=True)) - tous
    return tous


def reads(user: Any, compte: int) -> bool:
    """Whether this account is a parent's who may read the papers of this payer (primary key) today."""
    return any(sien.pk == compte for sien in comptes_seen_by(user))


def soldes(comptes: Iterable[Compte | int]) -> dict[int, int]:
    """What each of these payers (`Compte` rows or primary keys) owes, in centimes, by primary key; below 0, a credit.
    Two queries.
    """
    cles = [compte if isinstance(compte, int) else compte.pk for compte in comptes]
    dus = dict.fromkeys(cles, 0)
    for cle, total in _sums(Facture.objects.filter(compte__in=cles), "compte", "total"):
        dus[cle] += total
    for cle, total in _sums(Encaissement.objects.filter(compte__in=cles), "compte", "montant"):
        dus[cle] -= total
    return dus


def restes(factures: Iterable[Facture]) -> dict[int, int]:
    """What remains to pay of each of these invoices, in centimes, by primary key, once what was imputed to it is taken
    off; 0 for an avoir. One query.
    """
    totaux = {facture.pk: facture.total if facture.total > 0 else 0 for facture in factures}
    imputees = Imputation.objects.filter(facture__in=totaux)
    payes: Mapping[int, int] = dict(_sums(imputees, "facture", "montant"))
    return {cle: total - payes.get(cle, 0) for cle, total in totaux.items()}


AVIS = timedelta(days=60)  # after a list, the treasury's notice has come: it alone knows what was paid since


def remise_le() -> Subquery:
    """The expression for a query of invoices that says when each was first handed over to the treasury, which collects
    it since; NULL when it never was.
    """
    faites = Relance.objects.filter(facture=OuterRef("pk"), genre=Relance.Genre.TRESORERIE)
    return Subquery(faites.order_by("faite_le", "pk").values("faite_le")[:1])


def remise_le_of(facture: Facture) -> datetime | None:
    """When this invoice was first handed over to the treasury, which collects it since; None when it never was. One
    query.
    """
    faite_le: datetime | None = Facture.objects.filter(pk=facture.pk).values_list(remise_le(), flat=True).get()
    return faite_le


def _sums(lignes: Any, par: str, champ: str) -> list[tuple[int, int]]:
    return list(lignes.order_by().values_list(par).annotate(Sum(champ)))
