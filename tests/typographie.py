"""French typography, in templates and in Python."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

from tests.sources import text, tree

SYNTAX = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|\{%.*?%\}|<!--.*?-->", re.DOTALL)
VARIABLE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
READ_ALOUD = {"alt", "aria-label", "content", "placeholder", "title"}
BAD_TYPOGRAPHY = re.compile(
    r"(?<=\w)'(?=\w)"  # an apostrophe is ’
    r"|[ \t\n][;!?](?=\W|$)"  # U+202F before ; ! ?
    r"|[ \t\n]:(?=\s|$)"  # U+00A0 before :
    r"|«(?!\u00a0)|(?<!\u00a0)»"  # and inside « »
)


class Page(HTMLParser):
    """What a template says, and the tags it says it in."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.said: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(VARIABLE.sub("X", SYNTAX.sub("", text(path))))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.said += [value for name, value in attrs if name in READ_ALOUD and value]

    def handle_data(self, data):
        if not self.tags or self.tags[-1][0] not in {"style", "script"}:
            self.said.append(data)


def bad_typography(texts: list[str]) -> list[str]:
    return [text[max(0, bad.start() - 15) : bad.end() + 15] for text in texts for bad in BAD_TYPOGRAPHY.finditer(text)]


def bad_typography_in_python(path: Path) -> list[str]:
    nodes = list(ast.walk(tree(path)))
    strings = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    docstrings = {
        node.body[0].value.value
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    }
    return bad_typography([said for said in strings if said not in docstrings and re.search(r"[àâçéèêîôùû«»]", said)])
