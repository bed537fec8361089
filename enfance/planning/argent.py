"""What an app above says of the money of a planning: each by a request of its own, so that the planning and its save
cost nothing more. Without such an app, nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.http import urlencode

from enfance.extensions import ExtensionEnfance


@dataclass(frozen=True)
class Argent:
    """Where the prices of a month are asked for, and what was voted is read."""

    prix: str
    tarif: str


def argent_of(mois: date) -> Argent | None:
    """The addresses of the prices of this month (JSON) and of the voted tariff; None where no installed app gives
    prices.
    """
    dites = ExtensionEnfance.installed().argent
    return next((Argent(reverse(une.prix, args=[mois]), reverse(une.tarif)) for une in dites), None)


def devient_of(mois: date, enregistrement: int) -> str:
    """The address that tells what this month has become after this save (primary key); empty where no installed app
    gives prices.
    """
    query = urlencode({"enregistrement": enregistrement})
    dites = ExtensionEnfance.installed().argent
    return next((f"{reverse(une.devient, args=[mois])}?{query}" for une in dites), "")
