"""What a parent whose mails come back is told on their home."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from portail.accueil import Affaire


def affaires(request: HttpRequest, now: datetime) -> Iterator[Affaire]:
    """Theirs alone; no query: the account is read with each request."""
    user = request.user
    if user.is_authenticated and user.email_refused_at:
        texte = f"Nos e-mails à {user.email} ne vous arrivent plus."
        yield Affaire(texte, "Vérifier mon adresse", reverse("accounts:account"), "alerte")
