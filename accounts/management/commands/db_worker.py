"""Start the worker of the portal (`accounts.worker`), in place of the package's command of the same name."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from accounts.worker import Worker
from portail.commandes import FrenchCommand
from portail.presence import announced


class Command(FrenchCommand):
    help = (
        "Envoie les courriels et fait les travaux réguliers, jusqu’à un signal d’arrêt (SIGTERM, Ctrl-C) qui laisse "
        "finir la tâche en cours. Plusieurs services peuvent tourner ensemble."
    )
    example = "manage.py db_worker"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--interval`, the wait in seconds (1 by default), and `--batch`."""
        parser.add_argument(
            "--interval",
            type=float,
            default=1,
            metavar="SECONDES",
            help="attente quand il n’y a rien à faire (par défaut : 1)",
        )
        parser.add_argument("--batch", action="store_true", help="s’arrêter quand il n’y a plus rien à faire")

    def handle(self, *, interval: float, batch: bool, **options: Any) -> None:
        """Run the worker until a signal or, with `batch`, until no task is left; `interval` is the wait, in seconds,
        when there is nothing to do."""
        if interval <= 0:
            raise CommandError("--interval : plus de zéro seconde.")
        if settings.ENVOIS_RETENUS:
            self.stderr.write(
                "ENVOIS_RETENUS : les e-mails attendent que la mairie les laisse partir (E-mails retenus)."
            )
        worker = Worker(interval=interval, batch=batch)
        with announced():
            worker.configure_signals()
            worker.run()
