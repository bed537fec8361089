"""What a phone shows of its own taps (`lignes.js`) is what the server tells of them (`rejouer`), for every sequence of
six answers that the page lets somebody make.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings

from enfance.equipe.appel import ANNULE, PARTI, PRESENT, RESTE, heure_du, rejouer
from portail.dates import PARIS

ROOT = Path(settings.BASE_DIR)
JEUDI = date(2026, 12, 10)
DEPART = datetime(2026, 12, 10, 7, 10, tzinfo=PARIS)
RYTHMES = [(1, 1), (1, 11), (11, 1)]  # minutes from a tap to the next, in turn
REMISE = "remise"
NON_REMIS = "inconnue::non_remis:"
LONGUEUR = 6
type Pas = tuple[str, int | str]  # a tap: what, then whether it is ticked, who came, or the rank of the one it undoes


@dataclass(frozen=True)
class Tap:
    quoi: str
    coche: bool
    fait_le: datetime
    recu_le: datetime
    id: UUID
    heure: datetime | None = None
    motif: str = ""
    cible: UUID | None = None


def instants(suite: tuple[Pas, ...], rythme: tuple[int, int]) -> list[datetime]:
    return [
        DEPART + timedelta(minutes=sum(rythme) * (rang // 2) + rythme[0] * (rang % 2)) for rang in range(len(suite))
    ]


def told(suite: tuple[Pas, ...], rythme: tuple[int, int] = RYTHMES[0]) -> tuple[bool, bool, str]:
    """Whether each box is ticked and the hour of departure, as the page of the server would show them."""
    taps = []
    for rang, ((quoi, coche), fait_le) in enumerate(zip(suite, instants(suite, rythme), strict=True)):
        tap = Tap(quoi, bool(coche), fait_le, fait_le, UUID(int=rang))
        if quoi == ANNULE:
            tap = replace(tap, cible=UUID(int=int(coche)))
        taps.append(replace(tap, quoi=RESTE, coche=False) if quoi == REMISE else tap)
    passage = rejouer(taps, JEUDI)
    depart = passage.depart.heure if passage.depart else None
    return passage.arrivee is not None, passage.depart is not None, heure_du(depart, JEUDI)


def offered(suite: tuple[Pas, ...]) -> Iterator[tuple[Pas, ...]]:
    """What the page offers next: the taps of one box, or of one answer."""
    yield ((REMISE, NON_REMIS),)
    match told(suite)[:2]:
        case False, False:
            yield ((PRESENT, 1),)
            yield ((PARTI, 1),)
        case True, False:
            yield ((PRESENT, 0),)
            yield ((PARTI, 1),)
        case True, True:
            yield ((PARTI, 0),)
            yield ((PRESENT, 0),)
        case False, True:  # « Arrivée oubliée ? »
            yield ((PARTI, 0), (PRESENT, 1))
            yield ((PRESENT, 1),)
            yield ((PARTI, 0),)


def suites(debut: tuple[Pas, ...] = (), dernier: int = 0, *, reste: int = LONGUEUR) -> Iterator[tuple[Pas, ...]]:
    """Every sequence of so many answers at most, each undone or not; `dernier`: how many taps the last one was."""
    if debut:
        yield debut
    if not reste:
        return
    for groupe in offered(debut):
        yield from suites(debut + groupe, len(groupe), reste=reste - 1)
    if dernier:
        annules = range(len(debut) - dernier, len(debut))
        yield from suites(debut + tuple((ANNULE, rang) for rang in annules), 0, reste=reste - 1)


@pytest.mark.une_fois
@pytest.mark.ci
def test_phone_shows_what_the_server_tells():
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js n’est pas installé")
    toutes = [(suite, rythme) for rythme in RYTHMES for suite in suites()]
    taps = [
        [
            (quoi, coche, fait_le.isoformat())
            for (quoi, coche), fait_le in zip(suite, instants(suite, rythme), strict=True)
        ]
        for suite, rythme in toutes
    ]
    lu = subprocess.run(
        [node, "tests/js/rejouer.mjs"],
        cwd=ROOT,
        input=json.dumps(taps),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    differents = [
        (suite, rythme, told(suite, rythme), tuple(montre))
        for (suite, rythme), montre in zip(toutes, json.loads(lu.stdout), strict=True)
        if told(suite, rythme) != tuple(montre)
    ]
    assert (len(toutes) > 1000, differents[:3]) == (True, [])
