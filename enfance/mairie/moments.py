"""What part of the day each créneau is: nobody is asked while there is one school; guessed when a second one comes."""

from __future__ import annotations

from datetime import time

from enfance.models import Creneau

FIN_MATIN = time(10)
CONNUS = ("matin", "midi", "soir")  # codes of which nothing is guessed


def guess_moments() -> list[Creneau]:
    """Write, by its hours, whether each créneau of which nobody said the part of the day is a morning or an evening;
    one that is neither stays « journée », and no meal goes with it. Returns the créneaux that were looked at, in their
    order, for the town hall to check.
    """
    tus = Creneau.objects.filter(moment=Creneau.Moment.JOURNEE).exclude(code__in=CONNUS)
    vus = list(tus.values_list("pk", flat=True))
    tus.filter(fin__lte=FIN_MATIN).update(moment=Creneau.Moment.MATIN)
    tus.filter(debut__gte=Creneau.DEBUT_SOIR).update(moment=Creneau.Moment.SOIR)
    return list(Creneau.objects.filter(pk__in=vus))
