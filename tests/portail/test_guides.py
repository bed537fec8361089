"""The guides as pages: what they may hold, and that what they name is on the screens."""

from __future__ import annotations

import pytest

from portail import guides

GUIDES = ["mairie", "equipe", "cantine"]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A guide of this text."""
    monkeypatch.setattr(guides, "DOCS", tmp_path)

    def write(text: str) -> guides.Guide:
        (tmp_path / "essai.md").write_text(text, "utf-8")
        guides.load.cache_clear()
        return guides.load("essai")

    yield write
    guides.load.cache_clear()


def test_guide_is_written_in_the_tags_it_needs(write):
    guide = write("# Le guide\n\n## L’année\n\nUn **mot**, un [lien](equipe.md).\n\n1. un\n2. deux\n\n> note\n")

    assert (guide.titre, guide.parties) == ("Le guide", [guides.Titre("L’année", "l-annee")])
    assert guide.corps.replace("\n", "") == (
        '<h2 id="l-annee">L’année</h2><p>Un <strong>mot</strong>, un <a href="../equipe/">lien</a>.</p>'
        "<ol><li>un</li><li>deux</li></ol><blockquote><p>note</p></blockquote>"
    )


def test_markup_in_a_guide_is_text(write):  # VAL-06
    guide = write("# Un\n\n<script>alert(1)</script> **<b>**\n")

    assert guide.corps == "<p>&lt;script&gt;alert(1)&lt;/script&gt; <strong>&lt;b&gt;</strong></p>\n"


def test_script_is_no_link(write):  # VAL-06
    assert write("# Un\n\n[a](javascript:alert)\n").corps == "<p>[a](javascript:alert)</p>\n"


@pytest.mark.parametrize("text", ["[a](https://ailleurs.example/)", "[a](/admin/)", "```\na\n```"])
def test_guide_leads_nowhere_else(write, text):
    with pytest.raises((ValueError, KeyError)):
        write(f"# Un\n\n{text}\n")
