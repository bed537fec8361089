"""The only writer of what a parent says of how to reach them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import addresses
from enfance.models import Responsable


def changer(responsable: Responsable, *, email: str, telephone: str, now: datetime) -> bool:
    """Write both; whether the e-mail is another one, in which case both addresses are told (AUT-13)."""
    with transaction.atomic():
        responsable.telephone = telephone
        responsable.save(update_fields=["telephone"])
        return addresses.change_email(responsable.user, email, now=now)
