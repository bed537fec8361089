"""Seals: what a receipt or a versement says, as one text, and the fingerprint that proves it unchanged. Pure.

The words that an erasure takes away (a reference, a reason) are not sealed. Instants are written in UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from facturation.lignes import canonical
from facturation.models import Encaissement, Versement


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
