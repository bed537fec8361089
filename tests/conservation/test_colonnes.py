"""What each kind of column makes of a value that SQLite holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from django.apps import apps
from django.db import models

from conservation.colonnes import ColonneTransferee, Impossible, conversion

UTC_NOW = datetime(2026, 12, 3, 19, 41, 0, 250_000, tzinfo=UTC)
HEX = "0123456789abcdef0123456789abcdef"
READ = [
    (models.CharField(max_length=5), "été 🙂", "été 🙂"),
    (models.TextField(), "\\N\n\t", "\\N\n\t"),
    (models.SlugField(), "soir", "soir"),
    (models.IntegerField(), -(2**31), -(2**31)),
    (models.BigIntegerField(), 2**63 - 1, 2**63 - 1),
    (models.PositiveSmallIntegerField(), 32767, 32767),
    (models.BooleanField(), 0, False),
    (models.FloatField(), 3, 3.0),
    (models.DateField(), "2026-12-03", date(2026, 12, 3)),
    (models.DateTimeField(), "2026-12-03 19:41:00.250000", UTC_NOW),
    (models.DateTimeField(), "2026-12-03T20:41:00.25+01:00", UTC_NOW),
    (models.TimeField(), "07:30:00.000001", time(7, 30, 0, 1)),
    (models.DurationField(), 1_000_001, timedelta(seconds=1, microseconds=1)),
    (models.UUIDField(), HEX, UUID(HEX)),
    (models.BinaryField(), b"\x00\xff", b"\x00\xff"),
    (models.DecimalField(max_digits=7, decimal_places=2), 12.3, Decimal("12.30")),
    (models.DecimalField(max_digits=7, decimal_places=2), 99999, Decimal("99999.00")),
    (models.DecimalField(max_digits=7, decimal_places=2), "12.345", Decimal("12.34")),
    (models.JSONField(), '{"a": "\\u00e9 \\ud83d\\ude42"}', '{"a": "\\u00e9 \\ud83d\\ude42"}'),
    (models.JSONField(), "null", "null"),
]
NUL, NOT_UNICODE = "un signe nul (NUL), que PostgreSQL n’écrit pas", "des signes qui ne sont pas de l’Unicode"
SMALL, BIG = "de 0 à 32767", "de -9223372036854775808 à 9223372036854775807"
REFUSED = [
    (models.CharField(max_length=5), "été 🙂!", "6 signes, 5 au plus"),
    (models.CharField(max_length=5), "été   ", "6 signes, 5 au plus"),
    (models.CharField(max_length=5), 12, "pas un texte"),
    (models.CharField(max_length=5), b"x", "pas un texte"),
    (models.CharField(max_length=5), "a\0b", NUL),
    (models.TextField(), "\ud83d", NOT_UNICODE),
    (models.TextField(), "caf\udce9", NOT_UNICODE),  # a byte of the file that is no UTF-8
    (models.PositiveSmallIntegerField(), 32768, f"un nombre hors des bornes, {SMALL}"),
    (models.PositiveSmallIntegerField(), -1, f"un nombre hors des bornes, {SMALL}"),
    (models.IntegerField(), 2**31, "un nombre hors des bornes, de -2147483648 à 2147483647"),
    (models.BigAutoField(), 2**63, f"un nombre hors des bornes, {BIG}"),
    (models.IntegerField(), 1.5, "pas un nombre entier"),
    (models.IntegerField(), "douze", "pas un nombre entier"),
    (models.BooleanField(), 2, "ni vrai ni faux"),
    (models.BooleanField(), 1.0, "ni vrai ni faux"),
    (models.BooleanField(), "oui", "ni vrai ni faux"),
    (models.FloatField(), "x", "pas un nombre"),
    (models.DateField(), "2026-02-30", "pas une date"),
    (models.DateField(), "03/12/2026", "pas une date"),
    (models.DateField(), "0000-12-03", "pas une date"),
    (models.DateField(), 20261203, "pas une date"),
    (models.DateTimeField(), "demain", "pas une date avec son heure"),
    (models.DateTimeField(), "2026-12-03 25:00:00", "pas une date avec son heure"),
    (models.DateTimeField(), "0001-01-01 00:00:00+14:00", "pas une date avec son heure"),
    (models.TimeField(), "midi", "pas une heure"),
    (models.DurationField(), "1 h", "pas une durée"),
    (models.DurationField(), 2**62 * 100, "une durée hors des bornes"),
    (models.UUIDField(), "12", "pas un numéro (UUID)"),
    (models.UUIDField(), 12, "pas un numéro (UUID)"),
    (models.BinaryField(), "x", "pas des octets"),
    (models.DecimalField(max_digits=5, decimal_places=2), 1000, "un nombre de plus de 5 chiffres"),
    (models.DecimalField(max_digits=5, decimal_places=2), 999.999, "un nombre de plus de 5 chiffres"),
    (models.DecimalField(max_digits=5, decimal_places=2), "NaN", "pas un nombre décimal que l’on puisse écrire"),
    (models.DecimalField(max_digits=5, decimal_places=2), b"1", "pas un nombre"),
    (models.JSONField(), "{", "pas du JSON"),
    (models.JSONField(), b"{}", "pas du JSON"),
    (models.JSONField(), '{"a": "\\u0000"}', NUL),
    (models.JSONField(), '{"\\u0000": 1}', NUL),
    (models.JSONField(), '["\\ud83d"]', NOT_UNICODE),
    (models.JSONField(), "[NaN]", "NaN dans du JSON, que PostgreSQL n’écrit pas"),
    (models.JSONField(), "1e999999", "un nombre hors des bornes dans du JSON"),
    (models.JSONField(), "[" * 100_000 + "]" * 100_000, "du JSON trop profond"),
]


@pytest.mark.parametrize(("field", "value", "expected"), READ)
def test_value_is_read_as_postgresql_takes_it(field, value, expected):
    read = conversion(field)(value)

    assert (type(read), read) == (type(expected), expected)


@pytest.mark.parametrize(("field", "value", "reason"), REFUSED)
def test_what_postgresql_does_not_take_is_said_without_the_value(field, value, reason):
    with pytest.raises(Impossible) as refusal:
        conversion(field)(value)

    assert str(refusal.value) == reason


def test_nothing_stays_nothing_where_it_may():
    assert ColonneTransferee("fin", nullable=True, convert=int).read(None) is None
    with pytest.raises(Impossible, match="vide, alors qu’il faut une valeur"):
        ColonneTransferee("debut", nullable=False, convert=int).read(None)


def test_every_column_of_the_portal_is_of_a_known_kind():
    columns = [field for model in apps.get_models(include_auto_created=True) for field in model._meta.concrete_fields]

    assert len(columns) > 300
    assert all(callable(conversion(field)) for field in columns)


def test_a_kind_that_no_model_had_is_seen():
    with pytest.raises(NotImplementedError, match="GenericIPAddressField"):
        conversion(models.GenericIPAddressField())
