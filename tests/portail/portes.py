"""Opens doors of the portal to files, each in a process of its own, and says what it took: `python -m` this module.

It is given, as JSON, a list of doors: an address and the primary key of who sends, or a command; it prints for each
what was answered, the seconds of processor and the megabytes at most, all told.
"""

import contextlib
import json
import os
import re
import sys
from dataclasses import dataclass
from io import StringIO

import django


@dataclass(frozen=True)
class Mesure:
    reponse: str
    secondes: float
    megaoctets: float


def main():
    django.setup()
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 - what every process of the portal has read
    sys.stdout.write(json.dumps([measure(porte) for porte in json.load(sys.stdin)]))


def measure(porte):
    lit, ecrit = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(lit)
        try:
            reponse = send(porte) if "adresse" in porte else run(porte)
        except BaseException as error:
            reponse = f"{type(error).__name__} {error}"
        with os.fdopen(ecrit, "w") as sortie:
            sortie.write(reponse)
        os._exit(0)
    os.close(ecrit)
    with os.fdopen(lit) as entree:
        reponse = entree.read()
    usage = os.wait4(pid, 0)[2]
    return reponse, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def send(porte):
    """The status, and the sentences of the page in which an error is told."""
    from accounts.models import User
    from tests.clients import Client

    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(pk=porte["agent"]))
    with contextlib.ExitStack() as ouverts:
        fichiers = {champ: ouverts.enter_context(open(nom, "rb")) for champ, nom in porte["fichiers"].items()}
        response = client.post(porte["adresse"], {**porte.get("champs", {}), **fichiers})
    texte = re.sub(r"<[^>]*>|\s+", " ", response.text)
    return f"{response.status_code} {' '.join(texte.split())}"


def run(porte):
    """What the command refuses, or says."""
    from django.core.management import CommandError, call_command

    dit = StringIO()
    try:
        call_command(*porte["commande"], stdout=dit)
    except CommandError as error:
        return f"refus {error}"
    return f"fait {dit.getvalue()}"


if __name__ == "__main__":
    main()
