"""What a web process saw of a request: whence, by which scheme, under which name. Told to whoever holds SECRET_KEY.

The diagnosis asks it through the public address, so that it sees what the server placed before the portal passes on.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest

from accounts.client_ip import client_ip, is_trusted_proxy
from portail.version import version

HEADER = "X-Portail-Diagnostic"
SALT = "surveillance.diagnostic"
GOOD_FOR = 60  # seconds
STARTED = time.time()  # of this process, or nearly: when it read its settings

Seen = dict[str, str | bool | list[str] | None]


def word() -> str:
    """The value of the header by which the diagnosis proves that it holds the secret key: signed, good for a minute,
    and for nothing else."""
    return TimestampSigner(salt=SALT).sign("vu")


def seen_by(request: HttpRequest) -> Seen | None:
    """What this process of the portal sees of this request (addresses, scheme, host) and of itself (version, start,
    clock), for the diagnosis; None unless the request has the signed header of the minute."""
    try:
        TimestampSigner(salt=SALT).unsign(request.headers.get(HEADER, ""), max_age=GOOD_FOR)
    except BadSignature:
        return None
    peer = request.META.get("REMOTE_ADDR", "")
    return {
        "adresse": client_ip(request),
        "voisin": peer,
        "voisin_connu": is_trusted_proxy(peer),
        "relais": list(settings.TRUSTED_PROXIES),
        "transmis": request.headers.get("X-Forwarded-For"),
        "https": request.is_secure(),
        "hote": request.headers.get("Host"),
        "version": version(),
        "depuis": datetime.fromtimestamp(STARTED, UTC).isoformat(),
        "heure": datetime.now(UTC).isoformat(),
    }
