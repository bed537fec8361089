"""What is ticked on a sheet, for a page that is open already. Reads, never writes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from enfance.equipe.appel import heure_du, parti_seul, retard
from enfance.equipe.remises import load_remis
from enfance.models import AdultesPresents, Appel, Creneau, Pointage
from portail.dates import date_heure


def etat_of(jour: date, creneau: Creneau, *, now: datetime) -> dict[str, Any]:
    """What is ticked on an attendance sheet at `now`, as JSON values for a page that is already open: primary keys and
    hours, never a name, and only of the children who are or were there. Four queries.
    """
    clos, remis = Appel.objects.clos().filter(jour=jour, creneau=creneau).first(), load_remis(jour, creneau)
    pointages = Pointage.objects.of(jour, creneau).filter(present=True).order_by("enfant")
    enfants = {
        pointage.enfant_id: {
            "present": True,
            "parti": pointage.depart_recu is not None,
            "depart": heure_du(pointage.depart, jour),
            "retard": retard(pointage.depart, jour, creneau.fin),
            "sans_arrivee": heure_du(parti_seul(pointage.sans_arrivee, pointage.arrivee, pointage.depart_recu), jour),
            "remis": remis.get(pointage.enfant_id, ""),
        }
        for pointage in pointages
    }
    return {
        "instant": int(now.timestamp()),
        "clos": date_heure(clos.clos_le) if clos else "",
        "adultes": AdultesPresents.objects.filter(jour=jour, creneau=creneau).values_list("nombre", flat=True).first(),
        "enfants": enfants,
    }
