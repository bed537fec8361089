"""The evaluation that docs/rgaa.md holds, as the page of accessibility and the checks read it."""

import pytest

from portail import rgaa
from portail.rgaa import Critere, evaluation, read
from tests.portail.rgaa import HEAD, table


def test_evaluation_is_read_from_its_tables():
    texte = (
        HEAD
        + "| 10.7 | Focus visible | **non conforme** | à voir, `tests/x.py` |\n| 13.2 | Fenêtres | conforme | x |\n"
    )

    found = read(texte)

    assert found is not None
    assert (found.date, found.pages) == ("27 novembre 2026", ("Connexion", "Mentions légales et contact"))
    assert found.manquements == [Critere("10.7", "Focus visible", "non conforme", "à voir, tests/x.py")]
    assert (found.conformes, found.applicables, found.taux) == (1, 2, 50)


@pytest.mark.parametrize(
    ("etats", "taux", "etat"),
    [
        ({"conforme": 199, "non_conforme": 1}, 99, "partiellement conforme"),  # rounded down: never 100
        ({"conforme": 7, "non_conforme": 7, "non_applicable": 30}, 50, "partiellement conforme"),
        ({"conforme": 49, "non_conforme": 51}, 49, "non conforme"),
        ({"conforme": 3, "non_applicable": 2}, 100, "totalement conforme"),
    ],
)
def test_rate_counts_what_applies(etats, taux, etat):
    found = read(table(**etats))

    assert found is not None
    assert (found.taux, found.etat) == (taux, etat)


@pytest.mark.parametrize("texte", ["", HEAD, table(non_applicable=2), "| 8.1 | Une règle | conforme | x |\n"])
def test_document_without_evaluation_gives_none(texte):
    assert read(texte) is None


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_document_that_is_not_there_or_not_read_gives_none(tmp_path, monkeypatch, content):
    if content is not None:
        (tmp_path / "rgaa.md").write_bytes(content)
    monkeypatch.setattr(rgaa, "DOCUMENT", tmp_path / "rgaa.md")
    evaluation.cache_clear()

    assert evaluation() is None

    evaluation.cache_clear()
