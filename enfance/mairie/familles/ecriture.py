"""What the counter leaves in the trace of the admin when it changes the planning of a family."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib.admin.models import CHANGE, LogEntry

from enfance.equipe.apres_appel import ApresAppel
from enfance.inscriptions import Resultat
from enfance.models import Foyer
from enfance.planning.cases import noms_enfants
from enfance.planning.historique import phrases
from enfance.planning.resultat import cle_phrase
from portail.francais import NBSP


def log(agent: int, foyer: Foyer, fait: Resultat, venus: Sequence[ApresAppel] = ()) -> None:
    """Keep in the home's trace of the admin what the agent changed in its planning, which presences were noted, and the
    reason (ADM-04); nothing when nothing was saved.
    """
    if fait.enregistrement is None or fait.situation is None:
        return
    lignes = phrases(fait.evenements, noms_enfants(fait.situation), date.min)
    motif = f" Motif{NBSP}: {fait.enregistrement.motif}." if fait.enregistrement.motif else ""
    noms = noms_enfants(fait.situation)
    la = ", ".join(cle_phrase(box.cle, fait.situation, noms) for box in venus)
    presence = f" Présence notée sur la feuille terminée{NBSP}: {la}." if la else ""
    message = f"Planning, {fait.enregistrement}{NBSP}: {f'{NBSP}; '.join(lignes)}.{presence}{motif}"
    LogEntry.objects.log_actions(agent, [foyer], CHANGE, message)
