"""The words of families are those of `docs/mots.md`: what its last column refuses is in no page, mail or sentence that
a family reads.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEMPLATES = ("accounts", "emails", "enfance", "facturation", "jinja2")
OF_AGENTS = re.compile(r"/(mairie|regie|equipe|cantine|aide|admin|votes|nombres|payeurs)/|/guichet|/_guichet|/_mairie")
PYTHON = (
    "enfance/courriels",
    "enfance/famille",
    "enfance/planning",
    "enfance/regles",
    "enfance/views",
    "facturation/famille",
    "facturation/papiers",
    "facturation/payfip",
    "facturation/registres/donnees.py",
    "facturation/views/famille",
)
APPS = ("accounts", "enfance", "facturation", "portail")
NBSP = "\u00a0"
OF_AGENTS_IN_PYTHON = re.compile(r"/effacement|/mairie/|views/(cantine|chiffres|envois|guichet)")


def refused_words() -> list[str]:
    """Each once, as the last column of the table gives them."""
    lignes = (ROOT / "docs/mots.md").read_text("utf-8").splitlines()
    rangees = [ligne.strip("|").split("|") for ligne in lignes if ligne.startswith("| ")][1:]
    return list(dict.fromkeys(mot for *_, jamais in rangees for mot in jamais.strip().split(", ") if mot))


def strings_of(path: Path) -> Iterator[str]:
    """The strings of a module but its docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def sentences() -> Iterator[tuple[Path, str]]:
    """Every text that a family may read, with the file that holds it."""
    for dossier in TEMPLATES:
        for path in sorted((ROOT / "templates" / dossier).rglob("*.*")):
            if not OF_AGENTS.search(path.as_posix().removeprefix(ROOT.as_posix())):
                yield path, re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", lambda m: said_by(m[0]), path.read_text("utf-8"))
    for lieu in PYTHON:
        for path in sorted((ROOT / lieu).rglob("*.py")) or [ROOT / lieu]:
            if not OF_AGENTS_IN_PYTHON.search(path.as_posix()):
                yield from ((path, dit) for dit in strings_of(path))


def said_by(balise: str) -> str:
    """What a tag of a template may show: the strings that it holds; a comment shows nothing."""
    return "" if balise.startswith("{#") else " ".join(re.findall(r'"([^"]*)"', balise))


OF_TIME = re.compile(r"minute|heure|temps|commencée|\bvenu|\babsent|à la tranche|tranches? de\s*$", re.IGNORECASE)
TRANCHE = re.compile(r"\btranches?\b", re.IGNORECASE)


def test_tranche_is_said_of_a_quotient_alone():
    """On every screen, the town hall's too: of time, it is a « durée », a « demi-heure commencée »."""
    dits = [(path, dit) for app in APPS for path in sorted((ROOT / app).rglob("*.py")) for dit in _said_in(path)]
    for path in sorted((ROOT / "templates").rglob("*.*")):
        texte = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", " ", path.read_text("utf-8"))
        dits += [(path, phrase) for phrase in re.split(r"[.!?]\s|\n\s*\n", texte)]
    trouvees = [(path, dit) for path, dit in dits if TRANCHE.search(dit)]

    assert len(trouvees) > 5
    assert [f"{path.relative_to(ROOT)} : {dit.strip()}" for path, dit in trouvees if OF_TIME.search(dit)] == []


def _said_in(path: Path) -> Iterator[str]:
    """Its sentences: codes and names, which have no space, are not said."""
    if "migrations" not in path.parts:
        yield from (dit for dit in strings_of(path) if " " in dit or NBSP in dit)


def test_table_refuses_words():
    """The test below reads something."""
    assert {"créneau", "séance"} <= set(refused_words())
    assert len(list(sentences())) > 1000


@pytest.mark.parametrize("mot", refused_words())
def test_families_never_read(mot: str):
    """As a whole word, whatever its capitals."""
    refuse = re.compile(rf"\b{re.escape(mot)}\b", re.IGNORECASE)

    trouves = {f"{path.relative_to(ROOT)} : {m[0]}" for path, dit in sentences() for m in [refuse.search(dit)] if m}

    assert sorted(trouves) == []
