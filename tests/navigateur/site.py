"""The site as a browser sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from playwright.sync_api import ConsoleMessage, Page, Request, Response

from accounts.models import User
from tests import emptying
from tests.clients import Client
from tests.factories import PASSWORD, STAFF_PASSWORD
from tests.navigateur.profils import PHONE, Profil, Profils
from tests.poste import Poste

DESKTOP = (1280, 900)
TINY = (320, 640)

# Of each page of status 400 or more, which `_answered` judges; of a script that one leaves before it has come; of that
# of a worker, when one leaves or the network goes before it has come. One that the server refuses has its status.
SAID_BY_THE_BROWSER = (
    "Failed to load resource",
    'a MIME type of ""',
    "The script does not have a MIME type.",
    "An unknown error occurred when fetching the script",
)


@dataclass(kw_only=True)
class Site(Poste):
    url: str
    profils: Profils
    began: datetime
    problems: list[str] = field(default_factory=list)
    fails: bool = False  # whether the server is meant to fail
    _opened: list[Profil] = field(default_factory=list)
    _documents: dict[Page, list[Response]] = field(default_factory=dict)

    def open(
        self,
        path: str | None = None,
        *,
        user: User | None = None,
        size: tuple[int, int] = PHONE,
        scheme: str = "light",
        javascript: bool = True,
        base: str = "",
    ) -> Page:
        """A new window of a new browser, with the session of `user`, on `path`; `base` is another way to the server."""
        profil = self.profils.take(base or self.url, javascript=javascript)
        self._opened.append(profil)
        if user:
            profil.context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": base or self.url}]
            )
        page = profil.new_page(size, scheme)
        self._watch(page)
        if path is not None:
            page.goto(path)
        return page

    def source(self, page: Page) -> str:
        """The HTML of the window as the server sent it."""
        return self._documents[page][-1].text()

    def status(self, page: Page) -> int:
        return self._documents[page][-1].status

    def was_led_by_a_gesture(self, page: Page) -> bool:
        """Whether what the window shows comes after a click, or after another page: not of its address alone."""
        shown = [answer for answer in self._documents[page] if not 300 <= answer.status < 400]
        return len(shown) > 1 or bool(page.evaluate("globalThis.__clicked"))

    def start_again(self) -> None:
        """No window, no row and no mail, at the first hour: as a test finds it."""
        self.close()
        emptying.empty("default")
        self.mails.clear()
        self.clock.move_to(self.began)
        self.fails = False

    def close(self) -> None:
        for profil in self._opened:
            self.profils.give_back(profil, again=profil.base == self.url)
        self._opened.clear()
        self._documents.clear()

    def _watch(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url} JavaScript : {error}"))
        page.on("request", self._asked)
        page.on("response", lambda response: self._answered(page, response))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(said in message.text for said in SAID_BY_THE_BROWSER):
            self.problems.append(f"{message.location.get('url')} console : {message.text}")

    def _asked(self, request: Request) -> None:  # HDR-07
        if urlsplit(request.url).hostname != urlsplit(self.url).hostname:
            self.problems.append(f"request to another host: {request.url}")

    def _answered(self, page: Page, response: Response) -> None:
        is_page = response.request.is_navigation_request()
        if is_page:
            self._documents.setdefault(page, []).append(response)
        meant = self.fails and response.status >= 500
        if response.status >= (500 if is_page else 400) and not meant:
            self.problems.append(f"{response.status} {response.url}")


@cache
def one_client() -> Client:
    """The one that logs in: the first demand of each reads the list of all static files again."""
    return Client()


def session_of(user: User) -> str:
    """The session that the login form opens for this account, its second factor shown."""
    client = one_client()
    client.cookies.clear()
    password = STAFF_PASSWORD if user.is_staff else PASSWORD
    response = client.post(reverse("accounts:login"), {"identifiant": user.identifiant, "password": password})
    assert response.status_code == 302, "the login was refused"
    if user.is_staff:
        client.show_second_factor()
    return client.cookies[settings.SESSION_COOKIE_NAME].value
