"""The readers' guides, as pages: `docs/mairie.md` at `/aide/mairie/`, or the town's own `var/guides/mairie.md`.

markdown-it only reads. What it read is written here, tag by tag, by Django's own escaping: nothing is trusted as it
stands, and what a guide may not hold (HTML, code to run, a link to elsewhere) is refused: in a test for ours, on the
page for the town's, in whose place ours is then shown.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from portail.pieces import Piece

DOCS = Path(settings.BASE_DIR) / "docs"
LONGEST = 500_000  # bytes of a guide; ours have 40,000
CAPTURE = re.compile(r"captures/([\w.-]+\.png)", re.IGNORECASE)
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


WORDS = {
    "blockquote": "une citation",
    "code_block": "du code (une ligne qui commence par quatre espaces)",
    "code_inline": "du code (entre accents graves)",
    "fence": "du code",
    "hardbreak": "un retour à la ligne forcé",
    "em": "de l’italique",
    "hr": "un trait",
}


class GuideError(Exception):
    """A sentence, in French, that says what of a guide cannot be shown."""


FAULTS = (GuideError, OSError, RecursionError)


@dataclass(frozen=True)
class Titre:
    texte: str
    ancre: str


@dataclass(frozen=True)
class Guide:
    """A guide to show: its title, its parts, all that is before the first of them, and each; in `refus`, why it is not
    the town's.
    """

    titre: str
    parties: list[Titre]
    debut: SafeString
    corps_parties: list[SafeString]
    refus: str = ""

    @property
    def corps(self) -> SafeString:
        """All that is under the title of the guide, as HTML."""
        return format_html_join("", "{}", ((corps,) for corps in (self.debut, *self.corps_parties)))

    def without(self, ancre: str) -> Guide:
        """A copy of this guide without its part of the anchor `ancre`, if it has one."""
        gardees = [paire for paire in zip(self.parties, self.corps_parties, strict=True) if paire[0].ancre != ancre]
        return replace(self, parties=[titre for titre, _ in gardees], corps_parties=[corps for _, corps in gardees])


@dataclass(frozen=True)
class Aide(Piece):
    """Where the pages of the town hall lead for help: the name of the guide's address, which it is called by, the
    permission of those whose work it tells, and its name: « guide de la mairie ».
    """

    url: str
    droit: str
    nom: str

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another guide asks to stand before this one, is the name of this guide's address."""
        return self.url == nom

    @property
    def adresse(self) -> str:
        """The address of the guide's page."""
        return reverse(self.url)


def aide_of(user: Any, aides: Iterable[Aide]) -> Aide | None:
    """The guide that the pages of the town hall link to for this agent: the first whose permission the agent has; None
    when there is none."""
    return next((aide for aide in aides if user.is_staff and user.has_perm(aide.droit)), None)


type Image = Callable[[str], SafeString]  # the attributes of an image, from what its guide calls it


def town_folder() -> Path:
    """The folder where the town writes its own guides, and their pictures in `captures/`; an upgrade never touches
    it."""
    return Path(settings.VAR_DIR) / "guides"


def load(nom: str, sauf: str = "") -> Guide:
    """The guide of this name: the town's own, or else ours, without its part of the anchor `sauf`. When the town's does
    not show, ours says why in `refus`. Read again when its file or a picture has changed."""
    try:
        if (guide := read_of_town(nom)) is not None:
            return guide
    except FAULTS as error:
        return replace(read(nom, DOCS, state_of(nom, DOCS)).without(sauf), refus=reason(error))
    return read(nom, DOCS, state_of(nom, DOCS)).without(sauf)


def read_of_town(nom: str) -> Guide | None:
    """The guide of this name that the town has written; None when it has not. Raises one of FAULTS when it cannot be
    shown."""
    town = town_folder()
    return read(nom, town, state_of(nom, town)) if (town / f"{nom}.md").exists() else None


def refus_of(nom: str) -> str:
    """Why the guide of this name that the town has written cannot be shown, a French sentence; empty when it can, or
    when there is none. Our own guide, which takes its place, is not read: its pictures want the static files, which may
    not be gathered yet."""
    try:
        read_of_town(nom)
    except FAULTS as error:
        return reason(error)
    return ""


def reason(error: Exception) -> str:
    """Why a guide cannot be shown, in French, from one of the errors of FAULTS."""
    match error:
        case GuideError():
            return str(error)
        case OSError():
            return f"le fichier ne s’ouvre pas ({error.strerror})."
    return "il a trop de choses l’une dans l’autre."


type State = tuple[tuple[str, int, int], ...]


def state_of(nom: str, folder: Path) -> State:
    """The names, times and sizes of the file of this guide and of the pictures of its folder: the value changes when
    one of them does."""
    paths = [folder / f"{nom}.md", *sorted((folder / "captures").glob("*"))]
    states = [(path.name, path.stat()) for path in paths]
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


