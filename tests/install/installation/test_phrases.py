"""What the installer says is written as the rest of the portal: ’, « », no-break spaces."""

from __future__ import annotations

import pytest

from tests.sources import ROOT
from tests.typographie import bad_typography_in_python

pytestmark = pytest.mark.ci

MODULES = sorted((ROOT / "install" / "installation").glob("*.py"))


def test_sentences_of_the_installer_keep_french_typography():
    assert {path.name: found for path in MODULES if (found := bad_typography_in_python(path))} == {}
