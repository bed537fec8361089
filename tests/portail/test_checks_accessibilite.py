"""The accessibility statement: a state that was measured, a date that still holds."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portail.checks import STATEMENT_LASTS, check_accessibilite


@pytest.mark.parametrize(
    ("etat", "audit", "ids"),
    [
        ("non conforme", "", []),
        ("partiellement conforme", "", ["portail.W002"]),
        ("totalement conforme", "", ["portail.W002"]),
        ("partiellement conforme", "L’audit de mars relève 92 % de critères respectés.", []),
    ],
)
def test_state_asks_for_an_audit(settings, etat, audit, ids):  # RGA-01
    settings.ACCESSIBILITE_ETAT = etat
    settings.ACCESSIBILITE_AUDIT = audit

    assert [warning.id for warning in check_accessibilite(None)] == ids


@pytest.mark.parametrize(("days", "ids"), [(0, []), (1, ["portail.W003"])])
def test_statement_lasts_three_years(settings, days, ids):  # RGA-03
    settings.ACCESSIBILITE_DATE = timezone.localdate() - STATEMENT_LASTS - timedelta(days=days)

    assert [warning.id for warning in check_accessibilite(None)] == ids
