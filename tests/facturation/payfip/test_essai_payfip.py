"""The PayFiP on the loopback: its page in a browser's own exchanges, its notifications, and its end."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from django.conf import settings as django_settings

from facturation.essai_payfip import soap
from facturation.essai_payfip.serveur import Avis
from facturation.payfip.echange import EtatPayfip, creer, interroger
from tests.facturation.payfip.reponses import DEMANDE


class Ecouteur(HTTPServer):
    """A portal that only notes what it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Note)
        self.heard: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}/paiement/notification/"


class Note(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.server.heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def ecouteur() -> Iterator[Ecouteur]:
    with Ecouteur() as one:
        thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield one
        one.shutdown()
        thread.join()


def open_page(url: str, **sent: str) -> tuple[int, str]:
    try:
        with urlopen(url, urlencode(sent).encode() if sent else None) as page:
            return page.status, page.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def wait_for_notifications(serveur) -> None:
    for thread in serveur.avertissements:
        thread.join(5)


class Balises(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_page_says_that_it_is_a_trial_and_has_three_buttons(serveur):
    essai = creer(DEMANDE)

    status, page = open_page(essai.page)

    tags = Balises(page).seen
    assert status == 200
    assert "Ceci est un essai." in page
    assert "65,80\u202f€" in page
    assert re.findall(r"<button[^>]*>([^<]+)</button>", page) == ["Payer", "Refuser", "Abandonner"]
    assert ("html", {"lang": "fr"}) in tags
    assert [tag for tag, attrs in tags if tag == "script" or any(name.startswith("on") for name in attrs)] == []


@pytest.mark.parametrize(
    ("choix", "etat", "said"),
    [
        ("P", EtatPayfip.PAYE, "Paiement accepté."),
        ("R", EtatPayfip.REFUSE, "Paiement refusé par la banque."),
        ("A", EtatPayfip.ABANDONNE, "Paiement abandonné."),
    ],
)
def test_button_gives_the_payment_its_result_tells_the_portal_and_leads_back(serveur, ecouteur, choix, etat, said):
    idop = creer(replace(DEMANDE, urlnotif=ecouteur.url)).idop

    status, page = open_page(f"{serveur.adresse}/tpa/paiementws.web", idop=idop, choix=choix)

    wait_for_notifications(serveur)
    assert (status, interroger(idop).etat, ecouteur.heard) == (200, etat, [f"idop={idop}"])
    assert said in page
    back = [attrs for tag, attrs in Balises(page).seen if tag in {"form", "input"}]
    assert back == [
        {"method": "post", "action": DEMANDE.urlredirect},
        {"type": "hidden", "name": "idop", "value": idop},
    ]


@pytest.mark.parametrize(("avis", "times"), [("trois", 3), ("jamais", 0), ("aussitot", 1), ("tard", 1), ("x", 1)])
def test_portal_is_told_as_often_as_asked(serveur, ecouteur, avis, times):
    idop = creer(replace(DEMANDE, urlnotif=ecouteur.url)).idop
    open_page(f"{serveur.adresse}/tpa/paiementws.web", idop=idop, choix="P", avis=avis)
    wait_for_notifications(serveur)
    assert ecouteur.heard == [f"idop={idop}"] * times


def test_result_that_nobody_knows_can_be_chosen(serveur):
    idop = creer(DEMANDE).idop
    open_page(f"{serveur.adresse}/tpa/paiementws.web", idop=idop, choix="P", resultat="Q", avis="jamais")
    assert (interroger(idop).etat, interroger(idop).code) == (EtatPayfip.INCONNU, "Q")


def test_return_without_a_choice_carries_the_name_alone(serveur):
    """What a forged return looks like: PayFiP still knows nothing."""
    essai = creer(DEMANDE)
    _, page = open_page(essai.page)
    assert [attrs["href"] for tag, attrs in Balises(page).seen if tag == "a"] == [
        f"{DEMANDE.urlredirect}?idOp={essai.idop}"
    ]
    assert interroger(essai.idop).etat == EtatPayfip.PAS_ENCORE


def test_payment_unknown_too_old_or_already_made_has_no_page(serveur, montre):
    unknown = f"{serveur.adresse}/tpa/paiementws.web?idop=x"
    made, old = creer(DEMANDE), creer(DEMANDE)
    serveur.conclure(made.idop, "P", Avis.JAMAIS)
    montre.move(minutes=16)
    statuses = [open_page(url)[0] for url in (unknown, made.page, old.page)]
    assert statuses == [404, 410, 410]


def test_payment_given_up_can_be_made_after_all(serveur):
    essai = creer(DEMANDE)
    serveur.conclure(essai.idop, "A", Avis.JAMAIS)
    assert open_page(essai.page)[0] == 200
    serveur.conclure(essai.idop, "P", Avis.JAMAIS)
    assert interroger(essai.idop).etat == EtatPayfip.PAYE


@pytest.mark.parametrize("body", [b"", b"x", b"<a/>", b"<s:Envelope xmlns:s='s'><s:Body/></s:Envelope>"])
def test_request_that_is_no_envelope_is_told_so(serveur, body):
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{serveur.adresse}/tpa/services/securite", body)
    refused.value.close()
    assert refused.value.code == 400


def test_page_escapes_what_it_is_given(serveur):
    written = soap.write_answer("x", {"objet": "<b>&"})
    assert b"<objet>&lt;b&gt;&amp;</objet>" in written


@pytest.mark.ci
def test_process_ends_with_its_parent():
    """Its parent is a shell that says what it has started, and is killed."""
    started = subprocess.Popen(
        ["sh", "-c", f"{sys.executable} -m facturation.essai_payfip --port 0 & echo $!; wait"],
        cwd=django_settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert started.stdout.readline().strip().isdecimal()  # that it has started
        assert "PAYFIP_WSDL=http://127.0.0.1:" in started.stdout.readline()
        started.send_signal(signal.SIGKILL)
        assert started.stdout.read() == ""  # ends when the last one that holds it has
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def test_process_ends_at_a_signal_and_says_a_taken_port(serveur):
    port = serveur.http.server_port
    command = [sys.executable, "-m", "facturation.essai_payfip", "--port"]
    told = subprocess.run([*command, str(port)], cwd=django_settings.BASE_DIR, capture_output=True, text=True)
    assert (told.returncode, f"Le port {port} ne peut pas être ouvert" in told.stderr) == (1, True)
    with subprocess.Popen([*command, "0"], cwd=django_settings.BASE_DIR, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        process.terminate()
        assert process.wait(10) == 0
