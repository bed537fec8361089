from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from portail import feuilles


@pytest.fixture
def finder(settings, tmp_path) -> feuilles.SheetFinder:
    settings.VAR_DIR = tmp_path
    return feuilles.SheetFinder()


@pytest.mark.parametrize("served", feuilles.SHEETS)
def test_every_sheet_of_the_folder_is_joined(settings, served):
    assert {f"{name}.css" for name in feuilles.SHEETS[served]} == {
        path.name for path in (settings.BASE_DIR / "styles" / Path(served).stem).iterdir()
    }


def test_layers_are_ordered_before_any_rule():
    assert feuilles.join_sheets("css/portail.css").startswith(
        "@layer base,structure,composants,planning,pages,equipe,utilitaires,impression;"
    )


@pytest.mark.parametrize("served", feuilles.SHEETS)
def test_telephone_downloads_neither_comment_nor_indent(served):
    assert [mark for mark in ("/*", "*/", "\n", "  ", "{ ") if mark in feuilles.join_sheets(served)] == []


@pytest.mark.parametrize("served", feuilles.SCRIPTS)
def test_joined_modules_keep_their_names_to_themselves(served):
    joined = feuilles.join(served)

    assert joined.startswith("const gardes = new Map();\n")  # what the others import
    assert joined.count("\n{\n") == len(feuilles.SCRIPTS[served]) - 1
    assert not re.search(r"^(import \{|export )", joined, re.MULTILINE)
    assert not re.search(r"^(\s|//)", joined, re.MULTILINE)


@pytest.mark.parametrize("served", feuilles.SERVED)
def test_finder_serves_its_files_as_one(served):
    assert Path(finders.find(served)).read_text() == feuilles.join(served)


def test_finder_knows_no_other_file(finder):
    assert finder.find("css/autre.css") == []
    assert [name for name, _ in finder.list(None)] == [
        "css/portail.css",
        "css/famille.css",
        "css/facturation.css",
        "js/parent.js",
        "js/cases.js",
    ]


def test_joined_file_follows_its_sheets(finder, monkeypatch):
    path = Path(finder.find("css/portail.css"))
    written = path.stat().st_mtime_ns
    assert finder.find("css/portail.css", find_all=True) == [str(path)]
    assert path.stat().st_mtime_ns == written

    monkeypatch.setattr(feuilles, "join_sheets", lambda served: "body{}")

    assert Path(finder.find("css/portail.css")).read_text() == "body{}"
