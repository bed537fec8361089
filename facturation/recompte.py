"""What the nightly count of all money found: noted for the town hall's home, and told there."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts import journal
from accounts.models import Passage
from portail.bureau import Panneau
from portail.dates import date_heure

JUSTE = "factures_justes"  # when all added up for the last time…
FAUX = "factures_fausses"  # …and when something did not


def note_differences(differences: int, *, now: datetime | None = None) -> None:
    """Keep that a count of all money found this number of differences, at `now` or at this instant; the town hall's
    home reads it.
    """
    now = now or timezone.now()
    if differences:
        journal.event("factures_fausses", differences=differences)
    Passage.objects.update_or_create(job=FAUX if differences else JUSTE, defaults={"done_at": now})


def factures_fausses(now: datetime) -> str:
    """When the last count of all money found a difference, in French, in Paris: « mardi 8 décembre à 4 h »; empty when
    the last count found none.
    """
    passes = dict(Passage.objects.filter(job__in=[JUSTE, FAUX]).values_list("job", "done_at"))
    faux, juste = passes.get(FAUX), passes.get(JUSTE)
    return date_heure(faux) if faux and (juste is None or juste < faux) else ""


PANNEAU = Panneau(
    "factures_fausses",
    "facturation.view_facture",
    factures_fausses,
    tete="facturation/_factures_fausses.html",
    avant="tableau",
)
