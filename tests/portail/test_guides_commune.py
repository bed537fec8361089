"""The town's own guides, in `var/guides/`: they take the place of ours, and never break a page."""

from __future__ import annotations

import struct

import pytest

from portail import guides
from tests.portail.guides import OURS, PNG, write

NB, FINE = "\u00a0", "\u202f"


def test_guide_of_the_town_takes_the_place_of_ours(town):
    write(town, "\ufeff# L’équipe de Saint-Sauveur\n\nLe portail vert, [la cantine](cantine.md).\n")

    guide = guides.load("equipe")

    assert (guide.titre, guide.refus) == ("L’équipe de Saint-Sauveur", "")
    assert guide.corps == '<p>Le portail vert, <a href="../cantine/">la cantine</a>.</p>\n'
    assert guides.load("cantine").titre != guide.titre  # the others stay ours


def test_guide_is_read_again_when_it_changes(town):
    write(town, "# Un\n")
    assert guides.load("equipe").titre == "Un"
    write(town, "# Deux mots\n")
    assert guides.load("equipe").titre == "Deux mots"
    (town / "equipe.md").unlink()
    assert guides.load("equipe").titre == OURS


def test_guide_is_read_again_when_its_picture_changes(town):
    write(town, "# Un\n\n![La porte](captures/portail-vert.png)\n")
    assert 'width="40" height="30"' in guides.load("equipe").corps
    (town / "captures" / "portail-vert.png").write_bytes(PNG[:16] + struct.pack(">II", 80, 60) + b"plus")
    assert 'width="80" height="60"' in guides.load("equipe").corps


def test_guide_shows_the_pictures_of_the_town_and_ours(town):
    write(town, "# Un\n\n![La porte](captures/portail-vert.png) ![L’accueil](captures/mairie-accueil.png)\n")
    corps = guides.load("equipe").corps
    assert 'src="captures/portail-vert.png" width="40" height="30" alt="La porte"' in corps
    assert 'src="captures/mairie-accueil.png"' in corps


LIEN = f"il mène à «{NB}%s{NB}»{FINE}; un guide ne mène qu’à une de ses parties ou à un autre guide."
MONTRE = f"il contient ce qu’une page d’aide ne montre pas{NB}: %s."
IMAGE = f"l’image «{NB}%s{NB}» n’est pas un PNG du dossier «{NB}captures{NB}»."
BROKEN = [
    ("", f"il ne commence pas par un titre («{NB}# Le guide{NB}»)."),
    ("Sans titre\n", f"il ne commence pas par un titre («{NB}# Le guide{NB}»)."),
    ("# Un\n\n[a](https://ailleurs.example/)\n", LIEN % "https://ailleurs.example/"),
    ("# Un\n\n```\nsudo\n```\n", MONTRE % "du code"),
    ("# Un\n\n> dit\n", MONTRE % "une citation"),
    ("# Un\n\nun *mot*\n", MONTRE % "de l’italique"),
    ("# Un\n\n![x](captures/absente.png)\n", IMAGE % "captures/absente.png"),
    ("# Un\n\n![x](../../portail.sqlite3)\n", IMAGE % "../../portail.sqlite3"),
    ("# Un\n\n![x](https://ailleurs.example/x.png)\n", IMAGE % "https://ailleurs.example/x.png"),
    ("# Un\n\n![x](captures/texte.png)\n", f"l’image «{NB}texte.png{NB}» n’est pas un PNG."),
    ("# Équipe\n".encode("latin-1"), "il n’est pas enregistré en UTF-8."),
    ("# Un\n\n" + "mot " * 200_000, f"il est trop long (500{NB}Ko au plus)."),
]


@pytest.mark.parametrize(("text", "refus"), BROKEN)
def test_broken_guide_leaves_ours_and_says_why(town, text, refus):
    (town / "captures" / "texte.png").write_text("un texte")
    write(town, text)

    guide = guides.load("equipe")

    assert (guide.titre, guide.refus) == (OURS, refus)


def test_guide_that_does_not_open_leaves_ours(town):
    (town / "equipe.md").mkdir()
    guide = guides.load("equipe")
    assert (guide.titre, guide.refus) == (OURS, "le fichier ne s’ouvre pas (Is a directory).")


@pytest.mark.ci
def test_guide_of_bold_in_bold_without_end_leaves_ours(town):
    write(town, "# Un\n\n" + "**a " * 3000 + "b" + " b**" * 3000)
    assert guides.load("equipe").refus == "il a trop de choses l’une dans l’autre."


@pytest.mark.parametrize("nom", ["../portail.sqlite3", "..", "absente.png", "texte.txt", ".png", "a/b.png"])
def test_nothing_else_of_the_folder_is_served(town, nom):
    (town / "captures" / "texte.txt").write_text("un texte")
    assert guides.capture(nom) is None


def test_picture_of_the_town_comes_before_ours(town):
    ours = guides.capture("mairie-accueil.png")
    (town / "captures" / "mairie-accueil.png").write_bytes(PNG)
    assert ours == guides.DOCS / "captures" / "mairie-accueil.png"
    assert guides.capture("mairie-accueil.png") == town / "captures" / "mairie-accueil.png"
