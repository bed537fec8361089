"""When money must be brought: the most cash that the act of the régie lets in hand, and how long it waits.

Amounts are centimes; days are those of Paris. Reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min, Q, QuerySet, Sum

from facturation.models import Encaissement, Regie, Versement
from facturation.montants import euros
from facturation.papiers import mots
from facturation.regie.encaissements import VERSES
from portail.francais import NBSP, pluriel

MOIS = 31  # days: a régisseur brings what they hold once a month at least


@dataclass(frozen=True)
class AvisVersement:
    """What waits in the till: the cash, its ceiling (None where the act says none), since when the oldest money waits,
    when some was brought last, and how many days the act lets it wait.
    """

    especes: int
    plafond: int | None
    depuis: date | None
    dernier: date | None
    today: date
    frequence: int = MOIS

    @property
    def is_plein(self) -> bool:
        """Whether the cash in hand has reached its ceiling."""
        return self.plafond is not None and self.especes >= self.plafond

    @property
    def jours(self) -> int:
        """How many days the oldest money has waited; 0 when nothing does."""
        return (self.today - self.depuis).days if self.depuis else 0

    @property
    def is_tard(self) -> bool:
        """Whether money has waited as long as the act lets it, a month where it says nothing."""
        return self.jours >= self.frequence

    @property
    def titre(self) -> str:
        """What is to be said first, in French; empty when nothing is."""
        if self.is_plein:
            return "Le plafond d’espèces est atteint"
        if not self.is_tard:
            return ""
        if self.dernier and self.depuis and self.dernier >= self.depuis:
            return f"De l’argent attend depuis {self.jours}{NBSP}jours"
        return f"{pluriel(self.jours, 'jour,jours')} sans versement"

    @property
    def phrase(self) -> str:
        """What the régie must do, and the cash in hand, in French sentences."""
        souvent = "une fois par mois" if self.frequence == MOIS else f"tous les {pluriel(self.frequence, 'jour,jours')}"
        regle = f"Un régisseur verse {souvent} au moins. " if self.is_tard else ""
        plafond = f", pour un plafond de {euros(self.plafond)}" if self.plafond is not None else ""
        return f"{regle}Espèces en caisse{NBSP}: {euros(self.especes)}{plafond}."


def find_plein(today: date) -> AvisVersement | None:
    """What waits in the till, when its cash has reached the ceiling. One query where the act says none, else four."""
    if not Regie.objects.exclude(plafond_especes=None).exists():
        return None
    avis = load_avis(today)
    return avis if avis.is_plein else None


def count_jours(today: date) -> int:
    """How many days the oldest money has waited, once that is as long as the act lets it; else 0. Two queries."""
    frequence = Regie.objects.order_by("pk").values_list("frequence", flat=True).first() or MOIS
    plus_ancien = _attend().aggregate(depuis=Min("recu_le"))["depuis"]
    jours = (today - mots.jour_of(plus_ancien)).days if plus_ancien else 0
    return jours if jours >= frequence else 0


def _attend() -> QuerySet[Encaissement]:
    standing: QuerySet[Encaissement] = Encaissement.objects.standing()
    return standing.filter(versement=None, moyen__in=VERSES, montant__gt=0)


def load_avis(today: date) -> AvisVersement:
    """What waits in the till on that day. Three queries."""
    regie = Regie.objects.order_by("pk").first()
    lu = _attend().aggregate(
        especes=Sum("montant", filter=Q(moyen=Encaissement.Moyen.ESPECES), default=0), depuis=Min("recu_le")
    )
    dernier: date | None = Versement.objects.aggregate(dernier=Max("verse_le"))["dernier"]
    depuis = mots.jour_of(lu["depuis"]) if lu["depuis"] else None
    plafond, frequence = (regie.plafond_especes, regie.frequence) if regie else (None, MOIS)
    return AvisVersement(lu["especes"], plafond, depuis, dernier, today, frequence)
