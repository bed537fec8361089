"""A reader who lets no letter be smaller than some size: nothing covers anything. Other sizes: textes.py."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.navigateur.conftest import FLAGS
from tests.navigateur.etats import ETATS, Etat
from tests.navigateur.profils import Profils
from tests.navigateur.site import Site
from tests.navigateur.textes import COVERED, PAGES
from tests.tools import chromium

pytestmark = pytest.mark.navigateur

MINIMUM = 20  # px


@pytest.fixture(scope="module")
def reader_with_a_minimum(browser: Browser) -> Iterator[Profils]:
    """The browser of somebody who set the least size of letters."""
    flags = [*FLAGS, f"--blink-settings=minimumFontSize={MINIMUM}"]
    large = browser.browser_type.launch(executable_path=chromium(), args=flags)
    yield Profils(large)
    large.close()


@pytest.mark.parametrize("etat", [etat for etat in ETATS if etat.name in PAGES], ids=lambda etat: etat.name)
def test_nothing_covers_anything_under_a_least_size_of_letters(site: Site, reader_with_a_minimum, etat: Etat):
    site.profils = reader_with_a_minimum
    page = etat.open(site)

    assert page.evaluate("getComputedStyle(document.querySelector('small, p')).fontSize") is not None
    assert page.evaluate(COVERED) == []
