"""The QR code that a page draws."""

import re

import pytest
import segno

from accounts import qr


@pytest.mark.parametrize(
    "text", ["x", "otpauth://totp/Portail%20de%20Saint-Sauveur:1000009?secret=" + "A" * 32, "é" * 200]
)
def test_path_draws_every_dark_module_and_no_other(text):
    code = qr.draw(text)

    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code.path)
    drawn = [(int(x) + i, int(y)) for x, y, width, _ in runs for i in range(int(width))]
    modules = segno.make_qr(text, error="l").matrix
    expected = [(x + 4, y + 4) for y, row in enumerate(modules) for x, dark in enumerate(row) if dark]
    assert drawn == expected
    assert all(width == back for _, _, width, back in runs)
    assert code.side == len(modules) + 8
