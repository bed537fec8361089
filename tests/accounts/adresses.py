"""An account that changes its address, from its page and from the town hall's."""

from __future__ import annotations

from datetime import datetime

from portail.dates import PARIS
from tests.factories import StaffFactory

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
FORMER, NEW, OTHER = "camille@courriel.example", "nouvelle@courriel.example", "autre@courriel.example"
CHOSEN = "Tartine de brume 8"


def save_in_admin(client, user, **fields):
    """What the town hall does on the page of this account."""
    client.force_login(StaffFactory())
    data = {"first_name": "Camille", "last_name": "Morel", "email": user.email, "is_active": "on"} | fields
    for prefix in ("temporary_passwords", "undelivered_mails"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    assert client.post(f"/admin/accounts/user/{user.pk}/change/", data).status_code == 302
