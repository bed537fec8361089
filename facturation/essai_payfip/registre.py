"""What the PayFiP on the loopback knows: payments asked for, their results, and the faults that PayFiP would answer."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
OUVERT = timedelta(minutes=15)  # how long the page of a payment may be opened
LIBELLES = {
    "A1": "Adresse MEL non renseignée.",
    "A2": "Adresse MEL incorrecte.",
    "D1": "URL de redirection non valide.",
    "M1": "Le format du montant est incorrect.",
    "M3": "Le montant est inférieur à 1 euro.",
    "M5": "Le montant dépasse la limite autorisée.",
    "N1": "URL de notification non valide.",
    "P1": "IdOp incorrect.",
    "P3": "IdOp déjà utilisé.",
    "P4": "IdOp enregistré depuis plus de 15 minutes.",
    "P5": "Résultat de la transaction non connu.",
    "R3": "Le format du paramètre REFDET n’est pas conforme.",
    "S1": "Mode de saisie non valide.",
    "T1": "Numéro client non valide.",
    "T2": "Numéro client inconnu.",
    "T4": "Ce client n’a pas d’accès sécurisé.",
}
SANS_ACCES = "000000"  # a client whose access is not open: T4


class FauteSoap(Exception):
    """What is answered in place of a result: a code of PayFiP, or « technique » when the service itself is down."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.libelle = LIBELLES.get(code, "")


@dataclass
class Operation:
    """A payment asked for; `resultat` is empty until somebody chose on its page."""

    idop: str
    champs: Mapping[str, str]
    demandee: datetime
    resultat: str = ""
    conclue: datetime | None = None
    faute: str = ""  # answered whatever happened
    mensonge: Mapping[str, str] = field(default_factory=dict)  # what is answered in place of the truth


def fault_of(champs: Mapping[str, str], clients: frozenset[str]) -> str:
    """The code of the first fault that PayFiP would find in the fields of this payment request; empty when it would
    take it. `clients`: the client numbers that it knows.
    """
    asked: Callable[[str], str] = lambda name: champs.get(name, "")  # noqa: E731
    montant, web = asked("montant"), re.compile(r"https?://[!-~]+")
    for code, wrong in [
        ("T1", not re.fullmatch(r"[0-9]{6}", asked("numcli"))),
        ("T4", asked("numcli") == SANS_ACCES),
        ("T2", asked("numcli") not in clients),
        ("S1", asked("saisie") not in {"T", "X", "W"}),
        ("R3", not re.fullmatch(r"[A-Za-z0-9]{6,30}", asked("refdet"))),
        ("M1", not re.fullmatch(r"[0-9]{1,9}", montant)),
        ("M3", montant.isdecimal() and int(montant) < 100),
        ("M5", montant.isdecimal() and int(montant) > 10_000_000),
        ("A1", not asked("mel")),
        ("A2", not re.fullmatch(r"(?=.{6,80}$)[!-?A-~]+@[!-?A-~]+", asked("mel"))),
        ("N1", not web.fullmatch(asked("urlnotif"))),
        ("D1", not web.fullmatch(asked("urlredirect"))),
    ]:
        if wrong:
            return code
    return ""


class RegistrePayfip:
    """In memory, and for many threads. `horloge` gives the instant, aware; `faute` is answered to any payment asked."""

    def __init__(self, clients: frozenset[str] = frozenset({"090909"}), horloge: Callable[[], datetime] | None = None):
        self.clients = clients
        self.horloge = horloge or (lambda: datetime.now(UTC))
        self.faute = ""
        self.operations: dict[str, Operation] = {}
        self.questions: list[str] = []  # the idOp of each question, in order
        self.verrou = threading.Lock()

    def creer(self, champs: Mapping[str, str]) -> str:
        """Keep this new payment request, and return its name (`idOp`). Raises FauteSoap when PayFiP would refuse these
        fields, or when a fault was ordered (`faute`).
        """
        if code := self.faute or fault_of(champs, self.clients):
            raise FauteSoap(code)
        idop = str(uuid.uuid4())
        with self.verrou:
            self.operations[idop] = Operation(idop, dict(champs), self.horloge())
        return idop

    def ouvrir(self, idop: str) -> Operation:
        """The payment of this name, whose page somebody opens. A payment that was given up may be opened again.

        Raises FauteSoap: P1 for an unknown name, P3 when it has a result already, P4 more than 15 minutes after the
        request.
        """
        operation = self.operations.get(idop)
        if operation is None:
            raise FauteSoap("P1")
        if operation.resultat not in ("", "A"):
            raise FauteSoap("P3")
        if self.horloge() - operation.demandee > OUVERT:
            raise FauteSoap("P4")
        return operation

    def conclure(self, idop: str, resultat: str) -> Operation:
        """Write the result that was chosen on the page of this payment, with the instant; returns the payment. Raises
        FauteSoap P1, P3 or P4, as `ouvrir` does.
        """
        with self.verrou:
            operation = self.ouvrir(idop)
            operation.resultat, operation.conclue = resultat, self.horloge()
        return operation

    def detail(self, idop: str) -> dict[str, str]:
        """What PayFiP's service answers when it is asked about this payment: its fields, by name.

        Raises FauteSoap: P1 for an unknown name, or one of another day without a result; P5 while there is no result
        yet; or the fault that was ordered for this payment.
        """
        with self.verrou:
            self.questions.append(idop)
            operation = self.operations.get(idop)
        if operation is None:
            raise FauteSoap("P1")
        if operation.faute:
            raise FauteSoap(operation.faute)
        if not operation.resultat or operation.conclue is None:
            same_day = operation.demandee.astimezone(PARIS).date() == self.horloge().astimezone(PARIS).date()
            raise FauteSoap("P5" if same_day else "P1")
        said = {name: operation.champs.get(name, "") for name in ("exer", "mel", "montant", "numcli", "objet")}
        said |= {name: operation.champs.get(name, "") for name in ("refdet", "saisie")}
        when = operation.conclue.astimezone(PARIS)
        said |= {"dattrans": f"{when:%d%m%Y}", "heurtrans": f"{when:%H%M}", "idOp": idop}
        said |= {"numauto": "112233445566-tip" if operation.resultat in {"P", "V"} else ""}
        return {**said, "resultrans": operation.resultat, **operation.mensonge}

    def detail_client(self, numcli: str) -> dict[str, str]:
        """What PayFiP's service answers about this client number: its names, by field. Raises FauteSoap T1 when it has
        not six digits, T2 when it is unknown.
        """
        if not re.fullmatch(r"[0-9]{6}", numcli):
            raise FauteSoap("T1")
        if numcli not in self.clients:
            raise FauteSoap("T2")
        return {"libelleN1": "COMMUNE D'ESSAI", "libelleN2": "GARDERIE ET MIDI", "libelleN3": "", "numcli": numcli}
