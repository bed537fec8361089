"""One row of every model, for the tests that go to every address."""

from __future__ import annotations

import pytest
from django.http import HttpResponse

from enfance.models import Enfant
from portail import errors
from tests.acces.visiteurs import NOW
from tests.ecole import make_ecole


@pytest.fixture
def ecole(time_machine, monkeypatch, caplog, settings) -> Enfant:
    """Léa, child of « parent », and one row of every model that the admin shows; « autre parent » is a stranger."""
    time_machine.move_to(NOW, tick=False)
    settings.ENVOIS_RETENUS = True  # its page has rows only then
    # Thousands of refusals, each with its page and its traceback: other tests read those.
    caplog.set_level("CRITICAL", "django.request")
    monkeypatch.setattr(errors, "render", lambda request, template, *args, status: HttpResponse(status=status))
    return make_ecole(NOW)
