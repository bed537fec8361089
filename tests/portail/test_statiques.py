"""The static files as they are collected: light, and named by what they hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from portail.settings import STORAGES
from portail.statiques import lighten

SCRIPTS = sorted(Path(settings.BASE_DIR, "static", "js").glob("*.js"))


@pytest.fixture(scope="module")
def collected(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("static")
    with override_settings(STATIC_ROOT=root, STORAGES=STORAGES):
        call_command("collectstatic", interactive=False, verbosity=0)
    return root


def test_script_loses_its_indents_and_its_comments_alone():
    script = "// Dit.\nconst a = 1; // un\n\n  // dit\n  f('//', ' // ', `  ${a}`);\n"
    assert lighten(script) == "const a = 1;\nf('//', ' // ', `  ${a}`);\n"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_string_of_a_script_goes_on_to_the_next_line(script):
    odd = [line for line in script.read_text().splitlines() if line.count("`") % 2 or "/*" in line]
    assert odd == []


@pytest.mark.ci
def test_collected_script_is_light(collected):
    for script in SCRIPTS:
        assert Path(collected, "js", script.name).read_text() == lighten(script.read_text())


@pytest.mark.ci
def test_script_names_the_one_that_it_imports_by_what_it_holds(collected):
    [feuille] = collected.glob("js/feuille.*.js")
    [imported] = re.findall(r"from ['\"]\./(attente[^'\"]*)['\"]", feuille.read_text())
    assert re.fullmatch(r"attente\.\w{12}\.js", imported)
    assert Path(collected, "js", imported).exists()


# --- Beside a version that serves -------------------------------------------------------------------------------------


def collect(served: Path, script: Path, text: str) -> dict[str, bytes]:
    """Collect a site of this one script, as a version does; what is then served, by name."""
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(text)
    finders = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    where = {"STATIC_ROOT": served, "STATICFILES_DIRS": [script.parent.parent], "STATICFILES_FINDERS": finders}
    with override_settings(STORAGES=STORAGES, **where):
        call_command("collectstatic", interactive=False, verbosity=0)
    return {str(path.relative_to(served)): path.read_bytes() for path in served.rglob("*") if path.is_file()}


def test_files_of_the_version_before_stay_served_as_they_were(tmp_path):
    served, script = tmp_path / "var" / "static", tmp_path / "site" / "js" / "page.js"
    before = collect(served, script, "f(1);\n" * 100)
    named = {name: content for name, content in before.items() if re.search(r"page\.\w{12}\.js", name)}

    after = collect(served, script, "f(2);\n" * 100)

    assert len(named) == 3  # and its two compressed forms
    assert {name: after[name] for name in named} == named
    assert len([name for name in after if re.search(r"page\.\w{12}\.js", name)]) == 6
    assert after["js/page.js"] == b"f(2);\n" * 100
    assert [path.name for path in served.parent.iterdir()] == ["static"]


def test_file_that_is_served_is_not_written_again(tmp_path):
    served, script = tmp_path / "var" / "static", tmp_path / "site" / "js" / "page.js"
    collect(served, script, "f(1);\n" * 100)
    named = {path: path.stat().st_ino for path in served.rglob("page.*.js*")}

    collect(served, script, "f(1);\n" * 100)

    assert {path: path.stat().st_ino for path in served.rglob("page.*.js*")} == named


def test_collection_cut_short_leaves_what_is_served(tmp_path, monkeypatch):
    served, script = tmp_path / "var" / "static", tmp_path / "site" / "js" / "page.js"
    before = collect(served, script, "f(1);\n")
    monkeypatch.setattr("portail.statiques.os.replace", lambda *paths: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        collect(served, script, "f(2);\n")

    assert {str(path.relative_to(served)): path.read_bytes() for path in served.rglob("*") if path.is_file()} == before
