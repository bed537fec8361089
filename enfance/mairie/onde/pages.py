"""The import of ONDE: two files, what they would do, the questions that they leave open, and only then the import."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import journal
from accounts.confirmation import password_asked
from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from enfance.ecoles import plusieurs
from enfance.mairie.onde.forms import DepotForm, choix_of, phrases
from enfance.mairie.onde.lecture import load_listes
from enfance.models import ImportOnde
from enfance.onde import depots
from enfance.onde.bilan import Bilan, regroup
from enfance.onde.importation import DepartsAConfirmer, EcoleAConfirmer
from portail.confirmation import Effet
from portail.formulaires import INCOMPLETE
from portail.tables import ImportRefuse
from portail.vues import PAGE

LISTE, DEPOT = "admin:enfance_importonde_changelist", "admin:enfance_importonde_change"
CHANGER = "enfance.change_importonde"


# --- Two files --------------------------------------------------------------------------------------------------------


@staff_page("enfance.add_importonde")
@require_http_methods(PAGE)
def deposer(request: HttpRequest) -> HttpResponse:
    """The page where the secretary gives the year and the two files of a new import of ONDE."""
    return _deposer(request, None)


def _deposer(request: HttpRequest, depot: ImportOnde | None) -> HttpResponse:
    if request.method != "POST":
        annee = request.GET.get("annee", depot.annee_id if depot else None)
        return _formulaire(request, DepotForm(initial={"annee": annee}, depot=depot), depot)
    form = DepotForm(request.POST, request.FILES, depot=depot)
    valide = form.is_valid()
    lus = {nom: form.cleaned_data.get(nom) for nom in ("eleves", "responsables")}
    annee, ecole = (form.cleaned_data.get(nom) for nom in ("annee", "ecole"))
    if annee and (ecole or "ecole" not in form.fields) and (valide or any(lus.values())):
        depot = depots.deposer(
            depot,
            annee,
            lus["eleves"],
            lus["responsables"],
            ecole=ecole,
            confirmer_ecole="confirmer_ecole" in request.POST,
            confirmer_paire="confirmer_paire" in request.POST,
            user_id=agent_of(request).pk,
            now=timezone.now(),
        )
    if valide and depot:
        return redirect(DEPOT, depot.pk)
    return _formulaire(request, form, depot)


def _formulaire(request: HttpRequest, form: DepotForm, depot: ImportOnde | None) -> HttpResponse:
    if depot:  # what has just been kept is not asked again
        kept = DepotForm(depot=depot)
        for nom in ("eleves", "responsables"):
            form.fields[nom] = kept.fields[nom]
    context = {"titre": "Importer ONDE", "form": form, "depot": depot}
    return render(request, "mairie/onde/onde_deposer.html", context)


# --- What they would do -----------------------------------------------------------------------------------------------


@staff_page("enfance.view_importonde")
@require_http_methods(PAGE)
def depot(request: HttpRequest, object_id: int) -> HttpResponse:
    """The page of an import of ONDE (primary key): its report once it was made; before that, the preview with its
    questions, the files to change, and the buttons that give up, or import once the agent's password is typed. As long
    as it is not made, PermissionDenied for an agent who may not change imports.
    """
    depot = get_object_or_404(ImportOnde.objects.select_related("annee", "ecole", "depose_par"), pk=object_id)
    if depot.applique_le:
        resume, listes = depot.bilan[0], load_listes(depot.bilan, today=timezone.localdate())
        effets = [Effet.of(phrase) for phrase in resume["lignes"]]
        context = {"titre": str(depot), "depot": depot, "resume": resume["titre"], "effets": effets, "listes": listes}
        return render(request, "mairie/onde/onde_bilan.html", context)
    if not request.user.has_perm(CHANGER):
        raise PermissionDenied
    if "abandonner" in request.POST:
        if depots.abandonner(depot):
            messages.info(request, "Import abandonné\u00a0: rien n’a été changé, les fichiers sont effacés.")
        return redirect(LISTE)
    if not depot.complet or "deposer" in request.POST or "fichiers" in request.GET:
        return _deposer(request, depot)
    if "importer" in request.POST:
        return password_asked(request) or _importer(request, depot)  # it writes e-mails (ADM-05)
    if "tous" in request.POST:
        depots.choisir_pour_tous(depot, choix_of(request.POST), request.POST["tous"], now=timezone.now())
        return redirect(DEPOT, depot.pk)
    if "apercu" in request.POST:
        depots.choisir(depot, choix_of(request.POST))
        return redirect(DEPOT, depot.pk)
    return _apercu(request, depot, alerte=INCOMPLETE if request.method == "POST" else "")


def _apercu(request: HttpRequest, depot: ImportOnde, *, alerte: str = "", manque: str = "") -> HttpResponse:
    ecole = doute = paire = ""
    try:
        extraction = depots.extraction_of(depot)
        bilan = depots.simuler(depot, now=timezone.now())
        doute = depots.annee_douteuse(extraction, depot.annee)
        paire = depots.responsables_etrangers(depot, extraction)
    except EcoleAConfirmer as error:
        ecole = error.refus[0].raison
    except ImportRefuse as error:
        doute = " ".join(phrases(error))
    if ecole or doute or paire:
        form = DepotForm({"annee": depot.annee_id, "ecole": depot.ecole_id}, depot=depot)
        form.is_valid()
        if ecole:
            form.ask_ecole(ecole)
        elif doute:
            form.add_error("annee", doute)
        else:
            form.ask_paire(paire)
        return _formulaire(request, form, depot)
    communes, seules = regroup(bilan.questions)
    de_quoi = f"année {depot.annee}" + (f", {depot.ecole}" if plusieurs() else "")
    context = {
        "titre": f"Importer ONDE\u00a0: l’aperçu, {de_quoi}",
        "depot": depot,
        "bilan": bilan,
        "communes": communes,
        "seules": seules,
        "effets": [Effet.of(phrase) for phrase in bilan.phrases()],
        "retours": depot.choix.get(depots.RETOURS) == "oui",
        "alerte": alerte,
        "manque": manque,
    }
    return render(request, "mairie/onde/onde_apercu.html", context)


# --- The import -------------------------------------------------------------------------------------------------------


def _importer(request: HttpRequest, depot: ImportOnde) -> HttpResponse:
    choix, confirme = choix_of(request.POST), "confirmer_departs" in request.POST
    vu, agent, now = request.POST.get("vu", ""), agent_of(request).pk, timezone.now()
    try:
        with transaction.atomic():
            bilan = depots.appliquer(depot.pk, choix, vu, user_id=agent, now=now, confirmer_departs=confirme)
            if bilan:
                log_change(request, depot, f"Importé, année {bilan.annee}. {' '.join(bilan.phrases())}")
    except depots.ApercuPerime:
        quoi = "vos réponses l’ont changé" if choix != depot.choix else "les dossiers ont été modifiés entre-temps"
        depots.choisir(depot, choix)
        alerte = f"Rien n’est encore importé. Depuis l’aperçu que vous avez vu, {quoi}\u00a0: voici le nouveau."
        return _apercu(request, depot, alerte=alerte)
    except DepartsAConfirmer:
        depots.choisir(depot, choix)
        manque = "Cochez pour confirmer ces départs, ou choisissez d’autres fichiers."
        return _apercu(request, depot, manque=manque)
    except ImportRefuse:
        return _apercu(request, depot)
    if bilan is None:
        messages.info(request, "Cet import est déjà fait\u00a0: rien n’a été refait.")
    else:
        _report(request, depot, bilan)
    return redirect(DEPOT, depot.pk)


def _report(request: HttpRequest, depot: ImportOnde, bilan: Bilan) -> None:
    messages.success(request, f"Import fait. {' '.join(bilan.phrases())}")
    journal.event(
        "onde_imported",
        user=request.user.pk,
        request=request,
        importation=depot.pk,
        year=depot.annee.debut.year,
        created=bilan.eleves.crees,
        changed=len(bilan.eleves.modifies),
        gone=len(bilan.eleves.partis),
        adults=bilan.responsables.crees,
        refused=len(bilan.refus),
        open_questions=len(bilan.doutes),
    )


@staff_page("enfance.view_importonde")
@require_safe
def bilan(request: HttpRequest, pk: int) -> HttpResponse:
    """The report of an import of ONDE (primary key) as a text file, once the agent has typed a password; leads to the
    import while it is not made.
    """
    depot = get_object_or_404(ImportOnde, pk=pk)
    if depot.applique_le is None:
        return redirect(DEPOT, pk)
    if answer := password_asked(request, back=reverse(DEPOT, args=[pk])):
        return answer
    texte = "\r\n".join(ligne for section in depot.bilan for ligne in [f"{section['titre']}", *section["lignes"], ""])
    jour = timezone.localdate(depot.applique_le)
    disposition = {"Content-Disposition": f'attachment; filename="import-onde-{jour:%Y-%m-%d}.txt"'}
    return HttpResponse(f"\ufeff{texte}", content_type="text/plain; charset=utf-8", headers=disposition)
