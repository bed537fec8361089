"""An absence as the town hall reads it: the days told in the same gesture, the reason, the homes of the child."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enfance.extensions import ExtensionEnfance
from enfance.models import Absence, Foyer
from portail.dates import date_heure_annee, jour_annee


@dataclass(frozen=True)
class AbsenceLue:
    """An absence. `jours`: all those that were told with it, its own among them, in order; `raison`: in words, empty
    where none was said; `foyers`: where the child has garde, even one that is over.
    """

    absence: Absence
    jours: list[date]
    raison: str
    foyers: list[Foyer]

    @property
    def jour(self) -> str:
        """The day of the absence, in words."""
        return jour_annee(self.absence.jour)

    @property
    def signalee(self) -> str:
        """When it was told, in words, Paris time."""
        return date_heure_annee(self.absence.signalee_le)

    @property
    def retiree(self) -> str:
        """When it was taken back, in words, Paris time; empty while it stands."""
        return date_heure_annee(self.absence.retiree_le) if self.absence.retiree_le else ""

    @property
    def autres(self) -> list[str]:
        """The other days that were told in the same gesture, in words."""
        return [jour_annee(jour) for jour in self.jours if jour != self.absence.jour]


def find_absence(pk: int) -> AbsenceLue | None:
    """The absence of this primary key, taken back or not; None when there is none. A fixed number of queries."""
    lues = Absence.objects.select_related("enfant", "signalee_par", "retiree_par").prefetch_related("creneaux")
    absence = lues.filter(pk=pk).first()
    if absence is None:
        return None
    ensemble = Absence.objects.filter(enfant=absence.enfant_id, signalee_le=absence.signalee_le)
    raisons = (suite.raison(absence) for suite in ExtensionEnfance.installed().absences)
    foyers = Foyer.objects.filter(gardes__enfant=absence.enfant_id).distinct().prefetch_related("responsables__user")
    return AbsenceLue(
        absence,
        sorted(ensemble.values_list("jour", flat=True)),
        next(filter(None, raisons), ""),
        list(foyers.order_by("pk")),
    )
