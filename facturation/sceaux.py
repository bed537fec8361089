"""Seals: what a receipt or a versement says, as one text, and the fingerprint that proves it unchanged. Pure.

The words that an erasure takes away (a reference, a reason) are not sealed. Instants are written in UTC, and `signe`
keeps under `dit` what was sealed, so that what has changed since can be named.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from facturation.lignes import canonical
from facturation.models import Encaissement, Versement
from facturation.montants import euros

DIT = "dit"  # where `signe` keeps what was sealed
SOMMES = frozenset({"la somme", "le total"})
TUS = frozenset({"le nom du payeur", "qui a signé ou reçu", "ce qu’il a payé", "la somme de chaque reçu"})  # kept short


def sceau_of(recu: Encaissement, annule: str = "") -> str:
    """The SHA-256, in hexadecimal, of what this entry says: its number, payer, sum, means, dates, titles, what it paid,
    who signed, who received, since when it is sealed. `annule`: the number of the entry that it cancels, empty without.
    """
    return _hache(
        "R",
        [
            *(recu.numero, recu.annee, recu.rang, recu.compte_id, recu.payeur, recu.moyen, recu.montant, recu.titres),
            *(_instant(recu.recu_le), _instant(recu.ecrit_le), annule),
            *([] if recu.part_famille is None else [recu.part_famille]),  # seals of before know nothing of it
        ],
        recu.contenu,
        recu.signe,
        recu.scelle_le,
    )


def sceau_du_versement(versement: Versement, recus: Sequence[Encaissement]) -> str:
    """The SHA-256, in hexadecimal, of what this versement says: its number, day, sum, who signed, and each of its
    receipts by its number, its means and its sum, in whatever order they come.
    """
    tete = [versement.numero, versement.annee, versement.rang, versement.verse_le.isoformat(), versement.total]
    siens = sorted([recu.numero, recu.moyen, recu.montant] for recu in recus)
    return _hache("V", [*tete, _instant(versement.ecrit_le)], siens, versement.signe, versement.scelle_le)


def _hache(genre: str, tete: list[Any], contenu: Any, signe: Mapping[str, Any], scelle_le: datetime | None) -> str:
    dit = canonical([genre, tete, contenu, signe, _instant(scelle_le)])
    return hashlib.sha256(dit.encode()).hexdigest()


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant.astimezone(UTC).isoformat()


def dit_of(recu: Encaissement, annule: str = "") -> dict[str, Any]:
    """What the seal of this entry keeps, by the French name of each thing: sums in centimes. `annule`: the number of
    the entry that it cancels, empty without.
    """
    return {
        "le numéro": recu.numero,
        "le payeur": recu.compte_id,
        "le nom du payeur": recu.payeur,
        "la somme": recu.montant,
        "le moyen": recu.moyen,
        "le jour où l’argent est venu": _instant(recu.recu_le),
        "l’heure où il a été écrit": _instant(recu.ecrit_le),
        "le nombre de titres": recu.titres,
        "le reçu annulé": annule,
        "ce qu’il a payé": _court(recu.contenu),
        "qui a signé ou reçu": _court(_sans_dit(recu.signe)),
    }


def dit_du_versement(versement: Versement, recus: Sequence[Encaissement]) -> dict[str, Any]:
    """What the seal of this versement keeps, by the French name of each thing: sums in centimes."""
    return {
        "le numéro": versement.numero,
        "le jour": versement.verse_le.isoformat(),
        "le total": versement.total,
        "l’heure où il a été écrit": _instant(versement.ecrit_le),
        "la liste de ses reçus": ", ".join(sorted(recu.numero for recu in recus)),
        "la somme de chaque reçu": _court(sorted([recu.numero, recu.moyen, recu.montant] for recu in recus)),
        "qui a signé ou reçu": _court(_sans_dit(versement.signe)),
    }


def ecarts(signe: Mapping[str, Any], dit: Mapping[str, Any]) -> list[str]:
    """What is not as it was sealed, in French, a thing each: « le moyen était « cheque », et non « cesu » ». No name of
    anybody is said. `dit` is what the row says now.
    """
    scelle: Mapping[str, Any] = signe.get(DIT, {})
    return [_ecart(quoi, scelle[quoi], dit[quoi]) for quoi in dit if quoi in scelle and scelle[quoi] != dit[quoi]]


def _ecart(quoi: str, avant: Any, apres: Any) -> str:
    if quoi in TUS:
        return f"{quoi} n’est plus ce qui est scellé"
    if quoi in SOMMES:
        avant, apres = euros(avant), euros(apres)
    return f"{quoi} était «\u00a0{avant}\u00a0», et non «\u00a0{apres}\u00a0»"


def _sans_dit(signe: Mapping[str, Any]) -> dict[str, Any]:
    return {cle: valeur for cle, valeur in signe.items() if cle != DIT}


def _court(valeur: Any) -> str:
    return hashlib.sha256(canonical(valeur).encode()).hexdigest()[:16]
