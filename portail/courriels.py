"""Mails: what `EMAIL_URL` means to Django's MAILERS."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit


def mailer_from_url(url: str) -> dict[str, Any]:
    """The MAILERS entry of `smtp+tls://`, `smtps://` or `filemail:///folder`; ValueError with a French sentence."""
    parts = urlsplit(url)
    if parts.scheme == "filemail":
        return {"BACKEND": "portail.courriels.FileMailBackend", "OPTIONS": {"folder": unquote(parts.path)}}
    if parts.scheme not in {"smtp+tls", "smtps"} or not parts.hostname:
        raise ValueError("attendu : smtp+tls://, smtps:// ou filemail:///dossier.")
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or (465 if parts.scheme == "smtps" else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": parts.scheme == "smtps",
            "use_tls": parts.scheme == "smtp+tls",
            "timeout": 20,
        },
    }
