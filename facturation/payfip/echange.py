"""PayFiP by its web service: a payment is asked for, then PayFiP is asked whether it was made. No database here.

Amounts are whole centimes, from the invoice to PayFiP and back: `eopayment` is used below the interface that takes
euros, which truncates them, and whose addresses are those of production whatever it is told. The contract (WSDL) gives
the address: that of PAYFIP_WSDL, a path or an address, else the one that `eopayment` brings. It is imported when a
payment is made, never at start: 29 MiB and 130 ms that most processes do without.
"""

from __future__ import annotations

import io
import re
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import Any
from urllib.parse import quote, urljoin

from django.conf import settings

from facturation.payfip.fautes import FautePayfip, faute_of

PATIENCE = 10  # seconds for a whole exchange, whatever the network does
# A PayFiP that hangs must not hold the threads that serve everybody else: few wait for it at once, and once one of them
# has waited in vain, nobody does for a while.
PLACES, PLACE = threading.BoundedSemaphore(2), 2  # in a process; seconds to get one
SILENCE = 30  # seconds
DELAI = "délai"
ANSWER_MAX = 1_000_000  # bytes; an answer has about a thousand, the contract fifteen
_silent: dict[str, float] = {}  # by contract, until when
MINIMUM, MAXIMUM = 100, 10_000_000  # centimes
IDOP = re.compile(r"[A-Za-z0-9-]{8,64}")
PAGE = "../paiementws.web"  # beside the address of the service
# What `eopayment` says in place of a code when PayFiP has not answered, or not in its own words.
NO_ANSWER = {
    "Cound not initialize the SOAP client",
    "HTTP error",
    "SOAP error",
    "Unexpected error",
    "unknown",
    "inconnu",
}


