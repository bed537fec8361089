"""The inscriptions of a period as a table, for a spreadsheet or another program. Reads, never writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from enfance.models import classe_du_jour
from enfance.seances import inscriptions
from portail.tableur import to_csv, to_xlsx

TITRES = {
    "jour": "Jour",
    "creneau": "Créneau",
    "nom": "Nom",
    "prenom": "Prénom",
    "classe": "Classe",
    "etat": "État",
    "origine": "Origine",
    "foyer": "N° du foyer",
    "paye_par": "Foyer qui paie",
    "enfant": "N° de l’enfant",
    "presence": "Présence",
}
LOT = 1000  # rows read at a time

type Ligne = dict[str, date | str | int | None]


def load_lignes(debut: date, fin: date) -> Iterator[Ligne]:
    """Those that hold a place or wait for one, by day, créneau and name; choices as their codes. `presence`:
    « present »; « absent » once the sheet is closed; empty until then.
    """
    reservees = (
        inscriptions(debut, fin)
        .active()
        .select_related("enfant", "creneau", "foyer")
        .prefetch_related("foyer__responsables__user")
        .annotate(classe=classe_du_jour())
        .order_by("jour", "creneau__ordre", "enfant__tri", "pk")
    )
    for inscription in reservees.iterator(chunk_size=LOT):
        yield {
            "jour": inscription.jour,
            "creneau": inscription.creneau.code,
            "nom": inscription.enfant.nom_usage or inscription.enfant.nom,
            "prenom": inscription.enfant.prenom,
            "classe": inscription.classe or "",
            "etat": inscription.etat,
            "origine": inscription.origine,
            "foyer": inscription.foyer_id,
            "paye_par": str(inscription.foyer or ""),
            "enfant": inscription.enfant_id,
            "presence": "present" if inscription.venu else "absent" if inscription.close else "",
        }


def _csv(lignes: Sequence[Ligne]) -> bytes:
    return to_csv(list(TITRES.values()), (ligne.values() for ligne in lignes)).encode()


def _xlsx(lignes: Sequence[Ligne]) -> bytes:
    return to_xlsx("Inscriptions", list(TITRES.values()), (ligne.values() for ligne in lignes))


def _json(lignes: Sequence[Ligne]) -> bytes:
    """Dates as ISO 8601."""
    return f"{json.dumps(lignes, ensure_ascii=False, indent=1, default=str)}\n".encode()


FORMATS: dict[str, Callable[[Sequence[Ligne]], bytes]] = {"csv": _csv, "xlsx": _xlsx, "json": _json}