@lru_cache(maxsize=8)
def read(nom: str, folder: Path, state: State) -> Guide:
    """The guide of this name in this folder, read once for each `state` (`state_of`). Raises GuideError for what a page
    cannot show."""
    nodes = tree(nom, folder).children
    if not nodes or nodes[0].type != "heading" or nodes[0].tag != "h1":
        raise GuideError("il ne commence pas par un titre («\u00a0# Le guide\u00a0»).")
    titre, *suite = nodes
    debuts = [place for place, node in enumerate(suite) if node.type == "heading" and node.tag == "h2"]
    image = our_image if folder == DOCS else partial(town_image, folder)
    avant, *parties = [join(suite[debut:fin], image) for debut, fin in pairwise([0, *debuts, len(suite)])]
    return Guide(titre_of(titre).texte, [titre_of(suite[place]) for place in debuts], avant, parties)


def tree(nom: str, folder: Path) -> SyntaxTreeNode:
    """The tree of the Markdown nodes of the guide of this name in this folder. Raises GuideError when its text cannot
    be read."""
    lecteur = MarkdownIt("commonmark", {"html": False}).enable("table")
    return SyntaxTreeNode(lecteur.parse(text_of(folder / f"{nom}.md")))


def text_of(path: Path) -> str:
    """The text of the guide in this file. Raises GuideError when it has more than `LONGEST` bytes or is not UTF-8."""
    if path.stat().st_size > LONGEST:
        raise GuideError(f"il est trop long ({LONGEST // 1000}\u00a0Ko au plus).")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise GuideError("il n’est pas enregistré en UTF-8.") from None


def titre_of(node: SyntaxTreeNode) -> Titre:
    """The text of this heading and its anchor in the page."""
    texte = "".join(child.content for child in node.walk() if child.type == "text")
    return Titre(texte, slugify(texte.replace("’", "-")))


def join(nodes: list[SyntaxTreeNode], image: Image) -> SafeString:
    """These Markdown nodes as HTML, one after the other; `image` gives the attributes of a picture."""
    return format_html_join("", "{}", ((html(node, image),) for node in nodes))


def html(node: SyntaxTreeNode, image: Image) -> str:
    """This Markdown node as HTML, `image` giving the attributes of a picture; a text that is not a SafeString is still
    to be escaped by the caller. Raises GuideError for a node that a guide must not hold."""
    match node.type:
        case "text":
            return node.content
        case "softbreak":
            return "\n"
        case "image":
            return format_html('<img {} alt="{}" loading="lazy">', image(str(node.attrs["src"])), node.content)
        case "heading":
            body = join(node.children, image)
            return format_html('<{0} id="{1}">{2}</{0}>', node.tag, titre_of(node).ancre, body)
        case "link":
            return format_html('<a href="{}">{}</a>', address(str(node.attrs["href"])), join(node.children, image))
        case "th":
            return format_html('<th scope="col">{}</th>', join(node.children, image))
        case "inline":
            return join(node.children, image)
        case "paragraph" if node.hidden:  # in a list without blank lines
            return join(node.children, image)
    if node.type not in TAGS:
        raise GuideError(f"il contient ce qu’une page d’aide ne montre pas\u00a0: {WORDS.get(node.type, node.type)}.")
    end = "\n" if node.block else ""
    return format_html("<{0}>{1}</{0}>{2}", TAGS[node.type], join(node.children, image), end)


def address(href: str) -> str:
    """The address, in the page, that a link of a guide leads to: a part (« #… ») or another guide (« equipe.md » beside
    the file is « ../equipe/ » beside the page). Raises GuideError for any other link."""
    if href.startswith("#"):
        return href
    nom, point, suffixe = href.partition(".")
    if not nom.isalpha() or suffixe != "md":
        raise GuideError(
            f"il mène à «\u00a0{href}\u00a0»\u202f; un guide ne mène qu’à une de ses parties ou à un autre guide."
        )
    return f"../{nom}/"


def our_image(src: str) -> SafeString:
    """The HTML attributes of a picture of our own guides, served with the static files."""
    return drawn(static(src), DOCS / src)


def town_image(folder: Path, src: str) -> SafeString:
    """The HTML attributes of a picture of a guide in the town's folder, served beside the page: the town's own, or one
    of ours. Raises GuideError when there is no such PNG."""
    found = CAPTURE.fullmatch(src)
    path = capture(found[1]) if found else None
    if path is None:
        raise GuideError(f"l’image «\u00a0{src}\u00a0» n’est pas un PNG du dossier «\u00a0captures\u00a0».")
    return drawn(src, path)


def capture(nom: str) -> Path | None:
    """The path of the picture of this name for the guides, the town's before ours; None when there is none, or when the
    name is not that of a PNG."""
    if not CAPTURE.fullmatch(f"captures/{nom}"):
        return None
    return next((path for folder in (town_folder(), DOCS) if (path := folder / "captures" / nom).is_file()), None)


def drawn(src: str, path: Path) -> SafeString:
    """The HTML attributes of a picture (`src`, and the size in pixels that the file at `path` has), so that the page
    does not move when it comes."""
    largeur, hauteur = size(path)
    return format_html('src="{}" width="{}" height="{}"', src, largeur, hauteur)


def size(path: Path) -> tuple[int, int]:
    """The width and height of a PNG in pixels, read in its first bytes. Raises GuideError when the file is not a
    PNG."""
    with path.open("rb") as file:
        head = file.read(24)
    if len(head) < 24 or not head.startswith(b"\x89PNG\r\n\x1a\n"):
        raise GuideError(f"l’image «\u00a0{path.name}\u00a0» n’est pas un PNG.")
    width, height = struct.unpack(">II", head[16:24])
    return width, height