class PayfipIndisponible(Exception):
    """PayFiP has not answered, or something that is no answer: nothing is known, so nothing is decided.

    `str()` is a sentence for a parent; `cause` says in a word why, for the journal, without address or name.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(
            "Le paiement en ligne ne répond pas en ce moment. Rien n’a été débité\u00a0: "
            "réessayez dans quelques minutes, ou réglez au guichet."
        )
        self.cause = cause


class RefusPayfip(Exception):
    """PayFiP will not have this payment asked for: `faute` says why, to a parent and to the régisseur."""

    def __init__(self, faute: FautePayfip) -> None:
        super().__init__(faute.for_parent)
        self.faute = faute


class SaisiePayfip(StrEnum):
    """In which of its modes PayFiP takes the payment."""

    ESSAI = "T"
    ACTIVATION = "X"
    PRODUCTION = "W"


class EtatPayfip(StrEnum):
    """What PayFiP knows of a payment."""

    PAYE = "paye"
    REFUSE = "refuse"
    ABANDONNE = "abandonne"
    PAS_ENCORE = "pas_encore"  # P5
    PERIME = "perime"  # P1: unknown, or forgotten the night after; P4: older than 15 minutes
    UTILISE = "utilise"  # P3
    INCONNU = "inconnu"  # a code that nobody told us: never guessed


RESULTATS = {
    "P": EtatPayfip.PAYE,  # by card
    "V": EtatPayfip.PAYE,  # by direct debit
    "R": EtatPayfip.REFUSE,
    "Z": EtatPayfip.REFUSE,
    "A": EtatPayfip.ABANDONNE,
}
ETATS_OF_FAULTS = {
    "P1": EtatPayfip.PERIME,
    "P3": EtatPayfip.UTILISE,
    "P4": EtatPayfip.PERIME,
    "P5": EtatPayfip.PAS_ENCORE,
}


@dataclass(frozen=True)
class DemandePayfip:
    """A payment to ask for. `montant` is in centimes; `exer` is the year; `objet` is what `write_objet` gives."""

    numcli: str
    exer: str
    refdet: str
    objet: str
    montant: int
    mel: str
    saisie: str
    urlnotif: str
    urlredirect: str


@dataclass(frozen=True)
class PaiementOuvert:
    """What PayFiP gave: its name for the payment, and the page where it is made in the next 15 minutes."""

    idop: str
    page: str


@dataclass(frozen=True)
class ReponsePayfip:
    """What PayFiP says of a payment; `montant` in centimes, None when it is not a whole number of them.

    `code` is its result, or that of its fault. `brute` is all it said but the e-mail address, for the trace; its date
    (JJMMAAAA) and time (HHMM, in Paris) are there as it wrote them.
    """

    idop: str
    etat: EtatPayfip
    code: str
    numcli: str = ""
    refdet: str = ""
    montant: int | None = None
    saisie: str = ""
    dattrans: str = ""
    heurtrans: str = ""
    numauto: str = ""
    brute: Mapping[str, str] = field(default_factory=dict)


def write_objet(texte: str) -> str:
    """This text as PayFiP takes the object of a payment, without accents nor signs: « Facture F-2026-0349 » → « Facture
    F 2026 0349 », 99 characters at most.
    """
    ascii_alone = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[A-Za-z0-9]+", ascii_alone))[:99].strip()


def obstacles_to(demande: DemandePayfip) -> list[str]:
    """Why PayFiP would refuse this payment request, one French sentence each; empty when it may be asked."""
    one = demande
    found = [
        (re.fullmatch(r"[0-9]{6}", one.numcli), "Le numéro client PayFiP a six chiffres."),
        (re.fullmatch(r"[0-9]{4}", one.exer), "L’exercice est une année de quatre chiffres."),
        (re.fullmatch(r"[A-Za-z0-9]{6,30}", one.refdet), "La référence a de 6 à 30 lettres sans accent ou chiffres."),
        (
            re.fullmatch(r"[A-Za-z0-9 ]{1,99}", one.objet),
            "L’objet a de 1 à 99 lettres sans accent, chiffres ou espaces.",
        ),
        (type(one.montant) is int, "Le montant est un nombre entier de centimes."),
        (not isinstance(one.montant, int) or one.montant >= MINIMUM, "PayFiP n’accepte pas moins de 1\u202f€."),
        (
            not isinstance(one.montant, int) or one.montant <= MAXIMUM,
            "PayFiP n’accepte pas plus de 100\u202f000\u202f€.",
        ),
        (
            6 <= len(one.mel) <= 80 and re.fullmatch(r"[!-?A-~]+@[!-?A-~]+", one.mel),
            "PayFiP demande une adresse e-mail de 6 à 80 caractères, sans accent ni espace.",
        ),
        (one.saisie in list(SaisiePayfip), "Le mode de PayFiP est T (essai), X (activation) ou W (production)."),
        *(
            (re.fullmatch(r"https?://[!-~]{1,240}", url), f"L’adresse de {name} est une adresse web entière.")
            for name, url in [("notification", one.urlnotif), ("retour", one.urlredirect)]
        ),
    ]
    return [sentence for held, sentence in found if not held]


def creer(demande: DemandePayfip, *, patience: float = PATIENCE) -> PaiementOuvert:
    """Ask PayFiP to open this payment; its name there, and the page where to pay.

    Raises ValueError with the sentences of `obstacles_to`, RefusPayfip when PayFiP says no, PayfipIndisponible when it
    has said nothing within `patience` seconds. Whatever is raised, no parent was sent anywhere: nothing is debited.
    """
    if obstacles := obstacles_to(demande):
        raise ValueError(" ".join(obstacles))

    def ask(service: Any) -> tuple[object, str]:
        given = service.get_idop(
            numcli=demande.numcli,
            saisie=str(demande.saisie),
            exer=demande.exer,
            refdet=demande.refdet,
            montant=str(demande.montant),
            mel=demande.mel,
            objet=demande.objet,
            url_notification=demande.urlnotif,
            url_redirect=demande.urlredirect,
            timeout=patience,
        )
        (port,) = next(iter(service.client.wsdl.services.values())).ports.values()
        return given, port.binding_options["address"]

    try:
        idop, address = exchange(ask, patience)
    except CodePayfip as fault:
        raise RefusPayfip(faute_of(fault.code)) from None
    if not isinstance(idop, str) or not IDOP.fullmatch(idop):
        raise PayfipIndisponible("idop")
    return PaiementOuvert(idop, f"{urljoin(address, PAGE)}?idop={quote(idop)}")


def interroger(idop: str, *, patience: float = PATIENCE) -> ReponsePayfip:
    """Ask PayFiP what it knows of the payment of this name; it changes nothing there, and may be asked any number of
    times.

    Raises PayfipIndisponible when it has said nothing within `patience` seconds; a fault of PayFiP is an answer, whose
    `code` it is. The answer is given as it is: the caller compares it with the payment that was asked for.
    """
    try:
        answer = exchange(lambda service: service.get_info_paiement(idop, timeout=patience), patience)
    except CodePayfip as fault:
        return ReponsePayfip(
            idop, ETATS_OF_FAULTS.get(fault.code, EtatPayfip.INCONNU), fault.code, brute={"code": fault.code}
        )
    try:
        said = {name: str(answer[name] or "") for name in answer}
    except (TypeError, KeyError):
        raise PayfipIndisponible("réponse vide") from None
    said.pop("mel", None)
    code = said.get("resultrans", "")
    return ReponsePayfip(
        idop=said.get("idOp", ""),
        etat=RESULTATS.get(code, EtatPayfip.INCONNU),
        code=code,
        numcli=said.get("numcli", ""),
        refdet=said.get("refdet", ""),
        montant=read_centimes(said.get("montant", "")),
        saisie=said.get("saisie", ""),
        dattrans=said.get("dattrans", ""),
        heurtrans=said.get("heurtrans", ""),
        numauto=said.get("numauto", ""),
        brute=said,
    )


def read_centimes(texte: str) -> int | None:
    """The whole number of centimes that this text writes, « 1234 » → 1234; None for anything else, or ten digits."""
    return int(texte) if re.fullmatch(r"[0-9]{1,9}", texte) else None


class CodePayfip(Exception):
    """PayFiP has answered by a fault, of this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def exchange[T](ask: Callable[[Any], T], patience: float) -> T:
    """Call `ask` with PayFiP's service and return what it gives, two calls at most at a time in a process.

    Raises PayfipIndisponible when there is no answer within `patience` seconds, no place within 2 seconds, or at once
    for 30 seconds after PayFiP let a call time out; CodePayfip when it answers with a fault.
    """
    contract = settings.PAYFIP_WSDL
    if time.monotonic() < _silent.get(contract, 0):
        raise PayfipIndisponible("silence")
    if not PLACES.acquire(timeout=min(patience, PLACE)):
        raise PayfipIndisponible("places")
    try:
        return wait(ask, patience)
    except PayfipIndisponible as unavailable:
        if unavailable.cause == DELAI:
            _silent[contract] = time.monotonic() + SILENCE
        raise
    finally:
        PLACES.release()


