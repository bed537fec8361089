"""An absence that is told, or taken back, once the canteen's mail of the morning has left: a mail more, one for several
of a few minutes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from django.utils import timezone

from accounts import outbox
from enfance.cantine.matin import adresses_a_reprevenir, load_reglage
from enfance.cantine.tasks import send_cantine
from enfance.cantines import load_adresses, load_ecoles
from enfance.ecriture import ENSEMBLE
from enfance.extensions import SuiteAbsence
from enfance.models import Absence, Creneau
from enfance.regles import Acteur
from portail.dates import heure_texte
from portail.francais import pluriel


class CantinePrevenue(SuiteAbsence):
    """The canteen reads each absence in its list; this is for who only reads its mail."""

    def dire(self, absences: Collection[Absence], acteur: Acteur, valeur: str, *, now: datetime) -> None:
        """After absences were told, if one is of today and before noon: plan one more canteen mail to each address
        whose mail of today had left and that has none planned.
        """
        _reprevenir(absences, now)

    def retirer(self, absences: Collection[Absence], *, now: datetime) -> None:
        """After absences were taken back, if one is of today and before noon: plan one more canteen mail to each
        address whose mail of today had left and that has none planned.
        """
        _reprevenir(absences, now)

    def prevenir(
        self, moments: Mapping[int, Collection[Creneau]], jour: date, *, now: datetime
    ) -> Iterable[tuple[str, str]]:
        """That the canteen learns of these absences, when one is from a lunch break: who, and how (in its list, and by
        its mail if it gets one).
        """
        midis = {enfant for enfant, siens in moments.items() if any(c.moment == Creneau.Moment.MIDI for c in siens)}
        if midis:
            annoncees = pluriel(len(midis), "absence annoncée,absences annoncées")
            yield "La cantine", f"«\u00a0{annoncees}\u00a0», dans sa liste{_par_courriel(midis, jour)}"


def _par_courriel(enfants: Collection[int], jour: date) -> str:
    """« et son e-mail de 9 h », where each of their canteens gets one at the same hour; the same may leave again."""
    ecoles = {ecole.pk for ecole in load_ecoles(enfants, jour)}
    adresses = [
        adresse for adresse in load_adresses() if adresse.courriel and (not adresse.ecoles or adresse.pks & ecoles)
    ]
    heures = {load_reglage(adresse).heure_courriel for adresse in adresses}
    heure = heures.pop() if len(heures) == 1 else None
    return f" et son e-mail de {heure_texte(heure)}" if heure else ""


def _reprevenir(absences: Collection[Absence], now: datetime) -> None:
    """The task itself looks whether anything has changed of a lunch break."""
    today = timezone.localdate(now).isoformat()
    for adresse in adresses_a_reprevenir({absence.jour for absence in absences}, now=now):
        reprise = (today, None, 0, adresse.cle, True)
        if not outbox.lock_enqueued(send_cantine.module_path, *reprise):
            send_cantine.using(run_after=now + ENSEMBLE).enqueue(*reprise)
