"""« Le portail n’a pas répondu »: the form, what a silence moves, then the declaration; put aside, taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import agent_of, staff_page
from accounts.log import log_addition, log_change
from enfance.delais import instant_phrase
from enfance.extensions import ExtensionEnfance
from enfance.mairie.silences import ecriture
from enfance.mairie.silences.forms import SilenceForm
from enfance.mairie.silences.lecture import EffetSilence, LimiteReportee, load_declarees, load_propositions
from enfance.models import Indisponibilite, load_calendrier
from enfance.regles import Action, report_of
from enfance.silences import duree_texte
from portail.confirmation import Apercu, Cellule, Suite, Tableau, asks_at_once, confirm
from portail.dates import jour_long
from portail.francais import NBSP, et, pluriel
from portail.vues import PAGE

TITRE, PAGE_SILENCES = "Le portail n’a pas répondu", "mairie/silences/silences.html"
LISTE = "admin:enfance_silences"
GESTES = {Action.INSCRIRE: "inscrire", Action.ANNULER: "annuler"}


@staff_page("enfance.add_indisponibilite")
@require_http_methods(PAGE)
@asks_at_once
def silences(request: HttpRequest) -> HttpResponse:
    """The page where a silence is declared: the form, filled in where the portal proposes one, and under it what that
    moves, to be confirmed; those that were declared before.
    """
    now, propositions = timezone.now(), load_propositions()
    if request.method == "POST":
        form = SilenceForm(request.POST, now=now)
    elif propositions:
        form = SilenceForm(SilenceForm.saying(propositions[0]), now=now)
    else:
        form = SilenceForm(now=now)
    proposee = form.proposee
    context = {
        "titre": TITRE,
        "form": form,
        "proposee": proposee,
        "duree": duree_texte(proposee.silence.duree) if proposee else "",
        "autres": [une for une in propositions if une != proposee],
        "declarees": load_declarees(),
    }
    if not form.is_valid():
        return render(request, PAGE_SILENCES, context)
    silence = form.silence
    ligne, effet = ecriture.declarer(silence, proposee, par=agent_of(request).pk, now=now)
    seen = _apercu(effet, duree_texte(silence.duree), now=now)
    confirm(request, seen, limites=seen.tableaux[0].lignes, exemple=_exemple(effet, now=now), **context)
    dit = f"{silence.phrase}{NBSP}: {seen.phrase}"
    if effet.a_temps:
        dit += f"{NBSP}; {pluriel(effet.a_temps, 'inscription hors délai,inscriptions hors délai')} à temps"
    log_addition(request, ligne, f"Déclaré, {dit}.")
    messages.success(request, f"Silence déclaré, {dit}.")
    return redirect(LISTE)


@staff_page("enfance.change_indisponibilite")
@require_POST
def ecarter(request: HttpRequest, pk: int) -> HttpResponse:
    """« Ce n’était pas une panne » (primary key): the portal proposes it no more. Said again, or too late, nothing
    changes.
    """
    indisponibilite = get_object_or_404(Indisponibilite, pk=pk)
    if ecriture.ecarter(pk):
        log_change(request, indisponibilite, "Écarté\u00a0: ce n’était pas une panne.")
        messages.success(request, f"Écarté, {indisponibilite.silence.phrase}. Aucune limite ne bouge.")
    else:
        messages.info(request, "Ce silence a déjà sa réponse. Rien n’a changé.")
    return redirect(LISTE)


@staff_page("enfance.change_indisponibilite")
@require_http_methods(PAGE)
@asks_at_once
def retirer(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that takes back a silence declared by mistake (primary key): which deadlines are again what they were,
    then, once confirmed, the change.
    """
    indisponibilite = get_object_or_404(Indisponibilite, pk=pk, declaree_le__isnull=False)
    now, phrase = timezone.now(), indisponibilite.silence.phrase
    effet = ecriture.retirer(indisponibilite, now=now)
    if effet is None:
        messages.info(request, f"Déjà retiré, {phrase}. Rien n’a changé.")
        return redirect(LISTE)
    limites = tuple(_lignes(effet.reportees, retour=True))
    seen = Apercu(
        titre=f"Retirer le silence, {phrase}",
        phrase=f"{pluriel(len(limites), 'limite redevient celle,limites redeviennent celles')} du règlement",
        question="Retirer ce silence\u00a0?",
        suites=(Suite("Retirer"),),
        retour=reverse(LISTE),
        fil=((TITRE, reverse(LISTE)),),
        precision="Ce que les familles ont fait entre-temps reste enregistré.",
        consequence="Aucun e-mail ne part.",
        tableaux=(Tableau("Les limites", ("Pour", "Était", "Redevient"), limites),) if limites else (),
    )
    confirm(request, seen)
    log_change(request, indisponibilite, "Retiré.")
    messages.success(request, f"Silence retiré, {phrase}.")
    return redirect(LISTE)


