"""Agents of one school or of all."""

from __future__ import annotations

from django.contrib.auth.models import Group

from accounts import groups
from enfance.models import Affectation
from tests.factories import StaffFactory


def make_agent(*noms, ecoles=(), **champs):
    groups.sync()
    agent = StaffFactory(**{"is_superuser": False} | champs)
    agent.groups.set(Group.objects.filter(name__in=noms))
    for ecole in ecoles:
        Affectation.objects.create(agent=agent, ecole=ecole)
    return agent
