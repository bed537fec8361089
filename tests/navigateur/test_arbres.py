"""The pages of the sample: what is heard of each, its accessibility tree, is the text kept in arbres/.

`make arbres` writes them again: what has changed is then read in the diff of those files. What every page has
to keep (juge.py) is asked here of these, which are open, at each size in both schemes.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.factories import UserFactory
from tests.navigateur.controles import ALL_DISPLAYS
from tests.navigateur.echantillon import AT_A_DESK, SAMPLE
from tests.navigateur.etats import Etat
from tests.navigateur.juge import faults, faults_without_script
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur

KEPT = Path(__file__).parent / "arbres"
PATIENCE = 40  # looks, a tenth of a second apart: a script may still have to say what it knows
# What is of this machine, of its day or of this version, and what is told in its place.
OF_THE_DAY = {
    r"[\w-]{43}": "secret",
    r"Aujourd'hui \(\d+ \w+ \d{4}\)": "Aujourd'hui (3 Décembre 2026)",  # Django's calendar: the browser's own clock
    r"\d[\d\s]*[GM]io libres": "10 Gio libres",
    r"(?m)version \d+\.\d+\.\S+$": "version 1.0.0",
}


@pytest.fixture(autouse=True)
def same_numbers(transactional_db, django_db_reset_sequences) -> None:
    """The keys and the identifiants of every run."""
    UserFactory.reset_sequence(0)  # the one that its subclasses count with


def tree(page: Page) -> str:
    """The page as assistive technologies are given it."""
    said = page.locator("body").aria_snapshot().replace(page.url.split("/", 3)[2], "portail.example")
    for found, told in OF_THE_DAY.items():
        said = re.sub(found, told, said)
    return said + "\n"


@pytest.mark.parametrize("etat", SAMPLE, ids=lambda etat: etat.name)
def test_page_is_heard_as_it_was_and_has_no_fault(site: Site, request: pytest.FixtureRequest, etat: Etat):
    page = etat.open(site)
    by_gesture = site.was_led_by_a_gesture(page)
    opened = page.viewport_size
    width, height = DESKTOP if etat.name in AT_A_DESK else PHONE
    page.set_viewport_size({"width": width, "height": height})
    file = KEPT / f"{etat.name}.txt"
    if "ARBRES" in os.environ:
        page.wait_for_load_state("networkidle")
        file.write_text(tree(page), "utf-8")
        return

    kept = file.read_text("utf-8")
    for _ in range(PATIENCE):
        if tree(page) == kept:
            break
        page.wait_for_timeout(100)

    assert tree(page) == kept, f"if this is meant, « make arbres » writes {file.name} again"
    page.set_viewport_size(opened)
    w3c = request.getfixturevalue("w3c")
    found = faults(site, page, etat, w3c, ALL_DISPLAYS)
    if by_gesture:
        found += faults_without_script(site, etat, w3c)
    assert found == []


def test_no_other_tree_is_kept():
    assert {path.stem for path in KEPT.iterdir()} == {etat.name for etat in SAMPLE}
