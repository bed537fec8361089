"""Lines as they are frozen, and the quickest way to write many of them: a month of a town has half a million.

`LigneFigee` has the columns of `Prestation`, under their names, but its key; its JSON is text already, written once for
the table and for the fingerprint of the invoice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from itertools import batched
from typing import Any, NamedTuple

from django.db import connection

from facturation.models import Prestation
from facturation.prix.mois import Charge

LOT = 5000  # rows written between two words of the progress
Avance = Callable[[int], object]  # told how many rows more are written
canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
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
    faits: str
    prix_dit: str
    corrige_id: int | None = None
    motif: str = ""
    plafond_id: int | None = None


COLONNES = (*LigneFigee._fields, "mois_id", "facture_id")
JOUR = COLONNES.index("jour")


class Textes:
    """JSON as it is written: the words of a price are those of thousands of lines, they are said once."""

    def __init__(self) -> None:
        self._dits: dict[int, tuple[Mapping[str, Any], str]] = {}

    def of(self, mots: Mapping[str, Any]) -> str:
        """These words as canonical JSON, written once and then remembered by the identity of the object: the words are
        kept, so that no other object can have that identity while this lives.
        """
        connu = self._dits.get(id(mots))
        if connu is None:
            connu = self._dits[id(mots)] = mots, canonical(mots)
        return connu[1]


def figee_of(charge: Charge, compte: int, textes: Textes) -> LigneFigee:
    """This computed line as it is to be frozen for its payer (primary key of its `Compte`); of the adults of another
    foyer, it keeps no name.
    """
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
        canonical(_faits_of(charge)),
        textes.of(charge.prix_dit),
        None,
        charge.motif,
        charge.plafond,
    )


def _faits_of(charge: Charge) -> Mapping[str, Any]:
    """The facts as its payer may keep them, with the time that was billed: its words are read from it, not counted."""
    faits = faits_for(charge.faits, charge.foyer)
    if charge.temps is None:
        return faits
    debut, fin = charge.temps.instants
    return {**faits, "temps": {"debut": debut.isoformat(), "fin": fin.isoformat()}}


def faits_for(faits: Mapping[str, Any], foyer: int) -> Mapping[str, Any]:
    """The facts of a line as this foyer (primary key) may keep them: what another foyer did is told without its
    name.
    """
    autres = {
        quoi: {**faits[quoi], "par": PAR_L_AUTRE, "par_foyer": None}
        for quoi in PAR_FOYER
        if quoi in faits and faits[quoi].get("par_foyer") not in {None, foyer}
    }
    return {**faits, **autres} if autres else faits


def ecrire(lignes: Iterable[tuple[LigneFigee, int | None]], mois: int | None, avance: Avance | None = None) -> None:
    """Write these lines, each with the primary key of its invoice (None: it waits), for this month (`mois`, primary
    key), within the transaction under way. `avance` is told how many rows more are written.

    As the driver writes many: COPY on PostgreSQL, one prepared statement on SQLite. The constraints hold all the same.
    """
    colonnes = ", ".join(connection.ops.quote_name(colonne) for colonne in COLONNES)
    table = connection.ops.quote_name(Prestation._meta.db_table)
    rangees = ((*ligne, mois, facture) for ligne, facture in lignes)
    if connection.vendor == "postgresql":
        _copier(f"COPY {table} ({colonnes}) FROM STDIN", rangees, avance)
    else:
        places = ", ".join(["%s"] * len(COLONNES))
        sql = f"INSERT INTO {table} ({colonnes}) VALUES ({places})"  # noqa: S608 (names of the model alone)
        with connection.cursor() as cursor:
            for lot in batched(rangees, LOT):
                cursor.executemany(sql, list(map(_as_text, lot)))
                if avance:
                    avance(len(lot))


def _copier(sql: str, rangees: Iterable[tuple[Any, ...]], avance: Avance | None) -> None:
    with connection.cursor() as cursor, cursor.copy(sql) as copie:
        for lot in batched(rangees, LOT):
            for rangee in lot:
                copie.write_row(rangee)
            if avance:
                avance(len(lot))


def _as_text(rangee: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same row for SQLite, which has no dates."""
    return (*rangee[:JOUR], rangee[JOUR].isoformat(), *rangee[JOUR + 1 :])
