"""The diagnosis when the settings refuse to start: no Django then, but the reasons are still told as lines.

`manage.py` calls it; nothing here reads a setting.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from surveillance.diagnostic.constats import Point, how_many, mauvais
from surveillance.diagnostic.lieu import Lieu, lieu_of
from surveillance.diagnostic.textes import as_json, as_text

ROOT = Path(__file__).resolve().parent.parent.parent
QUOI = "Réglages"
SEE = "Voir .env.example."


def tell(refusal: str, words: Sequence[str]) -> int:
    """Print the diagnosis of settings that refuse to start: `refusal` is the sentences of the refusal, `words` those of
    the command line, which may ask for JSON. Returns the exit status: 1, as a line is always bad."""
    racine = ROOT / "racine"
    folder = racine.resolve() if racine.is_symlink() else ROOT
    lieu = lieu_of(
        folder,
        folder / "var",
        Path(os.environ.get("ENV_FILE", ROOT / ".env")).absolute(),
        os.environ.get("INSTANCE", ""),
    )
    constats = {QUOI: list(constats_of(refusal, lieu))}
    print(as_json("", constats) if "--json" in words else as_text("", constats))  # noqa: T201 - no command yet
    return 1 if how_many(constats[QUOI])["mauvais"] else 0


def constats_of(refusal: str, lieu: Lieu) -> Iterator[Point]:
    """The lines of the diagnosis for settings that refuse to start: one for each sentence of the refusal, with what to
    mend, then one that says that the rest was not examined."""
    lines = [line.strip() for line in refusal.splitlines() if line.strip()]
    obstacles = [line.removesuffix(SEE).strip() for line in lines if not line.endswith(f"familles. {SEE}")]
    for obstacle in obstacles:
        yield mauvais(QUOI, obstacle, *remedy_of(obstacle, lieu))
    remede = "Corrigez d’abord ce qui précède, puis relancez la commande."
    phrase = "tant que les réglages sont refusés, le portail ne démarre pas, et ses autres points ne s’examinent pas."
    yield mauvais("Le reste", phrase, remede, lieu.manage("diagnostic"))


def remedy_of(obstacle: str, lieu: Lieu) -> tuple[str, str]:
    """What to do about this sentence of the settings, and the command to type."""
    edit, again = lieu.edit, lieu.manage("diagnostic")
    if "ne peut pas être lu" in obstacle or "cle-essai" in obstacle:
        rights = f"sudo chown {lieu.compte}: {lieu.env} && sudo chmod 600 {lieu.env}"
        return "Tapez la commande sous le compte du portail, à qui ce fichier doit être.", f"{again}\n{rights}"
    name = re.match(r"[A-Z_]+", obstacle)
    if name and name[0] == "SECRET_KEY":
        draw = f'{lieu.dossier}/.venv/bin/python -c "import secrets; print(secrets.token_urlsafe(50))"'
        return f"Tirez-en une, et écrivez-la dans {lieu.env}, derrière SECRET_KEY=.", f"{draw}\n{edit}"
    if name and name[0] == "ENV_FILE" and "n’existe pas" in obstacle:
        look = f"ls -l {lieu.env.parent}"
        return "ENV_FILE, donné devant la commande ou au service, est à corriger, ou ce fichier à remettre.", look
    if name and name[0] == "ENV_FILE":
        return f"Enregistrez {lieu.env} en UTF-8.", edit
    if name:
        return f"Écrivez {name[0]}=… dans {lieu.env}\u202f; .env.example l’explique.", edit
    return f"Corrigez {lieu.env}\u202f; .env.example explique chaque réglage.", edit
