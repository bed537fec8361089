"""The accessibility statement: a state that was measured, a date that still holds."""

from datetime import timedelta

import pytest
from django.utils import timezone

from portail import checks
from portail.checks import STATEMENT_LASTS, check_accessibilite
from portail.rgaa import read
from tests.portail.rgaa import table
from tests.reading import plain


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


@pytest.mark.parametrize(
    ("etat", "non_conforme", "said"),
    [
        ("partiellement conforme", 1, ""),
        ("totalement conforme", 0, ""),
        ("non conforme", 1, ""),  # a town may say less
        ("totalement conforme", 1, "le dit « partiellement conforme »"),
        ("partiellement conforme", 4, "le dit « non conforme »"),
        ("partiellement conforme", None, "n’est pas là (docs/rgaa.md)"),
    ],
)
def test_state_says_no_more_than_the_adopted_evaluation(settings, monkeypatch, etat, non_conforme, said):  # RGA-01
    found = None if non_conforme is None else read(table(conforme=3, non_conforme=non_conforme))
    monkeypatch.setattr(checks, "evaluation", lambda: found)
    settings.ACCESSIBILITE_ETAT, settings.ACCESSIBILITE_AUDIT = etat, "logiciel"

    warnings = check_accessibilite(None)

    assert [warning.id for warning in warnings] == (["portail.W002"] if said else [])
    assert all(said in plain(warning.msg) for warning in warnings)
