"""The mail that asks a family for its quotient: to whom it still says something, and what."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from enfance.models import Responsable
from facturation.models import Quotient
from facturation.quotients.ecriture import premier_compte, premier_phrase
from facturation.quotients.vus import foyers_a_renouveler, foyers_sans_quotient
from portail.dates import quantieme_annee


def is_wanted(user: User, today: date) -> bool:
    """Whether the foyer of this account still lacks a quotient, now or for the next month, so that the mail that asks
    for it makes sense.
    """
    foyer = Responsable.objects.filter(user=user).values_list("foyer", flat=True).first()
    if foyer is None:
        return False
    return any(foyers(today).filter(pk=foyer).exists() for foyers in (foyers_sans_quotient, foyers_a_renouveler))


def demande_context(user: User, today: date) -> dict[str, Any]:
    """The context of the mail « quotient », which asks this account for its foyer's quotient: when the present one
    ends (empty without one), and from when another would count.
    """
    foyer = Responsable.objects.filter(user=user).values_list("foyer", flat=True).first()
    actuel = Quotient.objects.holding(today).filter(compte__foyer=foyer).first()
    return {
        "fin": quantieme_annee(actuel.fin) if actuel and actuel.fin else "",
        "premier": premier_phrase(premier_compte(today)),
        "url": settings.SITE_URL + reverse("facturation:quotient"),
    }
