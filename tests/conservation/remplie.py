"""A database where each table has rows, with values that two databases could read otherwise."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, connection, models
from django.db.migrations.recorder import MigrationRecorder

from conservation.bases import on_database, sqlite_file
from conservation.restoring.transfert import tables

SIGNES = "Éloïse d’Ars\\N \"x\" 'y' 🙂 ; e\u0301\t{\\.}"
NOW = datetime(
    2026, 10, 25, 0, 59, 59, 999999, tzinfo=UTC
)  # one hour later the clocks of Paris say the same time again
LATER = datetime(2026, 10, 25, 1, 59, 59, 1, tzinfo=UTC)
# What the rules of a table ask of a row, where the value of each field alone would break them.
REGLES: dict[str, dict[str, Any]] = {
    "accounts.User": {"identifiant": "00123"},
    "accounts.MailingLine": {"state": "sent"},
    "enfance.AnneeScolaire": {"fin": date(2027, 7, 2)},
    "enfance.Creneau": {"fin": time(8, 30)},
    "enfance.HeuresPassees": {"fin": time(8, 30)},
    "enfance.Decompte": {"inscrits": 2},
    "enfance.DemandeRappel": {"retiree_le": None},
    "enfance.Evenement": {"rang_avant": None, "rang_apres": None, "apres": "annulee"},
    "enfance.Garde": {"rythme": "alternee"},
    "enfance.Indisponibilite": {"ecartee": False, "au": datetime(2026, 12, 4, 12, tzinfo=UTC)},
    "enfance.Inscription": {"etat": "attente"},
    "enfance.ReglageCantine": {"id": 1, "ecole_id": None},
    "enfance.Scolarite": {"debut": date(2026, 11, 3)},
    "facturation.Encaissement": {"part_famille": None},
    "facturation.EssaiPaiement": {"montant": 100, "encaissement_id": None},
    "facturation.Facture": {"echeance": date(2026, 12, 20), "origine_id": None, "mois_id": None},
    "facturation.Imputation": {"avoir_id": None, "sortie_id": None},
    "facturation.LigneTarif": {"inconnu": False, "taux": None, "minimum": None, "maximum": None, "rang": 1},
    "facturation.Mois": {"premier": date(2026, 12, 1)},
    "facturation.NombreEnfants": {"debut": date(2026, 12, 1)},
    "facturation.Prestation": {"plafond_id": None},
    "facturation.Quotient": {"debut": date(2026, 12, 1), "fin": date(2026, 12, 31)},
    "facturation.ReglageFacturation": {"rappel_1": 7, "rappel_2": 21, "tresorerie": 60},
    "facturation.Relance": {"montant": None},
    "facturation.Tarif": {"minutes": None, "tolerance": 0, "jours": None, "prorata": False, "axe": "rang"},
    "facturation.Supplement": {"pourcentage": None, "genre": "tardive"},
}


def value_of(field: models.Field, rank: int) -> Any:
    """A value that fits the field, and is awkward; another one for each rank where it must differ."""
    if isinstance(field, models.ForeignKey):
        others = field.related_model._base_manager.order_by("pk")
        if field.unique and rank > 1:  # a row that none leads to
            others = others.exclude(pk__in=field.model._base_manager.exclude(**{field.name: None}).values(field.name))
        return others.values_list(field.target_field.attname, flat=True).first()
    if field.choices:
        return next(cle for cle, _ in field.flatchoices if cle not in ("", None))
    match field.get_internal_type():
        case "CharField" | "TextField" | "SlugField":
            text = SIGNES.ljust(field.max_length or 3000, "é")[: field.max_length]
            return f"{text[:-1]}{rank}" if field.unique else text
        case "BooleanField":
            return True
        case "DateField":
            return date(2026, 12, 3)
        case "DateTimeField":
            return NOW
        case "TimeField":
            return time(7, 30, 0, 1)
        case "FloatField":
            return 0.1 + 0.2
        case "DecimalField":
            return Decimal("12.30")
        case "UUIDField":
            return UUID(int=2**127 + rank)
        case "BinaryField":
            return b"\x00\xff\\N\n'" + bytes([rank])
        case "JSONField":
            return {SIGNES: [None, True, 0.1, 10**20, {"n": "é\u2028🙂"}], "rang": rank}
        case genre if "Auto" in genre:
            return 40 + rank
        case genre if "Integer" in genre:
            return rank
    raise NotImplementedError(f"{field}: {field.get_internal_type()}")


def make_file(path: Path) -> Path:
    """A SQLite file as the migrations leave it, without a row but those that tell which have passed."""
    passed = [*MigrationRecorder(connection).applied_migrations()]
    with on_database(sqlite_file(path)):
        with connection.schema_editor() as editor:
            for model in apps.get_models():
                if not model._meta.proxy:
                    editor.create_model(model)
        recorder = MigrationRecorder(connection)
        recorder.ensure_schema()
        for app, name in passed:
            recorder.record_applied(app, name)
    return path


def fill(path: Path) -> None:
    """A row in each table, two in those that link to themselves; the keys already given go to 97."""
    with on_database(sqlite_file(path)):
        for table in tables():
            for rank in [1, 2] if table.links_to_itself else [1]:
                fields = table.model._meta.concrete_fields
                values = {field.attname: value_of(field, rank) for field in fields} | REGLES.get(table.libelle, {})
                try:
                    table.model(**values).save_base(raw=True, force_insert=True)
                except IntegrityError as error:
                    error.add_note(f"{table.libelle}: say in REGLES what its rules ask of a row.")
                    raise
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE sqlite_sequence SET seq = 97")


def rows(model: type[models.Model]) -> list[tuple[Any, ...]]:
    """Every row of a table, as Python reads it."""
    return sorted(model._base_manager.values_list(*(field.attname for field in model._meta.concrete_fields)), key=str)
