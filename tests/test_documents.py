"""What the documents name is there: files and folders of the house, pages and parts that a link leads to."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest
from django.conf import settings

from tests.sources import DOMAIN

ROOT = Path(settings.BASE_DIR)
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
MAPS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "tests/README.md")]  # a decision is of its own day
PAGES = [*MAPS, ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
TOP = {path.name for path in ROOT.iterdir() if path.is_dir()} - {"var"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def parts_of(page: Path) -> set[str]:
    """The addresses of the parts of a page, as forges make them from its headings."""
    titles = re.findall(r"(?m)^#+ (.*)$", page.read_text("utf-8"))
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", MAPS, ids=name_of)
def test_every_path_that_a_map_names_is_there(page):
    named = [word for word in re.findall(r"`([\w.*/-]+)`", page.read_text("utf-8")) if word.split("/")[0] in TOP]

    assert len(named) > 5 or page.parent != ROOT
    assert [name for name in named if "NOM" not in name and not any(ROOT.glob(name.rstrip("/")))] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_page_and_a_part(page):
    links = [
        (page.parent / address if address else page, part)
        for address, part in re.findall(r"\]\(([\w./-]*)(?:#([^)]*))?\)", page.read_text("utf-8"))
    ]

    assert [name_of(target.resolve()) for target, _ in links if not target.exists()] == []
    if page.stem not in {"mairie", "equipe", "cantine", "regie"}:  # whose parts have the addresses of our own pages
        assert [part for target, part in links if part and part not in parts_of(target)] == []


def test_index_of_decisions_has_each_page_once():
    index = re.findall(r"\(decisions/([^)]*)\)", (ROOT / "docs/decisions.md").read_text("utf-8"))

    assert sorted(index) == [page.name for page in DECISIONS]
    assert [page.name for page in DECISIONS if not re.fullmatch(r"2\d{3}-\d\d-\d\d-[a-z0-9-]+\.md", page.name)] == []


def test_every_document_that_is_named_is_there():
    readers = chain(PAGES, DECISIONS, DOMAIN, [ROOT / ".env.example"])
    named = {name for path in readers for name in re.findall(r"docs/[\w/-]+\.md", path.read_text("utf-8"))}

    assert len(named) > 20
    assert {name for name in named if not (ROOT / name).exists()} == set()
