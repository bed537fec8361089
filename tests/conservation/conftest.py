"""A folder of backups, and a folder of work apart from that of the tests' own database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

NOW = datetime(2026, 11, 27, 3, 12, tzinfo=UTC)


@pytest.fixture
def var(tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir(mode=0o700)
    return settings.VAR_DIR


@pytest.fixture
def dossier(tmp_path, var):
    folder = tmp_path / "sauvegardes"
    folder.mkdir()
    return folder
