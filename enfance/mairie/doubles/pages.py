"""Doubles made one: find the other, compare, choose what stays, see what changes, confirm. `mairie` alone writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.confirmation import password_asked
from accounts.decorators import staff_page
from enfance.mairie.doubles.enfants_proches import load_paires
from enfance.mairie.doubles.fusions import BilanFusion
from enfance.mairie.doubles.presentation import Adultes, Enfants, Foyers, Sorte
from enfance.mairie.familles.forms import ChoixForm, RechercheForm
from enfance.mairie.familles.lecture import FamilleTrouvee, find_familles
from portail.confirmation import Apercu, Effet, Suite, asks_first, confirm
from portail.formulaires import is_key
from portail.francais import NBSP
from portail.vues import PAGE


@staff_page("enfance.change_responsable", "accounts.change_user")
@require_http_methods(PAGE)
def reunir_adultes(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that makes two files of one adult one: this one (primary key) and the one that `?avec=` names; without
    it, the page that looks for the double.

    The e-mail of one may become that of the other: the password is asked (ADM-05), before any transaction, in which its
    tries would not be counted.
    """
    if request.method == "POST" and "avec" in request.GET and (answer := password_asked(request)):
        return answer
    return _reunir(request, Adultes(), pk)


@staff_page("enfance.change_foyer", "enfance.delete_foyer")
@require_http_methods(PAGE)
def reunir_foyers(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that makes two homes one: this one (primary key) and the one that `?avec=` names; without it, the page
    that looks for the double.
    """
    return _reunir(request, Foyers(), pk)


@staff_page("enfance.change_enfant", "enfance.change_garde", "enfance.change_responsabilite")
@require_http_methods(PAGE)
def reunir_enfants(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that makes two files of one child one: this one (primary key) and the one that `?avec=` names; without
    it, the page that looks for the double.
    """
    return _reunir(request, Enfants(), pk)


@staff_page("enfance.change_enfant", "enfance.change_garde", "enfance.change_responsabilite")
@require_safe
def proches(request: HttpRequest) -> HttpResponse:
    """The page of the pairs of files that may be those of one child, each with the link to make them one."""
    sorte = Enfants()
    paires = [(ici, la, sorte.url(ici.pk, la.pk)) for ici, la in load_paires()]
    return render(request, "mairie/doubles/enfants_proches.html", {"titre": "Enfants en double", "paires": paires})


@asks_first
def _reunir(request: HttpRequest, sorte: Sorte, pk: int) -> HttpResponse:
    ici = get_object_or_404(sorte.rows(), pk=pk)
    avec = request.GET.get("avec", "")
    if not avec:
        return _chercher(request, sorte, ici)
    la = get_object_or_404(sorte.rows(), pk=avec if is_key(avec) else 0)
    lignes, refus = sorte.lignes(ici, la), sorte.refus(ici, la)
    form = ChoixForm(request.POST if request.method == "POST" else None, lignes)
    if not refus and form.is_valid():
        suites = sorte.suites(ici, la)
        bilan = sorte.reunir(request, ici, la, form.cleaned_data)
        refus = bilan.refus
        if not refus:
            confirm(request, _apercu(sorte, ici, la, suites, bilan))
            messages.success(request, sorte.tell(request, ici, la))
            for avis in bilan.avis:
                messages.warning(request, avis)
            return redirect(sorte.page_of(ici))
    context = {
        "titre": sorte.titre,
        "fil": sorte.fil(ici),
        "lignes": [ligne for ligne in lignes if any(ligne.dits)],
        "form": form,
        "refus": refus,
        "autre_sens": sorte.url(la.pk, ici.pk),
        "retour": sorte.fil(ici)[-1][1],
    }
    return render(request, "mairie/doubles/reunir.html", context)


def _chercher(request: HttpRequest, sorte: Sorte, ici: Any) -> HttpResponse:
    """Look for the double by what is known of its family."""
    if request.method == "POST":
        return RechercheForm.keep(request)
    form = RechercheForm.kept(request)
    familles: list[FamilleTrouvee] = []
    trop = False
    if form.is_valid():
        familles, trop = find_familles(form.cleaned_data["famille"], today=timezone.localdate())
    context = {
        "titre": sorte.titre,
        "fil": sorte.fil(ici),
        "ici": ici,
        "form": form,
        "cherche": form.is_valid(),
        "candidats": [(sorte.url(ici.pk, row.pk), texte) for row, texte in sorte.candidats(familles) if row != ici],
        "trop": trop,
        "retour": sorte.fil(ici)[-1][1],
    }
    return render(request, "mairie/doubles/reunir_chercher.html", context)


def _apercu(sorte: Sorte, ici: Model, la: Model, suites: Sequence[tuple[str, str]], bilan: BilanFusion) -> Apercu:
    deplaces = (Effet(nom.capitalize(), "de plus sur la fiche qui reste", nombre=n) for nom, n in bilan.deplaces)
    gardes = (Effet("Garde", f"{phrase}.") for phrase in bilan.gardes)
    return Apercu(
        titre=sorte.titre,
        phrase=f"Ceci fait une seule fiche de deux{NBSP}: {ici} et {la}.",
        question="Réunir ces deux fiches\u202f?",
        suites=(Suite("Réunir"),),
        retour=sorte.fil(ici)[-1][1],
        fil=sorte.fil(ici),
        precision="Il n’y a pas de retour en arrière.",
        remarques=(*bilan.doutes, *bilan.avis),
        effets=(*(Effet(titre, phrase) for titre, phrase in suites), *gardes, *deplaces),
        grave=True,
        travail="Réunion en cours…",
        marque=f"{sorte.nom} {ici.pk} {la.pk}",
    )