def _apercu(effet: EffetSilence, duree: str, *, now: datetime) -> Apercu:
    """What this silence moves, in the words to be agreed to."""
    lignes = tuple(_lignes(effet.reportees))
    familles = pluriel(effet.familles, "famille,familles")
    bouge = f"{pluriel(len(lignes), 'limite repoussée,limites repoussées')}, {familles}"
    suites = ExtensionEnfance.installed().suites_silence
    passees = [reportee for reportee in effet.reportees if reportee.apres <= now]
    remarques = [phrase for suite in suites for phrase in suite(effet.reportees, now)]
    if effet.a_temps:
        remarques.insert(0, _a_temps(effet.a_temps))
    if passees and len(passees) == len(effet.reportees):
        remarques.insert(
            0, "L’heure nouvelle est déjà passée\u00a0: cela ne rouvre rien, et compte pour ce qui a été dit."
        )
    return Apercu(
        titre=TITRE,
        phrase=bouge if lignes else "Aucune limite ne tombait dedans",
        question=f"Déclarer ces {duree}\u00a0?",
        suites=(Suite(f"Déclarer ces {duree}"),),
        retour=reverse("admin:index"),
        consequence="Aucun e-mail ne part.",
        remarques=tuple(remarques),
        tableaux=(Tableau("Limites repoussées", ("Pour", "Était", "Devient"), lignes),),
        template=PAGE_SILENCES,
    )


def _a_temps(n: int) -> str:
    """What becomes of what parents booked late in between."""
    prises = pluriel(n, "inscription prise,inscriptions prises")
    compte = "compte comme prise" if n == 1 else "comptent comme prises"
    return (
        f"{prises} hors délai entre l’ancienne limite et la nouvelle {compte} à temps{NBSP}: sans le supplément dit au "
        "parent."
    )


def _lignes(reportees: Iterable[LimiteReportee], *, retour: bool = False) -> Iterable[tuple[str | Cellule, ...]]:
    """A row for each day and deadline: the day and its moments, what the deadline was, what it becomes. `retour`: the
    silence is taken back.
    """
    groupes: dict[tuple[object, ...], list[LimiteReportee]] = {}
    for une in reportees:
        groupes.setdefault((une.jour, une.avant, une.apres), []).append(une)
    for siennes in groupes.values():
        une = siennes[0]
        moments = et(list(dict.fromkeys(reportee.creneau.nom_court for reportee in siennes)))
        gestes = {reportee.action for reportee in siennes}
        seul = f", {GESTES[gestes.pop()]}" if len(gestes) == 1 else ""
        etait, devient = (une.apres, une.avant) if retour else (une.avant, une.apres)
        yield (
            f"{jour_long(une.jour).capitalize()}, {moments}{seul}",
            instant_phrase(etait),
            Cellule(instant_phrase(devient), forte=True),
        )


def _exemple(effet: EffetSilence, *, now: datetime) -> str:
    """What a family reads, of the first deadline that moves; empty where none does."""
    if not effet.reportees:
        return ""
    une, today = effet.reportees[0], timezone.localdate(now)
    report = report_of(une.jour, une.creneau, une.action, load_calendrier())
    return f"{jour_long(une.jour).capitalize()}{NBSP}: {report.phrase_on(today)}." if report else ""
