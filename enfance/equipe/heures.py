"""The hours that somebody writes on a sheet afterwards, with what its boxes become: read, checked, said. No database,
no clock: an hour is one of the day of the sheet, Paris time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from enfance.equipe.appel import PARTI, PRESENT, MomentAppel
from enfance.equipe.pointages import GesteRecu
from portail.dates import heure_texte, instant
from portail.francais import NBSP, pluriel

CaseFeuille = tuple[int, str]  # the child, « present » or « parti »
CHAMPS: Mapping[str, str] = {PRESENT: "arrivee", PARTI: "depart"}  # « depart-12 » is the field of the child 12
LOIN = timedelta(hours=1)  # out of the créneau, before it is asked whether that is right
DITES = 5  # hours that are told one by one after a save
INCONNUE = "heure inconnue"
ECRITE = re.compile(r"([0-9]{1,2})\s*(?:[:hH.]\s*([0-9]{2})?)?|([0-9]{1,2})([0-9]{2})")
NOMS: Mapping[str, str] = {PRESENT: "arrivée", PARTI: "départ"}
COCHEZ = "cochez aussi «\u00a0Présent\u00a0», ou décochez «\u00a0Parti\u00a0»"
BOITES: Mapping[str, str] = {PRESENT: "Présent", PARTI: "Parti"}


def parse_heure(texte: str) -> time:
    """The hour that a person typed, as « 17:20 », « 17 h 20 », « 1720 » or « 17 h »; ValueError when it is no hour."""
    trouvee = ECRITE.fullmatch(texte.strip())
    if not trouvee:
        raise ValueError(texte)
    heure, minute = trouvee[1] or trouvee[3], trouvee[2] or trouvee[4]
    return time(int(heure), int(minute or 0))


def lire_heure(texte: str) -> time | None:
    """The hour that a person typed, as « 17:20 », « 17 h 20 », « 1720 » or « 17 h »; None when it is no hour."""
    try:
        return parse_heure(texte)
    except ValueError:
        return None


@dataclass(frozen=True)
class CaseEcrite:
    """A box and its hour: ticked as the page showed it (`cochait`) and as it is sent (`coche`), its hour as the page
    showed it (`avant`) and as it is typed (`texte`).
    """

    enfant: int
    quoi: str
    cochait: bool
    coche: bool
    avant: time | None
    texte: str

    @property
    def cle(self) -> CaseFeuille:
        """The key of the box: the child, and « present » or « parti »."""
        return self.enfant, self.quoi

    @property
    def heure(self) -> time | None:
        """The hour that is typed; None when it is none."""
        return lire_heure(self.texte)

    @property
    def illisible(self) -> bool:
        """Whether something is typed that is no hour."""
        return bool(self.texte.strip()) and self.heure is None

    @property
    def ecrite(self) -> bool:
        """Whether what is typed is not the hour that the page showed, be it no hour at all."""
        return self.illisible or self.heure != self.avant

    @property
    def tenue(self) -> bool:
        """Whether the box ends up ticked: an hour newly typed ticks a box that was not."""
        return self.coche or (self.heure is not None and self.ecrite and not self.cochait)

    @property
    def change(self) -> bool:
        """Whether a save changes the box: its tick, or the hour of a ticked box."""
        return self.tenue != self.cochait or (self.tenue and self.ecrite)

    @property
    def jeton(self) -> str:
        """The text by which somebody confirms that this unusual hour is right, « 12:parti:2320 »; empty without an
        hour.
        """
        return f"{self.enfant}:{self.quoi}:{self.heure:%H%M}" if self.heure else ""

    def gestes(self, now: datetime, jour: date) -> list[GesteRecu]:
        """The taps, made at `now`, that bring the box to what the form sends on the sheet of `jour`; empty when nothing
        changes. When the hour is wiped out, the box is unticked and ticked again: its hour is then unknown.
        """
        heure = instant(jour, self.heure) if self.heure else None
        defait, fait = (GesteRecu(uuid4(), self.enfant, self.quoi, coche, now) for coche in (False, True))
        if not self.tenue:
            return [defait] if self.cochait else []
        if heure is None:
            return [defait, fait] if self.cochait and self.ecrite else [] if self.cochait else [fait]
        ecrit = GesteRecu(uuid4(), self.enfant, self.quoi, coche=True, fait_le=now, heure=heure)
        return [ecrit] if self.ecrite or not self.cochait else []

    def dite(self) -> str:
        """What a save changes of the box, in words: « départ à 17 h 20, au lieu de 17 h 50 »."""
        nom, avant = NOMS[self.quoi], self.avant and heure_texte(self.avant)
        if not self.tenue:
            return f"{nom} effacé{'e' if self.quoi == PRESENT else ''}" + (f", {avant}" if avant else "")
        dit = f"{nom} à {heure_texte(self.heure)}" if self.heure else f"{nom}, {INCONNUE}"
        return dit + (f", au lieu de {avant}" if avant and self.cochait else "")


@dataclass(frozen=True)
class FauteHeure:
    """What is amiss with an hour, in words; `loin`: it is only asked whether it is right."""

    cle: CaseFeuille
    phrase: str
    loin: bool = False

    @property
    def ancre(self) -> str:
        """The HTML id of this error on the page, which the field of the hour refers to."""
        return f"faute-{self.cle[0]}-{self.cle[1]}"


@dataclass(frozen=True)
class HeuresEcrites:
    """The boxes of a form, with their hours, by child then arrival and departure."""

    cases: Mapping[CaseFeuille, CaseEcrite]

    @classmethod
    def read(
        cls,
        cochaient: Collection[CaseFeuille],
        coches: Collection[CaseFeuille],
        avant: Mapping[CaseFeuille, time],
        textes: Mapping[CaseFeuille, str],
    ) -> HeuresEcrites:
        """The boxes and their hours, for every child named: ticked as shown (`cochaient`) and as sent (`coches`), the
        hours shown (`avant`) and typed (`textes`).
        """
        enfants = sorted({enfant for enfant, _ in (*cochaient, *coches, *avant, *textes)})
        cles = [(enfant, quoi) for enfant in enfants for quoi in CHAMPS]
        return cls(
            {
                cle: CaseEcrite(*cle, cle in cochaient, cle in coches, avant.get(cle), textes.get(cle, ""))
                for cle in cles
            }
        )

    @property
    def textes(self) -> dict[CaseFeuille, str]:
        """What is typed and is not saved, by box."""
        return {cle: case.texte for cle, case in self.cases.items() if case.ecrite}

    def gestes(self, now: datetime, jour: date) -> list[GesteRecu]:
        """The taps, made at `now`, that bring all the boxes to what the form sends on the sheet of `jour`, in their
        order.

        To untick and tick « Présent » again, when its hour is wiped out, would undo the departure: the departure is
        then written again after it.
        """
        gestes = []
        for (enfant, quoi), case in self.cases.items():
            faits = case.gestes(now, jour)
            gestes += faits
            parti = self.cases[enfant, PARTI]
            if quoi == PRESENT and len(faits) > 1 and parti.cochait and parti.tenue and not parti.ecrite:
                heure = instant(jour, parti.heure) if parti.heure else None
                gestes.append(GesteRecu(uuid4(), enfant, PARTI, coche=True, fait_le=now, heure=heure))
        return gestes

    def check(
        self, jour: date, creneau: MomentAppel, noms: Mapping[int, str], *, now: datetime, justes: Collection[str]
    ) -> list[FauteHeure]:
        """The errors in these hours, in words, the children named by `noms`: unreadable, in the future, a departure
        before its arrival… An hour more than an hour out of the créneau is one as well, unless `justes` confirms it.
        """
        fautes = []
        debut, fin = instant(jour, creneau.debut) - LOIN, instant(jour, creneau.fin) + LOIN
        for (enfant, quoi), case in self.cases.items():
            venue = self.cases[enfant, PRESENT]
            dit = f"{NOMS[quoi]} à {heure_texte(case.heure)}" if case.heure else NOMS[quoi]
            decochee = next((c for c in (venue, case) if c.cochait and not c.coche), None)
            phrase, loin = "", False
            if case.illisible:
                phrase = f"{dit}, écrivez l’heure comme 17:20"
            elif case.heure and case.ecrite and decochee:
                phrase = f"la case «\u00a0{BOITES[decochee.quoi]}\u00a0» est décochée et une heure est écrite"
            elif case.heure and case.ecrite and instant(jour, case.heure) > now:
                phrase = f"{dit}, ce n’est pas encore passé"
            elif quoi == PARTI and case.tenue and not venue.tenue and (case.change or venue.change):
                phrase = f"{dit}, parti sans être arrivé, {COCHEZ}"
            elif quoi == PARTI and (venu := _venu_apres(case, venue)):
                phrase = f"{dit}, avant l’arrivée à {heure_texte(venu)}"
            elif case.heure and case.ecrite and case.jeton not in justes:
                loin = not debut <= instant(jour, case.heure) <= fin
                phrase = f"{dit}, à plus d’une heure du moment ({_heures(creneau)})" if loin else ""
            if phrase:
                fautes.append(FauteHeure(case.cle, f"{noms.get(enfant, 'Cet enfant')}{NBSP}: {phrase}.", loin))
        return fautes

    def jetons(self, fautes: Collection[FauteHeure]) -> str:
        """The texts, joined by spaces, that confirm the unusual hours among these errors as right."""
        return " ".join(self.cases[faute.cle].jeton for faute in fautes if faute.loin)

    def dites(self, noms: Mapping[int, str]) -> str:
        """What a save changed, in words: « Léa Morel : départ à 17 h 20, au lieu de 17 h 50. »; the first five boxes,
        then how many others.
        """
        changees = [case for case in self.cases.values() if case.change]
        phrases = [f"{noms.get(case.enfant, 'Un enfant')}{NBSP}: {case.dite()}." for case in changees[:DITES]]
        if autres := len(changees) - DITES:
            phrases += [f"Et {pluriel(autres, 'autre case,autres cases')}."] if autres > 0 else []
        return " ".join(phrases)

    def trace(self) -> str:
        """The hours before and after, for the journal, which names nobody: « 12:parti:1750>1720 »."""
        return " ".join(
            f"{case.enfant}:{case.quoi}:{_chiffres(case.avant)}>{_chiffres(case.heure if case.tenue else None)}"
            for case in self.cases.values()
            if case.change
        )


def _venu_apres(parti: CaseEcrite, venue: CaseEcrite) -> time | None:
    """When the child came, if an hour that was just written says that it left before."""
    if parti.heure is None or venue.heure is None or not (parti.ecrite or venue.ecrite):
        return None
    return venue.heure if venue.tenue and parti.tenue and parti.heure < venue.heure else None


def _heures(creneau: MomentAppel) -> str:
    return f"{heure_texte(creneau.debut)} – {heure_texte(creneau.fin)}"


def _chiffres(heure: time | None) -> str:
    return f"{heure:%H%M}" if heure else "-"
