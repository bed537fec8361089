"""The templates as they are drawn: without the indents and the lines of tags, which are for who writes them."""

from __future__ import annotations

import re

from django.template import Origin
from django.template.loaders import filesystem

INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
TAGS = "if|elif|else|endif|for|empty|endfor|with|endwith"
TAGS_ALONE = re.compile(rf"(?<=\n)((?:{{% (?:{TAGS})\b(?:(?!%}}).)*%}})+)\n(?!\Z)")


def lighten(template: str) -> str:
    """This template without its indents, nor the ends of the lines that hold only tags which draw nothing.

    A browser takes any run of blanks for one: the line above still ends, so that what was apart stays apart. No value
    of ours goes from one line to the next: tests/portail/test_gabarits.py.
    """
    return TAGS_ALONE.sub(r"\1", INDENT.sub("", template))


class Loader(filesystem.Loader):
    """Those of `templates/`. The texts of e-mails are sent as they are written."""

    def get_contents(self, origin: Origin) -> str:
        """The text of the template, lightened when it is a page (.html)."""
        contents = super().get_contents(origin)
        return lighten(contents) if origin.name.endswith(".html") else contents
