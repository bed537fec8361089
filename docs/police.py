"""Makes the fonts of `static/polices/` from those of Nunito Sans (npm pack @fontsource-variable/nunito-sans, OFL 1.1).

Run by hand, in an environment of its own: pip install fonttools brotli, then python docs/police.py FOLDER, that of the
package’s files. The first font has what French is written with; the others, which a page asks for only when a name
wants them, have the letters of the other alphabets that are written in Latin letters.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

HERE = Path(__file__).parent.parent / "static" / "polices"
SPACE, NARROW_SPACE = 0x20, 0x202F  # the second one is missing there: two thirds of the first
FONTS = {
    "fr": (
        "latin",
        "20-7E A0 A7 A9 AB B0 B2 B7 BB C0-FF 131 152 153 2013 2014 2019 201C 201D 2022 2026 202F 20AC 2212",
    ),
    "noms": ("latin-ext", "100-130 132-151 154-17E 218-21B 1E9E"),
    "viet": ("vietnamese", "1A0 1A1 1AF 1B0 1EA0-1EF9"),
}
FEATURES = ["kern", "tnum"]  # of letters that are composed already; figures of one width where a column wants them


def codes(ranges: str) -> list[int]:
    bounds = [[int(code, 16) for code in part.split("-")] for part in ranges.split()]
    return [code for bound in bounds for code in range(bound[0], bound[-1] + 1)]


def add_narrow_space(font: TTFont) -> None:
    space, name = font.getBestCmap()[SPACE], "narrow_space"
    font["glyf"].glyphs[name] = copy.deepcopy(font["glyf"][space])
    font["glyf"].glyphOrder = [*font.getGlyphOrder(), name]
    font.setGlyphOrder(font["glyf"].glyphOrder)
    width, left = font["hmtx"][space]
    font["hmtx"].metrics[name] = (int(width * 0.65), left)
    font["maxp"].numGlyphs = len(font.getGlyphOrder())
    if "HVAR" in font:
        del font["HVAR"]
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[NARROW_SPACE] = name


def build(source: Path, name: str, wanted: list[int]) -> None:
    font = instancer.instantiateVariableFont(TTFont(source), {"wght": (400, 400, 800)})
    variations = font["gvar"].variations
    if NARROW_SPACE in wanted:
        add_narrow_space(font)
    for glyph in font.getGlyphOrder():
        variations.setdefault(glyph, [])
    options = subset.Options()
    options.layout_features, options.flavor = FEATURES, "woff2"
    options.drop_tables += ["STAT"]  # the menus of a word processor
    options.name_IDs = []  # who made it and under which licence: OFL.txt, beside it
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    subset.save_font(font, HERE / f"nunito-sans-{name}.woff2", options)
    if missing := [chr(code) for code in wanted if code not in font.getBestCmap()]:
        sys.exit(f"{name}: {' '.join(missing)}")


if __name__ == "__main__":
    for name, (part, ranges) in FONTS.items():
        build(Path(sys.argv[1]) / f"nunito-sans-{part}-wght-normal.woff2", name, codes(ranges))
