"""The month: what keeps it from being closed, what changed, « Arrêter »; once closed, what became of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import journal
from accounts.decorators import agent_of, staff_page
from accounts.exports import export
from accounts.log import log_addition, log_change
from facturation.absences import lecture as absences
from facturation.absences.forms import ReponseAbsenceForm
from facturation.absences.gestes import answer, answer_all
from facturation.absences_dues import premier_ouvert
from facturation.arrete.cloture import arreter
from facturation.arrete.controles import MONTRES, RAISONS, Controle, controler
from facturation.arrete.corrections import corriger
from facturation.arrete.preparation import fin_de, mois_nom, mois_ouverts_avant
from facturation.arrete.regularisations import Regularisations, load_regularisations
from facturation.arrete.suivi import load_lettres, load_suivi
from facturation.arrete.tableaux import TITRES, TITRES_FACTURES, factures_emises, lignes_a_blanc, lignes_arretees
from facturation.arrete.totaux import totaux_arretes, totaux_of
from facturation.arrete.variations import load_variations
from facturation.models import Facture, Mois, ReponseAbsence, Serie
from facturation.montants import centimes_of, euros
from facturation.numeros import numero
from facturation.papiers.facture import load_facture
from facturation.papiers.feuille import FacturePapier, mots_papier
from facturation.reglages import load_reglage
from portail.bureau import Compteur
from portail.certain import certain
from portail.dates import MOIS, PARIS, mois_precedent, mois_suivant
from portail.empreintes import is_still
from portail.formulaires import INCOMPLETE
from portail.francais import de, pluriel
from portail.tableur import TableSortante
from portail.vues import PAGE

VIEW, ARRETER = "facturation.view_mois", "facturation.arreter_mois"
DEJA = "Cette correction est déjà faite, ou n’est plus la même\u00a0: relisez ce qui est proposé."
AUTRES_RAISONS = "Les raisons données ne sont plus les mêmes\u00a0: relisez-les, puis répondez."
COMPARE_D_OFFICE = 20_000  # séances
PAS_LU = "Cochez la case\u00a0: vous avez regardé les totaux et les plus grands écarts."


def mois_courant(today: date) -> date:
    """The first day of the month that the page opens on: the first month that is over, has something to bill and is not
    closed, else the month of `today`.
    """
    ouverts = mois_ouverts_avant(today.replace(day=1))
    return ouverts[0] if ouverts else today.replace(day=1)


@staff_page(VIEW)
@require_safe
def mois(request: HttpRequest) -> HttpResponse:
    """A redirection to the month that is to be closed next."""
    return redirect("admin:facturation_mois_du", mois_courant(timezone.localdate()))


@staff_page(VIEW)
@require_http_methods(PAGE)
def mois_du(request: HttpRequest, mois: date) -> HttpResponse:
    """The page of one month, open or closed. A POST closes an open month, or applies a proposed correction to a closed
    one, for who may close months; or answers absences of an open one, for who may answer them.
    """
    clos = Mois.objects.filter(premier=mois).select_related("arrete_par").first()
    if request.method == "POST":
        if "r" in request.POST and not clos:
            return _repondre(request, mois)
        if not request.user.has_perm(ARRETER):
            raise PermissionDenied
        return _corriger(request, clos) if clos else _arreter(request, mois)
    return _page_arretee(request, clos) if clos else _page(request, controler(mois, timezone.now()))


def _repondre(request: HttpRequest, mois: date) -> HttpResponse:
    """Answer one absence whose reason a family gave, or all of them if they are still those that were read."""
    if not request.user.has_perm(absences.ADD):
        raise PermissionDenied
    reponse = request.POST["r"]
    if "toutes" in request.POST:
        raisons = absences.load_raisons(mois, fin_de(mois), timezone.now())
        if reponse not in ReponseAbsence.Reponse:
            messages.error(request, INCOMPLETE)
        elif is_still(request.POST["toutes"], raisons.lues):
            answer_all(request, raisons.decisions, reponse)
        else:
            messages.warning(request, AUTRES_RAISONS)
    elif (form := ReponseAbsenceForm(request.POST)).is_valid():
        answer(request, form.cleaned_data)
    else:
        messages.error(request, INCOMPLETE)
    return HttpResponseRedirect(f"{request.path}#{RAISONS}", status=303)


def _arreter(request: HttpRequest, mois: date) -> HttpResponse:
    """Close it if the page was read, and still says the same."""
    try:
        attendu = centimes_of(request.POST.get("total", ""))
    except ValueError:
        return _page(request, controler(mois, timezone.now()), INCOMPLETE)
    if request.POST.get("lu") != "1":
        return _page(request, controler(mois, timezone.now()), PAS_LU)
    with transaction.atomic():
        arret = arreter(mois, agent_of(request).pk, timezone.now(), attendu=attendu)
        if arret.mois and not arret.deja:
            factures = pluriel(arret.mois.bilan["factures"], "facture,factures")
            log_addition(request, arret.mois, f"Mois arrêté\u00a0: {factures}, {euros(arret.mois.bilan['total'])}.")
    if arret.mois is None:
        return _page(request, certain(arret.controle), " ".join(arret.refus))
    return HttpResponseRedirect(reverse("admin:facturation_mois_du", args=[mois]), status=303)


def _page(request: HttpRequest, controle: Controle, refus: str = "") -> HttpResponse:
    """An open month. `refus`: why it was not closed, though asked."""
    preparation = controle.preparation
    now = preparation.now
    context = {
        **_autour(preparation.premier),
        "controle": controle,
        "preparation": preparation,
        "refus": refus,
        "calcule": now,
        "fini": fin_de(preparation.premier) < now.astimezone(PARIS).date(),
        "prevu": sum(charge.montant for charge in preparation.facturation.charges if charge.prevue),
        "totaux": totaux_of(preparation),
        "variations": load_variations(preparation),
        "raisons": absences.load_raisons(preparation.premier, fin_de(preparation.premier), now)
        if controle.attend_reponses
        else None,
        "peut_repondre": request.user.has_perm(absences.ADD),
        "may_close": request.user.has_perm(ARRETER),
        **_annonce(preparation),
    }
    return render(request, "facturation/mairie/mois.html", context)


def _annonce(preparation: Any) -> dict[str, Any]:
    """What closing would do, in numbers: the page says it before it does."""
    annee = preparation.now.astimezone(PARIS).year
    dernier = Serie.objects.filter(code=Serie.Code.FACTURE, annee=annee).values_list("dernier", flat=True).first() or 0
    emis = [*preparation.factures, *preparation.avoirs]
    courriels = sum(projet.courriel is not None for projet in emis)
    return {
        "premier_numero": numero(Facture.Genre.FACTURE, annee, dernier + 1),
        "dernier_numero": numero(Facture.Genre.FACTURE, annee, dernier + len(preparation.factures)),
        "courriels": courriels,
        "lettres": len(emis) - courriels,
        "rien": sum(not projet.total for projet in preparation.attendent),
        "attendent": [projet for projet in preparation.attendent if projet.total],
        "attente": sum(projet.total for projet in preparation.attendent),
    }


def _page_arretee(request: HttpRequest, clos: Mois) -> HttpResponse:
    """A closed month. Of a town, what it would be today is computed when it is asked for."""
    cherchees = clos.bilan.get("seances", 0) <= COMPARE_D_OFFICE or "corrections" in request.GET
    lues = load_regularisations(clos) if cherchees else Regularisations([], [])
    propositions = lues.propositions
    context = {
        "cherchees": cherchees,
        "propositions": propositions,
        "sans_suite": lues.sans_suite[:MONTRES],
        "autres_sans_suite": max(0, len(lues.sans_suite) - MONTRES),
        "ensemble": sum(proposition.montant for proposition in propositions),
        "suite": MOIS[_suite().month - 1],
        "may_correct": request.user.has_perm(ARRETER),
        **_autour(clos.premier),
        "clos": clos,
        "suivi": load_suivi(clos),
        "titre_mode": settings.ENCAISSEMENT == "titre",
        "totaux": totaux_arretes(clos),
        "etat": timezone.now(),
    }
    return render(request, "facturation/mairie/mois_arrete.html", context)


def _corriger(request: HttpRequest, clos: Mois) -> HttpResponse:
    """Apply what was proposed, if it still stands as it was read."""
    faire = request.POST.get("faire")
    if "total" in request.POST:  # « Arrêter », pressed by somebody else before
        return redirect("admin:facturation_mois_du", clos.premier)
    if faire not in {"suite", "avoir"}:
        messages.error(request, INCOMPLETE)
        return HttpResponseRedirect(request.path, status=303)
    with transaction.atomic():
        faite = corriger(
            clos,
            request.POST.get("proposition", ""),
            avoir=faire == "avoir",
            par=agent_of(request).pk,
            now=timezone.now(),
        )
        if faite:
            log_change(request, clos, f"{faite.proposition.cause.value}\u00a0: {faite.proposition.quoi}.")
    if faite is None:
        messages.warning(request, DEJA)
    else:
        numeros = ", ".join(facture.numero for facture in faite.avoirs)
        suite = f"Avoir {numeros} émis" if numeros else f"Sur la facture {de(MOIS[_suite().month - 1])}"
        messages.success(request, f"{faite.proposition.quoi}\u00a0: corrigé. {suite}.")
    return HttpResponseRedirect(request.path, status=303)


def _suite() -> date:
    """The month whose invoices the corrections go on."""
    return premier_ouvert(timezone.localdate())


def _autour(premier: date) -> dict[str, Any]:
    """The name of the month, and what stands beside it."""
    avant, apres = mois_precedent(premier), mois_suivant(premier)
    clos = set(Mois.objects.filter(premier__in=[avant, apres]).values_list("premier", flat=True))
    return {
        "titre": f"Factures {de(mois_nom(premier))}",
        "mois": premier,
        "nom": MOIS[premier.month - 1],
        "avant": avant,
        "avant_clos": avant in clos,
        "apres": apres,
        "apres_clos": apres in clos,
        "apres_commence": apres <= timezone.localdate(),
        "nom_avant": MOIS[avant.month - 1],
        "nom_apres": MOIS[apres.month - 1],
    }


@staff_page(VIEW, "facturation.export_facture", "facturation.view_quotient")
@require_safe
def lignes(request: HttpRequest, mois: date) -> HttpResponseBase:
    """All the lines of this month as a CSV file, for who has just typed their password (ADM-05): as they are frozen, or
    as closing an open month would write them, and nothing is issued.
    """

    def build() -> TableSortante:
        clos = Mois.objects.filter(premier=mois).first()
        rangees = list(lignes_arretees(clos) if clos else lignes_a_blanc(controler(mois, timezone.now()).preparation))
        nom = f"lignes-{mois:%Y-%m}" if clos else f"essai-{mois:%Y-%m}"
        return TableSortante.of(nom, mois_nom(mois).capitalize(), TITRES, rangees)

    page = reverse("admin:facturation_mois_du", args=[mois])
    return export(request, "prestation", build, back=page, forme="csv")


@staff_page(VIEW, "facturation.view_facture")
@require_safe
def lettres(request: HttpRequest, mois: date) -> HttpResponse:
    """The invoices and avoirs of this month whose payer has no e-mail that arrives, or asked for paper, one page each,
    to be printed in one go; while the month is open, a redirection to its page.
    """
    clos = Mois.objects.filter(premier=mois).first()
    if clos is None:
        return redirect("admin:facturation_mois_du", mois)
    reglage = load_reglage()
    factures = load_lettres(clos)
    papiers = [FacturePapier(load_facture(facture, _foyers_of(facture)), reglage) for facture in factures]
    journal.event("letters_printed", user=agent_of(request).pk, request=request, letters=len(papiers))
    context = {
        "titre": f"Lettres {de(mois_nom(mois))}",
        "mois": mois,
        "titre_mois": mois_nom(mois).capitalize(),
        "papiers": papiers,
        "sans_adresse": [papier.payeur.get("nom", "") for papier in papiers if not papier.payeur.get("adresse")],
        **mots_papier(reglage),
    }
    return render(request, "facturation/mairie/mois_lettres.html", context)


def _foyers_of(facture: Facture) -> list[int]:
    return [facture.compte.foyer_id] if facture.compte.foyer_id else []


@staff_page(VIEW, "facturation.export_facture")
@require_safe
def factures(request: HttpRequest, mois: date) -> HttpResponseBase:
    """The invoices and avoirs of this closed month as a CSV file, with what was paid of each by now, for who has just
    typed their password (ADM-05). 404 while the month is open.
    """
    clos = get_object_or_404(Mois, premier=mois)

    def build() -> TableSortante:
        rangees = list(factures_emises(Facture.objects.filter(mois=clos)))
        return TableSortante.of(f"factures-{mois:%Y-%m}", mois_nom(mois).capitalize(), TITRES_FACTURES, rangees)

    page = reverse("admin:facturation_mois_du", args=[mois])
    return export(request, "facture", build, back=page, forme="csv")


# --- On the home ------------------------------------------------------------------------------------------------------


def compter_a_arreter(now: Any) -> Compteur:
    """For the town hall's home: how many months are over, have something to bill and are not closed, with their
    names.
    """
    ouverts = mois_ouverts_avant(timezone.localdate(now).replace(day=1))
    return Compteur(len(ouverts), ", ".join(mois_nom(premier) for premier in ouverts))
