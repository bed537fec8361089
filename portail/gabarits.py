"""The templates as they are drawn: without the indents, which are for who writes them."""

from __future__ import annotations

import re

from django.template import Origin
from django.template.loaders import filesystem

INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def lighten(template: str) -> str:
    """A page without its indents: a browser takes any run of blanks for one, and every line still ends where it did.

    No text of ours keeps its blanks, nor goes from one line to the next: tests/portail/test_gabarits.py.
    """
    return INDENT.sub("", template)


class Loader(filesystem.Loader):
    """Those of `templates/`. The texts of e-mails are sent as they are written."""

    def get_contents(self, origin: Origin) -> str:
        contents = super().get_contents(origin)
        return lighten(contents) if origin.name.endswith(".html") else contents
