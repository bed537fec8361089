"""`make code COMPTE=…`: the code of the moment of an agent of the demo, whose phone nobody holds. Nowhere else."""

from __future__ import annotations

from argparse import ArgumentParser
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError

from accounts import second_factor
from accounts.management.accounts import find_account
from enfance.demo import agents, contenu, ville
from portail.commandes import FrenchCommand


class Command(FrenchCommand):
    help = "Donne le code de vérification du moment d’un agent de la démonstration. Refusé partout ailleurs."
    example = "manage.py code_demo 1000009"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The argument of the command that prints a verification code of the demonstration: the agent's identifiant."""
        parser.add_argument("identifiant", metavar="IDENTIFIANT")

    def handle(self, *, identifiant: str, **options: Any) -> None:
        """Print the present verification code of an agent of the demonstration. When that code has just served, the
        next one, with the seconds to wait. Refused unless the portal runs on this very machine, with the database of
        the demonstration.
        """
        if settings.PRODUCTION or not is_loopback(settings.SITE_URL):
            raise CommandError(
                "Cette commande ne sert qu’à la démonstration, sur l’ordinateur même. "
                f"Ici, SITE_URL est {settings.SITE_URL}."
            )
        if not (contenu.is_loaded() or ville.is_loaded()):
            raise CommandError(
                "Cette base n’est pas celle de la démonstration. Lancez d’abord «\u00a0make demo\u00a0»."
            )
        user = find_account(identifiant)
        telephone = agents.telephone_de(user)
        if telephone is None:
            raise CommandError(f"La démonstration n’a pas le téléphone du compte {user.identifiant}.")
        code, attente = second_factor.code_of(telephone)
        self.stdout.write(f"{code} (dans {attente}\u00a0s, le précédent vient de servir)" if attente else code)


def is_loopback(url: str) -> bool:
    """Whether this address is in http and is that of the machine itself (localhost, 127.0.0.1…)."""
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        return False
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"
