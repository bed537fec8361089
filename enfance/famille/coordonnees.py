"""The only writer of what a parent says of how to reach them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts import addresses
from accounts.models import EmailChange
from enfance.models import Responsable


def changer(responsable: Responsable, *, email: str, telephone: str, now: datetime) -> EmailChange | None:
    """Write this parent's telephone, and ask for the change of e-mail address. Returns the change that waits to be
    confirmed when the address is a new one, else None (AUT-13).
    """
    with transaction.atomic():
        responsable.telephone = telephone
        responsable.save(update_fields=["telephone"])
        return addresses.ask(responsable.user, email, now=now)
