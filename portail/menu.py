"""The menus, of what each app adds (`portail.extensions`): an agent sees what they may open, a parent all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.admin import site
from django.http import HttpRequest
from django.urls import reverse

from portail.pieces import Piece


@dataclass(frozen=True)
class Entree(Piece):
    """An entry of the menu: its words, the name of its address, which it is called by, the permission that opens it.
    `racine`: under which address its pages stand, when that is not its own.
    """

    nom: str
    url: str
    droit: str
    racine: str = ""

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another entry of the menu asks to stand before this one, is the name of the address
        of this one."""
        return self.url == nom


@dataclass(frozen=True)
class LienMenu:
    """An entry as one page shows it; `courant` when the page stands under its address, and under none longer."""

    nom: str
    adresse: str
    courant: bool


def menu_of(request: HttpRequest, entrees: Iterable[Entree]) -> list[LienMenu]:
    """The entries of the town hall's menu that the agent of this request may open, its home first; the one of the
    present page is marked. Empty for anybody to whom the town hall does not open, as before the second factor."""
    if not getattr(request, "user", None) or not site.has_permission(request):
        return []
    siennes = [entree for entree in entrees if request.user.has_perm(entree.droit)]
    accueil = reverse("admin:index")
    liens = [("Accueil", accueil, accueil)]
    liens += [(entree.nom, reverse(entree.url), entree.racine or reverse(entree.url)) for entree in siennes]
    sous = max((racine for _, _, racine in liens if request.path.startswith(racine)), key=len, default="")
    return [LienMenu(nom, adresse, racine == sous) for nom, adresse, racine in liens]


def chiffres_of(request: HttpRequest, entrees: Iterable[Entree]) -> list[tuple[str, str]]:
    """The links of the page of figures that the agent of this request may open, as (words, address)."""
    return [(entree.nom, reverse(entree.url)) for entree in entrees if request.user.has_perm(entree.droit)]


# --- The parents' menu ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OngletFamille(Piece):
    """An entry of the parents' menu: the code that a page under it gives as `onglet`, which it is called by, its words,
    the name of its address; `plan`, its line in the map of the site, where that page does not say more of it; `suite`,
    the end of its name that is heard and has no room on a telephone.
    """

    code: str
    nom: str
    url: str
    plan: str = ""
    suite: str = ""

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another entry of the parents' menu asks to stand before this one, is the code of this
        one."""
        return self.code == nom

    @property
    def adresse(self) -> str:
        """The address that the entry leads to."""
        return reverse(self.url)


# --- The town hall's page of a family ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class LienFamille(Piece):
    """A button of the page of a family: its words, the name of its address, which takes the key of the home and which
    it is called by, the permission that opens it; the name of an icon.
    """

    nom: str
    url: str
    droit: str
    icone: str = "info"

    def is_called(self, nom: str) -> bool:
        """Whether `nom`, by which another button asks to stand before this one, is the name of the address of this
        one."""
        return self.url == nom


def liens_famille(request: HttpRequest, foyer: int, liens: Iterable[LienFamille]) -> list[tuple[LienFamille, str]]:
    """The buttons of the town hall's page of a family that the agent of this request may use, each with its address for
    the home of the primary key `foyer`."""
    return [(lien, reverse(lien.url, args=[foyer])) for lien in liens if request.user.has_perm(lien.droit)]
