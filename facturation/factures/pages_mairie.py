"""One invoice at the town hall, as its family reads it, down to the tap and who made it; its paper."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from enfance.models import Foyer
from facturation.factures.lecture import find_facture, load_facture_mairie
from facturation.models import Facture
from facturation.papiers.facture import load_facture
from facturation.papiers.feuille import FacturePapier, mots_papier
from facturation.payeurs.comptes import with_reunis
from facturation.payfip.lectures import load_commences
from facturation.reglages import load_reglage
from facturation.signalements.lecture import VIEW as SIGNALEMENTS

VIEW, LIGNES = "facturation.view_facture", "facturation.view_prestation"
PAGE = "admin:facturation_facture"


@staff_page(VIEW)
@require_safe
def facture(request: HttpRequest, numero: str) -> HttpResponse:
    """The town hall's page of the invoice or avoir of this number: what its family reads, the taps behind each line,
    the receipts, the errors reported; of the children, their days and prices, nothing for who may not read lines.
    """
    trouvee, now = find_facture(numero), timezone.now()
    if trouvee is None:
        raise Http404
    today, agent = timezone.localdate(now), request.user
    vue = load_facture_mairie(
        trouvee,
        detail=agent.has_perm(LIGNES),
        gestes=agent.has_perm("enfance.view_geste"),
        signalements=agent.has_perm(SIGNALEMENTS),
        today=today,
    )
    context = {
        "titre": f"{vue.lue.titre}, {vue.payeur}" if vue.payeur else vue.lue.titre,
        "mairie": True,
        "vue": vue,
        "lue": vue.lue,
        "facture": trouvee,
        "ouverts": vue.signales,
        "commence": load_commences([trouvee.compte], now=now).get(trouvee.pk) if vue.lue.reste else None,
        "today": today,
    }
    return render(request, "facturation/factures/facture_mairie.html", context)


@staff_page(VIEW)
@require_safe
def facture_change(request: HttpRequest, pk: int) -> HttpResponse:
    """A redirection to the page of the invoice of this primary key, from where the admin's lists and history lead."""
    return redirect(PAGE, get_object_or_404(Facture, pk=pk).numero)


@staff_page(VIEW, "facturation.view_compte")
@require_safe
def derniere(request: HttpRequest, pk: int) -> HttpResponse:
    """A redirection to the last invoice of this home (primary key); without any, to the page of its payer."""
    foyer = get_object_or_404(Foyer, pk=pk)
    siens = with_reunis(
        Facture.objects.filter(compte__foyer=foyer).order_by().values_list("compte", flat=True).distinct()
    )
    derniere = Facture.objects.factures().for_compte(siens).order_by("-emise_le", "-rang", "-pk").first()
    if derniere is None:
        messages.info(request, "Aucune facture pour l’instant.")
        return redirect("admin:facturation_payeur", pk)
    return redirect(PAGE, derniere.numero)


@staff_page(VIEW, LIGNES)
@require_safe
def papier(request: HttpRequest, numero: str) -> HttpResponse:
    """The paper of the invoice or avoir of this number, one A4 page to print, as its family prints it."""
    trouvee = find_facture(numero)
    if trouvee is None:
        raise Http404
    foyer = trouvee.compte.foyer_id
    reglage = load_reglage()
    context = {
        "titre": f"{trouvee.get_genre_display().capitalize()} {trouvee.numero} à imprimer",
        "papier": FacturePapier(load_facture(trouvee, {foyer} if foyer else set()), reglage),
    }
    return render(request, "facturation/factures/papier_mairie.html", context | mots_papier(reglage))
