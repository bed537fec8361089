"""The fonts have the letters of the names that the pages show."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders

TABLES = 63  # WOFF2 numbers the known tags from 0 to 62; « cmap » is the first


def letters(name: str) -> set[str]:
    """What a WOFF2 file draws: its table « cmap », which that format leaves as it is."""
    data = Path(finders.find(f"polices/{name}")).read_bytes()
    count, packed = struct.unpack(">12xH6xI", data[:24])
    at, lengths = 48, []
    for _ in range(count):
        flags, at = data[at], at + 1
        tag, at = (flags & 63, at) if flags & 63 < TABLES else (data[at : at + 4], at + 4)
        length, at = base128(data, at)
        changed = (flags >> 6 != 3) if tag in (10, 11) else (flags >> 6 != 0)  # « glyf » and « loca »
        if changed:
            length, at = base128(data, at)
        lengths.append((tag, length))
    tables, start = brotli.decompress(data[at : at + packed]), 0
    for tag, length in lengths:
        if tag == 0:
            return drawn(tables[start : start + length])
        start += length
    raise AssertionError("no cmap")


def base128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    while True:
        value, at = value << 7 | data[at] & 127, at + 1
        if data[at - 1] < 128:
            return value, at


def drawn(cmap: bytes) -> set[str]:
    """The characters of its first subtable of the format 4, which maps segments."""
    (count,) = struct.unpack(">2xH", cmap[:4])
    offsets = [struct.unpack(">4xI", cmap[4 + 8 * n : 12 + 8 * n])[0] for n in range(count)]
    table = next(cmap[offset:] for offset in offsets if cmap[offset : offset + 2] == b"\0\4")
    segments = struct.unpack(">H", table[6:8])[0] // 2
    ends = struct.unpack(f">{segments}H", table[14 : 14 + 2 * segments])
    starts = struct.unpack(f">{segments}H", table[16 + 2 * segments : 16 + 4 * segments])
    return {chr(code) for start, end in zip(starts, ends, strict=True) for code in range(start, end + 1)} - {"\uffff"}


def test_first_font_has_all_that_french_is_written_with():
    wanted = "ÀÂÆÇÈÉÊËÎÏÔŒÙÛÜàâæçèéêëîïôœùûüÿÑñÃãÕõÁáÍíÓóÚúÖöÄäÅåØøßÐðÞþÝý’«»…–€ °\u00a0\u202f"
    assert set(wanted) - letters("nunito-sans-fr.woff2") == set()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("nunito-sans-noms.woff2", "ŸŁłŠšŽžŐőŰűĄąĘęĆćČčĎďĐđĚěĞğİıĶķĽľŃńŇňŘřŚśŞşŢţȘșȚțŤťŮůŹźŻż"),
        ("nunito-sans-viet.woff2", "ƠơƯưẠạẾếỄễỌọỰự"),
    ],
)
def test_other_fonts_have_the_letters_for_which_the_page_asks_for_them(name, wanted):
    css = Path(finders.find("css/portail.css")).read_text()
    (ranges,) = re.findall(rf'{name}"\)[^}}]*unicode-range:([^;}}]+)', css)
    asked = set()
    for part in ranges.replace("U+", "").split(","):
        first, _, last = part.partition("-")
        asked |= {chr(code) for code in range(int(first, 16), int(last or first, 16) + 1)}

    assert set(wanted) - letters(name) - letters("nunito-sans-fr.woff2") == set()
    assert asked - letters(name) <= {"ŉ"}
    assert asked & letters("nunito-sans-fr.woff2") == set()
