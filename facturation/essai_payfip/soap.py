"""The envelopes of the PayFiP on the loopback: what is asked, read; what is answered, written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from facturation.essai_payfip.registre import FauteSoap

CONTRAT = Path(__file__).with_name("contrat.wsdl")
ADDRESS = "http://127.0.0.1/tpa/services/securite"  # in the contract, where that of the server comes
PAQUET = "fr.gouv.finances.cp.tpa.webservice.exceptions"
SERVICE = (
    "http://securite.service.tpa.cp.finances.gouv.fr/services/mas_securite/contrat_paiement_securise/"
    "PaiementSecuriseService"
)
TECHNIQUE = "technique"


def write_contract(address: str) -> bytes:
    """The WSDL contract of PayFiP as UTF-8 bytes, which says that the service is at `address`."""
    return CONTRAT.read_text("utf-8").replace(ADDRESS, escape(address)).encode()


def read_request(body: bytes) -> tuple[str, dict[str, str]]:
    """The operation that this SOAP envelope asks for, and its fields by name; raises ValueError when it is no such
    envelope.
    """
    try:
        envelope = ElementTree.fromstring(body)  # noqa: S314 - on the loopback, from ourselves, 64 KiB at most
    except ElementTree.ParseError:
        raise ValueError("no envelope") from None
    operation = envelope.find("{*}Body/*")
    if operation is None:
        raise ValueError("no operation")
    argument = operation.find("{*}arg0")
    fields = {} if argument is None else {name_of(child): (child.text or "").strip() for child in argument}
    return name_of(operation), fields


def name_of(element: ElementTree.Element) -> str:
    """The tag of this XML element without its namespace."""
    return element.tag.rpartition("}")[2]


def write_answer(operation: str, fields: Mapping[str, str]) -> bytes:
    """The SOAP answer to this operation as bytes; fields that are empty are left out, the others are in alphabetical
    order, as the contract wants.
    """
    said = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in sorted(fields.items(), key=alphabet) if value)
    return envelop(f'<r:{operation}Response xmlns:r="{SERVICE}"><return>{said}</return></r:{operation}Response>')


def alphabet(field: tuple[str, str]) -> str:
    """The sort key of a (name, value) field: its name in small letters."""
    return field[0].lower()


def write_fault(fault: FauteSoap) -> bytes:
    """The SOAP answer as bytes that reports this fault, functional or technical."""
    kind = "TechIndisponibiliteErreur" if fault.code == TECHNIQUE else "FonctionnelleErreur"
    return envelop(
        f"<s:Fault><faultcode>s:Server</faultcode><faultstring>{PAQUET}.{kind}</faultstring><detail>"
        f'<f:{kind} xmlns:f="{SERVICE}"><code>{escape(fault.code)}</code><descriptif/>'
        f"<libelle>{escape(fault.libelle)}</libelle><severite>2</severite></f:{kind}></detail></s:Fault>"
    )


def envelop(body: str) -> bytes:
    """This XML body inside a SOAP envelope, as UTF-8 bytes."""
    opened = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}'
    return f'<?xml version="1.0" encoding="UTF-8"?>{opened}</s:Body></s:Envelope>'.encode()
