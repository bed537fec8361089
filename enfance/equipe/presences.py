"""Where what happened and what was booked disagree, once a sheet is closed: registered and absent, there and not
registered. For the secretary and for the parents; and, for the town hall alone, who was not seen to leave. Reads, never
writes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, OuterRef, Value, When

from enfance.calendrier import UN_JOUR
from enfance.equipe.appel import heure_du, parti_seul
from enfance.equipe.eleves import e_of
from enfance.models import Creneau, EcartVu, Ecole, Enfant, Foyer, Garde, Scolarite
from enfance.seances import inscriptions, presences
from portail.dates import jour_long
from portail.francais import NBSP

RECENTS = timedelta(days=14)
Genre = EcartVu.Genre
VU = Exists(EcartVu.objects.filter(**{nom: OuterRef(nom) for nom in ("enfant", "jour", "creneau", "genre")}))


@dataclass(frozen=True)
class Constat:
    """One child, once: what the closed sheet says against the booking. `seul`: when « Parti » was tapped of one whose
    arrival nobody noted, and nobody answered for it.
    """

    enfant: Enfant
    jour: date
    creneau: Creneau
    genre: Genre
    seul: datetime | None = None

    @property
    def valeur(self) -> str:
        """The text that identifies this difference, and that a button sends."""
        return f"{self.enfant.pk}:{self.jour}:{self.creneau.pk}:{self.genre}"

    @property
    def phrase(self) -> str:
        """The difference in words: « inscrite, absente », « présent sans inscription », « présent, départ non
        noté ».
        """
        e = e_of(self.enfant.sexe)
        if self.seul:
            return f"question sans réponse{NBSP}: parti{e} à {heure_du(self.seul, self.jour)} sans arrivée"
        return {
            Genre.ABSENT: f"inscrit{e}, absent{e}",
            Genre.SIGNALE: f"inscrit{e}, absence signalée",
            Genre.NON_INSCRIT: f"présent{e} sans inscription",
            Genre.NON_REPARTI: f"présent{e}, départ non noté",
        }[self.genre]

    @property
    def ligne(self) -> str:
        """The difference with its child and its day: « Léa, soir, jeudi 10 décembre : inscrite, absente »."""
        return f"{self.enfant.prenom}, {self.creneau.nom_court}, {jour_long(self.jour)}{NBSP}: {self.phrase}"


def load_constats(
    debut: date, fin: date, enfants: Collection[int] | None = None, ecole: Ecole | None = None
) -> list[Constat]:
    """The differences between the closed attendance sheets and the bookings from `debut` to `fin`, both included, the
    latest day first: registered and absent, present and not registered.

    Of these `enfants` (primary keys), of the pupils of `ecole`, or of all. Two queries.
    """
    absents, venus = _lignes(debut, fin, enfants, ecole)
    constats = [
        Constat(i.enfant, i.jour, i.creneau, Genre.SIGNALE if i.signalee else Genre.ABSENT)
        for i in absents.select_related("enfant", "creneau")
    ]
    constats += [
        Constat(p.enfant, p.jour, p.creneau, Genre.NON_INSCRIT) for p in venus.select_related("enfant", "creneau")
    ]
    return sorted(constats, key=_order)


def _lignes(
    debut: date, fin: date, enfants: Collection[int] | None = None, ecole: Ecole | None = None
) -> tuple[Any, Any]:
    """The inscriptions of who did not come, the presences of who was not registered, on closed sheets."""
    which = {} if enfants is None else {"enfant__in": enfants}
    siens = [] if ecole is None else [Exists(Scolarite.objects.au_jour().filter(ecole=ecole))]
    absents = inscriptions(debut, fin).inscrit().filter(*siens, close=True, venu=False, **which)
    return absents, presences(debut, fin).filter(*siens, close=True, inscrit=False, **which)


def load_non_repartis(debut: date, fin: date, ecole: Ecole | None = None) -> list[Constat]:
    """The children who were there when their attendance sheet was closed, and whom nobody saw leave, from `debut` to
    `fin` (included), the latest day first; of the pupils of `ecole`, or of all. One query.
    """
    constats = [
        Constat(p.enfant, p.jour, p.creneau, Genre.NON_REPARTI, parti_seul(p.sans_arrivee, p.arrivee, p.depart_recu))
        for p in _restes(debut, fin, ecole).select_related("enfant", "creneau")
    ]
    return sorted(constats, key=_order)


def _restes(debut: date, fin: date, ecole: Ecole | None = None) -> Any:
    siens = [] if ecole is None else [Exists(Scolarite.objects.au_jour().filter(ecole=ecole))]
    retours = Creneau.objects.all().going_home().order_by().values("pk")
    return presences(debut, fin).encore_la().filter(*siens, close=True, creneau__in=retours)


def _order(constat: Constat) -> tuple[int, int, str, int]:
    enfant = constat.enfant
    return _rang(constat.jour, constat.creneau.ordre, enfant.nom, enfant.prenom, enfant.pk)


def _rang(jour: date, ordre: int, nom: str, prenom: str, enfant: int) -> tuple[int, int, str, int]:
    return -jour.toordinal(), ordre, f"{nom} {prenom}", enfant


# --- For the town hall ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LignePresences:
    """What the town hall reads of a difference: in which homes the child is planned, who has seen it and when."""

    constat: Constat
    foyers: list[Foyer]
    vu: EcartVu | None


def load_lignes(debut: date, fin: date, ecole: Ecole | None = None) -> list[LignePresences]:
    """The differences between closed attendance sheets and bookings from `debut` to `fin` (included), and the
    departures that nobody noted, seen by the town hall or not; of the pupils of `ecole`, or of all.
    """
    constats = load_non_repartis(debut, fin, ecole) + load_constats(debut, fin, ecole=ecole)
    constats, vus = sorted(constats, key=_order), _vus(debut, fin)
    foyers: dict[int, dict[int, Foyer]] = {}
    gardes = Garde.objects.filter(enfant__in={constat.enfant.pk for constat in constats}).order_by("pk")
    for garde in gardes.select_related("foyer").prefetch_related("foyer__responsables__user"):
        foyers.setdefault(garde.enfant_id, {})[garde.foyer_id] = garde.foyer
    return [LignePresences(c, list(foyers.get(c.enfant.pk, {}).values()), vus.get(c.valeur)) for c in constats]


def load_non_repartis_a_voir(debut: date, fin: date) -> list[Constat]:
    """The departures that nobody noted, from `debut` to `fin` (included), and that nobody at the town hall has seen
    yet.
    """
    vus = _vus(debut, fin)
    return [constat for constat in load_non_repartis(debut, fin) if constat.valeur not in vus]


def prenoms_a_voir(debut: date, fin: date) -> list[str]:
    """The first names of the children of the differences between closed attendance sheets and bookings that nobody at
    the town hall has seen yet, one for each difference, the latest first; departures that nobody noted are not among
    them. Only names are read, as a whole town may have thousands.
    """
    absents, venus = _lignes(debut, fin)
    genre = Case(When(signalee=True, then=Value(Genre.SIGNALE.value)), default=Value(Genre.ABSENT.value))
    lues = ("jour", "creneau__ordre", "enfant__nom", "enfant__prenom", "enfant")
    lignes = [
        *absents.annotate(genre=genre).filter(~VU).order_by().values_list(*lues),
        *venus.annotate(genre=Value(Genre.NON_INSCRIT.value)).filter(~VU).order_by().values_list(*lues),
    ]
    return [ligne[3] for ligne in sorted(lignes, key=lambda ligne: _rang(*ligne))]


def _vus(debut: date, fin: date) -> dict[str, EcartVu]:
    vus = EcartVu.objects.filter(jour__range=(debut, fin)).select_related("vu_par")
    return {f"{vu.enfant_id}:{vu.jour}:{vu.creneau_id}:{vu.genre}": vu for vu in vus}


def load_feuilles_ouvertes(today: date, ecole: Ecole | None = None) -> list[tuple[date, Creneau]]:
    """The attendance sheets of the last fortnight, today apart, on which somebody ticked and that nobody closed: day
    and créneau. With `ecole`, only the créneaux that this school holds.
    """
    feuilles = presences(today - RECENTS, today - UN_JOUR).filter(close=False).order_by()
    if ecole:
        feuilles = feuilles.filter(creneau__in=Creneau.objects.all().held_by([ecole.pk]).order_by().values("pk"))
    creneaux = Creneau.objects.in_bulk()
    couples = [(jour, creneaux[pk]) for jour, pk in feuilles.values_list("jour", "creneau").distinct()]
    return sorted(couples, key=lambda couple: (couple[0], couple[1].ordre))
