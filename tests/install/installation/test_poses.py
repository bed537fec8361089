"""A file that the town changed, or that was there before, is left as it is; the one of a package gives way."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from install.installation.fichiers import Fichier
from install.installation.poses import Poses

pytestmark = pytest.mark.ci

SITE = Path("/etc/caddy/Caddyfile")


@pytest.fixture
def dossier(tmp_path) -> Path:
    (tmp_path / "portail" / "var").mkdir(parents=True)
    return tmp_path / "portail"


def put(dossier: Path, text: str) -> Poses:
    poses = Poses(dossier, dossier.parent / "racine", "root")
    poses.put([Fichier(SITE, text)])
    return poses


def place(dossier: Path, text: str) -> Path:
    path = dossier.parent / "racine" / "etc" / "caddy" / "Caddyfile"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_file_that_is_ours_follows_the_answers(dossier):
    assert put(dossier, "un\n").changed == {SITE}
    assert put(dossier, "un\n").changed == set()
    assert put(dossier, "deux\n").changed == {SITE}
    assert (dossier.parent / "racine/etc/caddy/Caddyfile").read_text() == "deux\n"


def test_file_that_the_town_changed_is_left_and_ours_laid_beside(dossier):
    put(dossier, "un\n")
    path = place(dossier, "un\n# à nous : é\n")

    poses = put(dossier, "deux\n")

    assert path.read_text("utf-8") == "un\n# à nous : é\n"
    assert poses.kept == {path: dossier / "var/propositions/etc/caddy/Caddyfile"}
    assert poses.kept[path].read_text() == "deux\n"
    assert poses.changed == set()


def test_file_that_was_there_before_is_left(dossier):
    path = place(dossier, "autre.villard.fr {\n}\n")
    assert put(dossier, "un\n").kept
    assert path.read_text() == "autre.villard.fr {\n}\n"


def test_file_of_a_package_gives_way_and_is_kept_beside(dossier):
    path = place(dossier, ":80 {\n}\n")
    status = dossier.parent / "racine/var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    status.write_text(f"Package: caddy\nConffiles:\n /etc/caddy/Caddyfile {digest}\n")

    assert put(dossier, "un\n").changed == {SITE}
    assert path.read_text() == "un\n"
    assert path.with_name("Caddyfile.origine").read_text() == ":80 {\n}\n"


def test_register_that_cannot_be_read_makes_ours_the_town_s(dossier):
    put(dossier, "un\n")
    (dossier / "var/installation.poses").write_text("{")
    assert put(dossier, "deux\n").kept
