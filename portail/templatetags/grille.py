"""The week's table of boxes, which Jinja2 draws (`portail.jinja`)."""

from typing import Any

from django import template
from django.template import engines
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.simple_tag
def semaine(s: Any) -> SafeString:
    """The table of boxes of the week `s`, drawn by Jinja2: `{% semaine s %}`."""
    drawn = engines["jinja2"].get_template("enfance/_semaine.html").render({"s": s})
    return mark_safe(drawn)  # noqa: S308 - the engine has escaped all that is not its template's
