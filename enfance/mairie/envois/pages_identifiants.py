"""Credentials in number: by mail, by letter, or those that parents have already. Seen before anything is done."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.confirmation import password_asked
from accounts.decorators import agent_of, staff_page
from accounts.exports import export
from accounts.log import log_change
from enfance.mairie.destinataires import Public
from enfance.mairie.ecoles import ecole_demandee, ecoles_offered
from enfance.mairie.envois.ecriture import BilanEnvoi, envoyer_identifiants
from enfance.mairie.envois.forms import IdentifiantsForm, LettresForm, NumerosConfirmationForm, NumerosForm
from enfance.mairie.envois.identifiants import BilanIdentifiants, importer
from enfance.mairie.envois.lettres import imprimer
from enfance.mairie.envois.liste_identifiants import lire
from enfance.mairie.envois.sans_courriel import TITRES, load_sans_courriel
from portail.confirmation import CONFIRM, Apercu, Effet, Suite, Tableau, asks_always, confirm
from portail.francais import NBSP, pluriel
from portail.tables import ImportRefuse
from portail.tableur import TableSortante
from portail.vues import PAGE

LISTE = "admin:enfance_responsable_changelist"
SEND = "accounts.change_user"
MONTRES = 20  # lines of the report that stay on the screen after the import


# --- By mail ----------------------------------------------------------------------------------------------------------


@staff_page(SEND)
@require_http_methods(PAGE)
@asks_always
def identifiants(request: HttpRequest) -> HttpResponse:
    """The page that mails their identifiant and a temporary password to parents: the choice of families, a preview of
    what would leave, then the sending, which is followed on its own page.
    """
    form = IdentifiantsForm(
        request.POST if request.method == "POST" else None,
        today=timezone.localdate(),
        annee=request.GET.get("annee", ""),
    )
    if not form.is_valid():
        return render(request, "mairie/envois/identifiants.html", {"titre": "Envoyer les identifiants", "form": form})
    public, now, agent = form.public, timezone.now(), agent_of(request).pk
    connectes = form.cleaned_data["connectes"]
    vu = envoyer_identifiants(public, connectes=connectes, par=agent, now=now, simuler=True)
    if vu.envoyes or CONFIRM not in request.POST:
        confirm(request, _apercu(vu, public, today=timezone.localdate(now)), **_details(form, vu))
    bilan = envoyer_identifiants(public, connectes=connectes, par=agent, now=now)
    if bilan.envoi is None:
        messages.info(request, f"Rien de plus à envoyer{NBSP}: ces e-mails sont déjà en route, ou partis.")
        return redirect("admin:accounts_mailing_changelist")
    for adulte in bilan.adultes:
        if adulte.user in bilan.envoyes:
            log_change(request, adulte, "Identifiants envoyés par e-mail.")
    messages.success(request, f"L’envoi pour {public.phrase} est en route.")
    if bilan.sans_courriel:
        noms = ", ".join(map(str, bilan.sans_courriel))
        messages.warning(request, f"Sans adresse e-mail, une lettre à imprimer{NBSP}: {noms}.")
    return redirect("admin:accounts_mailing_change", bilan.envoi.pk)


def _details(form: IdentifiantsForm, bilan: BilanEnvoi) -> dict[str, Any]:
    """Who is written to, by name; the class and the school (primary keys) of the letters, empty for all."""
    classe, ecole = form.cleaned_data["classe"], form.cleaned_data.get("ecole")
    return {
        "bilan": bilan,
        "destinataires": [f"{user}, {user.email}" for user in bilan.envoyes],
        "classe": str(classe.pk) if classe else "",
        "ecole": str(ecole.pk) if ecole else "",
    }


def _apercu(bilan: BilanEnvoi, public: Public, *, today: date) -> Apercu:
    """To whom credentials would leave; without a button when they would to nobody."""
    nombre = len(bilan.envoyes)
    partent = pluriel(nombre, "e-mail partira,e-mails partiront") if nombre else "aucun e-mail à envoyer"
    connectes = pluriel(bilan.connectes, "adulte s’est déjà connecté,adultes se sont déjà connectés")
    valables = pluriel(len(bilan.encore_valables), "adulte a,adultes ont")
    en_route = pluriel(len(bilan.en_route), "e-mail est déjà en route,e-mails sont déjà en route")
    remarques = (
        (bilan.connectes, f"{connectes}{NBSP}: rien ne leur est envoyé."),
        (
            bilan.encore_valables,
            f"{valables} reçu un mot de passe il y a moins de 24{NBSP}heures, encore valable{NBSP}: "
            "il n’est pas remplacé.",
        ),
        (bilan.en_route, f"{en_route}."),
    )
    combien = pluriel(nombre, "e-mail,e-mails")
    return Apercu(
        titre="Envoyer les identifiants",
        phrase=f"Pour {public.phrase}{NBSP}: {partent}.",
        question=f"Envoyer {combien}{NBSP}?" if nombre else "Personne à qui envoyer.",
        suites=(Suite("Envoyer"),) if nombre else (),
        retour=reverse("admin:enfance_responsable_identifiants"),
        fil=(("Responsables", reverse(LISTE)),),
        precision=(
            "Le service envoie les e-mails un par un. Choisissez un moment où les familles lisent les leurs"
            f"{NBSP}: les 24{NBSP}heures comptent à partir de l’envoi de chacun."
            if nombre
            else ""
        ),
        consequence="Un e-mail parti ne se rappelle pas." if nombre else "",
        remarques=public.effectifs(today=today),
        effets=tuple(Effet("", phrase) for combien, phrase in remarques if combien),
        grave=bool(nombre),
        travail="Envoi en cours…",
        template="mairie/envois/identifiants_apercu.html",
        marque=repr([[user.pk for user in bilan.envoyes], [adulte.pk for adulte in bilan.sans_courriel]]),
    )


# --- By letter --------------------------------------------------------------------------------------------------------


@staff_page(SEND)
@require_http_methods(PAGE)
def choisir_lettres(request: HttpRequest) -> HttpResponse:
    """The page where the agent chooses, once a password is typed, for which adults to print the letter of the
    identifiant; then the letters, one page an adult.
    """
    if answer := password_asked(request):
        return answer
    form = LettresForm(
        request.POST if request.method == "POST" else None,
        today=timezone.localdate(),
        annee=request.GET.get("annee", ""),
    )
    if not form.is_valid():
        return render(request, "mairie/envois/lettres_choix.html", {"titre": "Imprimer les lettres", "form": form})
    return imprimer(request, form.adultes())


# --- By telephone -----------------------------------------------------------------------------------------------------


@staff_page("enfance.view_responsable")
@require_safe
def sans_courriel(request: HttpRequest) -> HttpResponse:
    """The list of the parents who have no e-mail address, to be called, or printed; of one school if the address names
    it.
    """
    ecole = ecole_demandee(request)
    context = {
        "titre": "Parents sans adresse e-mail",
        "lignes": load_sans_courriel(timezone.localdate(), ecole),
        "ecoles": ecoles_offered(request),
        "ecole": ecole,
    }
    return render(request, "mairie/envois/sans_courriel.html", context)


@staff_page("enfance.export_responsable", "enfance.view_enfant")
@require_safe
def sans_courriel_tableau(request: HttpRequest) -> HttpResponseBase:
    """The list of the parents who have no e-mail address as a file, CSV or XLSX, once the agent has typed a password
    (ADM-05); of one school if the address names it.
    """

    def build() -> TableSortante:
        today = timezone.localdate()
        lignes = [ligne.cellules for ligne in load_sans_courriel(today, ecole_demandee(request))]
        return TableSortante.of(f"parents-sans-courriel-{today}", "Parents sans e-mail", TITRES, lignes)

    return export(request, "sans_courriel", build, back=reverse("admin:enfance_responsable_sans_courriel"))


# --- Numbers that parents know ----------------------------------------------------------------------------------------


@staff_page(SEND)
@require_http_methods(PAGE)
@asks_always
def numeros(request: HttpRequest) -> HttpResponse:
    """The page that gives parents the numbers (identifiants) that they know from the former portal: the file, a preview
    of what it would change, then the change. The file comes back with the confirmation, signed.
    """
    try:
        if "liste" in request.POST:
            confirmation = NumerosConfirmationForm(request.POST)
            if not confirmation.is_valid():
                return _numeros(request, NumerosForm(), [str(phrase) for phrase in confirmation.errors["liste"]])
        else:
            form = NumerosForm(request.POST, request.FILES) if request.method == "POST" else NumerosForm()
            if not form.is_valid():
                return _numeros(request, form)
            confirmation = form.confirmation()
            confirmation.full_clean()
        bilan = importer(lire(confirmation.lu), now=timezone.now(), user_id=agent_of(request).pk)
    except ImportRefuse as error:
        return _numeros(request, NumerosForm(), [str(refus) for refus in error.refus])
    if bilan.changes or CONFIRM not in request.POST:
        confirm(request, _apercu_numeros(bilan), champs=[("liste", confirmation.data["liste"])], bilan=bilan)
    for adulte, avant in bilan.changes:
        log_change(request, adulte, f"Identifiant {avant} remplacé par {adulte.user.identifiant}.")
    messages.success(request, " ".join(bilan.phrases()))
    if bilan.refus:
        suite = "…" if len(bilan.refus) > MONTRES else ""
        texte = "\u202f; ".join(str(refus).rstrip(".") for refus in bilan.refus[:MONTRES])
        messages.warning(request, f"Lignes refusées{NBSP}: {texte}{suite}")
    return redirect(LISTE)


def _numeros(request: HttpRequest, form: NumerosForm, refus: list[str] | None = None) -> HttpResponse:
    context = {"titre": "Importer des identifiants", "form": form, "refus": refus}
    return render(request, "mairie/envois/numeros.html", context)


def _apercu_numeros(bilan: BilanIdentifiants) -> Apercu:
    """What the list would change; without a button when it would change nothing."""
    nombre, *suite = bilan.phrases()
    combien = pluriel(len(bilan.changes), "identifiant,identifiants")
    lignes = tuple((str(adulte), avant, adulte.user.identifiant) for adulte, avant in bilan.changes)
    refus = tuple((str(refus),) for refus in bilan.refus)
    return Apercu(
        titre="Importer des identifiants",
        phrase=nombre,
        question=f"Changer {combien}{NBSP}?" if lignes else "Rien à changer.",
        suites=(Suite("Changer ces identifiants"),) if lignes else (),
        retour=reverse("admin:enfance_responsable_numeros"),
        fil=(("Responsables", reverse(LISTE)),),
        precision=" ".join(suite),
        tableaux=(
            *((Tableau(f"Lignes refusées ({len(refus)})", ("Ligne",), refus),) if refus else ()),
            *((Tableau("Identifiants changés", ("Adulte", "Aujourd’hui", "Devient"), lignes),) if lignes else ()),
        ),
        travail="Import en cours…",
    )
