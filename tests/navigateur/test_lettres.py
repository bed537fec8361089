"""The letters on paper: one page each, the address in the window of the envelope."""

from __future__ import annotations

import re

import pytest

from tests.navigateur.etats_envois import letters
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

# In millimetres of the page: what a DL envelope's window (35 × 100 or 45 × 100, 20 from the right and the bottom) shows
# wherever the folded sheet slides.
WINDOW = {"left": 100, "right": 190, "top": 55, "bottom": 79}
MEASURE = """() => [...document.querySelectorAll('.lettre')].map(letter => {
  const mm = value => value * 25.4 / 96;
  const page = letter.getBoundingClientRect();
  const range = document.createRange();
  range.selectNodeContents(letter.querySelector('.lettre-a'));
  const address = range.getBoundingClientRect();
  return {
    who: letter.querySelector('.lettre-a').textContent,
    height: mm(page.height), held: letter.scrollHeight <= letter.clientHeight + 1,
    left: mm(address.left - page.left), right: mm(address.right - page.left),
    top: mm(address.top - page.top), bottom: mm(address.bottom - page.top),
  };
})"""


def test_letters_print_one_a_page_with_their_address_in_the_window(site: Site):
    page = letters(site, javascript=True)
    count = page.locator(".lettre").count()

    pdf = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 794, "height": 1123})
    measures = page.evaluate(MEASURE)

    assert count == 3
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == count
    assert [m["who"] for m in measures if not m["held"] or m["height"] > 297] == []
    outside = [
        m
        for m in measures
        if m["left"] < WINDOW["left"]
        or m["right"] > WINDOW["right"]
        or m["top"] < WINDOW["top"] - 0.1
        or m["bottom"] > WINDOW["bottom"]
    ]
    assert outside == []


def test_letters_print_black_on_white_in_a_dark_theme(site: Site):
    page = letters(site, javascript=True)

    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate("""() => [...document.querySelectorAll('.lettre, .lettre p, .lettre li, .lettre h2')]
        .map(element => getComputedStyle(element).color)""")

    assert set(colours) == {"rgb(0, 0, 0)"}
