"""What the tests run of the portal, by application, and the twenty files of which they run the least."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Passage:
    """Lines and branches, those that ran among those that there are."""

    lignes: int = 0
    sur: int = 0
    branches: int = 0
    sur_branches: int = 0

    def __add__(self, other: Passage) -> Passage:
        return Passage(
            self.lignes + other.lignes,
            self.sur + other.sur,
            self.branches + other.branches,
            self.sur_branches + other.sur_branches,
        )

    @property
    def part(self) -> float:
        """Of lines and branches together, 100 where there is none."""
        return 100 * (self.lignes + self.branches) / ((self.sur + self.sur_branches) or 1)


def read(path: Path) -> dict[str, Passage]:
    """By file, of the JSON that coverage writes."""
    files = json.loads(path.read_text("utf-8"))["files"]
    keys = ("covered_lines", "num_statements", "covered_branches", "num_branches")
    return {name: Passage(*(file["summary"][key] for key in keys)) for name, file in files.items()}


def table(passages: dict[str, Passage]) -> list[str]:
    width = max(map(len, passages))
    return [
        f"{name:{width}}  lignes {p.lignes:5}/{p.sur:5}  branches {p.branches:5}/{p.sur_branches:5}  {p.part:6.2f} %"
        for name, p in passages.items()
    ]


def main(path: str) -> None:
    files = read(Path(path))
    apps: defaultdict[str, Passage] = defaultdict(Passage)
    for name, passage in files.items():
        apps[name.partition("/")[0]] += passage
    written = {name: passage for name, passage in files.items() if passage.sur}
    worst = dict(sorted(written.items(), key=lambda item: (item[1].part, item[0]))[:20])
    total = {"ensemble": sum(files.values(), Passage())}
    print("\n".join([*table(dict(sorted(apps.items())) | total), "", *table(worst)]))


if __name__ == "__main__":
    main(*sys.argv[1:])
