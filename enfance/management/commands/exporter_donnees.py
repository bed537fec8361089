"""Write all that is kept about a person, for whoever asks for it at the town hall (RGP-07)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts import journal
from accounts.management.accounts import find_account
from enfance.famille.donnees import load_donnees
from portail.commandes import FrenchCommand


class Command(FrenchCommand):
    help = (
        "Écrit en JSON, sur la sortie standard, tout ce qui est gardé sur une personne et ses enfants, sans les "
        "coordonnées de l’autre parent."
    )
    example = "manage.py exporter_donnees 3816238 > donnees.json"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("identifiant", metavar="IDENTIFIANT")

    def handle(self, *, identifiant: str, **options: Any) -> None:
        user = find_account(identifiant)
        donnees = load_donnees(user, now=timezone.now())
        with journal.on_stderr():
            journal.event("data_exported", user=user.pk, by="command")
        self.stdout.write(json.dumps(donnees, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