def wait[T](ask: Callable[[Any], T], patience: float) -> T:
    """Call `ask` with PayFiP's service in a thread of its own and return what it gives; PayfipIndisponible when that
    takes more than `patience` seconds or fails, CodePayfip when PayFiP answers with a fault.

    Waiting has no other end: a name that resolves slowly, or an answer that comes a byte at a time, outlasts every
    time-out of a socket. What is still going on then ends by itself, and nobody reads it.
    """
    outcome: list[T | Exception] = []

    def run() -> None:
        try:
            outcome.append(converse(ask, patience))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run, name="payfip", daemon=True)
    thread.start()
    thread.join(patience)
    if not outcome:
        raise PayfipIndisponible(DELAI)
    (result,) = outcome
    if isinstance(result, CodePayfip | PayfipIndisponible):
        raise result
    if isinstance(result, Exception):
        raise PayfipIndisponible(type(result).__name__) from None
    return result


def bound(response: Any, *args: object, **options: object) -> None:
    """A hook of `requests` that reads this answer of PayFiP, or its contract, at once. ValueError beyond `ANSWER_MAX`
    bytes, or when it is compressed: it is then no answer.
    """
    with closing(response.raw) as body:
        read = body.read(ANSWER_MAX + 1)
    if len(read) > ANSWER_MAX or "Content-Encoding" in response.headers:
        raise ValueError("more than PayFiP says")
    response.raw = io.BytesIO(read)


def converse[T](ask: Callable[[Any], T], patience: float) -> T:
    """Call `ask` with PayFiP's service, in this thread, and return what it gives; only here is `eopayment` imported.

    Raises CodePayfip when PayFiP answers with a fault, PayfipIndisponible when it does not answer within `patience`
    seconds or answers with something else than a code.
    """
    eopayment = import_module("eopayment.payfip_ws")
    requests, zeep = import_module("requests"), import_module("zeep")
    with requests.Session() as session:
        session.stream = True  # so that what is too long is not read
        session.headers["Accept-Encoding"] = "identity"  # so that it does not unfold either
        session.hooks["response"].append(bound)
        options = {
            "transport": zeep.Transport(timeout=patience, operation_timeout=patience, session=session),
            "settings": zeep.Settings(forbid_dtd=True),
        }
        service = eopayment.PayFiP(wsdl_url=settings.PAYFIP_WSDL or None, zeep_client_kwargs=options)
        try:
            return ask(service)
        except eopayment.PayFiPError as error:
            code = str(error.code)
            if isinstance(error.message, requests.Timeout):
                raise PayfipIndisponible(DELAI) from None
            if code in NO_ANSWER or not re.fullmatch(r"[A-Za-z0-9]{1,10}", code):
                raise PayfipIndisponible(code) from None
            raise CodePayfip(code) from None
