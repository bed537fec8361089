"""A mail server that says what it is told to, line after line, whatever it hears; over TLS when asked."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread

SILENT, CUT, TLS = "(silent)", "(cut)", "(tls)"
CERTIFICATES = Path(__file__).parent / "certificats"


@contextmanager
def scripted(lines: Sequence[str], certificate: str = "") -> Iterator[tuple[int, list[str]]]:
    """The port of a server that says these lines: the first at once, one more each time it hears something, the last
    for ever; and what it has heard. SILENT says nothing more, CUT goes away, TLS takes the connection over to TLS.
    """
    heard: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = Thread(target=_serve, args=(listener, list(lines), certificate, heard), daemon=True)
        thread.start()
        yield listener.getsockname()[1], heard
    thread.join(10)


def _serve(listener: socket.socket, lines: list[str], certificate: str, heard: list[str]) -> None:
    with suppress(OSError):
        peer, _ = listener.accept()
        peer.settimeout(10)
        with suppress(OSError), ExitStack() as open_ones:
            _say(open_ones.enter_context(peer), lines, certificate, heard, open_ones)


def _say(peer: socket.socket, lines: list[str], certificate: str, heard: list[str], open_ones: ExitStack) -> None:
    while True:
        line = lines.pop(0) if len(lines) > 1 else lines[0]
        if line == CUT:
            return
        if line != SILENT:
            peer.sendall(f"{line}\r\n".encode())
        if lines[0] == TLS:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
            peer = open_ones.enter_context(context.wrap_socket(peer, server_side=True))
            lines.pop(0)
        if not (said := peer.recv(1000)):
            return
        heard.extend(said.decode(errors="replace").splitlines())
