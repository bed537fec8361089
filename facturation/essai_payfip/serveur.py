"""The PayFiP on the loopback, listening: SOAP, its payment page, its notifications, and its bad days on demand."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.error import URLError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from facturation.essai_payfip import pages, soap
from facturation.essai_payfip.registre import FauteSoap, Operation, RegistrePayfip

SERVICE, PAGE = "/tpa/services/securite", "/tpa/paiementws.web"
LONGEST = 65_536  # bytes of what is asked
DIRECT = build_opener(ProxyHandler({}))  # the loopback is behind no proxy


class Panne(StrEnum):
    """How the service fails, when it does."""

    AUCUNE = ""
    MUETTE = "muette"  # takes the question and says nothing
    COUPEE = "coupee"  # hangs up in the middle of the answer
    LENTE = "lente"  # a byte now and then: no time-out of a socket ever sees it
    PAGE = "page"  # answers a web page, as a proxy that stands before it
    VIDE = "vide"  # an envelope with nothing inside
    TECHNIQUE = "technique"  # its own words for « indisponible »


class Avis(StrEnum):
    """How the portal is told that a payment has a result."""

    AUSSITOT = "aussitot"
    TARD = "tard"
    TROIS = "trois"
    JAMAIS = "jamais"


class Ecoute(ThreadingHTTPServer):
    """A thread an exchange, none of which is waited for."""

    daemon_threads = True
    request_queue_size = 64  # those who come at the same instant: five, by default
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of an `OSError`, as when the caller hangs up; print the trace of any other exception."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Serveur:
    """Serves from `with` to its end, at `adresse`; `registre`, `panne` and `avis` may change meanwhile."""

    def __init__(self, port: int = 0, registre: RegistrePayfip | None = None, *, retard: float = 30) -> None:
        self.registre = registre or RegistrePayfip()
        self.panne = Panne.AUCUNE
        self.avis = Avis.AUSSITOT
        self.retard = retard  # seconds of a late notification, and between the bytes of a slow answer
        self.fin = threading.Event()
        self.avertissements: list[threading.Thread] = []
        self.http = Ecoute(("127.0.0.1", port), type("Guichet", (Echange,), {"serveur": self}))
        self.adresse = f"http://127.0.0.1:{self.http.server_port}"
        self.wsdl = f"{self.adresse}{SERVICE}?wsdl"
        self.boucle = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self.boucle.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.fin.set()
        self.http.shutdown()
        self.http.server_close()
        self.boucle.join()
        for thread in self.avertissements:
            thread.join(5)

    def conclure(self, idop: str, resultat: str, avis: Avis | None = None) -> Operation:
        """Give this payment its result, as the buttons of its page do, and tell the portal in a thread of its own;
        returns the payment.

        `avis` says how the portal is told, else `self.avis`. Raises FauteSoap when the payment cannot be opened.
        """
        operation = self.registre.conclure(idop, resultat)
        thread = threading.Thread(target=self.avertir, args=(operation, avis or self.avis), daemon=True)
        self.avertissements.append(thread)
        thread.start()
        return operation

    def avertir(self, operation: Operation, avis: Avis) -> None:
        """Tell the portal that this payment has a result, as `avis` says (at once, late, three times or never): POST
        its name to the notification address of the request. A portal that does not answer is not asked again.
        """
        if avis == Avis.TARD and self.fin.wait(self.retard):
            return
        times = {Avis.JAMAIS: 0, Avis.TROIS: 3}.get(avis, 1)
        for _ in range(times):
            request = Request(operation.champs["urlnotif"], urlencode({"idop": operation.idop}).encode())  # noqa: S310
            with suppress(URLError, OSError), DIRECT.open(request, timeout=5):
                pass


class Echange(BaseHTTPRequestHandler):
    """One exchange."""

    serveur: Serveur
    timeout = 30

    def log_message(self, *_: object) -> None:
        """Log nothing: the address of a request names a family's payment."""

    def do_GET(self) -> None:
        """Answer with the WSDL contract, the page of a payment, or a 404 page, by the path that is asked for."""
        address = urlsplit(self.path)
        if address.path == SERVICE:
            self.answer(200, soap.write_contract(f"{self.serveur.adresse}{SERVICE}"), "text/xml")
        elif address.path == PAGE:
            idop = parse_qs(address.query).get("idop", [""])[0]
            self.show(lambda: pages.write_payment(self.serveur.registre.ouvrir(idop)))
        else:
            self.answer(404, pages.write_page("Page inconnue", ""))

    def do_POST(self) -> None:
        """Answer a SOAP question, or write the result that was chosen on the page of a payment, by the path; else a 404
        page.
        """
        length = self.headers.get("Content-Length", "")
        body = self.rfile.read(min(int(length), LONGEST)) if length.isdecimal() else b""
        path = urlsplit(self.path).path
        if path == SERVICE:
            self.serve(body)
        elif path == PAGE:
            sent = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
            result = sent.get("resultat") or sent.get("choix", "")
            avis = sent.get("avis", "")
            told = Avis(avis) if avis in list(Avis) else None
            self.show(lambda: pages.write_end(self.serveur.conclure(sent.get("idop", ""), result, told)))
        else:
            self.answer(404, pages.write_page("Page inconnue", ""))

    def show(self, write: Callable[[], bytes]) -> None:
        """Answer with the page that `write` makes; when it raises FauteSoap, with the page of that fault, 404 for an
        unknown payment, else 410.
        """
        try:
            status, page = 200, write()
        except FauteSoap as fault:
            status, page = 404 if fault.code == "P1" else 410, pages.write_refusal(fault)
        self.answer(status, page)

    def serve(self, body: bytes) -> None:
        """Answer this SOAP question, or fail in the way that `serveur.panne` orders: silence, cut, slowness, wrong
        page, empty answer.
        """
        try:
            operation, fields = soap.read_request(body)
            if self.serveur.panne == Panne.TECHNIQUE:
                raise FauteSoap(soap.TECHNIQUE)
            status, said = 200, soap.write_answer(operation, self.perform(operation, fields))
        except ValueError:
            status, said = 400, pages.write_page("DemandePayfip illisible", "")
        except FauteSoap as fault:
            status, said = 500, soap.write_fault(fault)
        match self.serveur.panne:
            case Panne.MUETTE:
                self.serveur.fin.wait(self.timeout)
            case Panne.COUPEE:
                self.answer(status, said, "text/xml", sent=len(said) // 2)
                self.connection.shutdown(socket.SHUT_RDWR)
            case Panne.LENTE:
                self.drip(said)
            case Panne.PAGE:
                self.answer(200, pages.write_page("Maintenance", "<p>Revenez plus tard.</p>"))
            case Panne.VIDE:
                self.answer(200, soap.envelop(""), "text/xml")
            case _:
                self.answer(status, said, "text/xml")

    def perform(self, operation: str, fields: dict[str, str]) -> dict[str, str]:
        """What the trial PayFiP answers to this operation with these fields, by field name. Raises FauteSoap for a
        fault of PayFiP, ValueError for an operation that it does not know.
        """
        registre = self.serveur.registre
        match operation:
            case "creerPaiementSecurise":
                return {"idOp": registre.creer(fields)}
            case "recupererDetailPaiementSecurise":
                return registre.detail(fields.get("idOp", ""))
            case "recupererDetailClient":
                return registre.detail_client(fields.get("numCli", ""))
        raise ValueError(operation)

    def answer(self, status: int, body: bytes, kind: str = "text/html", *, sent: int | None = None) -> None:
        """Send this HTTP status and body, of the type `kind`; only the first `sent` bytes of it, to imitate an answer
        that is cut.
        """
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])

    def drip(self, body: bytes) -> None:
        """Send this body one byte at a time, with `serveur.retard` seconds between two, to imitate a slow answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for one in body:
            with suppress(OSError):
                self.wfile.write(bytes([one]))
            if self.serveur.fin.wait(self.serveur.retard):
                return
