"""The colours that no checker of contrasts can judge: a text over lines drawn by a gradient (RGAA 3.2)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

JETONS = (Path(settings.BASE_DIR) / "styles" / "portail" / "jetons.css").read_text("utf-8")
LIGHT, DARK = JETONS.split("@media screen and (prefers-color-scheme: dark)")
LINE = re.compile(r"--hachure:[^;]*rgb\((\d+) (\d+) (\d+) / ([\d.]+)\)")


def colour(sheet: str, name: str) -> list[int]:
    [digits] = re.findall(rf"--{name}: #(\w{{6}});", sheet)
    return [int(digits[start : start + 2], 16) for start in (0, 2, 4)]


def darkest(sheet: str, ground: str) -> list[float]:
    """The line of the hatching, as it shows over this ground."""
    [(*line, share)] = LINE.findall(sheet)
    return [
        below * (1 - float(share)) + int(above) * float(share)
        for below, above in zip(colour(sheet, ground), line, strict=True)
    ]


def lightness(rgb: list[float]) -> float:
    parts = [n / 255 for n in rgb]
    red, green, blue = (n / 12.92 if n <= 0.03928 else ((n + 0.055) / 1.055) ** 2.4 for n in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ratio(one: list[float], other: list[float]) -> float:
    low, high = sorted([lightness(one), lightness(other)])
    return (high + 0.05) / (low + 0.05)


def test_ratio_is_that_of_wcag():
    assert ratio([0, 0, 0], [255, 255, 255]) == pytest.approx(21)


@pytest.mark.parametrize("sheet", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ferme-fond", "surface-2"])
def test_text_is_read_on_the_hatching(sheet, ground):
    assert ratio(colour(sheet, "encre-2"), darkest(sheet, ground)) >= 4.5
