"""What happened: who was booked, who came, who pays. The one reading of it, for pages, exports and apps above.

A `Seance` is one child at one créneau of one day. Days are dates in Paris; instants are aware. What was booked comes
from `Inscription`, what the gate saw from `Pointage` and `Appel`, what a parent told from `Absence`, who pays from
`regles.payeur`. A page that counts or shows rows starts from `inscriptions` or `presences`. Reads, never writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, Exists, OuterRef, Q, Value, When

from enfance.models import Absence, Appel, Creneau, Garde, Inscription, Pointage, of_ecoles
from enfance.regles import Cle, Payeur, foyers_with_garde, payeur

Etat = Inscription.Etat
DE_LA_FEUILLE = {"jour": OuterRef("jour"), "creneau": OuterRef("creneau")}
DE_LA_SEANCE = {"enfant": OuterRef("enfant"), **DE_LA_FEUILLE}


def _close(**jours: date) -> Exists:
    return Exists(Appel.objects.clos().filter(**DE_LA_FEUILLE, **jours))


def _signalee(**jours: date) -> Exists:
    dites = Absence.objects.standing().filter(enfant=OuterRef("enfant"), jour=OuterRef("jour"), **jours)
    return Exists(dites.covering(OuterRef("creneau")))


def inscriptions(debut: date, fin: date) -> Any:
    """A queryset: the inscriptions from `debut` to `fin`, both included, in any state, and of each whether the gate saw
    the child (`venu`), whether its sheet is closed (`close`), whether a parent told its absence
    (`signalee`).
    """
    jours = {"jour__gte": debut, "jour__lte": fin}  # said of each table: else all the days of the other ones are read
    venu = Exists(Pointage.objects.filter(**DE_LA_SEANCE, present=True, **jours))
    lignes = Inscription.objects.between(debut, fin)
    return lignes.annotate(venu=venu, close=_close(**jours), signalee=_signalee(**jours))


def presences(debut: date, fin: date) -> Any:
    """A queryset: the children whom the gate saw from `debut` to `fin`, both included: their `Pointage`, and of
    each whether it had a place (`inscrit`), `close` and `signalee` as for `inscriptions`.
    """
    jours = {"jour__gte": debut, "jour__lte": fin}
    inscrit = Exists(Inscription.objects.inscrit().filter(**DE_LA_SEANCE, **jours))
    presents = Pointage.objects.filter(present=True, **jours)
    return presents.annotate(inscrit=inscrit, close=_close(**jours), signalee=_signalee(**jours))


def absences(debut: date, fin: date, ecoles: Collection[int] = (), *, moment: str = "") -> set[tuple[int, date]]:
    """The absences that parents told and did not take back, by child (primary key) and day; booked or not. Of all the
    children, or of those of these schools (primary keys); of the whole day, or of a créneau of this moment.
    """
    signalees = Absence.objects.standing().filter(jour__gte=debut, jour__lte=fin)
    if moment:
        signalees = signalees.filter(Q(creneaux=None) | Q(creneaux__moment=moment))
    return set((of_ecoles(signalees, ecoles) if ecoles else signalees).values_list("enfant", "jour"))


def presence_du_jour() -> Case:
    """For rows of inscriptions: « présent », « absent » or « absence signalée »; empty while the sheet is open. A row
    that holds no place says « présent » or nothing.
    """
    return Case(
        When(Exists(Pointage.objects.filter(**DE_LA_SEANCE, present=True)), then=Value("présent")),
        When(~Q(etat=Etat.INSCRIT) | ~_close(), then=Value("")),
        When(_signalee(), then=Value("absence signalée")),
        default=Value("absent"),
        output_field=CharField(),
    )


@dataclass(frozen=True, slots=True)
class Presence:
    """When the gate saw the child come and leave: the instants of the taps, None where nobody tapped."""

    arrivee: datetime | None
    depart: datetime | None


@dataclass(frozen=True, slots=True)
class Seance:
    """One child (primary key) at one créneau (code) of one day.

    `etat` is that of the inscription, « annulee » when there is none. `presence`: what the gate saw, None when it did
    not see the child. `close`: the sheet is complete, so that who was not seen was absent. `signalee`: a parent told
    its absence. `payeur`: the foyer that pays, or why none can be said to.
    """

    enfant: int
    jour: date
    creneau: str
    etat: str
    payeur: Payeur
    presence: Presence | None
    close: bool
    signalee: bool

    @property
    def cle(self) -> Cle:
        return Cle(self.enfant, self.jour, self.creneau)

    @property
    def inscrit(self) -> bool:
        """Whether the child had a place."""
        return self.etat == Etat.INSCRIT

    @property
    def venu(self) -> bool:
        return self.presence is not None

    @property
    def absent(self) -> bool:
        """Whether the child had a place and did not come; not known before the sheet is closed."""
        return self.inscrit and self.close and not self.venu

    @property
    def sans_inscription(self) -> bool:
        """Whether the child came without a place, as far as the sheet says today."""
        return self.venu and not self.inscrit


def load_seances(debut: date, fin: date, enfants: Collection[int] | None = None) -> list[Seance]:
    """Those from `debut` to `fin`, both included, of these children or of all, by day, créneau and child: who had a
    place, waited for one, or came. At most four queries, whatever the children and the days.
    """
    which = {} if enfants is None else {"enfant__in": enfants}
    creneaux = Creneau.objects.in_bulk()
    reservees = {_case(ligne): ligne for ligne in inscriptions(debut, fin).active().filter(**which).order_by()}
    venues = {_case(ligne): ligne for ligne in presences(debut, fin).filter(**which).order_by()}
    cases = reservees.keys() | venues.keys()
    gardes: dict[int, list[Garde]] = {}
    for garde in Garde.objects.filter(enfant__in={enfant for enfant, _, _ in cases}).order_by("pk"):
        gardes.setdefault(garde.enfant_id, []).append(garde)
    seances = [_seance(case, creneaux[case[2]], reservees.get(case), venues.get(case), gardes) for case in cases]
    rangs = {creneau.code: (creneau.ordre, creneau.pk) for creneau in creneaux.values()}
    return sorted(seances, key=lambda seance: (seance.jour, rangs[seance.creneau], seance.enfant))


def _case(ligne: Inscription | Pointage) -> tuple[int, date, int]:
    return ligne.enfant_id, ligne.jour, ligne.creneau_id


def _seance(
    case: tuple[int, date, int],
    creneau: Creneau,
    reservee: Any,
    venue: Any,
    gardes: Mapping[int, list[Garde]],
) -> Seance:
    enfant, jour, _ = case
    etat, foyer = (reservee.etat, reservee.foyer_id) if reservee else (Etat.ANNULEE.value, None)
    return Seance(
        enfant,
        jour,
        creneau.code,
        etat,
        payeur(etat, foyer, foyers_with_garde(gardes.get(enfant, ()), jour, creneau)),
        Presence(venue.arrivee, venue.depart) if venue else None,
        close=(reservee or venue).close,
        signalee=(reservee or venue).signalee,
    )
