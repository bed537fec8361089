"""The whole diagnosis: every check in its chapter, each within its time, one that fails leaving the others alone."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from types import FrameType

from django.db import connection

from surveillance.diagnostic import (
    adresse,
    base,
    comptes,
    courriel,
    disque,
    droits,
    guides,
    horloge,
    postgresql,
    reglages,
    sauvegardes,
    sqlite,
    statiques,
    taches,
)
from surveillance.diagnostic.constats import Point, attention, mauvais
from surveillance.diagnostic.lieu import Lieu
from surveillance.etat import Etat, lire

EACH = 6.0  # seconds
WHOLE = 25.0  # of all of it
ORDER = [
    "Compte et droits",
    "Réglages",
    "Base de données",
    "Tâches",
    "Courriels",
    "Adresse publique",
    "Comptes",
    "Fichiers statiques",
    "Horloge",
    "Disque",
    "Sauvegardes",
]
ROWS = ["Base de données", "Tâches", "Comptes", "Horloge", "Sauvegardes"]  # what needs the tables of this version
Controle = Callable[[], Point | Iterable[Point]]


def examine(lieu: Lieu, *, now: datetime, uid: int, network: bool = True) -> dict[str, list[Point]]:
    """Carry out the whole diagnosis, within 25 seconds: the lines found, by chapter, in the order of ORDER, as a fault
    may explain those after it. `uid` is the system account that runs the command. With `network`, the mail server and
    the public address are asked meanwhile. A chapter that needs the database has a line that says so when it does not
    answer or lacks migrations. A small row may be written, to know whether one can be."""
    until = time.monotonic() + WHOLE
    far: dict[str, list[Controle]] = {
        "Courriels": [partial(courriel.check_mail_server, lieu), partial(courriel.check_mailbox, lieu)],
        "Adresse publique": [partial(adresse.check_public_address, lieu)],
    }
    asked = {name: ControleLointain(name, controles) for name, controles in far.items()} if network else {}
    near: dict[str, list[Controle]] = {
        "Compte et droits": rights(lieu, uid),
        "Réglages": [
            partial(reglages.check_obstacles, lieu),
            partial(reglages.check_words, lieu),
            partial(reglages.check_django, lieu),
        ],
        "Base de données": [partial(base.check_reached, lieu)],
    }
    found = {name: do_all(name, controles, until) for name, controles in near.items()}
    reached = all(constat.etat != "mauvais" for constat in found["Base de données"])
    etat = lire(now) if reached else None
    if etat:
        found["Base de données"] += do_all("Base de données", in_the_database(lieu), until)
    filled = any(point.quoi == "Migrations" and point.etat != "mauvais" for point in found["Base de données"])
    if filled:
        found["Réglages"] += do_all("Réglages", [partial(reglages.check_rows, lieu)], until)
    unseen = "des migrations attendent" if etat else "la base ne répond pas"
    for name, controles in of_the_machine(lieu, now).items():
        found[name] = do_all(name, controles, until)
    for name in ROWS:
        found.setdefault(name, [])
        found[name] += (
            do_all(name, of_the_rows(lieu, etat)[name], until) if etat and filled else [not_seen(name, unseen)]
        )
    for name, demande in asked.items():
        found[name] = demande.answer(until) + found.get(name, [])
    return {name: found[name] for name in ORDER if name in found}


def rights(lieu: Lieu, uid: int) -> list[Controle]:
    """The checks of the chapter « Compte et droits »; `uid` is the system account that runs the command."""
    return [
        partial(droits.check_account, lieu, uid),
        partial(droits.check_env, lieu),
        partial(droits.check_var, lieu),
        partial(droits.check_sqlite_file, lieu),
        partial(guides.check_guides, lieu),
    ]


def in_the_database(lieu: Lieu) -> list[Controle]:
    """The checks of a database that answers, whether or not it has tables."""
    ours: list[Controle] = [partial(base.check_migrations, lieu)]
    if connection.vendor == "sqlite":
        return [*ours, sqlite.check_engine, sqlite.check_disk_is_local, partial(sqlite.check_whole, lieu)]
    return [
        *ours,
        postgresql.check_engine,
        postgresql.check_letters,
        partial(postgresql.check_encoding, lieu),
        partial(postgresql.check_collation, lieu),
        partial(postgresql.check_rights, lieu),
    ]


def of_the_machine(lieu: Lieu, now: datetime) -> dict[str, list[Controle]]:
    """The checks that need neither the network nor the database, by chapter."""
    return {
        "Courriels": [partial(courriel.check_held, lieu), partial(courriel.check_sender, lieu)],
        "Disque": [disque.check_disks],
        "Horloge": [partial(horloge.check_synchronized, now), partial(horloge.check_zones, now)],
        "Fichiers statiques": [partial(statiques.check_collected, lieu)],
        "Sauvegardes": [
            partial(sauvegardes.check_folder, lieu),
            partial(sauvegardes.check_last, lieu, now),
            partial(sauvegardes.check_key, lieu),
            partial(sauvegardes.check_erasures, lieu),
            partial(sauvegardes.check_env_kept, lieu),
        ],
    }


def of_the_rows(lieu: Lieu, etat: Etat) -> dict[str, list[Controle]]:
    """The checks that read the tables of the portal, by chapter (those of ROWS)."""
    engine = sqlite if connection.vendor == "sqlite" else postgresql
    return {
        "Base de données": [partial(base.check_written, etat.database, lieu), partial(engine.check_rules, lieu)],
        "Horloge": [partial(horloge.check_server, etat.at), partial(horloge.check_past, etat.at)],
        "Comptes": [partial(comptes.check_groups, lieu), partial(comptes.check_agents, lieu)],
        "Tâches": [
            partial(taches.check_worker, lieu, etat),
            partial(taches.check_waiting, lieu, etat),
            partial(taches.check_mails, lieu, etat),
            partial(taches.check_failures, lieu),
        ],
        "Sauvegardes": [partial(sauvegardes.check_checked, lieu, etat), sauvegardes.check_tools],
    }


def not_seen(name: str, why: str) -> Point:
    """The line of the diagnosis that says that a chapter was not examined, and why."""
    return attention(name, f"pas examiné\u00a0: {why}.", "Réparez d’abord ce qu’en dit «\u00a0Base de données\u00a0».")


# --- Each check within its time -----------------------------------------------------------------------------------


def do_all(name: str, controles: Iterable[Controle], until: float) -> list[Point]:
    """The lines of the diagnosis that these checks find, one after the other; `until` is when the command's time is
    over, by `time.monotonic()`."""
    return [constat for controle in controles for constat in do_one(name, controle, until)]


def do_one(name: str, controle: Controle, until: float) -> list[Point]:
    """The lines of the diagnosis that one check finds. A check that fails or takes too long gives a line that says
    so."""
    left = min(EACH, until - time.monotonic())
    if left <= 0:
        return [attention(name, f"{title(controle)} n’a pas été examiné\u00a0: le temps de la commande est passé.")]
    try:
        with no_longer_than(left):
            return as_list(controle())
    except Exception as error:  # whatever it is, the other lines are to be read
        return [failed(name, controle, error)]


def as_list(found: Point | Iterable[Point]) -> list[Point]:
    """The lines of the diagnosis that a check gives, one or several, as a list."""
    return [found] if isinstance(found, Point) else list(found)


def failed(name: str, controle: Controle, error: Exception) -> Point:
    """The line of the diagnosis that says that a check could not be done, because of this error."""
    phrase = f"le contrôle {title(controle)} n’a pas pu se faire ({type(error).__name__})."
    if isinstance(error, TooLong):
        phrase = f"le contrôle {title(controle)} n’a pas répondu en {EACH:.0f} secondes."
    return mauvais(
        name, phrase, "Réparez d’abord les autres lignes\u202f; s’il échoue encore, signalez-le avec cette phrase."
    )


def title(controle: Controle) -> str:
    """The name of a check, « module.function », as the sentences show it."""
    function = controle.func if isinstance(controle, partial) else controle
    return f"«\u00a0{function.__module__.rpartition('.')[2]}.{function.__name__}\u00a0»"


class TooLong(Exception):
    """A check took more than its time."""


@contextmanager
def no_longer_than(seconds: float) -> Iterator[None]:
    """Within this block, raise TooLong after so many seconds; a driver that waits is interrupted too. Only in the main
    thread, where a signal can do it; elsewhere the block has no limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(signum: int, frame: FrameType | None) -> None:
        raise TooLong

    usual = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, usual)


class ControleLointain:
    """Checks that wait for another machine, in a thread that the command does not wait for beyond its time."""

    def __init__(self, name: str, controles: Iterable[Controle]) -> None:
        self.name = name
        self.found: list[Point] = []
        self.thread = threading.Thread(target=self._run, args=[list(controles)], daemon=True)
        self.thread.start()

    def _run(self, controles: list[Controle]) -> None:
        for controle in controles:
            try:
                self.found += as_list(controle())
            except Exception as error:
                self.found.append(failed(self.name, controle, error))

    def answer(self, until: float) -> list[Point]:
        """Wait for these checks until the instant `until` of `time.monotonic()` at most; the lines of the diagnosis
        that they have found, and when they have not ended one more, that says that there was no answer in time."""
        self.thread.join(max(0.0, until - time.monotonic()))
        if not self.thread.is_alive():
            return self.found
        phrase = (
            "pas de réponse dans le temps de la commande\u00a0: un nom, un pare-feu ou un serveur qui ne répond pas."
        )
        return [
            *self.found,
            mauvais(self.name, phrase, "Vérifiez le DNS de cette machine, puis recommencez.", "getent hosts NOM"),
        ]
