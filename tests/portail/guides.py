"""The guides that a town writes."""

from __future__ import annotations

import struct

import pytest

from portail import guides

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + struct.pack(">II", 40, 30)
OURS = guides.load("equipe").titre


@pytest.fixture
def town(tmp_path, settings):
    """The folder of the town's guides, with a picture."""
    settings.VAR_DIR = tmp_path
    folder = tmp_path / "guides"
    (folder / "captures").mkdir(parents=True)
    (folder / "captures" / "portail-vert.png").write_bytes(PNG)
    return folder


def write(folder, text, nom="equipe"):
    (folder / f"{nom}.md").write_bytes(text if isinstance(text, bytes) else text.encode())
