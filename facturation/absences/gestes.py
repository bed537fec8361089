"""An answer of the secretary to absences, from whichever page it is given: written, kept in the log, said back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.decorators import agent_of
from accounts.log import log_change
from enfance.models import Enfant
from facturation.absences.ecriture import repondre
from facturation.absences.lecture import DecisionAbsence
from facturation.models import Mois, ReponseAbsence
from portail.dates import MOIS, jours_groupes
from portail.francais import NBSP, de, et

RIEN = f"Cette absence a déjà sa réponse, ou n’en est plus une{NBSP}: rien n’a changé."


def answer(request: HttpRequest, dit: Mapping[str, Any]) -> None:
    """Write the answer that this form gave (`ReponseAbsenceForm.cleaned_data`), keep who gave it, and say what was
    done.
    """
    enfant = Enfant.objects.filter(pk=dit["enfant"]).first()
    with transaction.atomic():
        ecrites = _write(request, enfant, dit["journees"], dit["r"], dit["motif"], changer=dit["changer"])
    if enfant is None or not ecrites:
        messages.warning(request, RIEN)
        return
    jours, dite = sorted({une.jour for une in ecrites}), ecrites[0].get_reponse_display()
    qui = f"{'Les absences' if len(jours) > 1 else 'L’absence'} {de(enfant.prenom)}, {jours_groupes(jours)},"
    est = f"sont {dite}s" if len(jours) > 1 else f"est {dite}"
    phrase = f"{qui} {est}. La famille est prévenue."
    clos = Mois.objects.filter(premier__in={jour.replace(day=1) for jour in jours}).order_by("premier")
    if noms := [MOIS[mois.premier.month - 1] for mois in clos]:
        sont = "sont arrêtés" if len(noms) > 1 else "est arrêté"
        phrase += f" {et(noms).capitalize()} {sont}{NBSP}: la correction est proposée avec le mois suivant."
    messages.success(request, phrase)


def answer_all(request: HttpRequest, decisions: Sequence[DecisionAbsence], reponse: str) -> None:
    """Give all these decisions one answer (`ReponseAbsence.Reponse`), each with the reason of its own button: all or
    none is written. Keep who gave it, and say what was done.
    """
    excusee = reponse == ReponseAbsence.Reponse.EXCUSEE
    jours = 0
    with transaction.atomic():
        for decision in decisions:
            journees = {vue.jour: [moment.creneau.pk for moment in vue.moments] for vue in decision.vues}
            motif = decision.excuse if excusee else decision.refus
            ecrites = _write(request, decision.enfant, journees, reponse, motif)
            jours += len({une.jour for une in ecrites})
    if not jours:
        messages.warning(request, RIEN)
        return
    dite = f"{ReponseAbsence.Reponse(reponse).label}{'s' if jours > 1 else ''}"
    combien = f"{jours}{NBSP}absences sont" if jours > 1 else "L’absence est"
    messages.success(
        request, f"{combien} {dite}. {'Les familles sont prévenues' if jours > 1 else 'La famille est prévenue'}."
    )


def _write(
    request: HttpRequest,
    enfant: Enfant | None,
    journees: Mapping[date, Sequence[int]],
    reponse: str,
    motif: str,
    *,
    changer: bool = False,
) -> list[ReponseAbsence]:
    """In the caller's transaction."""
    if enfant is None:
        return []
    par, now = agent_of(request).pk, timezone.now()
    ecrites = repondre(enfant.pk, journees, reponse, motif, par=par, now=now, changer=changer)
    if jours := sorted({une.jour for une in ecrites}):
        absence = "Absences" if len(jours) > 1 else "Absence"
        log_change(request, enfant, f"{absence}, {jours_groupes(jours)}{NBSP}: {ecrites[0].get_reponse_display()}.")
    return ecrites
