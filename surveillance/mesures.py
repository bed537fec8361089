"""The state of the portal in figures, in the text that Prometheus reads: gauges, no names, nothing kept between two
readings, so that any process of any machine answers the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, InterfaceError
from django.db.models import Count
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from portail.pannes import impatient
from surveillance.etat import WRONG, Etat

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True)
class Jauge:
    """A family: its name, what it is, and its values by their labels; one that is not known is left out."""

    nom: str
    aide: str
    valeurs: Mapping[tuple[tuple[str, str], ...], float | int | None]


def measure(etat: Etat) -> str:
    """The text of `/metrics`, in the format of Prometheus, for this state: the gauges whose value is known. Counts the
    tasks by state."""
    return "".join(_lines(jauges(etat, tasks=count_tasks() if etat.database != "unavailable" else {})))


def count_tasks() -> dict[str, int]:
    """How many tasks of the queue there are in each state, by its name, zero included; empty when the database does not
    answer."""
    try:
        with impatient():
            counted = DBTaskResult.objects.order_by().values_list("status").annotate(n=Count("pk"))
            return dict.fromkeys(TaskResultStatus.values, 0) | dict(counted)
    except (DatabaseError, InterfaceError):
        return {}


def jauges(etat: Etat, *, tasks: Mapping[str, int]) -> list[Jauge]:
    """The gauges of this state of the portal, `tasks` being how many tasks there are in each state. One that is not
    known is there, with None."""

    def one(nom: str, aide: str, valeur: float | int | None) -> Jauge:
        return Jauge(f"portail_{nom}", aide, {(): valeur})

    def hour(nom: str, aide: str, instant: datetime | None) -> Jauge:
        seconds = instant.timestamp() if instant else None
        return one(f"{nom}_timestamp_seconds", f"{aide}, en secondes depuis 1970", seconds)

    def each(nom: str, aide: str, label: str, valeurs: Mapping[str, int]) -> Jauge:
        return Jauge(f"portail_{nom}", aide, {((label, key),): n for key, n in valeurs.items()})

    wrong = etat.wrong
    disk_free = etat.disk_free * 2**20 if etat.disk_free is not None else None
    return [
        each("info", "La version qui répond", "version", {etat.version: 1}),
        each("wrong", "1 quand cela ne va pas, comme /sante/", "what", {name: int(name in wrong) for name in WRONG}),
        hour("worker_last_pass", "Le dernier passage du service des tâches", etat.worker_last_pass),
        hour("mail_last_ok", "Le dernier mail pris par le serveur, ou la dernière connexion", etat.mail_last_ok),
        hour("mail_failing_since", "Depuis quand le serveur de mail ne prend rien", etat.mail_failing_since),
        one("mails_waiting", "Les e-mails en file", etat.mails_waiting),
        one("mails_failed", "Les courriels non remis que la mairie n’a pas réglés", etat.mails_failed),
        each("tasks", "Les tâches gardées, par état", "status", {key.lower(): n for key, n in tasks.items()}),
        one("oldest_task_seconds", "L’âge de la plus vieille tâche qui devrait être faite", etat.oldest_task),
        one("disk_free_bytes", "La place libre où est la base", disk_free),
        hour("last_backup", "L’instant de la dernière sauvegarde", etat.last_backup),
        hour("last_check", "La dernière vérification d’une sauvegarde", etat.last_check),
    ]


def _lines(families: Iterable[Jauge]) -> Iterable[str]:
    for jauge in families:
        known = {labels: valeur for labels, valeur in jauge.valeurs.items() if valeur is not None}
        if known:
            yield f"# HELP {jauge.nom} {_escaped(jauge.aide)}\n# TYPE {jauge.nom} gauge\n"
            for labels, valeur in known.items():
                said = ",".join(f'{name}="{_escaped(text, quotes=True)}"' for name, text in labels)
                yield f"{jauge.nom}{f'{{{said}}}' if said else ''} {valeur}\n"


def _escaped(text: str, *, quotes: bool = False) -> str:
    text = text.replace("\\", "\\\\").replace("\n", "\\n")
    return text.replace('"', '\\"') if quotes else text
