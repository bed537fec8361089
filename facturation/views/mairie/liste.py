"""Quotients from a list: the file, what it would change, then the change; refused lines with their reasons."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from enfance.mairie.envois.forms import NumerosConfirmationForm, NumerosForm
from facturation.payeurs.comptes import noms_of
from facturation.quotients.ecriture import premier_phrase
from facturation.quotients.importation import BilanImport, importer
from facturation.quotients.liste import lire
from facturation.quotients.vus import ADD, LISTE
from portail.confirmation import CONFIRM, Apercu, Suite, Tableau, asks_always, confirm
from portail.francais import NBSP, pluriel
from portail.tables import ImportRefuse
from portail.vues import PAGE

IMPORT = "admin:facturation_quotients_importer"


class ListeQuotientsForm(NumerosForm):
    """The list of quotients."""

    fichier = forms.FileField(
        label="Fichier CSV",
        help_text="L’identifiant d’un adulte, ou le nom et le prénom d’un enfant, et le quotient\u202f; une ligne par "
        "famille. Facultatif\u00a0: à partir du, source, attestation vue le.",
        widget=forms.FileInput(attrs={"class": "saisie", "accept": ".csv,text/csv"}),
        max_length=200,
    )


@staff_page(ADD)
@require_http_methods(PAGE)
@asks_always
def importer_liste(request: HttpRequest) -> HttpResponse:
    """The page that imports a list of quotients: the file is read and previewed, then written once the agent confirms;
    the file comes back with the confirmation, signed.
    """
    try:
        if "liste" in request.POST:
            confirmation = NumerosConfirmationForm(request.POST)
            if not confirmation.is_valid():
                refus = [str(phrase) for phrase in confirmation.errors["liste"]]
                return _page(request, ListeQuotientsForm(), refus)
        else:
            form = ListeQuotientsForm(request.POST, request.FILES) if request.method == "POST" else ListeQuotientsForm()
            if not form.is_valid():
                return _page(request, form)
            confirmation = form.confirmation()
            confirmation.full_clean()
        bilan = importer(lire(confirmation.lu), now=timezone.now(), par=agent_of(request).pk)
    except ImportRefuse as error:
        return _page(request, ListeQuotientsForm(), [str(refus) for refus in error.refus])
    if bilan.ecrits or CONFIRM not in request.POST:
        confirm(request, _apercu(bilan), champs=[("liste", confirmation.data["liste"])])
    for importe in bilan.ecrits:
        if foyer := importe.quotient.compte.foyer:
            debut = premier_phrase(importe.quotient.debut)
            log_change(request, foyer, f"Quotient importé, compte à partir du {debut}.")
    messages.success(request, " ".join(bilan.phrases()))
    return redirect(LISTE)


def _page(request: HttpRequest, form: ListeQuotientsForm, refus: list[str] | None = None) -> HttpResponse:
    context = {"titre": "Importer des quotients", "form": form, "refus": refus}
    return render(request, "facturation/mairie/quotients_importer.html", context)


def _apercu(bilan: BilanImport) -> Apercu:
    """What the list would change; without a button when it would change nothing."""
    nombre = pluriel(len(bilan.ecrits), "quotient,quotients")
    noms = noms_of([importe.quotient.compte for importe in bilan.ecrits])
    lignes = tuple(
        (
            str(importe.ligne),
            noms[importe.quotient.compte.pk],
            importe.valeurs,
            premier_phrase(importe.quotient.debut),
            importe.quotient.get_source_display(),
        )
        for importe in bilan.ecrits
    )
    refus = tuple((str(refus),) for refus in bilan.refus)
    titres = ("Ligne", "Payeur", "Quotient", "À partir du", "Source")
    return Apercu(
        titre="Importer des quotients",
        phrase=" ".join(bilan.phrases()),
        question=f"Enregistrer {nombre}{NBSP}?" if lignes else "Rien à changer.",
        suites=(Suite("Enregistrer ces quotients"),) if lignes else (),
        retour=reverse(IMPORT),
        fil=(("Quotients des familles", reverse(LISTE)),),
        tableaux=(
            *((Tableau(f"Lignes refusées ({len(refus)})", ("Ligne",), refus),) if refus else ()),
            *((Tableau(f"Quotients à écrire ({len(lignes)})", titres, lignes),) if lignes else ()),
        ),
        travail="Import en cours…",
        marque=repr([(q.compte.foyer_id, q.valeur, q.debut) for q in (importe.quotient for importe in bilan.ecrits)]),
    )
