"""`manage.py arreter_mois 2026-11`: close a month, as the town hall's page does."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from accounts import journal
from enfance.management.sorties import create
from facturation.arrete.cloture import Arret, arreter
from facturation.arrete.controles import Controle
from facturation.arrete.preparation import mois_nom
from facturation.arrete.tableaux import TITRES, lignes_a_blanc, lignes_arretees
from facturation.models import Mois
from facturation.montants import euros
from portail.certain import certain
from portail.commandes import FrenchCommand
from portail.dates import jour_annee
from portail.francais import NBSP, pluriel
from portail.rehearsal import writing
from portail.tableur import csv_blocks


def mois(texte: str) -> date:
    """The first day of the month written « 2026-11 » on the command line; ArgumentTypeError, with a French sentence,
    for anything else.
    """
    try:
        return date.fromisoformat(f"{texte}-01")
    except ValueError:
        raise ArgumentTypeError(f"«\u00a0{texte}\u00a0» n’est pas un mois\u00a0: écrivez 2026-11.") from None


class Command(FrenchCommand):
    help = (
        "Arrête un mois, pour toujours\u00a0: écrit ses lignes et ses factures, met les e-mails en route. Dit ce qui "
        "l’empêche."
    )
    example = "manage.py arreter_mois 2026-11 --simuler --sortie novembre.csv"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that closes a month: the month, --simuler, and the file to create."""
        parser.add_argument("mois", type=mois, metavar="MOIS", help="2026-11")
        parser.add_argument("--simuler", action="store_true", help="fait tout, puis défait\u00a0: rien n’est écrit")
        parser.add_argument(
            "--sortie", type=Path, help="fichier CSV à créer\u00a0: toutes les lignes, à comparer à un autre logiciel"
        )

    def handle(self, *, mois: date, simuler: bool, sortie: Path | None, **options: Any) -> None:
        """Close the month, or only rehearse it with `--simuler`, print what was checked and done, and write all the
        lines to the file of `--sortie`. CommandError, with the reasons, when the month may not be closed: the file is
        written all the same. A month that is closed already is left as it is.
        """
        now = timezone.now()
        with (
            writing(rehearsed=simuler),
            tqdm(disable=not sys.stderr.isatty(), desc="Lignes", unit="", leave=False) as barre,
        ):
            arret = arreter(mois, None, now, avance=barre.update)
            lignes = list(_lignes(arret)) if sortie else []
            if sortie:  # before the month is closed for ever: a file that cannot be written leaves it open
                create(sortie, (bloc.encode() for bloc in csv_blocks(TITRES, lignes)))
        if arret.controle:
            for phrase in _points(arret.controle):
                self.stdout.write(phrase)
        if sortie:
            journal.event("export", model="prestation", rows=len(lignes), by="command")
        if arret.mois is None:
            raise CommandError(" ".join(arret.refus))
        self.stdout.write(_bilan(arret.mois, deja=arret.deja, simuler=simuler))
        if sortie:
            self.stdout.write(f"Toutes les lignes sont dans {sortie}.")


def _lignes(arret: Arret) -> Iterator[list[Any]]:
    """All the lines of the month: as they are frozen, else as they would be."""
    if arret.mois is not None:
        return lignes_arretees(arret.mois)
    return lignes_a_blanc(certain(arret.controle).preparation)


def _points(controle: Controle) -> list[str]:
    """What blocks, then what deserves a look, a line each."""
    points = [("À régler", controle.bloquants), ("À regarder", controle.a_regarder)]
    return [
        f"{titre}{NBSP}: {point.nombre}{NBSP}{point.texte}. {point.effet}" for titre, siens in points for point in siens
    ]


def _bilan(mois: Mois, *, deja: bool, simuler: bool) -> str:
    nom, bilan = mois_nom(mois.premier).capitalize(), mois.bilan
    if deja:
        quand = jour_annee(timezone.localdate(mois.arrete_le))
        return f"{nom} est déjà arrêté, depuis le {quand}{NBSP}: rien n’a été changé."
    tete = f"Simulation, rien n’est écrit. {nom}" if simuler else f"{nom} est arrêté"
    factures = pluriel(bilan["factures"], "facture,factures")
    phrases = [
        f"{tete}{NBSP}: {factures} pour {euros(bilan['total'])}, à payer avant le {jour_annee(mois.echeance)}.",
        f"{pluriel(bilan['courriels'], 'e-mail,e-mails')}, {pluriel(len(bilan['lettres']), 'lettre,lettres')} à "
        "imprimer.",
    ]
    if bilan["avoirs"]:
        phrases.append(f"{pluriel(bilan['avoirs'], 'avoir,avoirs')}.")
    if bilan["attendent"]:
        attendent = pluriel(bilan["attendent"], "payeur attend,payeurs attendent")
        phrases.append(f"{attendent} une autre facture, pour {euros(bilan['attente'])}.")
    return " ".join(phrases)
