"""What the tests of the diagnosis share: where the portal is, and the lines that are not good."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from surveillance.diagnostic.constats import Point
from surveillance.diagnostic.lieu import Lieu
from tests.reading import plain

LIEU = Lieu(Path("/srv/portail/portail"), os.geteuid(), Path("/srv/portail/portail/.env"))


def lines(found: Point | Iterable[Point]) -> list[Point]:
    """The lines of one check, each with all that it must say."""
    constats = [found] if isinstance(found, Point) else list(found)
    for constat in constats:
        assert constat.phrase.endswith((".", "?")), constat
        assert bool(constat.remede or constat.commande) is (constat.etat != "bon"), constat
    return constats


def only(found: Point | Iterable[Point]) -> Point:
    (constat,) = lines(found)
    return constat


def told(constat: Point) -> tuple[str, str]:
    """Its judgement, and its sentence with plain spaces."""
    return constat.etat, plain(constat.phrase)
