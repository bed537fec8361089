"""What a phone downloads, as `gzip -9` packs it. No browser is needed to weigh it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

KB = 1024


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def weight(path: str) -> int:
    """Of a file of `static/`. A font is packed already."""
    content = Path(finders.find(path)).read_bytes()
    return len(content) if path.endswith(".woff2") else packed(content)


def assets(html: str) -> set[str]:
    """The static files that a page loads."""
    return set(re.findall(r'(?:href|src)="/static/([^"]+)"', html))


@pytest.mark.parametrize(
    ("path", "budget"),
    [
        ("css/portail.css", 10 * KB),
        ("js/planning.js", 3 * KB),
        ("js/motdepasse.js", 3 * KB),
        ("polices/nunito-sans-fr.woff2", 20 * KB),
    ],
)
def test_static_file_stays_light(path, budget):
    assert weight(path) <= budget


@pytest.mark.parametrize("path", ["/accessibilite/", "/donnees-personnelles/", "/mentions-legales/", "/plan-du-site/"])
def test_page_open_to_all_stays_light(client, db, path):
    assert packed(client.get(path).content) <= 4.5 * KB
