"""A real IMAP server for the tests: Dovecot, as nobody, on the loopback, with a certificate of its own."""

from __future__ import annotations

import getpass
import imaplib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from portail.retours import Retours
from tests.tools import dovecot

USER, PASSWORD = "retours@commune.fr", "mot/de@passé"
CONFIGURATION = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
mail_uid = {user}
mail_gid = {group}
ssl = required
auth_failure_delay = 0
ssl_server_cert_file = {folder}/cert.pem
ssl_server_key_file = {folder}/key.pem
passdb passwd-file {{
  passwd_file_path = {folder}/users
}}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}/mail/%{{user}}
  }}
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {starttls}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Dovecot:
    """One mailbox, its INBOX; `box` is how the portal knows it, `certificate` what makes it trusted."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot.", dir="/tmp"))  # short: it holds sockets
        self.tls, self.starttls = free_port(), free_port()
        is_root = os.getuid() == 0  # Dovecot gives no mail to root
        user, group = ("nobody", "nogroup") if is_root else (getpass.getuser(), str(os.getgid()))
        self.certificate = self.folder / "cert.pem"
        new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem"]
        named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        command = ["openssl", "req", "-x509", *new_key, "-out", "cert.pem", "-days", "2", *named]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        values = {"folder": self.folder, "user": user, "group": group, "tls": self.tls, "starttls": self.starttls}
        (self.folder / "dovecot.conf").write_text(CONFIGURATION.format(**values))
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        (self.folder / "mail").mkdir()
        unprivileged = ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups"] if is_root else []
        if is_root:
            subprocess.run(["chown", "-R", f"{user}:{group}", self.folder], check=True)
        self.process = subprocess.Popen([*unprivileged, str(dovecot()), "-F", "-c", str(self.folder / "dovecot.conf")])
        deadline = time.monotonic() + 10
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.__exit__()
                raise RuntimeError("Dovecot does not start")
            time.sleep(0.05)
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.tls), timeout=1):
                return True
        except OSError:
            return False

    def box(self, *, starttls: bool = False, password: str = PASSWORD, folder: str = "INBOX") -> Retours:
        port = self.starttls if starttls else self.tls
        return Retours("127.0.0.1", port, starttls, USER, password, folder, USER)

    def client(self) -> imaplib.IMAP4_SSL:
        """Somebody else who opens the mailbox."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        client = imaplib.IMAP4_SSL("127.0.0.1", self.tls, ssl_context=context)
        client.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
        client.select("INBOX")
        return client

    def put(self, *messages: bytes) -> None:
        with self.client() as client:
            for message in messages:
                assert client.append("INBOX", "", None, message)[0] == "OK"

    def left(self) -> list[tuple[str, str]]:
        """The subject and the flags of what is in the mailbox."""
        with self.client() as client:
            found = client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        pairs = [answer for answer in found if isinstance(answer, tuple)]
        return [
            (header.decode().partition(":")[2].strip(), said.decode().partition("FLAGS (")[2].partition(")")[0])
            for said, header in pairs
        ]
