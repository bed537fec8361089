"""An adult who goes to another home: custody is asked, the inscriptions left behind are shown, then it is written."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from enfance.mairie.familles.forms import DepartForm
from enfance.mairie.familles.separation import BilanSeparation, Sort, changer_de_foyer, enfants_du_foyer
from enfance.models import Responsable
from portail.confirmation import CONFIRM, Apercu, Effet, Suite, Tableau, asks_first, confirm
from portail.dates import jour_annee
from portail.francais import NBSP, pluriel
from portail.vues import PAGE


@staff_page("enfance.change_responsable", "enfance.change_garde")
@require_http_methods(PAGE)
@asks_first
def changer(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that moves an adult (primary key) to another home: the form, a preview of what becomes of custody and of
    the inscriptions left behind, then, once confirmed, the move.
    """
    adulte = get_object_or_404(Responsable.objects.select_related("user", "foyer"), pk=pk)
    form = DepartForm(request.POST if request.method == "POST" else None, list(enfants_du_foyer(adulte)))
    if form.is_valid():
        # The same preview whichever is chosen: what is left behind is told, the answer comes with the confirmation.
        sort, ancien = request.POST.get(CONFIRM, ""), str(adulte.foyer)
        bilan = changer_de_foyer(form.depart(pk), form.vers, sort, agent_of(request).pk, now=timezone.now())
        if not bilan.refus:
            confirm(request, _apercu(adulte, ancien, bilan))
            _tell(request, adulte, bilan)
            return redirect("admin:enfance_foyer_famille", Responsable.objects.get(pk=pk).foyer_id)
        form.add_error(None, bilan.refus[0])
    context = {"titre": f"Changer de foyer{NBSP}: {adulte}", "adulte": adulte, "form": form}
    return render(request, "mairie/familles/changer_de_foyer.html", context)


def _apercu(adulte: Responsable, ancien: str, bilan: BilanSeparation) -> Apercu:
    tableaux = []
    suites: tuple[Suite, ...] = (Suite("Changer de foyer"),)
    consequence = "Les adultes dont la garde change reçoivent un e-mail."
    question = "Est-ce bien cela\u202f?"
    if n := len(bilan.laissees):
        question = f"Que faire de {pluriel(n, 'inscription laissée,inscriptions laissées')}\u202f?"
        lignes = tuple(
            (
                jour_annee(ligne.jour),
                str(ligne.enfant),
                str(ligne.creneau),
                ligne.etat,
                str(ligne.par),
                ", ".join(map(str, ligne.chez)) or "Personne",
            )
            for ligne in bilan.laissees
        )
        colonnes = ("Jour", "Enfant", "Créneau", "État", "Faite par", "Aura la garde")
        tableaux.append(Tableau("Inscriptions laissées à un foyer qui n’aura plus la garde", colonnes, lignes))
        suites = (Suite("Les laisser", Sort.LAISSER), Suite("Les annuler", Sort.ANNULER))
        consequence = (
            "Annulées, elles ne sont pas facturées et chaque parent reçoit un e-mail\u202f; laissées, l’enfant reste "
            "attendu, au compte du foyer qui l’a inscrit."
        )
    return Apercu(
        titre=f"Changer de foyer{NBSP}: {adulte}",
        phrase=f"{adulte} quitte ce foyer{NBSP}: {ancien}.",
        question=question,
        suites=suites,
        retour=reverse("admin:enfance_foyer_famille", args=[adulte.foyer_id]),
        fil=_fil(adulte),
        consequence=consequence,
        effets=tuple(Effet("Garde", f"{phrase}.") for phrase in bilan.gardes),
        tableaux=tuple(tableaux),
        grave=True,
    )


def _fil(adulte: Responsable) -> tuple[tuple[str, str], ...]:
    return (
        ("Familles", reverse("admin:enfance_foyer_trouver")),
        (str(adulte.foyer), reverse("admin:enfance_foyer_famille", args=[adulte.foyer_id])),
    )


def _tell(request: HttpRequest, adulte: Responsable, bilan: BilanSeparation) -> None:
    log_change(request, adulte, " ".join(["Change de foyer.", *(f"{phrase}." for phrase in bilan.gardes)]))
    messages.success(request, f"{adulte} a changé de foyer.")
    for phrase in bilan.gardes:
        messages.info(request, f"{phrase}.")
    if bilan.laissees:
        sort = f"annulées{NBSP}: {bilan.annulees}" if bilan.annulees else f"laissées{NBSP}: {len(bilan.laissees)}"
        messages.info(request, f"Inscriptions {sort}.")
