"""What part of the day each créneau is: nobody is asked while there is one school; guessed when a second one comes."""

from __future__ import annotations

from datetime import time

from enfance.models import Creneau

FIN_MATIN = time(10)
CONNUS = ("matin", "midi", "soir")  # codes of which nothing is guessed


def guess_moments() -> list[Creneau]:
    """Take for a morning or an evening, by its hours, each créneau of which nothing was said. Those that somebody has
    to look at, in their order: what is neither stays a day, and no meal goes with it.
    """
    tus = Creneau.objects.filter(moment=Creneau.Moment.JOURNEE).exclude(code__in=CONNUS)
    vus = list(tus.values_list("pk", flat=True))
    tus.filter(fin__lte=FIN_MATIN).update(moment=Creneau.Moment.MATIN)
    tus.filter(debut__gte=Creneau.DEBUT_SOIR).update(moment=Creneau.Moment.SOIR)
    return list(Creneau.objects.filter(pk__in=vus))
