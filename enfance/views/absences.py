"""« Signaler une absence », of a day and of several children at once, from the home and the page of that day; and
« Léa vient finalement », which takes it back. 303 to the page where it was asked, which says what was done.
"""

from __future__ import annotations

from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import journal, ratelimit
from accounts.views import too_many_attempts
from enfance.famille.absences import retirer, signaler
from enfance.famille.forms import AbsencesForm
from enfance.models import Enfant, Responsable, load_calendrier
from enfance.views.famille import PAGE, responsable_of
from portail.dates import jour_long
from portail.formulaires import INCOMPLETE
from portail.francais import NBSP, de, et

CHANGES = ("30/h",)  # of a child's file and of a day: each of them is a mail to the adults of the child
TOUS = "tous"
TROP_TARD = "L’équipe a peut-être terminé l’appel de ce jour\u00a0: rien n’a changé. Appelez la garderie."


@require_http_methods(PAGE)
def absences(request: HttpRequest, jour: date) -> HttpResponse:
    """`absent`: the children (primary keys) who do not come; `vient`: who comes after all. A GET, which the page for
    want of network retries, leads home."""
    responsable, now = responsable_of(request), timezone.now()
    if request.method != "POST":
        return HttpResponseRedirect(reverse("enfance:accueil"))
    if load_calendrier().annee(jour) is None:  # nor has the day a page to come back to
        raise Http404
    form = AbsencesForm(request.POST)
    if form.is_valid():
        absents, viennent = form.cleaned_data["absent"], form.cleaned_data["vient"]
        demandes = {*absents, *viennent}
        if Enfant.objects.for_responsable(responsable).filter(pk__in=demandes).count() < len(demandes):
            raise Http404
        if demandes and (wait := wait_to_tell(request, responsable)):
            return too_many_attempts(request, wait)
        if viennent:
            take_back(request, responsable, viennent[0], jour, now=now)
        elif absents:
            tell(request, responsable, absents, jour, now=now)
        else:
            messages.error(request, "Personne n’est coché\u00a0: rien n’a changé. Cochez qui est absent.")
    else:
        messages.error(request, INCOMPLETE)
    accueil = form.cleaned_data.get("retour") == "accueil"
    adresse = reverse("enfance:accueil") if accueil else reverse("enfance:jour", args=[jour])
    return HttpResponseRedirect(adresse, status=303)


def wait_to_tell(request: HttpRequest, responsable: Responsable) -> int:
    """Seconds to wait before anything more is told of the children; 0 when nothing is to be waited for."""
    return ratelimit.wait_for_key(request, "enfant", str(responsable.user_id), CHANGES)


def tell(request: HttpRequest, responsable: Responsable, enfants: list[int], jour: date, *, now: datetime) -> None:
    """Tell these absences, and say which were told."""
    dits = signaler(responsable, enfants, jour, now=now)
    for enfant in dits:
        journal.event("absence_told", user=responsable.user_id, request=request, child=enfant.pk)
    if not dits:
        messages.error(request, "Cette absence ne peut pas être signalée ici. Appelez la garderie.")
        return
    suite = "" if len(dits) == len(enfants) else " Pour les autres, appelez la garderie."
    phrase = f"L’absence {et([de(enfant.nom) for enfant in dits])} est signalée pour {jour_long(jour)}"
    messages.success(request, f"{phrase}{NBSP}: l’équipe est prévenue.{suite}")


def take_back(request: HttpRequest, responsable: Responsable, enfant: int, jour: date, *, now: datetime) -> None:
    """Take this absence back, and say whether it could be."""
    revenu = retirer(responsable, enfant, jour, now=now)
    if revenu is None:
        messages.error(request, TROP_TARD)
        return
    journal.event("absence_taken_back", user=responsable.user_id, request=request, child=enfant)
    messages.success(request, f"L’absence {de(revenu.nom)}, {jour_long(jour)}, est retirée{NBSP}: l’équipe l’attend.")
