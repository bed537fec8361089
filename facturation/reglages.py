"""What the town set for money."""

from __future__ import annotations

from facturation.models import ReglageFacturation


def load_reglage() -> ReglageFacturation:
    """What the town set for money; the defaults until it did."""
    return ReglageFacturation.objects.order_by("pk").first() or ReglageFacturation()
