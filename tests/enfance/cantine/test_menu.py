"""The canteen's menu: the town hall finds its way back, the association sees what it may open."""

import pytest
from django.urls import reverse

from portail.groupes import CANTINE, SECRETARIAT
from tests.enfance.agents import make_agent
from tests.factories import AnneeFactory

BACK = f'<li><a href="{reverse("admin:index")}">Mairie</a></li>'


@pytest.mark.parametrize("address", ["/cantine/", "/cantine/reglages/", "/aide/cantine/"])
@pytest.mark.parametrize(("groupe", "back"), [(SECRETARIAT, 1), (CANTINE, 0)])
def test_menu_of_the_canteen_leads_the_town_hall_back_to_its_desk(client, db, groupe, back, address):
    AnneeFactory()
    client.force_login(make_agent(groupe))

    response = client.get(address)

    assert (response.status_code, response.text.count(BACK)) == (200, back)
