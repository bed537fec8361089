"""The portal's addresses and one more: the empty page, open to all, that the others are compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from portail import urls

COUNT = "X-Bench"
QUERIES = "X-Bench-Queries"


@login_not_required
def vide(request: HttpRequest) -> HttpResponse:
    """The empty page, which asks nothing of the portal."""
    return HttpResponse("rien")


urlpatterns = [path("vide/", vide), *urls.urlpatterns]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


class QueryCountMiddleware:
    """Says how many queries a request made, when it is asked to: it costs the others nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if COUNT not in request.headers:
            return self.get_response(request)
        queries = 0

        def count(execute: Callable[..., Any], *args: Any) -> Any:
            nonlocal queries
            queries += 1
            return execute(*args)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response.headers[QUERIES] = str(queries)
        return response
