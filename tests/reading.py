"""What a test reads of a page, of a mail, of a sentence: with ordinary spaces, as it is typed in the test."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from django.core.mail import EmailMessage

UNSHOWN = re.compile(r"<(head|script|style|svg)\b.*?</\1>|<!.*?>", re.DOTALL)
UNSEEN = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)
BLOCKS = "address article br caption dd div dl dt figure footer h1 h2 h3 h4 header hr li main ol p section table tr ul"
BLOCK = re.compile(rf"</?(?:{'|'.join(BLOCKS.split())})\b[^>]*>")
BOXES = (
    f"{BLOCKS} aside body caption fieldset form h5 h6 head html legend link meta nav optgroup option summary tbody td"
    " tfoot th thead title"
)
AROUND_A_BOX = re.compile(rf"[ \t\n\r\f]*(</?(?:{'|'.join(BOXES.split())})\b[^>]*>)[ \t\n\r\f]*")
TAG = re.compile(r"<[a-z][^>]*>")
BEFORE_A_SIGN = re.compile(r" (?=[.,)])")


def plain(text: object) -> str:
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


def plain_all(texts: Iterable[object]) -> list[str]:
    return [plain(text) for text in texts]


def one_line(text: object) -> str:
    """Wherever its lines are cut."""
    return " ".join(plain(text).split())


def tight(page: str) -> str:
    """A page as a browser reads it, wherever its template ends its lines: no blank at the edges of a block, nor at the
    end of a tag, and one for any run of them.
    """
    page = re.sub(r"[ \t\n\r\f]+", " ", page)  # not \s: a browser keeps a space that does not break
    return AROUND_A_BOX.sub(r"\1", TAG.sub(lambda tag: tag[0].replace(" >", ">"), page))


def html_of(response: Any) -> str:
    """In one line, as a browser reads it."""
    return plain(tight(response.content.decode()))


def words_of(page: Any) -> str:
    """What a page, or a part of its HTML, says in one line: without its tags, scripts and drawings."""
    source = page if isinstance(page, str) else page.content.decode()
    return BEFORE_A_SIGN.sub("", one_line(html.unescape(UNSEEN.sub(" ", source))))


def messages_of(response: Any) -> list[str]:
    """What the page says of what was just done (`django.contrib.messages`)."""
    return plain_all(response.context["messages"])


def body_of(message: EmailMessage) -> str:
    return one_line(message.body)


def lines_of(source: str) -> str:
    """The words of an HTML document, a line for each block, the cells of a row side by side."""
    source = re.sub(r"\s+", " ", plain(UNSHOWN.sub("", source)))
    source = BLOCK.sub("\n", re.sub(r"</t[dh]>\s*(?=<t[dh]\b)", " | ", source))
    lines = (one_line(html.unescape(UNSEEN.sub("", line))) for line in source.split("\n"))
    return "\n".join(line for line in lines if line)
