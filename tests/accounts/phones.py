"""An agent's phone, as the tests hold it, and the pages that ask for its code."""

from __future__ import annotations

import re
import time

from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_tasks_db.models import DBTaskResult

from accounts.models import User

PAGE, ENROLMENT, CODES = "/deuxieme-facteur/", "/deuxieme-facteur/inscription/", "/compte/codes-de-secours/"
KEY = b"12345678901234567890"  # that of the RFCs' own examples


def give_phone(user: User, key: bytes = KEY) -> TOTPDevice:
    return TOTPDevice.objects.create(user=user, name="téléphone", key=key.hex())


def code_of(key: bytes = KEY, *, steps: int = 0) -> str:
    """What the phone shows now, or so many half-minutes from now."""
    totp = TOTP(key)
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06}"


def give(client, code: str, field: str = "code", **fields: str):
    return client.post(PAGE, {field: code, **fields})


def is_inside(client) -> bool:
    return client.get("/compte/").status_code == 200


def shown_codes(response) -> list[str]:
    return re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", response.text)


def notices() -> list[list]:
    """The accounts that mails are to tell, and of what."""
    return sorted(row.args_kwargs["args"][:2] for row in DBTaskResult.objects.all())
