"""Who may have something to pay this month, in the words that the town hall finds them by. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, Min, OuterRef, Prefetch, QuerySet

from enfance.mairie.familles.lecture import among
from enfance.models import Foyer, Garde, Inscription
from portail.francais import et
from portail.lettres import lettres

MONTRES = 50  # payers of one page: past them a search finds


@dataclass(frozen=True)
class PayeurVu:
    """A foyer in a list of payers: the family names of its adults, the first names of the children who live there."""

    foyer: Foyer
    nom: str
    enfants: str

    @property
    def pk(self) -> int:
        """The primary key of the foyer."""
        return self.foyer.pk


def foyers_a_facturer(today: date) -> QuerySet[Foyer]:
    """The foyers that have a child registered for a day of the month of `today`, or for a later day, by the names of
    their adults.
    """
    inscriptions = Inscription.objects.inscrit().filter(foyer=OuterRef("pk"), jour__gte=today.replace(day=1))
    foyers = Foyer.objects.filter(Exists(inscriptions)).annotate(tri=Min("responsables__user__tri"))
    return foyers.order_by("tri", "pk")


def narrow(foyers: QuerySet[Foyer], texte: str) -> QuerySet[Foyer]:
    """Among these foyers, the ones of which each word of this text is found in the names, identifiant, e-mail or phones
    of an adult, or in the names of a child; all of them for a text without a word.
    """
    trouves = among(texte)
    return foyers if trouves is None else foyers.filter(pk__in=trouves.order_by().values("pk"))


def load_payeurs(foyers: QuerySet[Foyer]) -> list[PayeurVu]:
    """These foyers as the town hall's lists show them, in their order: the adults' family names, the children's first
    names. Three queries.
    """
    gardes = Garde.objects.select_related("enfant").order_by("enfant__date_naissance", "enfant")
    lus = foyers.prefetch_related("responsables__user", Prefetch("gardes", gardes))
    return [vu_of(foyer) for foyer in lus]


def vu_of(foyer: Foyer) -> PayeurVu:
    """This foyer as the town hall's lists show it: the adults' family names, the children's first names."""
    return PayeurVu(foyer, nom_of(foyer), et(_prenoms(foyer.gardes.all())) if foyer.gardes.all() else "")


def nom_of(foyer: Foyer) -> str:
    """The family names of the adults of this foyer: « Morel », « Berger et Lefort »; « Foyer sans adulte (12) » without
    any.
    """
    noms = {responsable.user.last_name for responsable in foyer.responsables.all()}
    return et(sorted(noms, key=lettres)) if noms else f"Foyer sans adulte ({foyer.pk})"


def _prenoms(gardes: Iterable[Any]) -> list[str]:
    return list({garde.enfant_id: garde.enfant.prenom for garde in gardes}.values())
