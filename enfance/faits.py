"""What holds on certain days beside the calendar, read by one query on several tables: closures, absences, meals,
lists, ranks, patterns, news. The query is compiled once a shape (`portail.requetes`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, DateField, QuerySet, Value
from django.db.models.functions import Cast

from enfance.models import (
    Absence,
    Actualite,
    Fermeture,
    FermetureLue,
    Inscription,
    ListeRepas,
    Repas,
    SemaineType,
)
from enfance.regles import Acteur
from portail.requetes import Inconnue, Requete, liste, places

CLE, DATE = BigIntegerField(), DateField()
RIEN = Value(None, BigIntegerField())
AUCUN_JOUR = Cast(RIEN, DateField())


class Fait(NamedTuple):
    """What holds from one day to another, of whichever kind; None where its kind has no such thing."""

    genre: str
    pk: int
    debut: date
    fin: date
    texte: str | None
    enfant: int | None
    creneau: int | None
    ecole: int | None
    nombre: int | None  # a class, a weekday or a rank
    depuis: date | None


def load_faits(
    acteur: Acteur,
    enfants: Collection[int],
    debut: date,
    fin: date,
    today: date,
    attendent: Collection[int],
    attendus: Collection[int],
    *,
    modeles: bool,
    accueil: bool,
) -> dict[str, list[Fait]]:
    """By kind, in one query, what holds on these days beside the calendar: closures (from today on as well), absences,
    lists of the association, meals that stand, ranks of the children who wait, waiting lists of these créneaux; the
    weekly patterns of the actor's foyer (`modeles`); what the home page tells (`accueil`).
    """
    valeurs: dict[str, Any] = {
        "enfants": list(enfants),
        "attendent": list(attendent),
        "attendus": list(attendus),
        "debut": debut,
        "fin": fin,
        "today": today,
        "depuis": min(debut, today),
        "responsable": acteur.responsable.pk if acteur.responsable else None,
        "foyer": acteur.foyer.pk if modeles and acteur.foyer else None,
    }
    tailles = (places(valeurs["enfants"]), places(valeurs["attendent"]), places(valeurs["attendus"]))
    faits = defaultdict(list)
    for fait in map(Fait._make, FAITS(valeurs, *tailles, acteur.responsable is not None, modeles, accueil)):
        faits[fait.genre].append(fait)
    return faits


def _build(
    enfants: int, attendent: int, attendus: int, parent: bool, modeles: bool, accueil: bool
) -> QuerySet[Any, Any]:
    """The query for so many children, so many who wait, so many créneaux whose lists are asked for."""
    siens = liste("enfants", CLE, enfants)
    jours: Any = [Inconnue(nom, DATE) for nom in ("debut", "fin", "today")]
    debut, fin, today = jours
    repas = Repas.objects.filter(enfant__pk__in=siens)
    dites = Absence.objects.standing()
    jour = {"debut": "jour", "fin": "jour", "enfant": "enfant"}
    parties = [
        _partie("liste", ListeRepas.objects.filter(debut__lte=fin, fin__gte=debut), ecole="ecoles"),
        _partie("repas", repas.standing().between(debut, fin), **jour),
        _partie("absence", dites.filter(enfant__pk__in=siens, jour__range=(debut, fin)), creneau="creneaux", **jour),
    ]
    attentes = Inscription.objects.filter(etat=Inscription.Etat.ATTENTE).between(debut, fin)
    if parent:
        lues = FermetureLue.objects.filter(responsable=Inconnue("responsable", CLE), fermeture__fin__gte=today)
        parties.append(_partie("lue", lues, pk="fermeture", debut="fermeture__debut", fin="fermeture__fin"))
    if attendent:
        siennes = attentes.filter(enfant__pk__in=liste("attendent", CLE, attendent))
        parties.append(_partie("rang", siennes.with_rang(), debut="jour", fin="jour", nombre="rang"))
    if attendus:
        listes = attentes.filter(creneau__pk__in=liste("attendus", CLE, attendus))
        parties.append(_partie("attendu", listes, debut="jour", fin="jour", creneau="creneau"))
    if accueil:
        parties.append(_partie("actualite", Actualite.objects.du(today), texte="texte"))
        parties.append(_partie("sans_midi", repas.filter(jour__gte=today).without_midi(), **jour))
    if modeles:
        semaines = SemaineType.objects.filter(enfant__pk__in=siens, foyer=Inconnue("foyer", CLE)).current(today)
        moments = {"creneau": "moments__creneau", "nombre": "moments__jour_semaine"}
        parties.append(_partie("modele", semaines, enfant="enfant", depuis="depuis", **moments))
    # The first part gives each column its type, even those that it leaves empty.
    vides = {"enfant": Cast(RIEN, BigIntegerField()), "depuis": AUCUN_JOUR}
    fermetures = Fermeture.objects.filter(fin__gte=Inconnue("depuis", DATE))
    portee = {"creneau": "creneaux", "ecole": "ecoles", "nombre": "classes"}
    premiere = _partie("fermeture", fermetures, texte="motif", **portee, **vides)
    return premiere.union(*parties, all=True).order_by()  # else each part is sorted as closures are


def _partie(genre: str, lignes: QuerySet[Any], **colonnes: str | Cast) -> QuerySet[Any]:
    """These rows as a part of one query on several tables: `colonnes` says where a column of `Fait` is read."""
    lues = {"pk": "pk", "debut": "debut", "fin": "fin"} | colonnes
    return lignes.order_by().values_list(Value(genre), *(lues.get(nom, RIEN) for nom in Fait._fields[1:]))


FAITS = Requete(_build)
