"""The yearly certificate for taxes: what a payer paid in a calendar year for the care of children under 6.

Centimes; days are those of Paris. Money pays the lines of its invoice in proportion, on the day when it was received,
or when the invoice was issued if that came later: a credit pays the care that comes after it. What was still to pay of
the invoice that an avoir corrects is less by it: nobody pays that. The rest of the avoir takes its own lines back on
the day when it pays another invoice, or is given back. `emettre` alone writes an `Attestation`: what it says is frozen,
and a later change of what was paid makes another one that names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from facturation.attestations.paye import Part, load_parts
from facturation.models import Attestation, Compte, Facture, Mois, Prestation, Relance
from facturation.numeros import numero, take_rangs
from facturation.payeurs.entetes import load_identites
from portail.dates import MOIS, PARIS

AGE = 6
LOT = 200  # payers read at a time, with the lines of their year
SOMMES = ("total", "cesu", "cesu_famille", "cesu_employeur", "supplements")  # of a child
SANS_MOMENT = "autre"  # of a line that is of no créneau


@dataclass(frozen=True)
class ConstatAttestation:
    """What the certificate of this payer would say of the year, and the one that stands, if any."""

    compte: int
    contenu: dict[str, Any]
    total: int
    emise: Attestation | None

    @property
    def a_emettre(self) -> bool:
        """Whether a certificate is to be issued: none stands and the sum is above 0, or the one that stands no longer
        says what was paid. Of a payer who paid all in CESU the sum is 0, and the certificate says these apart.
        """
        if self.emise is None:
            return self.total > 0 or any(enfant["cesu"] > 0 for enfant in self.contenu["enfants"])
        return _dit(self.emise.contenu) != _dit(self.contenu)


def is_jeune(naissance: date, annee: int) -> bool:
    """Whether the care of a child born on `naissance` gives the tax credit for this year (CGI, article 200 quater B):
    under 6 on 1 January of the year, or 6 on that very day.
    """
    return naissance >= date(annee - AGE, 1, 1)


def attestations_of(comptes: Collection[Compte], annee: int | None = None) -> list[Attestation]:
    """The tax certificates of these payers that no later one has replaced, for what was paid in `annee` or, without it,
    in any year; the latest year first. One query.
    """
    siennes = Attestation.objects.filter(compte__in=comptes, remplacee_par=None)
    return list(siennes.filter(annee_payee=annee) if annee else siennes)


def constater(annee: int, comptes: Collection[int] | None = None) -> Iterator[ConstatAttestation]:
    """For each payer, what the certificate of this calendar year would say today, and the one that stands.

    `comptes`: these payers alone (primary keys), else all of them. A payer without a certificate and with nothing to
    say in one is left out. `LOT` payers are read at a time, in a fixed number of queries each.
    """
    depuis = _depuis(annee)
    vivants = Compte.objects.filter(reuni_dans=None).order_by("pk")
    ordre = list((vivants if comptes is None else vivants.filter(pk__in=comptes)).values_list("pk", flat=True))
    for rang in range(0, len(ordre), LOT):
        lot = ordre[rang : rang + LOT]
        payeurs = _payeurs(lot, annee)
        emises = {
            attestation.compte_id: attestation
            for attestation in Attestation.objects.filter(
                annee_payee=annee, remplacee_par=None, compte__in=set(payeurs.values())
            )
        }
        parts: dict[int, list[Part]] = {}
        for part in load_parts(annee, payeurs):
            parts.setdefault(payeurs[part.document.compte_id], []).append(part)
        reclames = _reclames(payeurs, annee)
        foyers = dict(Compte.objects.filter(pk__in=lot).values_list("pk", "foyer"))
        identites = load_identites([foyer for foyer in foyers.values() if foyer])
        for compte in sorted({*parts, *emises}):
            siennes = parts.get(compte, [])
            identite = identites.get(foyers.get(compte) or 0)
            payeur = identite.json if identite else _payeur_fige(siennes, emises.get(compte))
            contenu = contenu_of(annee, siennes, payeur=payeur, depuis=depuis, reclame=compte in reclames)
            total = sum(enfant["total"] for enfant in contenu["enfants"])
            constat = ConstatAttestation(compte, contenu, total, emises.get(compte))
            if constat.emise or constat.contenu["enfants"]:
                yield constat


def emettre(annee: int, *, now: datetime, comptes: Collection[int] | None = None) -> list[Attestation]:
    """Issue the certificates of this calendar year that are due, and a new one wherever what was paid has changed since
    the last; the certificates as written.

    `comptes`: of these payers alone (primary keys). Asked twice, it issues once. `ValueError` before the year is over
    (`now`, in Paris).
    """
    emission = timezone.localdate(now).year
    if emission <= annee:
        raise ValueError("A year that is not over has no certificate")
    with transaction.atomic():
        take_rangs("A", emission, 0)  # the lock: what is due is asked under it
        dus = [constat for constat in constater(annee, comptes) if constat.a_emettre]
        rangs = take_rangs("A", emission, len(dus))
        return Attestation.objects.bulk_create(
            [
                Attestation(
                    annee_payee=annee,
                    annee=emission,
                    rang=rang,
                    numero=numero("A", emission, rang),
                    compte_id=constat.compte,
                    emise_le=now,
                    total=constat.total,
                    contenu=constat.contenu,
                    remplace=constat.emise,
                )
                for rang, constat in zip(rangs, dus, strict=True)
            ]
        )


def contenu_of(
    annee: int, parts: Collection[Part], *, payeur: dict[str, Any], depuis: date | None, reclame: bool = False
) -> dict[str, Any]:
    """What a tax certificate says of the money that one payer paid in the year (`parts`), as JSON: the payer, the
    children under 6 with what was paid for each, those who are older.

    Of a child: `total`, in centimes, without what was paid in CESU (`cesu`), nor the supplements (`supplements`); of
    `cesu`, what the family itself paid (`cesu_famille`) and what its employer did (`cesu_employeur`), where a receipt
    says it, each receipt's part being spread over what it paid;
    `lignes`, by month of care, invoice and correction, with the sum of each `moment`. `depuis`: the first month that
    the portal billed, when it is in the year. `reclame`: the treasury claimed some of the payer, who may have paid it:
    it is not there.
    """
    enfants: dict[int, dict[str, Any]] = {}
    ages: dict[int, dict[str, Any]] = {}
    identites = _identites(parts)
    familles = _parts_famille(parts)
    for part, famille in zip(parts, familles, strict=True):
        cle = _cle(part)
        dit = identites.get(cle)
        if dit is None:
            continue
        if not is_jeune(date.fromisoformat(dit["naissance"]), annee):
            ages[cle] = dit
            continue
        enfant = enfants.setdefault(cle, dict.fromkeys(SOMMES, 0) | {"cle": cle, "lignes": {}})
        enfant |= dit
        _ajouter(enfant, part, famille)
    for enfant in enfants.values():
        enfant["lignes"] = [ligne for _, ligne in sorted(enfant["lignes"].items()) if _compte(ligne)]
    dits = [enfant for enfant in enfants.values() if enfant["lignes"] and (enfant["total"] > 0 or enfant["cesu"] > 0)]
    return {
        "payeur": payeur,
        "enfants": sorted(dits, key=lambda enfant: (enfant["naissance"], enfant["cle"])),
        "trop_grands": sorted(ages.values(), key=lambda enfant: (enfant["naissance"], enfant["prenom"])),
        "depuis": depuis.isoformat() if depuis else None,
        "tresorerie": reclame,
    }


def _parts_famille(parts: Collection[Part]) -> list[int | None]:
    """Of each part paid in CESU, the centimes that the family itself paid; None for another means, or when nobody
    knows. Of all that a receipt paid here, they add up to its part, in proportion, rounded down.
    """
    vus: dict[int, int] = defaultdict(int)
    familles: list[int | None] = []
    for part in parts:
        cesu = part.cesu
        if cesu is None or cesu.part_famille is None:
            familles.append(None)
            continue
        avant = vus[cesu.cle]
        vus[cesu.cle] += part.montant
        familles.append(cesu.part_famille * vus[cesu.cle] // cesu.montant - cesu.part_famille * avant // cesu.montant)
    return familles


def _cle(part: Part) -> int:
    return part.ligne.enfant_id or part.ligne.cle_enfant


def _identites(parts: Collection[Part]) -> dict[int, dict[str, Any]]:
    """By child, what the latest of these papers says of it; born on the day that its file says today, where there is
    one still: a date that was put right counts for the whole year.
    """
    identites: dict[int, dict[str, Any]] = {}
    for part in sorted(parts, key=lambda part: (part.document.emise_le, part.document.pk)):
        dit = part.document.entete.get("enfants", {}).get(str(part.ligne.cle_enfant))
        if dit is None:
            continue
        enfant = part.ligne.enfant
        identites[_cle(part)] = dit | ({"naissance": enfant.date_naissance.isoformat()} if enfant else {})
    return identites


def _ajouter(enfant: dict[str, Any], part: Part, famille: int | None) -> None:
    ligne = part.ligne
    if not ligne.credit_impot:
        enfant["supplements"] += part.montant
        return
    champ = "cesu" if part.is_cesu else "total"
    correction = ligne.nature == Prestation.Nature.CORRECTION or part.document.genre == Facture.Genre.AVOIR
    mois = f"{ligne.jour:%Y-%m}-01"
    rangee = enfant["lignes"].setdefault(
        (mois, correction, part.document.numero),
        {
            "mois": mois,
            "correction": correction,
            "facture": part.document.numero,
            "payee": [],
            "moments": {},
            "total": 0,
            "cesu": 0,
        },
    )
    if (paiement := [part.jour.isoformat(), part.moyen]) not in rangee["payee"]:
        rangee["payee"].append(paiement)
    rangee[champ] += part.montant
    enfant[champ] += part.montant
    if famille is not None:
        enfant["cesu_famille"] += famille
        enfant["cesu_employeur"] += part.montant - famille
    if champ == "total":
        moment = ligne.creneau.moment if ligne.creneau else SANS_MOMENT
        rangee["moments"][moment] = rangee["moments"].get(moment, 0) + part.montant


def _compte(ligne: Mapping[str, Any]) -> bool:
    return bool(ligne["total"] or ligne["cesu"] or any(ligne["moments"].values()))


def _dit(contenu: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What was paid, without the names and the keys of the children, which may change."""
    dits = [
        (*(enfant.get(somme, 0) for somme in SOMMES), enfant["lignes"])  # those of before say nothing of the families
        for enfant in contenu["enfants"]
    ]
    return sorted(dits, key=repr)


