"""What a silence of the portal does to a deadline, and the sentence that says so. Pure: no database, no clock.

A deadline that fell while the portal did not answer moves by the length of that silence: never earlier, and never past
what it may not pass (the beginning of the créneau, an order that has left). Instants are aware.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from portail.dates import PARIS, heure_texte, jour_long
from portail.francais import NBSP, et


@dataclass(frozen=True)
class Silence:
    """From when to when the portal did not answer: it did until `du`, and again from `au` on."""

    du: datetime
    au: datetime

    @property
    def duree(self) -> timedelta:
        """How long it lasted, in real minutes: a night when the hour changes too."""
        return self.au.astimezone(UTC) - self.du.astimezone(UTC)

    @property
    def phrase(self) -> str:
        """When it was, in words, Paris time: « mardi 1er décembre de 11 h 20 à 12 h 10 »."""
        du, au = self.du.astimezone(PARIS), self.au.astimezone(PARIS)
        if du.date() == au.date():
            return f"{jour_long(du.date())} {_heures(du, au)}"
        return (
            f"du {jour_long(du.date())}, {heure_texte(du.time())}, au {jour_long(au.date())}, {heure_texte(au.time())}"
        )

    def phrase_on(self, today: date) -> str:
        """The same for who reads it on the day `today`: « de 11 h 20 à 12 h 10 » where it was that day."""
        du, au = self.du.astimezone(PARIS), self.au.astimezone(PARIS)
        return _heures(du, au) if du.date() == au.date() == today else self.phrase


def _heures(du: datetime, au: datetime) -> str:
    return f"de {heure_texte(du.time())} à {heure_texte(au.time())}"


@dataclass(frozen=True)
class ReportLimite:
    """A deadline that moved: when it was, what it became (Paris time), the silences that it met, in order."""

    avant: datetime
    apres: datetime
    silences: tuple[Silence, ...]

    @property
    def quand(self) -> str:
        """When the portal did not answer, in words, for who reads it years later."""
        return et([silence.phrase for silence in self.silences])

    def saves(self, instant: datetime) -> bool:
        """Whether what was done at this instant was late by the first deadline, and is in time by the second one."""
        return self.avant <= instant < self.apres

    def phrase_on(self, today: date) -> str:
        """Why the deadline is later, for who reads it on the day `today`: « limite reportée à 18 h 50 : le portail n’a
        pas répondu de 17 h 20 à 18 h 10 ».
        """
        apres = self.apres.astimezone(PARIS)
        heure = heure_texte(apres.time())
        quand = f"à {heure}" if apres.date() == today else f"au {jour_long(apres.date())}, {heure}"
        dits = et([silence.phrase_on(today) for silence in self.silences])
        return f"limite reportée {quand}{NBSP}: le portail n’a pas répondu {dits}"


def reunis(silences: Iterable[Silence]) -> tuple[Silence, ...]:
    """These silences, the first one first, those that overlap or touch being one: no minute counts twice."""
    ensemble: list[Silence] = []
    for silence in sorted(silences, key=lambda silence: silence.du):
        if ensemble and silence.du <= ensemble[-1].au:
            ensemble[-1] = Silence(ensemble[-1].du, max(ensemble[-1].au, silence.au))
        else:
            ensemble.append(silence)
    return tuple(ensemble)


def report(limite: datetime, silences: Iterable[Silence], *, jamais_apres: datetime) -> ReportLimite | None:
    """What this deadline becomes by silences that neither overlap nor touch, in order (`reunis`); None where it stays.

    It moves by the length of each that it falls in, the moment when the portal answers again included: the last minute
    before it was lost. It never passes `jamais_apres`, and stays where it is when it is later already.
    """
    borne, instant = max(jamais_apres.astimezone(UTC), limite.astimezone(UTC)), limite.astimezone(UTC)
    rencontres = []
    for silence in silences:
        if silence.du < instant <= silence.au and instant < borne:
            instant = min(instant + silence.duree, borne)
            rencontres.append(silence)
    return ReportLimite(limite, instant.astimezone(PARIS), tuple(rencontres)) if rencontres else None


def duree_texte(duree: timedelta) -> str:
    """This time in French, in whole minutes: « 50 minutes », « 1 h 05 », « 2 h »."""
    heures, minutes = divmod(round(duree.total_seconds() / 60), 60)
    if not heures:
        return f"{minutes}{NBSP}minute{'s' if minutes > 1 else ''}"
    return f"{heures}{NBSP}h" + (f"{NBSP}{minutes:02}" if minutes else "")
