"""Titles of the admin in French: Django's own know neither articles nor elisions."""

from __future__ import annotations

from accounts.search import fold


def to_add(name: str, *, feminine: bool) -> str:
    """The French title of the page that adds a row of a model of this name: « Ajouter un enfant », « Ajouter une
    garde »."""
    return f"Ajouter {'une' if feminine else 'un'} {name}"


def to_change(name: str, text: str, *, feminine: bool) -> str:
    """The French title of the page that changes the row `text` of a model of this name: « Modifier le créneau Matin »;
    the name of the model is not said twice."""
    text = text if text.lower().startswith(name) else f"{name} {text}"
    return f"Modifier {with_article(text[0].lower() + text[1:], feminine=feminine)}"


def with_article(name: str, *, feminine: bool) -> str:
    """This French name with its definite article: « l’enfant », « le foyer », « la fermeture »."""
    if fold(name[0]) in "aeiouy":
        return f"l’{name}"
    return f"{'la' if feminine else 'le'} {name}"
