"""The inscriptions of a period as a table, for a spreadsheet or another program. Reads, never writes.

A day at a time: a month of a whole town is never held at once, whatever the database and the way to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import batched
from typing import Any

from django.db.models import F, Max, Min

from enfance.calendrier import UN_JOUR
from enfance.mairie.ecoles import du_jour, load_ecoles
from enfance.models import Ecole, Foyer, Inscription, Scolarite
from enfance.seances import inscriptions
from portail.tableur import csv_blocks, to_xlsx

TITRES = {
    "jour": "Jour",
    "creneau": "Créneau",
    "nom": "Nom",
    "prenom": "Prénom",
    "ecole": "École",
    "classe": "Classe",
    "etat": "État",
    "origine": "Origine",
    "foyer": "N° du foyer",
    "paye_par": "Foyer qui paie",
    "enfant": "N° de l’enfant",
    "presence": "Présence",
}
LOT = 2_000  # rows read at a time
MONTH = 31  # days: past them, where the rows begin and end is asked first

type Ligne = dict[str, date | str | int | None]


def load_titres() -> dict[str, str]:
    """The heads of the columns of an export of inscriptions, by key; « École » only where the town has
    several schools.
    """
    plusieurs = load_ecoles()
    return {cle: titre for cle, titre in TITRES.items() if plusieurs or cle != "ecole"}


def reservees(debut: date, fin: date, ecole: Ecole | None = None) -> Any:
    """A queryset: the inscriptions of these days, both included, that hold a place or wait for one; with `ecole`, only
    those of the children who are pupils of that school on the day.
    """
    lignes = inscriptions(debut, fin).active()
    return lignes.filter(du_jour(ecole)) if ecole else lignes


def load_lignes(debut: date, fin: date, titres: Mapping[str, str], ecole: Ecole | None = None) -> Iterator[Ligne]:
    """The inscriptions of these days that hold a place or wait for one, as rows by the keys of `titres`, in the order
    of day, créneau and name; with `ecole`, only those of the pupils of that school on the day.

    Choices are given as their codes. `presence` is « present » for a child who came; « absent » for another once the
    sheet is closed; empty until then.
    """
    parcours = Parcours(debut, fin)
    foyers: dict[int, str] = {}
    tues = TITRES.keys() - titres
    for jour in _jours(debut, fin):
        lignes = (
            reservees(jour, jour, ecole)
            .order_by("creneau__ordre", "enfant__tri", "pk")
            .values_list(
                "creneau__code",
                "enfant__nom",
                "enfant__nom_usage",
                "enfant__prenom",
                "etat",
                "origine",
                "foyer",
                "enfant",
                "venu",
                "close",
            )
        )
        for lot in batched(lignes.iterator(chunk_size=LOT), LOT):
            foyers |= load_foyers({ligne[6] for ligne in lot if ligne[6]} - foyers.keys())
            for creneau, nom, nom_usage, prenom, etat, origine, foyer, enfant, venu, close in lot:
                nom_ecole, classe = parcours.of(enfant, jour)
                ligne: Ligne = {
                    "jour": jour,
                    "creneau": creneau,
                    "nom": nom_usage or nom,
                    "prenom": prenom,
                    "ecole": nom_ecole,
                    "classe": classe,
                    "etat": etat,
                    "origine": origine,
                    "foyer": foyer,
                    "paye_par": foyers.get(foyer, ""),
                    "enfant": enfant,
                    "presence": "present" if venu else "absent" if close else "",
                }
                for cle in tues:
                    del ligne[cle]
                yield ligne


def _jours(debut: date, fin: date) -> Iterator[date]:
    if (fin - debut).days > MONTH:
        bornes = Inscription.objects.between(debut, fin).aggregate(debut=Min("jour"), fin=Max("jour"))
        debut, fin = bornes["debut"] or fin, bornes["fin"] or fin
    jour = debut
    while jour <= fin:
        yield jour
        jour += UN_JOUR


class Parcours:
    """The school and the class of each child on a day: of the last place by then in the year of that day. One query."""

    def __init__(self, debut: date, fin: date) -> None:
        places = Scolarite.objects.filter(annee__debut__lte=fin, annee__fin__gte=debut)
        self._places: dict[int, list[tuple[date, date, str, str]]] = {}
        lignes = places.order_by(F("debut").asc(nulls_first=True), "pk").values_list(
            "enfant", "debut", "annee__debut", "annee__fin", "ecole__nom", "classe__nom"
        )
        for enfant, premier, annee_debut, annee_fin, ecole, classe in lignes:
            self._places.setdefault(enfant, []).append((premier or annee_debut, annee_fin, ecole, classe or ""))

    def of(self, enfant: int, jour: date) -> tuple[str, str]:
        """The names of the school and of the class of this child (primary key) on this day; two empty texts where it
        has no place at school by then. A place that it has left still counts until the end of its year.
        """
        trouvee = "", ""
        for debut, fin, ecole, classe in self._places.get(enfant, ()):
            if debut <= jour <= fin:
                trouvee = ecole, classe
        return trouvee


def load_foyers(pks: Collection[int]) -> dict[int, str]:
    """The names of these homes, by primary key, in one query; an empty dictionary, without a query, when there is no
    home.
    """
    noms: dict[int, set[str]] = {}
    adresses: dict[int, str] = {}
    lignes = Foyer.objects.filter(pk__in=pks).order_by() if pks else Foyer.objects.none()
    for pk, adresse, nom in lignes.values_list("pk", "adresse", "responsables__user__last_name"):
        adresses[pk] = adresse
        noms.setdefault(pk, set()).update([] if nom is None else [nom])
    return {pk: Foyer(adresse=adresse).named(noms[pk]) for pk, adresse in adresses.items()}


def _csv(titres: Mapping[str, str], lignes: Iterable[Ligne]) -> Iterator[bytes]:
    return (bloc.encode() for bloc in csv_blocks(list(titres.values()), (ligne.values() for ligne in lignes)))


def _xlsx(titres: Mapping[str, str], lignes: Iterable[Ligne]) -> Iterator[bytes]:
    yield to_xlsx("Inscriptions", list(titres.values()), (ligne.values() for ligne in lignes))


def _json(titres: Mapping[str, str], lignes: Iterable[Ligne]) -> Iterator[bytes]:
    """Dates as ISO 8601."""
    fin = b"[]\n"
    for n, ligne in enumerate(lignes):
        texte = json.dumps(ligne, ensure_ascii=False, indent=1, default=str)
        yield f"{',' if n else '['}\n {texte.replace('\n', '\n ')}".encode()
        fin = b"\n]\n"
    yield fin


FORMATS: dict[str, Callable[[Mapping[str, str], Iterable[Ligne]], Iterator[bytes]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
}