def _depuis(annee: int) -> date | None:
    premier: date | None = Mois.objects.aggregate(premier=Min("premier"))["premier"]
    return premier if premier and premier > date(annee, 1, 1) else None


def _payeurs(comptes: Collection[int], annee: int) -> dict[int, int]:
    """Who has the certificate of what each of these payers, and those made one with them, paid: the one that stays; but
    a payer that has its own of that year keeps it.
    """
    payeurs = {cle: cle for cle in comptes}
    vague = list(comptes)
    while vague:
        reunis = Compte.objects.filter(reuni_dans__in=vague).values_list("pk", "reuni_dans")
        siens = {cle: payeurs[dans] for cle, dans in reunis if dans is not None}
        payeurs |= siens
        vague = list(siens)
    leurs = Attestation.objects.filter(annee_payee=annee, compte__in=payeurs.keys() - set(comptes))
    return payeurs | {cle: cle for cle in leurs.values_list("compte", flat=True)}


def _reclames(payeurs: Mapping[int, int], annee: int) -> set[int]:
    """Those of whom the treasury claimed something until the end of the year, by who has their certificate."""
    listes = Relance.objects.filter(
        genre=Relance.Genre.TRESORERIE, faite_le__lt=datetime(annee + 1, 1, 1, tzinfo=PARIS)
    )
    return {
        payeurs[cle] for cle in listes.filter(facture__compte__in=payeurs).values_list("facture__compte", flat=True)
    }


def _payeur_fige(parts: Collection[Part], emise: Attestation | None) -> dict[str, Any]:
    """Of a payer without a foyer: what their last paper says of them."""
    if parts:
        dernier: dict[str, Any] = max(parts, key=lambda part: part.document.emise_le).document.entete["payeur"]
        return dernier
    return dict(emise.contenu["payeur"]) if emise else {}


def mois_texte(iso: str) -> str:
    """The French name of the month of this ISO date (YYYY-MM-DD), with a capital: « Septembre »."""
    return MOIS[date.fromisoformat(iso).month - 1].capitalize()
