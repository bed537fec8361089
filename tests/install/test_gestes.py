"""Each version has a number, a date and what it asks for; an upgrade tells all of it, from the one to the other."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from install import gestes
from install.gestes import ChangelogError, Version, gestes_between, read

NB = "\u00a0"
TEXT = """# Ce qui a changé

Une phrase.

## À venir

### Ce qui demande un geste

Rien.

## 0.10.0 — 1er mars 2027

### Ce qui demande un geste

- Changer `TEL_REGLAGE`
  dans `.env`.
- Prévenir l’équipe.

### Les familles

- Une nouveauté.

## 0.9.0 — 26 novembre 2026

### Ce qui demande un geste

Rien.

## 0.8.0 — 9 août 2026

### Ce qui demande un geste

Relire la page d’accueil.
"""
DIX = Version("0.10.0", date(2027, 3, 1), ("Changer `TEL_REGLAGE` dans `.env`.", "Prévenir l’équipe."))
HUIT = Version("0.8.0", date(2026, 8, 9), ("Relire la page d’accueil.",))


def test_versions_are_read_with_their_date_and_what_they_ask():
    assert read(TEXT) == [Version(None, None, ()), DIX, Version("0.9.0", date(2026, 11, 26), ()), HUIT]


@pytest.mark.parametrize(
    ("bounds", "asked"),
    [
        (("0.7.0",), [HUIT, DIX]),  # in the order to do them
        (("0.7.0", "0.9.0"), [HUIT]),
        (("0.8.0", "0.9.0"), []),
        (("0.9.0", "0.10.0"), [DIX]),  # 10 is after 9
        (("0.10.0", "0.8.0"), []),  # the way back asks for nothing
        (("0.10.0",), []),
    ],
)
def test_an_upgrade_tells_what_each_version_in_between_asks(bounds, asked):
    assert gestes_between(TEXT, *bounds) == asked


def test_what_is_not_released_is_told_to_who_has_its_code():
    text = TEXT.replace("Rien.", "- Lire le guide.", 1)

    assert [version.nom for version in gestes_between(text, "0.10.0")] == ["À venir"]
    assert gestes_between(text, "0.10.0", "0.11.0") == []


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("### Ce qui demande un geste", "### Autre", f"CHANGELOG.md, «{NB}À venir{NB}»{NB}: il manque «{NB}Ce qui"),
        ("\nRien.\n", "\n", f"CHANGELOG.md, «{NB}À venir{NB}»{NB}: il manque «{NB}Ce qui"),
        (" — 26 novembre 2026", "", f"CHANGELOG.md{NB}: «{NB}0.9.0{NB}» n’est pas «{NB}0.3.0 — 26 novembre"),
        ("26 novembre", "31 novembre", "ce jour n’existe pas."),
        ("26 novembre", "26 brumaire", "ce jour n’existe pas."),
    ],
)
def test_a_version_told_amiss_is_refused_with_its_name(before, after, sentence):
    with pytest.raises(ChangelogError, match=sentence.replace(".", r"\.")):
        read(TEXT.replace(before, after, 1))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(gestes.ROOT / "install" / "gestes.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_command_prints_them_one_a_line():
    result = run("0.1.0", "0.2.0")

    lines = result.stdout.splitlines()
    assert (result.returncode, lines[0], lines[-1]) == (0, f"0.2.0{NB}:", "  - Après `migrate`, lancer `sync_groups`.")


def test_command_says_that_there_is_nothing():
    assert run("0.2.0", "0.2.0").stdout == "Aucun geste n’est demandé.\n"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["0.1.0", "0.2.0", "0.3.0"], ["trois"], ["0.3.0", "v0.4.0"]])
def test_command_mistyped_is_a_sentence(arguments):
    result = run(*arguments)

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(("Usage", f"«{NB}"))


# --- Our own CHANGELOG ------------------------------------------------------------------------------------------------


def test_each_version_says_its_date_and_what_it_asks_for():
    versions = read(gestes.CHANGELOG.read_text("utf-8"))
    assert [version.nom for version in versions[1:] if version.numero is None] == []  # only the first is to come
    order = [(gestes.key(version.nom), version.jour) for version in versions if version.numero]
    assert order == sorted(order, reverse=True)
    assert len({numero for numero, _ in order}) == len(order)
    assert [jour for _, jour in order] == sorted((jour for _, jour in order), reverse=True)


def test_the_code_is_the_latest_version_told():
    versions = read(gestes.CHANGELOG.read_text("utf-8"))

    assert gestes.released() == next(version.numero for version in versions if version.numero)
