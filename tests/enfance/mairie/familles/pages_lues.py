"""The page of a family in the admin."""

from __future__ import annotations

from enfance.models import Foyer

RIGHTS = ["view_foyer", "view_enfant", "view_responsable"]


def page_of(foyer: Foyer) -> str:
    return f"/admin/enfance/foyer/{foyer.pk}/famille/"
