"""The readers' guides of `docs/`, as pages: `docs/mairie.md` at `/aide/mairie/`.

markdown-it only reads. What it read is written here, tag by tag, by Django's own escaping: nothing is trusted as it
stands, and what a guide may not hold (HTML, code to run, a link to elsewhere) fails when it is read, in a test.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

DOCS = Path(settings.BASE_DIR) / "docs"
TAGS = {
    "paragraph": "p",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "strong": "strong",
    "table": "table",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
    "td": "td",
}


@dataclass(frozen=True)
class Titre:
    texte: str
    ancre: str


@dataclass(frozen=True)
class Guide:
    """A guide to show: its title, its parts, and all that is under its title."""

    titre: str
    parties: list[Titre]
    corps: SafeString


@cache
def load(nom: str) -> Guide:
    """The guide of this name, read once a process."""
    titre, *suite = tree(nom).children
    parties = [titre_of(node) for node in suite if node.type == "heading" and node.tag == "h2"]
    return Guide(titre_of(titre).texte, parties, join(suite))


def tree(nom: str) -> SyntaxTreeNode:
    lecteur = MarkdownIt("commonmark", {"html": False}).enable("table")
    return SyntaxTreeNode(lecteur.parse((DOCS / f"{nom}.md").read_text("utf-8")))


def titre_of(node: SyntaxTreeNode) -> Titre:
    texte = "".join(child.content for child in node.walk() if child.type == "text")
    return Titre(texte, slugify(texte.replace("’", "-")))


def join(nodes: list[SyntaxTreeNode]) -> SafeString:
    return format_html_join("", "{}", ((html(node),) for node in nodes))


def html(node: SyntaxTreeNode) -> str:
    """This node as HTML; a text that is not a SafeString is escaped by whoever takes it."""
    match node.type:
        case "text":
            return node.content
        case "softbreak":
            return "\n"
        case "image":
            return image(node)
        case "heading":
            return format_html('<{0} id="{1}">{2}</{0}>', node.tag, titre_of(node).ancre, join(node.children))
        case "link":
            return format_html('<a href="{}">{}</a>', address(str(node.attrs["href"])), join(node.children))
        case "th":
            return format_html('<th scope="col">{}</th>', join(node.children))
        case "inline":
            return join(node.children)
        case "paragraph" if node.hidden:  # in a list without blank lines
            return join(node.children)
    return format_html("<{0}>{1}</{0}>{2}", TAGS[node.type], join(node.children), "\n" if node.block else "")


def address(href: str) -> str:
    """Another part, or another guide: « equipe.md » beside this file is « ../equipe/ » beside this page."""
    if href.startswith("#"):
        return href
    nom, point, suffixe = href.partition(".")
    if not nom.isalpha() or suffixe != "md":
        raise ValueError(f"A guide leads to a part or to another guide, not to {href}.")
    return f"../{nom}/"


def image(node: SyntaxTreeNode) -> SafeString:
    """A capture at its own size, so that the page does not move when it comes."""
    chemin = str(node.attrs["src"])
    largeur, hauteur = size(DOCS / chemin)
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
        static(chemin),
        node.content,
        largeur,
        hauteur,
    )


def size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG, which it says in its first bytes."""
    with path.open("rb") as file:
        head = file.read(24)
    if not head.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError(f"{path.name} is not a PNG.")
    width, height = struct.unpack(">II", head[16:24])
    return width, height
