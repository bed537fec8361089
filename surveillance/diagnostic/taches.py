"""Do the tasks get done: mails, reminders, what is erased each night? Read in the state of the portal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from accounts.models import FailedTask
from portail.dates import date_heure
from portail.francais import accord, pluriel
from portail.pannes import impatient
from surveillance.diagnostic.constats import Point, attention, bon, mauvais
from surveillance.diagnostic.lieu import Lieu
from surveillance.etat import Etat


def check_worker(lieu: Lieu, etat: Etat) -> Point:
    """The line of the diagnosis that says whether the worker has passed lately: without it no mail leaves."""
    quoi, last_pass = "Service des tâches", etat.worker_last_pass
    if etat.worker == "ok" and last_pass:
        return bon(quoi, f"dernier passage {date_heure(last_pass)}.")
    if last_pass is None:
        phrase = "il n’a jamais tourné sur cette base\u00a0: aucun e-mail ne part."
        return mauvais(quoi, phrase, "Démarrez le portail, qui le lance avec lui.", lieu.start)
    phrase = f"aucun signe de vie depuis le {date_heure(last_pass)}\u00a0: aucun e-mail ne part."
    return mauvais(quoi, phrase, "Redémarrez le portail, et lisez pourquoi il s’est arrêté.", lieu.start)


def check_waiting(lieu: Lieu, etat: Etat) -> Point:
    """The line of the diagnosis that says since when the oldest task that is due waits."""
    quoi = "Tâches en attente"
    if etat.oldest_task is None:
        return bon(quoi, "aucune qui soit due.")
    since = date_heure(etat.at - timedelta(seconds=etat.oldest_task))
    if etat.tasks == "late":
        phrase = f"la plus ancienne attend depuis le {since}."
        return mauvais(quoi, phrase, "Le service des tâches est arrêté, débordé, ou une tâche le tient.", lieu.start)
    return bon(quoi, f"la plus ancienne, depuis le {since}.")


def check_mails(lieu: Lieu, etat: Etat) -> Iterator[Point]:
    """The lines of the diagnosis on what sending mails has shown: a mail server that takes none, undelivered mails that
    the town hall has to deal with. No line when all is well."""
    if etat.mail == "failing" and etat.mail_failing_since:
        phrase = f"aucun ne part depuis le {date_heure(etat.mail_failing_since)}."
        remede = "Ce que dit «\u00a0Serveur de mail\u00a0» est à réparer\u202f; ce qui attend partira de soi-même."
        yield mauvais("E-mails", phrase, remede, f"{lieu.journal('--since -6h')} | grep mail_failed")
    if etat.mails_failed:
        phrase = f"{pluriel(etat.mails_failed, 'attend,attendent')} que la mairie s’en occupe."
        remede = "Dans l’administration, «\u00a0Courriels non remis\u00a0» dit à qui, et pourquoi."
        yield attention("Courriels non remis", phrase, remede)


def check_failures(lieu: Lieu) -> Point:
    """The line of the diagnosis that says how many tasks have failed."""
    with impatient():
        failed = FailedTask.objects.count()
    if failed:
        phrase = f"{accord(failed, 'échouée')}."
        remede = (
            "Dans l’administration, «\u00a0Tâches échouées\u00a0» dit l’endroit de "
            "chacune\u202f; «\u00a0journalctl\u00a0» dit le moment."
        )
        return attention("Tâches", phrase, remede, f"{lieu.journal('--since -2d')} | grep -i task")
    return bon("Tâches", "aucune n’a échoué.")
