"""`python -m facturation.essai_payfip --port 8090`: the PayFiP on the loopback, until its parent ends or stops it."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading

from facturation.essai_payfip.registre import RegistrePayfip
from facturation.essai_payfip.serveur import Serveur


def main() -> None:
    """Serve the trial PayFiP on 127.0.0.1 at the port of the command line, until SIGINT, SIGTERM or the end of the
    parent process. It exits with a sentence when the port cannot be opened.
    """
    parser = argparse.ArgumentParser(
        prog="facturation.essai_payfip", description="Sert un PayFiP d’essai sur 127.0.0.1, sans mémoire ni argent."
    )
    parser.add_argument("--port", type=int, default=8090, help="le port (8090)")
    parser.add_argument("--numcli", default="090909", help="le numéro client qu’il connaît (090909)")
    options = parser.parse_args()
    stop, parent = threading.Event(), os.getppid()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = Serveur(options.port, RegistrePayfip(frozenset({options.numcli})))
    except OSError as error:
        sys.exit(f"Le port {options.port} ne peut pas être ouvert ({error.strerror}).")
    with server:
        sys.stdout.write(f"PayFiP d’essai\u00a0: PAYFIP_WSDL={server.wsdl} PAYFIP_NUMCLI={options.numcli}\n")
        sys.stdout.flush()
        while not stop.wait(0.5) and os.getppid() == parent:
            pass


if __name__ == "__main__":
    main()
