"""The payers to be billed, each with its number of children: what is known, since when. Reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from facturation.models import NombreEnfants, Tarif
from facturation.payeurs.recherche import MONTRES, PayeurVu, foyers_a_facturer, load_payeurs, narrow
from facturation.quotients.ecriture import mois_a_venir, premier_compte
from portail.dates import mois_precedent


@dataclass(frozen=True)
class NombreVu:
    """A payer and the number of children that counts last; None while nobody has said it."""

    payeur: PayeurVu
    dernier: NombreEnfants | None


@dataclass(frozen=True)
class NombresVus:
    """The first payers found, and how many there are."""

    vus: Sequence[NombreVu]
    total: int


def load_nombres(today: date, cherche: str = "", *, sans: bool = False) -> NombresVus:
    """The payers to be billed, in the order of their names; with `sans`, only those whose number nobody has said; only
    those that the words of `cherche` find, when it is given. Five queries.
    """
    foyers = narrow(foyers_a_facturer(today), cherche)
    if sans:
        foyers = foyers.exclude(pk__in=NombreEnfants.objects.order_by().values("compte__foyer"))
    cles = list(foyers.values_list("pk", flat=True))
    payeurs = load_payeurs(foyers.filter(pk__in=cles[:MONTRES]))
    connus = derniers(payeur.pk for payeur in payeurs)
    return NombresVus([NombreVu(payeur, connus.get(payeur.pk)) for payeur in payeurs], len(cles))


def derniers(foyers: Iterable[int]) -> dict[int, NombreEnfants]:
    """Of each of these foyers (primary keys), the row that was said last of its latest month. One query."""
    connus: dict[int, NombreEnfants] = {}
    lus = NombreEnfants.objects.filter(compte__foyer__in=list(foyers)).select_related("compte")
    for nombre in lus.order_by("compte", "-debut", "-saisi_le", "-pk"):
        connus.setdefault(nombre.compte.foyer_id or 0, nombre)
    return connus


def is_asked() -> bool:
    """Whether a tariff of the town asks for numbers of children."""
    return Tarif.objects.filter(axe=Tarif.Axe.ENFANTS).exists()


def mois_possibles(today: date) -> list[date]:
    """The first days of the months from which a number may count: the last two, and the three that come."""
    premier = premier_compte(today)
    return [mois_precedent(mois_precedent(premier)), mois_precedent(premier), *mois_a_venir(today)]
