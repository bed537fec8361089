"""A network that can be cut: what a browser sends goes through it to the server, or nowhere."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Reseau:
    """A relay on 127.0.0.1 to the address of a server.

    The offline mode of browsers leaves service workers on line; asked through Playwright, it also waits without limit
    for each worker that a browser has ever had.
    """

    def __init__(self, server: str) -> None:
        self._target = ("127.0.0.1", int(server.rsplit(":", 1)[1]))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.is_cut = False
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        for connection in list(self._open):
            self._close(connection)

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        self._close(self._listener)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.is_cut:
                client.close()
                continue
            server = socket.create_connection(self._target)
            self._open |= {client, server}
            for one, other in [(client, server), (server, client)]:
                threading.Thread(target=self._relay, args=(one, other), daemon=True).start()

    def _relay(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        self._close(one)
        self._close(other)

    def _close(self, connection: socket.socket) -> None:
        self._open.discard(connection)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()
