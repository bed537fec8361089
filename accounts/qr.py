"""A QR code as a path that an `<svg>` of the page draws: no picture to fetch, nothing that the strict CSP refuses."""

from __future__ import annotations

from dataclasses import dataclass

import segno

QUIET = 4  # light modules around it, which a camera needs


@dataclass(frozen=True)
class QrCode:
    side: int
    path: str


def draw(text: str) -> QrCode:
    """The QR code of this text as an SVG path, one rectangle for each run of dark modules in a row, and the side of its
    square, in modules, with the light margin."""
    rows = [[bool(module) for module in row] for row in segno.make_qr(text, error="l").matrix]
    runs = []
    for y, row in enumerate(rows, QUIET):
        x = 0
        while x < len(row):
            width = 0
            while x + width < len(row) and row[x + width]:
                width += 1
            if width:
                runs.append(f"M{x + QUIET} {y}h{width}v1h-{width}z")
            x += width + 1
    return QrCode(len(rows) + 2 * QUIET, "".join(runs))
