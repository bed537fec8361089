"""Jinja2, for the one template that is drawn hundreds of times a page: the week's table of boxes.

The rails are those of the others: everything is escaped, and what is not defined is an error.
"""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from jinja2 import Environment, StrictUndefined

from portail import dates


def environment(*, autoescape: bool, undefined: object, **options: Any) -> Environment:
    """The Jinja2 environment of Django's second template engine: it always escapes, and refuses what is not defined,
    whatever Django passes for `autoescape` and `undefined`."""
    env = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True, **options)
    env.filters["quantieme"] = dates.quantieme
    env.globals["partie"] = partie
    return env


def partie(name: str, **context: Any) -> SafeString:
    """The template of this name drawn by Django's engine, for a part that other pages draw too: `{{
    partie("enfance/_ailleurs.html", titre=…) }}`."""
    return render_to_string(name, context)
