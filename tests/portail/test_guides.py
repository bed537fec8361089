"""The guides as pages: what they may hold, and that what they name is on the screens."""

from __future__ import annotations

import ast
import re

import pytest
from django.contrib.staticfiles import finders
from django.utils.translation import gettext

from portail import guides
from tests.sources import DOMAIN, TEMPLATES, tree
from tests.typographie import Page, bad_typography

GUIDES = [guides.DOCS / f"{nom}.md" for nom in ("mairie", "equipe", "cantine", "regie")]
each_guide = pytest.mark.parametrize("path", GUIDES, ids=[path.stem for path in GUIDES])
LIGHT = 80 * 1024


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A guide of this text."""
    monkeypatch.setattr(guides, "DOCS", tmp_path)

    def write(text: str) -> guides.Guide:
        (tmp_path / "essai.md").write_text(text, "utf-8")
        return guides.load("essai")

    return write


def test_guide_is_written_in_the_tags_it_needs(write):
    guide = write("# Le guide\n\n## L’année\n\nUn **mot**, un [lien](equipe.md).\n\n1. un\n2. deux\n")

    assert (guide.titre, guide.parties) == ("Le guide", [guides.Titre("L’année", "l-annee")])
    assert guide.corps.replace("\n", "") == (
        '<h2 id="l-annee">L’année</h2><p>Un <strong>mot</strong>, un <a href="../equipe/">lien</a>.</p>'
        "<ol><li>un</li><li>deux</li></ol>"
    )


def test_a_part_may_be_left_out(write):
    write("# Un\n\nAvant.\n\n## Deux\n\nPendant.\n\n### Encore\n\n## Trois\n\nAprès.\n")

    guide = guides.load("essai", sauf="deux")

    assert guide.parties == [guides.Titre("Trois", "trois")]
    assert guide.corps == '<p>Avant.</p>\n<h2 id="trois">Trois</h2><p>Après.</p>\n'
    assert guides.load("essai", sauf="quatre") == guides.load("essai")


def test_markup_in_a_guide_is_text(write):  # VAL-06
    guide = write("# Un\n\n<script>alert(1)</script> **<b>**\n")

    assert guide.corps == "<p>&lt;script&gt;alert(1)&lt;/script&gt; <strong>&lt;b&gt;</strong></p>\n"


def test_script_is_no_link(write):  # VAL-06
    assert write("# Un\n\n[a](javascript:alert)\n").corps == "<p>[a](javascript:alert)</p>\n"


@pytest.mark.parametrize("text", ["[a](https://ailleurs.example/)", "[a](/admin/)", "```\na\n```", "> a"])
def test_guide_leads_nowhere_else(write, text):
    with pytest.raises(guides.GuideError):
        write(f"# Un\n\n{text}\n")


# --- Our guides -------------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """A name as it is compared: whatever its spaces, its first letter and the « : » of a label."""
    text = re.sub(r"\s+", " ", text).strip().removesuffix("(X)").strip().removesuffix(":").strip()
    return text[:1].lower() + text[1:]


@pytest.fixture(scope="module")
def screen_words() -> set[str]:
    """All that a template shows, and all that Python may: labels, actions, choices, shortcuts."""
    said = {plain(text) for path in TEMPLATES for text in Page(path).said}
    said |= {plain(value) for path in TEMPLATES for _, attrs in Page(path).tags if (value := attrs.get("value"))}
    for path in TEMPLATES:
        for include in re.findall(r"{% include .*? %}", path.read_text("utf-8")):
            said |= {plain(text) for text in re.findall(r'="([^"]*)"', include)}
    for path in DOMAIN:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said |= {plain(text) for text in re.split(r"<[^>]*>", node.value)}
    return said | {plain(gettext(text)) for text in ("Save", "Log out", "Run")}  # the admin's own


def bold(node) -> list[str]:
    return ["".join(c.content for c in n.walk() if c.type == "text") for n in node.walk() if n.type == "strong"]


@pytest.mark.ci
@each_guide
def test_what_a_guide_names_is_on_the_screens(path, screen_words):
    named = {name for name in bold(guides.tree(path.stem, guides.DOCS)) if name != "en gras"}

    assert len(named) > 10
    assert {name for name in named if plain(name) not in screen_words} == set()


@each_guide
def test_guide_keeps_french_typography(path):
    assert bad_typography([re.sub(r"\]\([^)]*\)|!\[|^\|[-|]+\|$", " ", path.read_text("utf-8"), flags=re.M)]) == []


@each_guide
def test_guide_holds_only_what_a_page_can_write(path):
    assert guides.load(path.stem).corps


@each_guide
def test_every_part_has_an_address_of_its_own(path):
    titles = [
        guides.titre_of(node).ancre for node in guides.tree(path.stem, guides.DOCS).walk() if node.type == "heading"
    ]

    assert all(titles)
    assert len(set(titles)) == len(titles)


@each_guide
def test_captures_are_there_light_and_told_to_those_who_do_not_see_them(path):
    images = [node for node in guides.tree(path.stem, guides.DOCS).walk() if node.type == "image"]
    assert images != []
    for node in images:
        assert finders.find(node.attrs["src"]), node.attrs["src"]
        assert (guides.DOCS / node.attrs["src"]).stat().st_size <= LIGHT, node.attrs["src"]
        assert len(node.content) > 20


def test_no_capture_is_left_over():
    shown = {
        found
        for path in [*GUIDES, guides.DOCS.parent / "README.md"]
        for found in re.findall(r"captures/([\w-]+\.png)", path.read_text("utf-8"))
    }
    assert {path.name for path in (guides.DOCS / "captures").glob("*.png")} == shown
