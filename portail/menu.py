"""The menu of the town hall's pages: each app adds its entries when it starts; an agent sees those that it may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Entree:
    """An entry of the menu: its words, the name of its address, the permission that opens it, its rank."""

    nom: str
    url: str
    droit: str
    ordre: int


@dataclass(frozen=True)
class Lien:
    """An entry as one page shows it; `courant` when the page stands under its address, and under none longer."""

    nom: str
    adresse: str
    courant: bool


_entrees: list[Entree] = []


def add_to_menu(*entrees: Entree) -> None:
    """Add entries for the whole life of the process. For `AppConfig.ready`."""
    _entrees.extend(entrees)


def menu_of(request: HttpRequest) -> list[Lien]:
    """What the agent of this request may open, home first. Empty for anybody who is no agent."""
    if not getattr(request, "user", None) or not request.user.is_staff:
        return []
    siennes = [entree for entree in sorted(_entrees, key=lambda e: e.ordre) if request.user.has_perm(entree.droit)]
    adresses = {reverse("admin:index"): "Accueil"} | {reverse(entree.url): entree.nom for entree in siennes}
    sous = max((adresse for adresse in adresses if request.path.startswith(adresse)), key=len, default="")
    return [Lien(nom, adresse, adresse == sous) for adresse, nom in adresses.items()]
