"""What the town set for money."""

from __future__ import annotations

from facturation.models import ReglageFacturation


def load_reglage() -> ReglageFacturation:
    """The settings of the town for money; the default ones, not saved, until it set any."""
    return ReglageFacturation.objects.order_by("pk").first() or ReglageFacturation()
