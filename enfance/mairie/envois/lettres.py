"""The letter that gives an adult their identifiant and the way in at the counter. Never a password: a letter is read by
whoever opens it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import journal
from accounts.log import log_change
from enfance.models import Responsable


@dataclass(frozen=True)
class Lettre:
    """One page. `adresse`: the lines under the name in the window of the envelope; none to hand the letter over."""

    adulte: Responsable
    adresse: tuple[str, ...]

    @property
    def destinataire(self) -> str:
        """The name to write on the letter, with its civilité: « Mme Dominique Morel »."""
        return f"{self.adulte.get_civilite_display()} {self.adulte}".strip()

    @property
    def identifiant(self) -> str:
        """The number with which the adult logs in."""
        return self.adulte.user.identifiant


def lettres(adultes: Iterable[Responsable]) -> list[Lettre]:
    """One letter for each adult, in the same order, with the postal address to write on it; none where the street or
    the town is not known.
    """
    return [Lettre(adulte, _adresse(adulte)) for adulte in adultes]


def _adresse(adulte: Responsable) -> tuple[str, ...]:
    """At most five lines, as postmen read them: the street as it was written, then the town; empty without either."""
    foyer = adulte.foyer
    rue = [ligne.strip() for ligne in foyer.adresse.splitlines() if ligne.strip()]
    ville = f"{foyer.code_postal} {foyer.commune}".strip()
    return (*rue[:4], ville) if rue and ville else ()


def imprimer(request: HttpRequest, adultes: Iterable[Responsable]) -> HttpResponse:
    """The page to print with the letters that give these adults their identifiant, one page each. Who printed them is
    kept in the trace of each adult and in the journal.
    """
    pages = lettres(adultes)
    for page in pages:
        log_change(request, page.adulte, "Lettre de l’identifiant imprimée.")
    if pages:
        journal.event("letters_printed", user=request.user.pk, request=request, letters=len(pages))
    context = {
        "titre": "Lettres",
        "lettres": pages,
        "sans_adresse": [page.adulte for page in pages if not page.adresse],
        "aujourdhui": timezone.localdate(),
        "adresse_mairie": settings.COMMUNE_ADRESSE.split(", "),
        "adresse_site": settings.SITE_URL.partition("://")[2],
    }
    return render(request, "mairie/envois/lettres.html", context)
