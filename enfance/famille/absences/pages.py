"""« Absent aujourd’hui ? »: one form for a day, who knows of the absences of that day, and « Léa vient finalement ».

What is told answers 303 to the page that says who knows, at its own address; what is taken back, 303 to the home.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import journal
from accounts.pauses import too_many_attempts
from enfance.cantines import load_ecoles
from enfance.ecoles import mots_garderie
from enfance.extensions import ExtensionEnfance
from enfance.famille.absences.ecriture import load_form, retirer, signaler
from enfance.famille.absences.forms import AbsencesForm, JusquaForm, VientForm
from enfance.famille.absences.qui_sait import load_qui_sait
from enfance.famille.acces import responsable_of, wait_to_tell
from enfance.models import Enfant, Responsable, load_calendrier
from enfance.planning.forms import FiltreForm
from enfance.planning.historique import heure_de
from enfance.regles import Acteur
from portail.dates import jour_long
from portail.formulaires import INCOMPLETE
from portail.francais import NBSP, de
from portail.vues import PAGE

TROP_TARD = "L’équipe a peut-être terminé l’appel de ce jour\u00a0: rien n’a changé. Appelez la garderie."


@require_http_methods(PAGE)
def absences(request: HttpRequest, jour: date) -> HttpResponse:
    """The page on which a parent tells that children do not come on that day, to which créneaux (`absent`, `moment`),
    or that one comes after all (`vient`). A POST writes it and leads to the page that says who knows of it, or home.
    One who tells too often is refused for a while. 404 for a day outside every school year, or a child whom the parent
    may not see.
    """
    responsable, now = responsable_of(request), timezone.now()
    acteur = Acteur.parent(responsable)
    if load_calendrier().annee(jour) is None:
        raise Http404
    if "vient" in request.POST:
        return _take_back(request, responsable, jour, now)
    page = load_form(responsable, jour, now=now)
    suites = ExtensionEnfance.installed().absences
    champs = {suite.nom: champ for suite in suites if (champ := suite.champ(acteur, jour))}
    form = AbsencesForm(request.POST if request.method == "POST" else None, page=page, champs=champs)
    if form.is_valid():
        _check_seen(responsable, form.cleaned_data["demandes"])
        if wait := wait_to_tell(request, responsable):
            return too_many_attempts(request, wait)
        return _tell(request, responsable, form, jour, now)
    choisi = FiltreForm(request.GET).choisi(page.attendus)
    today = timezone.localdate(now)
    context = {
        "onglet": "accueil",
        "jour": jour,
        "quand": "aujourd’hui" if jour == today else jour_long(jour),
        "aujourdhui": jour == today,
        "heure": heure_de(now),
        "page": page,
        "form": form,
        "lignes": form.lignes(choisi),
        "suites": [form[nom] for nom in champs],
    }
    ecoles = load_ecoles([garde.enfant.pk for garde in [*page.a_signaler, *page.commences]], today)
    return render(request, "enfance/absence.html", context | mots_garderie(ecoles))


@require_safe
def absences_dites(request: HttpRequest, jour: date) -> HttpResponse:
    """The page that tells a parent who knows of the absences of that day, and whom the parent has to call. `?jusqua=`
    is the last day for which the absences were told. Leads home when there is no absence.
    """
    responsable, now = responsable_of(request), timezone.now()
    page = load_qui_sait(Acteur.parent(responsable), jour, JusquaForm(request.GET).jour(), now=now)
    if page is None:
        return HttpResponseRedirect(reverse("enfance:accueil"))
    ecoles = load_ecoles([absence.enfant.pk for absence in page.absences], timezone.localdate(now))
    context = {"onglet": "accueil", "page": page} | mots_garderie(ecoles)
    return render(request, "enfance/absence_dite.html", context)


def _check_seen(responsable: Responsable, enfants: Collection[int]) -> None:
    """That this parent may see these children; else the page is unknown."""
    if Enfant.objects.for_responsable(responsable).filter(pk__in=enfants).count() < len(enfants):
        raise Http404


def _tell(
    request: HttpRequest, responsable: Responsable, form: AbsencesForm, jour: date, now: datetime
) -> HttpResponse:
    """Tell these absences, and lead to who knows of them."""
    demandes, jusqua = form.cleaned_data["demandes"], form.cleaned_data.get("jusqua")
    dites = signaler(Acteur.parent(responsable), demandes, jour, jusqua, form.valeurs, now=now)
    dits = list(dict.fromkeys(dite.enfant.pk for dite in dites))
    for enfant in dits:
        journal.event("absence_told", user=responsable.user_id, request=request, child=enfant)
    if not dits:
        messages.error(request, "Cette absence ne peut pas être signalée ici. Appelez la garderie.")
        return HttpResponseRedirect(reverse("enfance:absences", args=[jour]), status=303)
    if len(dits) < len(demandes):
        messages.error(request, "Les autres absences ne peuvent pas être signalées ici. Appelez la garderie.")
    query = {"jusqua": jusqua.isoformat()} if jusqua else None
    premier = min(dite.absence.jour for dite in dites)
    return HttpResponseRedirect(reverse("enfance:absences_dites", args=[premier], query=query), status=303)


def _take_back(request: HttpRequest, responsable: Responsable, jour: date, now: datetime) -> HttpResponse:
    """Take this absence back, and say on the home whether it could be."""
    form = VientForm(request.POST)
    vient = form.cleaned_data["vient"] if form.is_valid() else []
    if not vient:
        messages.error(request, INCOMPLETE)
        return HttpResponseRedirect(reverse("enfance:accueil"), status=303)
    _check_seen(responsable, vient)
    if wait := wait_to_tell(request, responsable):
        return too_many_attempts(request, wait)
    retirees = retirer(Acteur.parent(responsable), vient[0], jour, now=now)
    if not retirees:
        messages.error(request, TROP_TARD)
    else:
        revenu = retirees[0].enfant
        journal.event("absence_taken_back", user=responsable.user_id, request=request, child=revenu.pk)
        phrase = f"L’absence {de(revenu.nom)}, {jour_long(jour)}, est retirée{NBSP}: l’équipe l’attend."
        messages.success(request, phrase)
    return HttpResponseRedirect(reverse("enfance:accueil"), status=303)
