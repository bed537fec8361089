"""Whoever comes: a parent's browser, as the web server placed in front passes it on (a connection a request)."""

from __future__ import annotations

import gzip
import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from urllib.parse import urlencode, urljoin

CSRF = "b" * 32  # the secret of a cookie and of its form: any one will do, as long as they are the same
ADDRESSES = itertools.count(1)


FORM = "application/x-www-form-urlencoded"
Headers = Mapping[str, str]
NONE: Headers = {}


def form(fields: dict[str, object]) -> str:
    """These fields as a browser sends a form, with the token that Django asks for."""
    return urlencode({"csrfmiddlewaretoken": CSRF, **fields}, doseq=True)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def gzipped(self) -> int:
        """The bytes of the body that travel, once the server in front has compressed them."""
        return len(self.body) if self.headers["Content-Encoding"] else len(gzip.compress(self.body, 6))

    @property
    def text(self) -> str:
        """The body of the answer as text."""
        return self.body.decode()


class Refused(Exception):
    """An answer that is not the one expected."""


class Visitor:
    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies = {"csrftoken": CSRF}
        number = next(ADDRESSES)
        self.address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def get(self, path: str, headers: Headers = NONE) -> Answer:
        """The answer to this GET. Raises Refused unless its status is 200."""
        return self._send("GET", path, None, 200, headers)

    def post(self, path: str, fields: dict[str, object], expected: int, headers: Headers = NONE) -> Answer:
        """The answer to this form sent by POST. Raises Refused unless its status is `expected`."""
        return self._send("POST", path, form(fields), expected, {**headers, "Content-Type": FORM})

    def login(self, identifiant: str, password: str, headers: Headers = NONE) -> Answer:
        """Log in and keep the cookie of the session. Raises Refused when the login is refused."""
        answer = self.post("/connexion/", {"identifiant": identifiant, "password": password}, 302, headers)
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            if name == "session":
                self.cookies[name] = value
        return answer

    def _send(self, method: str, path: str, body: str | None, expected: int, headers: Headers) -> Answer:
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-Forwarded-For": self.address,
            "Connection": "close",
            **headers,
        }
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        if answer.status != expected:
            raise Refused(f"{method} {path} : {answer.status} au lieu de {expected}")
        return answer


def first_visit(visitor: Visitor, path: str) -> tuple[int, int]:
    """Open a page as a browser that has kept nothing, with all that it asks for: the bytes and the number of
    requests."""
    page = visitor.get(path)
    size, seen, left = page.gzipped, {path}, [urljoin(path, asset) for asset in _assets(page.text)]
    while left:
        asset = left.pop()
        if asset in seen:
            continue
        seen.add(asset)
        answer = visitor.get(asset, {"Accept-Encoding": "br, gzip"})
        size += len(answer.body)
        if asset.endswith(".js"):
            source = Visitor(visitor.port).get(asset).text
            left += [urljoin(asset, name) for name in re.findall(r"(?:from|import)\s*[\"'](\.[^\"']+)", source)]
    return size, len(seen)


def _assets(html: str) -> Iterator[str]:
    for tag in re.findall(r"<(?:link|script|img)\b[^>]*>", html):
        if "apple-touch-icon" in tag:
            continue  # asked for by who keeps the page on a phone's screen, not by a visit
        if match := re.search(r"\b(?:href|src)=\"(/static/[^\"]+)\"", tag):
            yield match[1]


@dataclass(frozen=True)
class Run:
    """What a run took: each request, and all of them together, in seconds."""

    times: list[float]
    elapsed: float

    @property
    def rate(self) -> float:
        """How many requests were answered a second."""
        return len(self.times) / self.elapsed


def run(acts: Sequence[Callable[[], object]], *, seconds: float = 0, times: int = 0) -> Run:
    """Repeat each act in a thread of its own, all at once, for `seconds` or for `times` times each, whichever lasts
    longer; how long each call and the whole took. Raises the first error met."""
    done: list[float] = []
    errors: list[BaseException] = []
    begin = time.perf_counter()

    def repeat(act: Callable[[], object]) -> None:
        count = 0
        try:
            while count < times or time.perf_counter() - begin < seconds:
                before = time.perf_counter()
                act()
                done.append(time.perf_counter() - before)
                count += 1
        except Exception as error:  # noqa: BLE001 (told by who started the thread)
            errors.append(error)

    threads = [threading.Thread(target=repeat, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return Run(done, time.perf_counter() - begin)
