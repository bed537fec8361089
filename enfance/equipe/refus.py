"""Taps on a sheet that is no longer the agent's, as when the town hall changed their school while they waited for the
network: told to whoever made them, and to the journal, which keeps what they said.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.http import HttpRequest

from accounts import journal
from enfance.equipe.appel import heure_du
from enfance.equipe.forms import ADULTES, REMISE, EnvoiGestes
from enfance.equipe.pointages import AdultesRecus, GesteRecu
from enfance.equipe.reception import BilanGestes, RefusGeste
from enfance.equipe.remises import RemiseRecue
from enfance.models import Creneau
from portail.dates import jour_long
from portail.francais import NBSP, et


def refuse_taps(
    request: HttpRequest, envoi: EnvoiGestes, jour: date, creneau: Creneau, *, now: datetime, decalage: timedelta
) -> BilanGestes:
    """Refuse all the taps of this sending, as the sheet is no longer one of the agent's schools: each is written to the
    journal, and one sentence says their hours. `decalage` is added to these hours, to correct the phone's clock.
    """
    gestes: list[GesteRecu | AdultesRecus | RemiseRecue] = [*envoi.gestes, *envoi.adultes, *envoi.remises]
    instants = {recu.id: min(recu.fait_le + decalage, now) for recu in gestes}
    for recu in gestes:
        child: int | None = None if isinstance(recu, AdultesRecus) else recu.enfant
        ticked: int | str
        match recu:
            case GesteRecu():
                what, ticked = recu.quoi, str(recu.cible) if recu.cible else int(recu.coche)
            case AdultesRecus():
                what, ticked = ADULTES, recu.nombre
            case RemiseRecue():
                what, ticked = REMISE, str(recu.qui)
        journal.event(
            "tap_refused",
            result="refused",
            user=request.user.pk,
            request=request,
            day=jour.isoformat(),
            slot=creneau.pk,
            child=child,
            what=what,
            ticked=ticked,
            tapped=instants[recu.id].isoformat(timespec="seconds"),
        )
    heures = list(dict.fromkeys(filter(None, (heure_du(instant, jour) for instant in sorted(instants.values())))))
    dites = f", faits à {et(heures)}," if heures else ""
    phrase = (
        f"La feuille du {jour_long(jour)}, {creneau.nom_court}, n’est plus celle d’une de vos écoles{NBSP}: "
        f"vos pointages{dites} n’y sont pas notés. Dites-les à la mairie."
    )
    return BilanGestes(refus=[RefusGeste(pk, phrase) for pk in instants])
