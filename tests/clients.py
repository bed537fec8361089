"""The test client, for whom an agent's second factor is a word rather than a phone."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.test import Client as DjangoClient

from accounts import second_factor
from accounts.models import User


class Client(DjangoClient):
    def force_login(self, user: User, backend: str | None = None, *, second_factor: bool = True) -> None:
        """Log in; an agent has then shown the second factor too, unless told otherwise."""
        super().force_login(user, backend)
        if second_factor and user.is_staff:
            self.show_second_factor()

    def show_second_factor(self) -> None:
        """What the right code does to the session of an agent who came in by the login form."""
        session = self.session
        session[second_factor.MARK] = True
        session.save()

    def narrow(self, address: str, query: str) -> HttpResponse:
        """A list of the admin narrowed as `query` says: by its form for what is searched (« q »), else by links."""
        links = QueryDict(query, mutable=True)
        searched = links.pop("q", None)
        address = f"{address}?{links.urlencode()}"
        return self.get(address) if searched is None else self.post(address, {"q": searched[0]}, follow=True)
