"""Who may lay files of ONDE down, and import them."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry

from accounts.models import User
from enfance.models import Enfant
from tests.enfance.mairie.onde.ecran import AJOUT, LISTE, confirme, depose, page_of

pytestmark = pytest.mark.ci


def test_each_step_asks_for_its_right(agent_with, mairie, annee):
    page = page_of(depose(mairie, annee))
    lectrice = agent_with("view_importonde")

    assert lectrice.get(LISTE).status_code == 200
    assert lectrice.get(AJOUT).status_code == 403
    assert depose(lectrice, annee).status_code == 403
    assert lectrice.get(page).status_code == 403  # the preview is of those who may import
    assert lectrice.post(page, {"importer": "1"}).status_code == 403
    confirme(mairie, mairie.get(page))
    assert lectrice.get(page).status_code == 200  # the report is for readers
    assert not re.search("submit.*Importer", lectrice.get(page).text)


def test_right_removed_acts_at_the_next_request(agent_with, annee):
    agente = agent_with("view_importonde", "add_importonde", "change_importonde")
    response = depose(agente, annee)
    LogEntry.objects.all().delete()
    User.objects.filter(is_staff=True, is_superuser=False).get().user_permissions.clear()

    assert confirme(agente, response).status_code == 403
    assert not Enfant.objects.exists()
