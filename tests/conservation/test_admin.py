"""The list of what was erased: days, tables and keys, read by who has to show that it was, named by nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Group

from accounts import groups
from conservation.models import Effacement
from portail.dates import PARIS
from tests.clients import Client
from tests.factories import StaffFactory
from tests.reading import html_of

pytestmark = pytest.mark.django_db
LISTE = "/admin/conservation/effacement/"
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)


@pytest.fixture(params=["Secrétariat", "Informatique"])
def agent(request) -> Client:
    groups.sync()
    user = StaffFactory(is_superuser=False)
    user.groups.add(Group.objects.get(name=request.param))
    client = Client()
    client.force_login(user)
    return client


def erased(n: int) -> None:
    for cle in range(n):
        Effacement.objects.create(le=NOW, modele="enfance.Enfant", cle=100 + cle, ecrit_le=NOW if cle else None)


def test_list_says_what_when_and_whether_the_backups_know(agent):
    erased(2)
    html = html_of(agent.get(LISTE))
    for said in ("enfant", "100", "101", "pas encore", "jeudi 3 décembre à 20 h 41"):
        assert said in html, said
    page = agent.get(f"{LISTE}{Effacement.objects.get(cle=100).pk}/change/")
    assert (page.status_code, b'name="_save"' in page.content) == (200, False)


def test_list_is_found_by_the_number_and_among_the_lists_of_the_home(agent):
    erased(3)
    assert agent.narrow(LISTE, "q=101").context["cl"].result_count == 1
    assert f'href="{LISTE}"' in agent.get("/admin/").text


@pytest.mark.parametrize("n", [1, 3])
def test_list_costs_the_same_for_one_and_for_three(agent, n, django_assert_num_queries):
    erased(n)
    agent.get(LISTE)
    with django_assert_num_queries(9):
        agent.get(LISTE)
