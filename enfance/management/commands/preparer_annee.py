"""`manage.py preparer_annee 2026`: the calendar of a school year, where the town hall then corrects it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from enfance.mairie.annee import AnneeInconnue
from enfance.mairie.rentree import Changements, preparer, zone_of_the_town
from enfance.models import AnneeScolaire
from portail.commandes import FrenchCommand
from portail.francais import pluriel


class Command(FrenchCommand):
    help = "Prépare une année scolaire : vacances, jours fériés, créneaux, élèves qui montent de niveau."
    example = "manage.py preparer_annee 2027 --zone A"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that prepares a school year: the calendar year in which it begins, and the
        holiday zone (--zone).
        """
        parser.add_argument("annee", type=int, help="année de la rentrée : 2026 pour 2026-2027")
        parser.add_argument(
            "--zone",
            choices=AnneeScolaire.Zone.values,
            help="zone de vacances ; sinon, celle de la dernière année, ou A",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing of a school year (holidays, public holidays, créneaux, pupils who move up), and print
        what was created, and who is gone or back since the last time.
        """
        zone = options["zone"] or zone_of_the_town()
        supposed = not options["zone"] and not AnneeScolaire.objects.exists()
        try:
            changements = preparer(options["annee"], zone, now=timezone.now())
        except AnneeInconnue as error:
            raise CommandError(str(error)) from None
        self.stdout.write("\n".join(_lignes(changements)))
        if supposed:
            self.stdout.write(
                f"La zone {zone} est supposée, faute de --zone. Si ce n’est pas la vôtre\u00a0: dans l’administration, "
                "changez celle de l’année et ôtez ses congés, puis relancez la commande."
            )


def _lignes(changements: Changements) -> list[str]:
    preparation = changements.preparation
    annee = preparation.annee
    if changements.is_empty:
        return [f"Année {annee} : déjà prête, rien n’a été changé."]
    ouverture = f"{annee.ouverture:%d/%m/%Y}" if annee.ouverture else "pas encore"
    return [
        f"Année {annee}, zone {annee.zone} : du {annee.debut:%d/%m/%Y} au {annee.fin:%d/%m/%Y}, "
        f"inscriptions ouvertes : {ouverture}.",
        *(f"  {p.nom} : du {p.debut:%d/%m/%Y} au {p.fin:%d/%m/%Y}" for p in preparation.vacances),
        f"Créés : {pluriel(preparation.feries, 'jour férié,jours fériés')}, "
        f"{pluriel(preparation.creneaux, 'créneau,créneaux')}, "
        f"{pluriel(preparation.scolarites, 'scolarité provisoire,scolarités provisoires')}.",
        *(f"  Parti depuis la dernière préparation : {nom}" for nom in changements.partis),
        *(f"  De retour à l’école : {nom}" for nom in changements.revenus),
        "À vérifier et à corriger dans l’administration.",
    ]
