"""The audit's document."""

from __future__ import annotations

HEAD = """# Conformité au RGAA

| Référentiel | Date | Logiciel | Échantillon |
|---|---|---|---|
| RGAA 4.1.2, 106 critères | 27 novembre 2026 | version de ce dépôt | 2 pages |

| N° | Page | État, dans les tests | Pourquoi |
|---|---|---|---|
| 1 | Connexion | `connexion` | entrée du service |
| 2 | Mentions légales et contact | `mentions-legales` | obligatoire |

| Critère | En bref | Constat | Preuve |
|---|---|---|---|
"""


def table(**etats: int) -> str:
    rows = [etat.replace("_", " ") for etat, number in etats.items() for _ in range(number)]
    return HEAD + "".join(f"| 8.{n} | Une règle | {etat} | `tests/x.py::y` |\n" for n, etat in enumerate(rows, 1))
