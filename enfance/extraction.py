"""The inscriptions of a period as a table, for a spreadsheet or another program. Reads, never writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

from django.db.models import OuterRef, Subquery

from enfance.models import Inscription, Scolarite
from enfance.tableur import to_csv

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
}
LOT = 1000  # rows read at a time


def load_lignes(debut: date, fin: date) -> Iterator[dict[str, str | int | None]]:
    """Those that hold a place or wait for one, by day, créneau and name; dates as ISO 8601, choices as their codes."""
    classes = Scolarite.objects.filter(
        enfant=OuterRef("enfant"), annee__debut__lte=OuterRef("jour"), annee__fin__gte=OuterRef("jour")
    )
    inscriptions = (
        Inscription.objects.active()
        .between(debut, fin)
        .select_related("enfant", "creneau", "foyer")
        .prefetch_related("foyer__responsables__user")
        .annotate(classe=Subquery(classes.values("classe__nom")[:1]))
        .order_by("jour", "creneau__ordre", "enfant__nom", "enfant__prenom", "pk")
    )
    for inscription in inscriptions.iterator(chunk_size=LOT):
        yield {
            "jour": inscription.jour.isoformat(),
            "creneau": inscription.creneau.code,
            "nom": inscription.enfant.nom_usage or inscription.enfant.nom,
            "prenom": inscription.enfant.prenom,
            "classe": inscription.classe or "",
            "etat": inscription.etat,
            "origine": inscription.origine,
            "foyer": inscription.foyer_id,
            "paye_par": str(inscription.foyer or ""),
        }


FORMATS = {
    "csv": lambda lignes: to_csv(list(TITRES.values()), (ligne.values() for ligne in lignes)),
    "json": lambda lignes: json.dumps(lignes, ensure_ascii=False, indent=1) + "\n",
}
