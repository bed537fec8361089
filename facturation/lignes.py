"""Lines as they are frozen, and the quickest way to write many of them: a month of a town has half a million.

`LigneFigee` has the columns of `Prestation`, under their names, but its key; what the fingerprint of an invoice asks of
a line, both have.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import batched
from typing import Any, NamedTuple

from django.db import connection

from facturation.models import Prestation
from facturation.mois import Charge

LOT = 5000  # rows written between two words of the progress
Avance = Callable[[int], object]  # told how many rows more are written
_texte = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
PAR_L_AUTRE = "l’autre foyer"
PAR_FOYER = ("inscription", "absence")  # the facts that name an adult


class LigneFigee(NamedTuple):
    """One line to be written, under the names of the columns of `Prestation`."""

    compte_id: int
    enfant_id: int | None
    cle_enfant: int
    jour: date
    creneau_id: int | None
    nature: str
    quantite: int
    prix: int
    entier: int
    part: int
    montant: int
    credit_impot: bool
    quotient: int | None
    residence: str
    rang: int | None
    tarif_id: int | None
    ligne_id: int | None
    supplement_id: int | None
    faits: Mapping[str, Any]
    prix_dit: Mapping[str, Any]
    corrige_id: int | None = None
    motif: str = ""


COLONNES = (*LigneFigee._fields, "mois_id", "facture_id")


def figee_of(charge: Charge, compte: int) -> LigneFigee:
    """What this payer (primary key of its `Compte`) owes, as it is frozen: of the adults of another foyer, no name."""
    return LigneFigee(
        compte,
        charge.enfant,
        charge.enfant,
        charge.jour,
        charge.creneau,
        charge.nature,
        charge.quantite,
        charge.prix,
        charge.entier,
        charge.part,
        charge.montant,
        charge.credit_impot,
        charge.quotient,
        charge.residence,
        charge.rang,
        charge.tarif,
        charge.ligne,
        charge.supplement,
        faits_for(charge.faits, charge.foyer),
        charge.prix_dit,
        None,
        charge.motif,
    )


def faits_for(faits: Mapping[str, Any], foyer: int) -> Mapping[str, Any]:
    """The facts as this foyer (primary key) may keep them."""
    autres = {
        quoi: {**faits[quoi], "par": PAR_L_AUTRE, "par_foyer": None}
        for quoi in PAR_FOYER
        if quoi in faits and faits[quoi].get("par_foyer") not in {None, foyer}
    }
    return {**faits, **autres} if autres else faits


def ecrire(lignes: Iterable[tuple[LigneFigee, int | None]], mois: int | None, avance: Avance | None = None) -> None:
    """Write these lines, each with the key of its invoice (None: it waits), within the transaction under way.

    As the driver writes many: COPY on PostgreSQL, one prepared statement on SQLite. The constraints hold all the same.
    """
    colonnes = ", ".join(connection.ops.quote_name(colonne) for colonne in COLONNES)
    table = connection.ops.quote_name(Prestation._meta.db_table)
    rangees = ((*_valeurs(ligne), mois, facture) for ligne, facture in lignes)
    if connection.vendor == "postgresql":
        _copier(f"COPY {table} ({colonnes}) FROM STDIN", rangees, avance)
    else:
        places = ", ".join(["%s"] * len(COLONNES))
        sql = f"INSERT INTO {table} ({colonnes}) VALUES ({places})"  # noqa: S608 (names of the model alone)
        with connection.cursor() as cursor:
            for lot in batched(rangees, LOT):
                cursor.executemany(sql, lot)
                if avance:
                    avance(len(lot))


def _copier(sql: str, rangees: Iterable[tuple[Any, ...]], avance: Avance | None) -> None:
    with connection.cursor() as cursor, cursor.copy(sql) as copie:
        for lot in batched(rangees, LOT):
            for rangee in lot:
                copie.write_row(rangee)
            if avance:
                avance(len(lot))


def _valeurs(ligne: LigneFigee) -> tuple[Any, ...]:
    """As both drivers take them: dates and JSON as text."""
    valeurs = ligne._replace(
        jour=ligne.jour.isoformat(),  # type: ignore[arg-type]
        faits=_texte(ligne.faits),  # type: ignore[arg-type]
        prix_dit=_texte(ligne.prix_dit),  # type: ignore[arg-type]
    )
    return tuple(valeurs)
