"""The schools in which an agent of the team or of the canteen works, on the agent's page."""

from __future__ import annotations

from accounts.admin.staff import add_to_agents
from accounts.site import TownHallInline
from enfance.ecoles import is_assigned
from enfance.models import Affectation


class AffectationInline(TownHallInline):
    model = Affectation
    fields = ["ecole"]
    extra = 1  # to choose one without script
    feminine = True
    verbose_name = "école"
    verbose_name_plural = "écoles où travaille cet agent"


add_to_agents(AffectationInline, is_assigned)
