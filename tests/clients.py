"""The test client, for whom an agent's second factor is a word rather than a phone."""

from __future__ import annotations

import re

from django.db import connection
from django.http import HttpResponse, QueryDict
from django.test import Client as DjangoClient
from django.utils import timezone

from accounts import second_factor
from accounts.journal import AT_ONCE
from accounts.models import User
from tests.journals import journal_read
from tests.reading import tight
from tests.writes import rows_written


class Client(DjangoClient):
    def request(self, **request: object) -> HttpResponse:
        """Once the view has ended, what it left for its commit is done, as it is where a test is no transaction.

        Of every request of every test: the journal has no line of a write for a preview (LOG-01), at most that of the
        password that was typed again before it; and no row is written for a page that does not exist (VAL-16).
        """
        with journal_read() as told, rows_written() as written:
            response = super().request(**request)
        if connection.in_atomic_block:  # elsewhere another thread may write, and what is taken back is not seen
            if response.context is not None and response.context.get("apercu"):
                done = {line["event"] for line in told.events if line["result"] not in AT_ONCE}
                assert done <= {"identity_confirmed"}
            if response.status_code in {403, 404}:
                assert written == []
        if not response.streaming and response.headers.get("Content-Type", "").startswith("text/html"):
            response.text = tight(response.content.decode())
        return response

    def force_login(self, user: User, backend: str | None = None, *, second_factor: bool = True) -> None:
        """Log in a moment ago; an agent has then shown the second factor too, unless told otherwise."""
        super().force_login(user, backend)
        session = self.session
        session["started"] = session["seen"] = int(timezone.now().timestamp())
        session.save()
        if second_factor and user.is_staff:
            self.show_second_factor()

    def show_second_factor(self) -> None:
        """What the right code does to the session of an agent who came in by the login form."""
        session = self.session
        session[second_factor.MARK] = True
        session.save()

    def grow_old(self) -> None:
        """Four hours go by since the login, in a session in use all along: its password is no longer fresh (ADM-05)."""
        session, now = self.session, int(timezone.now().timestamp())
        session.update({"started": now - 4 * 3600, "seen": now})
        session.pop("confirmed", None)
        session.save()

    def confirm(self, response: HttpResponse, password: str) -> HttpResponse:
        """Type the password on this page that asks for it, with what waits there."""
        data: dict[str, list[str]] = {}
        for name, value in response.context["kept"]:
            data.setdefault(name, []).append(value)
        return self.post(response.context["address"], {**data, "password": password})

    def send(self, address: str, data: dict[str, object] | None = None) -> HttpResponse:
        """Send a form. Where what it answers is held at an address of its own, the page of that address."""
        response = self.post(address, data or {})
        if response.status_code == 303 and re.search(r"[?&]envoi=", response["Location"]):
            return self.get(response["Location"])
        return response

    def agree(self, address: str, data: dict[str, object] | None = None, suite: str = "1") -> HttpResponse:
        """Send a form that asks first, then confirm the preview that it shows; the page that follows."""
        apercu = self.post(address, data or {}).context["apercu"]
        return self.post(address, {**(data or {}), "confirmer": suite, "empreinte": apercu.empreinte}, follow=True)

    def confirm_preview(self, response: HttpResponse, suite: str = "1", **typed: str) -> HttpResponse:
        """Press a button of this page of confirmation, which sends the whole form again and what is typed on the page;
        the page that follows.
        """
        data: dict[str, list[str]] = {}
        for name, value in response.context["champs"]:
            data.setdefault(name, []).append(value)
        apercu = response.context["apercu"]
        answer = {"confirmer": suite, "empreinte": apercu.empreinte}
        return self.post(response.request["PATH_INFO"], {**data, **answer, **typed}, follow=True)

    def narrow(self, address: str, query: str) -> HttpResponse:
        """A list of the admin narrowed as `query` says: by its form for what is searched (« q »), else by links."""
        links = QueryDict(query, mutable=True)
        searched = links.pop("q", None)
        address = f"{address}?{links.urlencode()}"
        return self.get(address) if searched is None else self.post(address, {"q": searched[0]}, follow=True)
