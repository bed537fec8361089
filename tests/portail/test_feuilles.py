from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from portail import feuilles


@pytest.fixture
def finder(settings, tmp_path) -> feuilles.SheetFinder:
    settings.VAR_DIR = tmp_path
    return feuilles.SheetFinder()


def test_every_sheet_of_the_folder_is_joined(settings):
    assert {f"{name}.css" for name in feuilles.NAMES} == {
        path.name for path in (settings.BASE_DIR / "styles" / "portail").iterdir()
    }


def test_layers_are_ordered_before_any_rule():
    assert feuilles.join_sheets().startswith(
        "@layer base, structure, composants, planning, pages, equipe, utilitaires, impression;"
    )


def test_telephone_downloads_no_comment():
    assert [mark for mark in ("/*", "*/", "\n ") if mark in feuilles.join_sheets()] == []


def test_finder_serves_the_sheets_as_one_file():
    assert Path(finders.find("css/portail.css")).read_text() == feuilles.join_sheets()


def test_finder_knows_no_other_file(finder):
    assert finder.find("css/autre.css") == []
    assert [name for name, _ in finder.list(None)] == ["css/portail.css"]


def test_joined_file_follows_its_sheets(finder, monkeypatch):
    path = Path(finder.find("css/portail.css"))
    written = path.stat().st_mtime_ns
    assert finder.find("css/portail.css", find_all=True) == [str(path)]
    assert path.stat().st_mtime_ns == written

    monkeypatch.setattr(feuilles, "join_sheets", lambda: "body{}")

    assert Path(finder.find("css/portail.css")).read_text() == "body{}"
