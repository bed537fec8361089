"""`manage.py restaurer ARCHIVE`: the data of an archive in the place of those of the portal."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from tqdm import tqdm

from accounts import journal
from conservation.manifeste import ArchiveError, Manifeste
from conservation.restoring.restore import Guides, Keeping, Restored, check, restore
from conservation.restoring.voids import Voids
from portail.commandes import FrenchCommand
from portail.dates import PARIS, heure_texte, jour_annee
from portail.francais import accord, milliers, pluriel

GUIDES = {
    Guides.NONE: "",
    Guides.RESTORED: "Les guides de la commune sont revenus dans var/guides/.",
    Guides.KEPT: "Les guides de var/guides/ sont restés tels quels\u00a0: ceux de l’archive n’ont pas été pris.",
    Guides.FAILED: "Attention\u00a0: les guides de la commune n’ont pas pu être écrits dans var/guides/.",
}


class Command(FrenchCommand):
    help = (
        "Remet les données d’une archive à la place de celles du portail, arrêté\u00a0: toutes, ou rien ne change. Les "
        "e-mails qui y attendaient sont retenus\u00a0; sessions, appareils et mots de passe temporaires ne valent plus."
    )
    example = "manage.py restaurer /srv/sauvegardes/portail/portail-2026-11-27T031200Z.tar"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The arguments of the command that restores: the archive, --cle, --simuler, and either --copie or
        --sans-copie.
        """
        parser.add_argument("archive", metavar="ARCHIVE", type=Path)
        parser.add_argument("--cle", metavar="FICHIER", type=Path, help="la clé privée, si l’archive est chiffrée")
        parser.add_argument("--simuler", action="store_true", help="vérifie l’archive, et ne change rien")
        kept = parser.add_mutually_exclusive_group()
        kept.add_argument(
            "--copie",
            metavar="DOSSIER",
            type=Path,
            help="où garder d’abord une copie de la base actuelle (par défaut, SAUVEGARDES)",
        )
        kept.add_argument(
            "--sans-copie", action="store_true", help="ne garde rien de la base actuelle, qui est alors perdue"
        )

    def handle(
        self, *, archive: Path, cle: Path | None, simuler: bool, copie: Path | None, sans_copie: bool, **options: Any
    ) -> None:
        try:
            if simuler:
                self.tell_archive(archive, *check(archive, cle=cle))
                return
            # It shows once rows pass from one engine to the other: elsewhere the databases do it in one go.
            with tqdm(disable=not sys.stderr.isatty(), delay=0.1, desc="Lignes", unit="", leave=False) as barre:
                keeping = Keeping(copie, sans_copie)
                done = restore(archive, cle=cle, keeping=keeping, now=timezone.now(), progress=barre.update)
        except ArchiveError as error:
            journal.event("restored", result="refused", by="command")
            raise CommandError(str(error)) from None
        self.tell(archive, done)

    def tell_archive(self, path: Path, manifeste: Manifeste, to_come: int) -> None:
        """Print what a restore of this archive would bring (`--simuler`): its date, tables and rows, and the `to_come`
        migrations that would run on it.
        """
        said = [
            f"{path.name} peut être restaurée\u00a0: les données du {quand(manifeste)}, "
            f"{accord(len(manifeste.lignes), 'table')}, {milliers(sum(manifeste.lignes.values()))} lignes.",
            f"{pluriel(to_come, 'migration y passera,migrations y passeront')}." if to_come else "",
            "Rien n’a changé.",
        ]
        self.stdout.write("\n".join(filter(None, said)))

    def tell(self, path: Path, done: Restored) -> None:
        """Print in French what the restore of the archive `path` has done, and what is left to do."""
        made = quand(done.manifeste)
        said = [
            f"Restauré\u00a0: les données du {made} ({path.name}).",
            f"{milliers(done.rows)} lignes, autant que dans l’archive.",
            "Le portail est passé de SQLite à PostgreSQL." if done.changes_engine else "",
            self.left(done.brought_up.left),
            self.migrated(done.brought_up.migrations),
            self.before(done),
            *self.voids(done.brought_up.voids),
            self.erased(done.brought_up.erased),
            GUIDES[done.guides],
            "Maintenant\u00a0: sync_groups, puis démarrez le portail, et dites aux familles de revoir ce qu’elles ont "
            f"enregistré après le {made}.",
        ]
        self.stdout.write("\n".join(filter(None, said)))

    def left(self, left: Mapping[str, int]) -> str:
        """The sentence about the rows that stayed behind, by table, because this software does not know their tables;
        empty for none.
        """
        tables = ", ".join(f"{table} ({accord(lignes, 'ligne')})" for table, lignes in left.items())
        return f"N’ont pas suivi, inconnues de ce logiciel\u00a0: {tables}." if tables else ""

    def migrated(self, count: int) -> str:
        """The sentence that says how many migrations were run; empty for none."""
        return f"{pluriel(count, 'migration passée,migrations passées')}." if count else ""

    def erased(self, count: int | None) -> str:
        """The sentence that says how many keys were erased again, zero included; a warning when `count` is None, that
        is, when no list of erasures was found.
        """
        if count is None:
            return (
                "Attention\u00a0: aucune liste des effacements (effacements.jsonl) n’est dans SAUVEGARDES ni à côté de "
                "l’archive. Si une famille a été effacée depuis, elle est revenue\u00a0: retrouvez ce fichier et "
                "recommencez."
            )
        if not count:
            return "Rien n’avait été effacé depuis (effacements.jsonl)."
        again = pluriel(count, "fiche effacée,fiches effacées")
        return f"{again} de nouveau, d’après effacements.jsonl (enfants, adultes, comptes, foyers)."

    def voids(self, voids: Voids) -> list[str]:
        """The sentences that say what no longer holds after the restore (sessions, devices, temporary passwords,
        addresses to confirm), and how many mails are held. The first is empty when there is none; the others are always
        said.
        """
        counts = [
            (voids.sessions, "session,sessions"),
            (voids.devices, "appareil reconnu,appareils reconnus"),
            (voids.passwords, "mot de passe temporaire,mots de passe temporaires"),
            (voids.addresses, "adresse e-mail à confirmer,adresses e-mail à confirmer"),
        ]
        void = [pluriel(count, words) for count, words in counts if count]
        held = f"{pluriel(voids.mails, 'e-mail retenu,e-mails retenus')}\u00a0: la mairie les laisse partir ou non"
        return [
            f"Ne valent plus\u00a0: {', '.join(void)}." if void else "",
            "Les mots de passe, et le deuxième facteur des agents, sont ceux de l’archive.",
            f"{held} («\u00a0E-mails retenus\u00a0»)." if voids.mails else "Aucun e-mail n’attendait.",
        ]

    def before(self, done: Restored) -> str:
        """The sentence that says what became of the database that was there before the restore."""
        if done.before.copy:
            return f"La base d’avant est gardée\u00a0: {done.before.copy}."
        if done.before.aside:
            return f"La base d’avant était abîmée\u00a0: elle est mise de côté, {done.before.aside}."
        if done.before.empty:
            return "Il n’y avait pas de base avant\u00a0: rien à garder."
        return "Rien n’est gardé de la base d’avant (--sans-copie)."


def quand(manifeste: Manifeste) -> str:
    """When the archive of this manifest was made, in French words: day, year and hour in Paris."""
    local = manifeste.fait_le.astimezone(PARIS)
    return f"{jour_annee(local.date())} à {heure_texte(local.time())}"
