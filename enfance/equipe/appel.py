"""The roll call as values: what the taps on a sheet amount to, in whichever order they came. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol
from uuid import UUID

from enfance.gestes import QuoiGeste
from portail.dates import PARIS, heure_texte
from portail.francais import NBSP

PRESENT, PARTI, ANNULE = QuoiGeste.PRESENT, QuoiGeste.PARTI, QuoiGeste.ANNULE
RESTE = "reste"  # said, not tapped on a box: the child was not handed over to who came
CASES = (PRESENT, PARTI)
TRAJET = timedelta(seconds=30)  # on the way at most: a phone gives up before
DOIGT = timedelta(minutes=10)  # a box that a finger unticked is ticked again before; later, the child came
RETARD_MAX = timedelta(hours=12)  # that a tap may have waited for the network once its sheet is closed


class GesteVu(Protocol):
    """A tap as it is kept: `fait_le` on the phone, `recu_le` by the server, `heure` as it was written; aware. `cible`:
    the tap that it undoes; `motif`: of a correction.
    """

    id: UUID
    quoi: str
    coche: bool
    cible: UUID | None
    heure: datetime | None
    fait_le: datetime
    recu_le: datetime
    motif: str


@dataclass
class NonRemis:
    """« Non remis », among the taps of a child: said beside the boxes, and never taken back."""

    id: UUID
    fait_le: datetime
    recu_le: datetime
    quoi: str = RESTE
    coche: bool = False
    cible: UUID | None = None
    heure: datetime | None = None
    motif: str = ""


@dataclass(frozen=True)
class Instant:
    """When something happened, None where nobody knows the hour; when the server learned of it."""

    heure: datetime | None
    recu_le: datetime


@dataclass(frozen=True)
class PassageEnfant:
    """What is known of a child at the end: there since, gone since; None for never. Gone and never there: somebody
    tapped « Parti » alone, and nobody has said yet whether it was for « Présent » (`en_question`).
    """

    arrivee: Instant | None = None
    depart: Instant | None = None

    @property
    def en_question(self) -> bool:
        """Whether « Parti » was tapped for a child whose arrival nobody noted: it must be asked what was meant."""
        return self.arrivee is None and self.depart is not None


ABSENT = PassageEnfant()


@dataclass(frozen=True)
class Efface:
    """What ticking again may give back: the state before « Présent » was unticked, and since when (aware)."""

    passage: PassageEnfant = ABSENT
    le: datetime | None = None

    def rend(self, geste: GesteVu, passage: PassageEnfant) -> bool:
        """Whether this tick, made on a child whose state is `passage`, gives back the state before « Présent » was
        unticked.
        """
        if self.le is None:
            return False
        aussitot = geste.fait_le - self.le <= DOIGT
        return aussitot or passage == ABSENT if geste.quoi == PARTI else aussitot and passage == ABSENT


def rejouer(gestes: Iterable[GesteVu], jour: date) -> PassageEnfant:
    """The state of a child (when it came, when it left) after these taps on the sheet of `jour`; the taps are replayed
    in the order in which they were made, whatever the order in which they are given. A tap that another one undoes does
    not count.

    A child who never came did not leave. A box ticked twice keeps its first hour, as the second phone had not seen it
    yet; a written hour takes the place of the known one. When « Présent » is unticked for a child who has left, and
    ticked again by a tap within ten minutes, the former hours come back: it was a slip of the finger. Later,
    « Présent » is a new arrival, unless « Parti » follows within ten minutes; « Parti » alone gives the former hours
    back at any time. A child who left and was then handed over to nobody is still there.
    """
    passage, efface = ABSENT, Efface()
    for geste in sorted(_faits(gestes), key=lambda t: (t.fait_le, t.recu_le, t.id)):
        heure = heure_of(geste, jour)
        instant, tape = Instant(heure, geste.recu_le), geste.heure is None and heure is not None
        avant, garde = passage, efface
        if geste.coche and geste.quoi in CASES:
            efface = Efface()
            if tape and garde.rend(geste, passage):
                avant = garde.passage
            elif tape and passage == ABSENT and garde.passage != ABSENT:
                efface = Efface(garde.passage, geste.fait_le)
        match geste.quoi, geste.coche:
            case QuoiGeste.PRESENT, True:
                passage = PassageEnfant(_retenu(avant.arrivee, instant, geste), avant.depart)
            case QuoiGeste.PRESENT, False if passage != ABSENT:
                if passage.arrivee and passage.depart:
                    efface = Efface(passage, geste.fait_le)
                passage = ABSENT
            case QuoiGeste.PARTI, True:
                # an hour that is written says that the child came; a tap alone may be for the box beside it
                venu = avant.arrivee or (None if tape else Instant(None, geste.recu_le))
                passage = PassageEnfant(venu, _retenu(avant.depart, instant, geste))
            case QuoiGeste.PARTI, False:
                passage = PassageEnfant(passage.arrivee)
            case "reste", _ if passage.depart:
                passage = PassageEnfant(passage.arrivee or Instant(None, geste.recu_le))
    return _in_order(passage)


def _faits(gestes: Iterable[GesteVu]) -> list[GesteVu]:
    """The taps that stand: neither undone, nor those that undo."""
    lus = list(gestes)
    defaits = {geste.cible for geste in lus if geste.quoi == ANNULE}
    return [geste for geste in lus if geste.quoi != ANNULE and geste.id not in defaits]


def heure_of(geste: GesteVu, jour: date) -> datetime | None:
    """The hour (aware) that a tap says of the sheet of `jour`: the one written by hand, else when it was made, if it
    was made on that day and corrects nothing; None when nobody knows the hour.
    """
    if geste.heure is not None:
        return geste.heure
    return None if geste.motif or geste.fait_le.astimezone(PARIS).date() != jour else geste.fait_le


def _retenu(connu: Instant | None, instant: Instant, geste: GesteVu) -> Instant:
    """Which stands of what was known and of what this tap tells."""
    if connu is None or geste.heure is not None or (connu.heure is None and instant.heure is not None):
        return instant
    return connu


def _in_order(passage: PassageEnfant) -> PassageEnfant:
    """The same, there when it left at the latest: a late tap may say otherwise than the hour that was written."""
    arrivee, depart = passage.arrivee, passage.depart
    if arrivee and depart and arrivee.heure and depart.heure and arrivee.heure > depart.heure:
        return PassageEnfant(Instant(depart.heure, arrivee.recu_le), depart)
    return passage


def parti_seul(
    sans_arrivee: datetime | None, arrivee: datetime | None, depart_recu: datetime | None
) -> datetime | None:
    """When « Parti » was tapped for a child whose arrival nobody noted, as long as it is still to be asked what was
    meant; None otherwise.

    `sans_arrivee`, `arrivee` and `depart_recu` are columns of the child's row: the previous version of the program,
    which does not know this question, may have written an arrival or a departure since.
    """
    return None if arrivee or depart_recu else sans_arrivee


def decalage_retenu(mesure: timedelta, connu: timedelta | None) -> timedelta:
    """What to add to the hours of a phone to have the server's. `mesure`: the difference measured by this sending;
    `connu`: the one kept so far, if any.

    A measure counts both the clock and the time on the network. So the kept difference stands as long as the measure is
    within 30 seconds of it: else a slow network would change the order of the taps of two sendings.
    """
    return mesure if connu is None or abs(mesure - connu) > TRAJET else connu


def instant_retenu(fait_le: datetime, jour: date, recu_le: datetime) -> datetime | None:
    """The instant to keep for a tap on the sheet of `jour`, from when it was made (`fait_le`) and received (`recu_le`),
    aware: never after it was received.

    A tap dated before the day, by a wrong clock, gets the instant of receipt if that is on the day, else None: nobody
    can tell its hour any more.
    """
    if fait_le > recu_le:
        return recu_le
    if fait_le.astimezone(PARIS).date() >= jour:
        return fait_le
    return recu_le if recu_le.astimezone(PARIS).date() == jour else None


def vient_a_temps(fait_le: datetime, recu_le: datetime, *, clos_le: datetime) -> bool:
    """Whether a tap on a sheet closed at `clos_le` is still taken: it was made before the closing, and received at most
    12 hours after it.
    """
    return fait_le <= clos_le and recu_le - clos_le <= RETARD_MAX


class MomentAppel(Protocol):
    """A créneau, by its hours."""

    debut: time
    fin: time


def moment_proche[M: MomentAppel](moments: Sequence[M], heure: time) -> M | None:
    """The créneau that is on at this hour, else the one nearest in time, the later one of two; None when
    there is none.
    """
    return min(reversed(moments), key=lambda m: max(_minutes(heure, m.debut), _minutes(m.fin, heure), 0), default=None)


def heure_du(instant: datetime | None, jour: date) -> str:
    """The hour of this instant in words, Paris time, « 16 h 55 »; empty for None, and for an instant of another day
    than `jour`.
    """
    if instant is None:
        return ""
    local = instant.astimezone(PARIS)
    return heure_texte(local.time()) if local.date() == jour else ""


def heure_chiffres(instant: datetime | None, jour: date) -> str:
    """The hour of this instant for an input field, Paris time, « 16:55 »; empty for None, and for an instant of another
    day than `jour`.
    """
    return f"{instant.astimezone(PARIS):%H:%M}" if heure_du(instant, jour) and instant else ""


def retard(depart: datetime | None, jour: date, fin: time) -> str:
    """How late a child left after the end (`fin`) of the créneau: « Départ à 18 h 42, 12 minutes après la fin »; empty
    when it left in time, or at an unknown hour.
    """
    heure = heure_du(depart, jour)
    if depart is None or not heure:
        return ""
    minutes = _minutes(fin, depart.astimezone(PARIS).time())
    if minutes < 1:
        return ""
    return f"Départ à {heure}, {minutes}{NBSP}minute{'s' if minutes > 1 else ''} après la fin"


def _minutes(debut: time, fin: time) -> int:
    """From one hour to the other; negative when they are the other way round."""
    return (fin.hour - debut.hour) * 60 + fin.minute - debut.minute
