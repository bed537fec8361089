"""The menus: each app adds its entries when it starts. An agent sees those that it may open, a parent all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.admin import site
from django.http import HttpRequest
from django.urls import reverse


@dataclass(frozen=True)
class Entree:
    """An entry of the menu: its words, the name of its address, the permission that opens it, its rank. `racine`: under
    which address its pages stand, when that is not its own.
    """

    nom: str
    url: str
    droit: str
    ordre: int
    racine: str = ""


@dataclass(frozen=True)
class LienMenu:
    """An entry as one page shows it; `courant` when the page stands under its address, and under none longer."""

    nom: str
    adresse: str
    courant: bool


_entrees: list[Entree] = []


def add_to_menu(*entrees: Entree) -> None:
    """Add entries for the whole life of the process. For `AppConfig.ready`."""
    _entrees.extend(entrees)


def has_entry(user: Any) -> bool:
    """Whether an entry of the menu opens to this agent."""
    return any(user.has_perm(entree.droit) for entree in _entrees)


def menu_of(request: HttpRequest) -> list[LienMenu]:
    """What the agent of this request may open, home first if it is theirs. Empty for anybody who is no agent."""
    if not getattr(request, "user", None) or not request.user.is_staff:
        return []
    siennes = [entree for entree in sorted(_entrees, key=lambda e: e.ordre) if request.user.has_perm(entree.droit)]
    accueil = reverse("admin:index")
    liens = [("Accueil", accueil, accueil)] if site.has_permission(request) else []
    liens += [(entree.nom, reverse(entree.url), entree.racine or reverse(entree.url)) for entree in siennes]
    sous = max((racine for _, _, racine in liens if request.path.startswith(racine)), key=len, default="")
    return [LienMenu(nom, adresse, racine == sous) for nom, adresse, racine in liens]


_chiffres: list[Entree] = []


def add_to_chiffres(*entrees: Entree) -> None:
    """Add links to the page of figures for the whole life of the process. For `AppConfig.ready`."""
    _chiffres.extend(entrees)


def chiffres_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The other figures that the agent of this request may open: words, address, in order."""
    siens = [entree for entree in sorted(_chiffres, key=lambda e: e.ordre) if request.user.has_perm(entree.droit)]
    return [(entree.nom, reverse(entree.url)) for entree in siens]


# --- The parents' menu ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OngletFamille:
    """An entry of the parents' menu: the code that a page under it gives as `onglet`, its words, the name of its
    address, its rank; `plan`, its line in the map of the site, where that page does not say more of it; `suite`, the
    end of its name that is heard and has no room on a telephone.
    """

    code: str
    nom: str
    url: str
    ordre: int
    plan: str = ""
    suite: str = ""

    @property
    def adresse(self) -> str:
        return reverse(self.url)


_onglets: list[OngletFamille] = []


def add_to_menu_famille(*onglets: OngletFamille) -> None:
    """Add entries for the whole life of the process. For `AppConfig.ready`."""
    _onglets.extend(onglets)


def menu_famille() -> list[OngletFamille]:
    """The entries of the parents' menu, in order."""
    return sorted(_onglets, key=lambda onglet: onglet.ordre)


# --- The town hall's page of a family ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class LienFamille:
    """A button of the page of a family: its words, the name of its address, which takes the key of the home, the
    permission that opens it, its rank; the name of an icon.
    """

    nom: str
    url: str
    droit: str
    ordre: int
    icone: str = "info"


_liens_famille: list[LienFamille] = []


def add_to_famille(*liens: LienFamille) -> None:
    """Add buttons for the whole life of the process. For `AppConfig.ready`."""
    _liens_famille.extend(liens)


def liens_famille(request: HttpRequest, foyer: int) -> list[tuple[LienFamille, str]]:
    """What the agent of this request may open of this home (primary key), each with its address, in order."""
    siens = [lien for lien in sorted(_liens_famille, key=lambda lien: lien.ordre) if request.user.has_perm(lien.droit)]
    return [(lien, reverse(lien.url, args=[foyer])) for lien in siens]
