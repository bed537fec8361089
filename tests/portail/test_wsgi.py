"""What a web process has done before its first visitor."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from portail.demo import BASE_DIR

STARTS = """
import gc, sys
import portail.wsgi
print("enfance.views.planning" in sys.modules, gc.get_freeze_count() > len(gc.get_objects()))
print(*sys.modules.keys() & {"openpyxl", "holidays"})
"""


@pytest.mark.ci
def test_pages_are_loaded_and_kept_from_the_garbage_before_anybody_comes():
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    said = subprocess.run(
        [sys.executable, "-c", STARTS], cwd=BASE_DIR, env=env, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["True", "True"]  # what is heavy comes with the first workbook, or with a new year
