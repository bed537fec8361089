"""Erase people: all or nothing, by the rules that each app adds, and the keys of what was erased kept."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.conf import settings
from django.db import transaction

from accounts import outbox
from conservation import reunions
from conservation.models import Effacement
from portail.effacements import DemandeEffacement, erase
from portail.extensions import Extension
from portail.rehearsal import rehearsal

WRITE = "conservation.tasks.write_effacements"
NOMS = {"django_tasks_database.DBTaskResult": "tâches en file ou passées"}  # of tables whose own is English


@dataclass(frozen=True)
class BilanEffacement:
    """What an erasure did: rows that went and rows that stay without saying who, by the French name of their table;
    what stays, and why, in sentences; what is better done before, in sentences.
    """

    effaces: tuple[tuple[str, int], ...]
    blanchis: tuple[tuple[str, int], ...]
    gardes: tuple[str, ...]
    avis: tuple[str, ...] = ()

    @property
    def nombre(self) -> int:
        """How many rows were erased, all tables together; the rows of bare links between two tables are not counted."""
        return sum(n for _, n in self.effaces)


def effacer(cles: Mapping[str, Collection[int]], *, now: datetime, seul: bool = False) -> BilanEffacement:
    """Erase these rows (model → primary keys, as {"enfance.Enfant": {3}, "accounts.User": {7}}), the rows once merged
    into them, and all that names them, in one transaction; return what was done. A key that is not there changes
    nothing. One `Effacement`, which holds the key alone, stays for each key, found or not, save those that a rule keeps
    (a home where an adult stays). With SAUVEGARDES, a task is queued that writes them into its list.

    `seul` says that nobody else works on this database. Raises EffacementRefuse, and erases nothing, when it cannot be
    done now; ValueError for a model that no app erases.
    """
    with transaction.atomic():
        toutes = {modele: {*siennes, *reunions.doubles_of(modele, siennes)} for modele, siennes in cles.items()}
        nouveaux = [
            Effacement(id=uuid.uuid4(), le=now, modele=modele, cle=cle)
            for modele, siennes in toutes.items()
            for cle in sorted(siennes)
        ]
        bilan = erase_noted(nouveaux, now=now, seul=seul)
        for modele, siennes in toutes.items():
            reunions.forget(modele, siennes)
        if settings.SAUVEGARDES and not outbox.lock_enqueued(WRITE):
            outbox.enqueue(WRITE)
    return bilan


def apercu(cles: Mapping[str, Collection[int]], *, now: datetime) -> BilanEffacement:
    """What `effacer` would do with these keys: the rows are erased, then all is rolled back, so that nothing changes.
    Raises EffacementRefuse as it does.
    """
    with rehearsal():
        return effacer(cles, now=now)


def erase_noted(effacements: Iterable[Effacement], *, now: datetime, seul: bool) -> BilanEffacement:
    """Erase the rows that these `Effacement`, not saved yet, tell, and save these `Effacement` in the same transaction;
    those of rows that a rule of erasing keeps (a home where an adult stays) are saved with `seul` alone. `seul` says
    that nobody else works on this database. Raises ValueError for a model that no app erases, and EffacementRefuse when
    it cannot be done now.
    """
    notes, regles = list(effacements), Extension.installed().effacements
    cles: dict[str, set[int]] = {}
    for note in notes:
        if note.modele not in regles.modeles:
            raise ValueError(f"{note.modele} is not erased by any app")
        cles.setdefault(note.modele, set()).add(note.cle)
    demande = DemandeEffacement(cles, now, seul)
    with transaction.atomic():
        erase(demande, regles)
        Effacement.objects.bulk_create(note for note in notes if seul or note.cle in demande.of(note.modele))
    dit = (tuple(demande.gardes), tuple(demande.avis))
    return BilanEffacement(_named(demande.effaces), _named(demande.blanchis), *dit)


def _named(comptes: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """By the French name of each table."""
    noms: dict[str, int] = {}
    for label, n in comptes.items():
        meta = apps.get_model(label)._meta
        if meta.auto_created:
            continue
        nom = NOMS.get(label, str(meta.verbose_name_plural))
        noms[nom] = noms.get(nom, 0) + n
    return tuple((nom, n) for nom, n in noms.items() if n)
