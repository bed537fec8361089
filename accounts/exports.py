"""A table that goes out of a page, CSV or XLSX: for who has just typed their password (ADM-05), told to the journal."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts import journal
from accounts.confirmation import password_asked
from portail.tableur import FORMATS, TableSortante
from portail.vues import NOT_YET


def export(
    request: HttpRequest, model: str, build: Callable[[], TableSortante], *, back: str, forme: str = "xlsx"
) -> HttpResponseBase:
    """The table that `build` makes, as a file in the format that the address asks for (`?format=`), else in `forme`.
    When the agent's password was not typed a moment ago, the page that asks for it, which leads on to `back`. Raises
    Http404 for an unknown format.

    `model` is the name that the journal gives to the table.
    """
    forme = request.GET.get("format", forme)
    if forme not in FORMATS:
        raise Http404("No such format.")
    if answer := password_asked(request, back=back):
        messages.warning(request, NOT_YET)
        return answer
    return send(request, model, build(), forme)


def send(request: HttpRequest, model: str, table: TableSortante, forme: str) -> HttpResponseBase:
    """This table as a file, told to the journal under the name `model`. The rights of the agent are not checked here:
    the caller has done it."""
    journal.event("export", user=request.user.pk, request=request, model=model, rows=table.nombre)
    return table.to_file(forme)
