"""What a parent whose mails come back is told on their home."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from portail.accueil import Affaire


def affaires(request: HttpRequest, now: datetime) -> Iterator[Affaire]:
    """The line of the home page that tells a parent that our e-mails to them come back; nothing for anybody else. No
    query: the account is read with each request."""
    user = request.user
    if user.is_authenticated and user.email_refused_at:
        texte = f"Nos e-mails à {user.email} ne vous arrivent plus."
        yield Affaire(texte, "Vérifier mon adresse", reverse("accounts:account"), "alerte")
