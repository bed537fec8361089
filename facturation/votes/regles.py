"""Which prices compete: one tariff and one supplement of a kind for a créneau on a day; none in a closed month. Reads.

What is refused is said in a French sentence, empty when nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from facturation.arrete.preparation import fin_de, mois_nom
from facturation.models import Mois, Plafond, Supplement, Tarif
from portail.dates import jour_annee
from portail.francais import de, et


@dataclass(frozen=True)
class PorteePrix:
    """What a price is of: créneaux (primary keys), or all those of a moment; of neither, all of them."""

    creneaux: frozenset[int]
    moment: str

    @classmethod
    def of(cls, prix: Tarif | Supplement | Plafond) -> PorteePrix:
        """What this tariff, supplement or cap is a price of: its créneaux and its moment."""
        return cls(frozenset(creneau.pk for creneau in prix.creneaux.all()), prix.moment)

    def competes(self, autre: PorteePrix) -> bool:
        """Whether two prices of these extents would price the same thing: they name the same moment, a créneau in
        common, or neither names any.
        """
        communs = bool(self.creneaux & autre.creneaux) or not (self.creneaux or autre.creneaux)
        return self.moment == autre.moment and communs


def last_closed_day() -> date | None:
    """The last day of the last closed month; None while none is closed."""
    dernier = Mois.objects.order_by("-premier").values_list("premier", flat=True).first()
    return fin_de(dernier) if dernier else None


def refus_du_jour(debut: date) -> str:
    """Why no price may begin on this day, in a French sentence: its month is closed, or one after it; empty when one
    may.
    """
    clos = last_closed_day()
    if clos is None or debut > clos:
        return ""
    return f"Le mois {de(mois_nom(clos))} est arrêté\u00a0: rien n’y change plus de prix."


def tarif_du_jour(portee: PorteePrix, debut: date, sauf: int | None = None) -> Tarif | None:
    """Another tariff that already begins on this day for the same moment or one of these créneaux, but for the tariff
    `sauf` (primary key); None without any.
    """
    memes = Tarif.objects.filter(debut=debut).exclude(pk=sauf or 0).order_by("pk").prefetch_related("creneaux")
    return next((tarif for tarif in memes if portee.competes(PorteePrix.of(tarif))), None)


def deux_du_meme(tarifs: Sequence[Tarif]) -> list[tuple[Tarif, Tarif]]:
    """The pairs of these tariffs that are about the same créneau or moment, so that they cannot begin on the same
    day.
    """
    return [(un, autre) for un, autre in combinations(tarifs, 2) if PorteePrix.of(un).competes(PorteePrix.of(autre))]


def refus_de_recopie(tarifs: Sequence[Tarif], debut: date) -> list[str]:
    """Why these tariffs cannot all begin again on this day, in French sentences; empty when they can."""
    refus = [
        f"{_cite([un, autre])} sont deux tarifs du même créneau\u00a0: choisissez l’un des deux."
        for un, autre in deux_du_meme(tarifs)
    ]
    trouves = filter(None, (tarif_du_jour(PorteePrix.of(tarif), debut) for tarif in tarifs))
    if deja := list({tarif.pk: tarif for tarif in trouves}.values()):
        refus.append(f"{_cite(deja)} {'commencent' if len(deja) > 1 else 'commence'} déjà ce jour-là.")
    return refus


def refus_du_supplement(
    genre: str, portee: PorteePrix, debut: date, fin: date | None, sauf: int | None = None
) -> tuple[str, str]:
    """The field that is wrong, `debut` or `fin`, and a French sentence that says why this supplement and another of its
    kind would both apply on a day; two empty texts when none would. `sauf`: the supplement itself (primary key).

    The one that begins last ends the one without an end, and no other.
    """
    autres = Supplement.objects.filter(genre=genre).exclude(pk=sauf or 0).order_by("debut", "pk")
    for autre in autres.prefetch_related("creneaux"):
        if not portee.competes(PorteePrix.of(autre)):
            continue
        if autre.debut == debut:
            return "debut", "Un supplément du même genre commence déjà ce jour-là."
        if autre.debut < debut and autre.fin is not None and autre.fin >= debut:
            return "debut", (
                f"Un supplément du même genre, commencé le {jour_annee(autre.debut)}, va jusqu’au "
                f"{jour_annee(autre.fin)}\u00a0: changez d’abord sa fin, qui doit précéder ce jour."
            )
        if debut < autre.debut and fin is not None and fin >= autre.debut:
            return "fin", (
                f"Un supplément du même genre commence le {jour_annee(autre.debut)}\u00a0: celui-ci doit finir avant."
            )
    return "", ""


def refus_du_plafond(periode: str, porteur: str, portee: PorteePrix, debut: date, sauf: int | None = None) -> str:
    """A French sentence that says why this cap and another would both be the one of these créneaux from this day on;
    empty when no other begins on it. `sauf`: the cap itself (primary key).
    """
    autres = Plafond.objects.filter(periode=periode, porteur=porteur, debut=debut).exclude(pk=sauf or 0)
    if any(PorteePrix.of(autre) == portee for autre in autres.prefetch_related("creneaux")):
        return "Un plafond des mêmes créneaux commence déjà ce jour-là."
    return ""


def _cite(tarifs: Iterable[Tarif]) -> str:
    """« « Matin » et « Midi » »: the names of these, each once."""
    return et([f"«\u00a0{nom}\u00a0»" for nom in dict.fromkeys(tarif.nom for tarif in tarifs)])
