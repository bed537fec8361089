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


def test_script_loses_its_indents_and_the_lines_of_its_comments_alone():
    script = "// Dit.\nconst a = 1; // un\n\n  // dit\n  f('//', `  ${a}`);\n"
    assert lighten(script) == "const a = 1; // un\nf('//', `  ${a}`);\n"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_string_of_a_script_goes_on_to_the_next_line(script):
    odd = [line for line in script.read_text().splitlines() if line.count("`") % 2 or "/*" in line]
    assert odd == []


def test_collected_script_is_light(collected):
    for script in SCRIPTS:
        assert Path(collected, "js", script.name).read_text() == lighten(script.read_text())


def test_script_names_the_one_that_it_imports_by_what_it_holds(collected):
    [feuille] = collected.glob("js/feuille.*.js")
    [imported] = re.findall(r"from ['\"]\./(attente[^'\"]*)['\"]", feuille.read_text())
    assert re.fullmatch(r"attente\.\w{12}\.js", imported)
    assert Path(collected, "js", imported).exists()
