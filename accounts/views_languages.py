"""The page of first steps in another language than French."""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accounts.languages import FRENCH, LANGUAGES, TRANSLATIONS

WORD_OF_THE_SCREEN = re.compile(r"\[([^]]+)\]")


@login_not_required
@require_safe
def first_steps(request: HttpRequest, langue: str) -> HttpResponse:
    """The page that tells how to log in, in the language of this code; 404 for an unknown one."""
    language = LANGUAGES.get(langue)
    if language is None:
        raise Http404
    context = {
        "language": language,
        "steps": [marked(step) for step in language.steps],
        "help": marked(language.help),
        "french": FRENCH,
        "languages": [other for other in (FRENCH, *TRANSLATIONS) if other is not language],
    }
    return render(request, "accounts/first_steps.html", context)


def marked(text: str) -> SafeString:
    """A text of the first steps in HTML: the words of the screen, in square brackets, are put between French quotation
    marks and marked as French, left to right."""
    between = WORD_OF_THE_SCREEN.split(text)  # text, word, text, word…, text
    word = '<b lang="fr" dir="ltr">«\u00a0{}\u00a0»</b>'
    parts = (format_html(word, part) if rank % 2 else part for rank, part in enumerate(between))
    return format_html_join("", "{}", ((part,) for part in parts))
