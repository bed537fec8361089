"""Accounts of agents, and what they do in the list of accounts."""

from __future__ import annotations

from django.contrib.auth.models import Group

from accounts import groups
from tests.clients import Client
from tests.factories import StaffFactory

LISTE = "/admin/accounts/user/"


def act(client, action, *objects, liste=LISTE):
    data = {"action": action, "_selected_action": [row.pk for row in objects]}
    return client.post(liste, data, follow=True)


AGENTS = "/admin/accounts/staffuser/"


def client_in(group: str) -> Client:
    groups.sync()
    user = StaffFactory(is_superuser=False, first_name="Alix", last_name=group)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client
