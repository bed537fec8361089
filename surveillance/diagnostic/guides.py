"""Do the guides that the town has written itself show? The reader of a page is told, and nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from portail.guides import DOCS, refus_of, town_folder
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu

QUOI = "Guides de la commune"


def check_guides(lieu: Lieu) -> Iterator[Point]:
    """The lines of the diagnosis on the guides that the town has written in `var/guides/`, each read as its page reads
    it; none when there are none, as the portal's own are then shown."""
    folder = town_folder()
    if not folder.is_dir():
        return
    try:
        paths = sorted(folder.glob("*.md")) if os.access(folder, os.R_OK | os.X_OK) else None
    except OSError:
        paths = None
    if paths is None:
        rights = f"sudo chown -R {lieu.compte}: {folder} && sudo chmod -R u+rwX {folder}"
        yield mauvais(QUOI, f"{folder} ne se lit pas, et n’irait pas dans l’archive.", "Rendez-le au portail.", rights)
        return
    faults = [fault for path in paths if (fault := fault_of(path, lieu))]
    yield from faults
    if paths and not faults:
        yield bon(QUOI, f"{', '.join(path.name for path in paths)}\u00a0: montrés aux lecteurs.")


def fault_of(path: Path, lieu: Lieu) -> Point | None:
    """The line of the diagnosis that says why this guide of the town is not shown; None when it is."""
    if not (DOCS / path.name).is_file():
        phrase = f"{path} n’est le nom d’aucun guide\u00a0: personne ne le voit."
        return attention(QUOI, phrase, "Donnez-lui le nom du guide qu’il remplace.", f"ls {DOCS}/*.md")
    why = refus_of(path.stem)
    if not why:
        return None
    phrase = f"{path} n’est pas montré, celui du portail l’est à sa place\u00a0: {why}"
    if "ne s’ouvre pas" in why:
        rights = f"sudo chown {lieu.compte}: {path} && sudo chmod 600 {path}"
        return mauvais(QUOI, phrase, "Rendez-le au compte du portail, et la sauvegarde le prendra.", rights)
    if "UTF-8" in why:
        remede = "Enregistrez-le en UTF-8\u202f; si les accents de la copie sont bons, qu’elle le remplace."
        copy = lieu.as_account(f"iconv -f WINDOWS-1252 -t UTF-8 {path} -o {path}.utf8")
        return mauvais(QUOI, phrase, remede, f"{copy}\n{lieu.as_account(f'mv {path}.utf8 {path}')}")
    return mauvais(QUOI, phrase, "Corrigez-le\u202f; docs/exploitation-agents.md dit ce qu’un guide peut contenir.")
