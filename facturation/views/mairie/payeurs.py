"""One payer, and where all of them live: what the town says before a month is priced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from accounts.search import keep_search, kept_search
from enfance.models import Foyer
from facturation.absences_dues import premier_ouvert
from facturation.fiche_payeur import EnfantPartage, FichePayeur, load_fiche
from facturation.models import Compte, Mois
from facturation.payeurs.lieux import load_noms
from facturation.payeurs.partages import partager
from facturation.payeurs.residences import choisir_envoi, confirmer, foyers_a_dire, load_residences
from facturation.prix.tarifs import LIEUX, Residence
from facturation.quotients.ecriture import annuler, premier_phrase
from facturation.views.mairie.forms_payeurs import PartageForm, PayeurForm
from portail.bureau import Compteur, compter
from portail.confirmation import Apercu, Suite, Tableau, asks_first, confirm
from portail.dates import MOIS
from portail.formulaires import is_key
from portail.francais import NBSP, de, pluriel
from portail.vues import PAGE

VIEW, CHANGE = "facturation.view_compte", "facturation.change_compte"
RESIDENCES = "admin:facturation_residences"


# --- One payer --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LignePartage:
    """A child of the page, and the form that shares its price."""

    vu: EnfantPartage
    form: PartageForm


@staff_page(VIEW, "facturation.view_quotient", "facturation.view_partage")
@require_http_methods(PAGE)
def payeur(request: HttpRequest, pk: int) -> HttpResponse:
    """The secretary's page of the payer of this foyer (primary key): balance, residence, sending, quotients, shares of
    its children. Each part has its own form, for who may change it, and comes back to the page.
    """
    foyer = get_object_or_404(Foyer.objects.prefetch_related("responsables__user"), pk=pk)
    fiche = load_fiche(foyer)
    form = PayeurForm(noms=fiche.noms, initial={"residence": fiche.residence or fiche.proposee, "envoi": fiche.envoi})
    lignes = [LignePartage(vu, PartageForm(enfant=vu)) for vu in fiche.enfants]
    if request.method == "POST":
        form, lignes, done = _act(request, fiche, form, lignes)
        if done:
            return HttpResponseRedirect(request.path, status=303)
    context = {
        "titre": f"Payeur{NBSP}: {fiche.nom}",
        "fiche": fiche,
        "form": form,
        "lignes": lignes,
        "fautes": [f for f in (form, *(ligne.form for ligne in lignes)) if f.errors],
    }
    return render(request, "facturation/mairie/payeur.html", context)


def _act(
    request: HttpRequest, fiche: FichePayeur, form: PayeurForm, lignes: list[LignePartage]
) -> tuple[PayeurForm, list[LignePartage], bool]:
    """Do what a button asks; the forms of the page, and whether it was done."""
    if "annuler" in request.POST:
        _cancel(request, fiche)
        return form, lignes, True
    if "partager" in request.POST:
        bons = [LignePartage(ligne.vu, _bound(request, ligne)) for ligne in lignes]
        done = [_share(request, fiche, ligne) for ligne in bons if ligne.form.is_bound]
        return form, bons, any(done)
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    form = PayeurForm(request.POST, noms=fiche.noms)
    if not form.is_valid():
        return form, lignes, False
    residence, envoi = form.cleaned_data["residence"], form.cleaned_data["envoi"]
    with transaction.atomic():
        changes = confirmer([fiche.foyer.pk], residence, par=agent_of(request).pk, now=timezone.now())
        dits = [f"résidence, {_dite(fiche.noms[residence])}"] if changes else []
        if choisir_envoi(fiche.foyer.pk, envoi):
            dits.append(f"factures {Compte.Envoi(envoi).label}")
        if dits:
            log_change(request, fiche.foyer, f"Payeur{NBSP}: {', '.join(dits)}.")
    depuis = f" {_depuis(timezone.localdate())}" if changes else ""
    messages.success(request, f"C’est enregistré.{depuis}" if dits else "Rien n’a changé.")
    return form, lignes, True


def _bound(request: HttpRequest, ligne: LignePartage) -> PartageForm:
    """The form of the child that the button names, with what was typed."""
    voulu = str(ligne.vu.enfant.pk) == request.POST["partager"]
    return PartageForm(request.POST, enfant=ligne.vu) if voulu else ligne.form


def _share(request: HttpRequest, fiche: FichePayeur, ligne: LignePartage) -> bool:
    """Share the price of this child, if the form is good."""
    if not (request.user.has_perm("facturation.add_partage") and request.user.has_perm("facturation.change_partage")):
        raise PermissionDenied
    form, enfant = ligne.form, ligne.vu.enfant
    if not form.is_valid():
        return False
    debut, fin = form.cleaned_data["debut"], form.cleaned_data["fin"]
    with transaction.atomic():
        change = partager(enfant.pk, form.parts, debut, fin)
        if change:
            dit = " et ".join(f"{part}{NBSP}%" for part in form.parts.values()) or "aucun"
            log_change(request, enfant, f"Partage du prix{NBSP}: {dit}.")
    if not change:
        messages.info(request, f"Ce partage était déjà noté{NBSP}: rien n’a changé.")
        return True
    phrase = (
        f"Le prix {de(enfant.prenom)} est partagé."
        if form.parts
        else f"Le prix {de(enfant.prenom)} n’est plus partagé."
    )
    if Mois.objects.filter(premier__gte=(debut or fin or timezone.localdate()).replace(day=1)).exists() or (
        debut is None and Mois.objects.exists()
    ):
        phrase += " Un mois arrêté reçoit une correction, proposée avec le suivant."
    messages.success(request, phrase)
    return True


def _cancel(request: HttpRequest, fiche: FichePayeur) -> None:
    """Cancel a quotient of this payer, and of no other, that was typed by mistake."""
    if not request.user.has_perm("facturation.change_quotient"):
        raise PermissionDenied
    siens = {str(quotient.pk): quotient for quotient in fiche.quotients}
    vise = siens.get(request.POST["annuler"])
    with transaction.atomic():
        annule = annuler(vise.pk, now=timezone.now()) if vise else None
        if annule:
            log_change(request, fiche.foyer, f"Quotient du {premier_phrase(annule.debut)} annulé.")
    if annule:
        messages.success(request, "Le quotient est annulé. Celui d’avant compte de nouveau, s’il y en a un.")
    else:
        messages.warning(request, f"Ce quotient est déjà annulé{NBSP}: rien n’a changé.")


# --- Where they live --------------------------------------------------------------------------------------------------


@staff_page(VIEW)
@require_http_methods(PAGE)
@asks_first
def residences(request: HttpRequest) -> HttpResponse:
    """The page that confirms where payers live, for who may change it: one by one, or all those that have the same
    proposal, whatever was searched, after one preview.
    """
    today = timezone.localdate()
    if request.method == "POST" and "cherche" in request.POST:
        word = keep_search(request.session, request.POST["cherche"].strip())
        return HttpResponseRedirect(f"{request.path}?{urlencode({'q': word})}", status=303)
    if request.method == "POST":
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        if "toutes" in request.POST:
            _confirm_all(request, today)
        else:
            _confirm_one(request)
        return HttpResponseRedirect(request.get_full_path(), status=303)
    cherche = kept_search(request.session, request.GET.get("q", "")) or ""
    vues = load_residences(today, cherche)
    context = {
        "titre": "Résidence des payeurs",
        "vues": vues,
        "cherche": cherche,
        "liste": reverse(RESIDENCES),
        "groupes": [
            (code, f"{_titre(code, vues.noms[code])}, d’après l’adresse ({groupe.nombre})", groupe)
            for code, groupe in vues.groupes.items()
        ],
    }
    return render(request, "facturation/mairie/residences.html", context)


def _titre(code: str, nom: str) -> str:
    return "Dans la commune" if (code, nom) == (Residence.COMMUNE, LIEUX[Residence.COMMUNE]) else nom


def _confirm_one(request: HttpRequest) -> None:
    """The code of a residence, and the foyer (primary key)."""
    noms = load_noms()
    for residence in noms:
        cle = request.POST.get(residence, "")
        if is_key(cle):
            foyer = get_object_or_404(Foyer, pk=int(cle))
            _confirm(request, [foyer.pk], residence, noms)
            return
    choix = " ou ".join(_dite(nom) for nom in noms.values())
    messages.warning(request, f"Choisissez {choix}{NBSP}: rien n’a changé.")


def _confirm_all(request: HttpRequest, today: date) -> None:
    """All those of a group, whatever was looked for; seen before they are written."""
    vues = load_residences(today)
    residence = request.POST["toutes"] if request.POST["toutes"] in vues.groupes else next(iter(vues.groupes))
    groupe, dite = vues.groupes[residence], _dite(vues.noms[residence])
    noms = tuple((vue.payeur.nom, vue.payeur.foyer.adresse, vue.commune) for vue in groupe.vues)
    reste = groupe.nombre - len(noms)
    combien = pluriel(groupe.nombre, "payeur,payeurs")
    titres = ("Payeur", "Adresse", "Commune")
    apercu = Apercu(
        titre="Résidence des payeurs",
        phrase=f"{combien}, {dite}." if noms else "Personne à confirmer.",
        question=f"Confirmer {combien}, {dite}{NBSP}?" if noms else "Rien à confirmer.",
        suites=(Suite("Confirmer"),) if noms else (),
        retour=reverse(RESIDENCES),
        fil=(("Résidence des payeurs", reverse(RESIDENCES)),),
        tableaux=(
            (Tableau("Payeurs", titres, noms, f"et {pluriel(reste, 'autre,autres')}" if reste else ""),) if noms else ()
        ),
        marque=repr((residence, groupe.cles)),
    )
    confirm(request, apercu)
    _confirm(request, groupe.cles, residence, vues.noms)


def _confirm(request: HttpRequest, foyers: list[int], residence: str, noms: Mapping[str, str]) -> None:
    """Write it, with a trace a foyer."""
    dite = _dite(noms[residence])
    with transaction.atomic():
        changes = confirmer(foyers, residence, par=agent_of(request).pk, now=timezone.now())
        for compte in changes:
            if compte.foyer:
                log_change(request, compte.foyer, f"Payeur{NBSP}: résidence, {dite}.")
    if changes:
        confirmes = pluriel(len(changes), "payeur confirmé,payeurs confirmés")
        messages.success(request, f"{confirmes}{NBSP}: {dite}. {_depuis(timezone.localdate())}")
    else:
        messages.info(request, f"C’était déjà confirmé{NBSP}: rien n’a changé.")


def _dite(nom: str) -> str:
    """A residence inside a sentence."""
    return f"{nom[:1].lower()}{nom[1:]}"


def _depuis(today: date) -> str:
    """From when a residence that was just said counts: it has no date of its own."""
    premier = premier_ouvert(today)
    compte = f"La résidence compte dès {MOIS[premier.month - 1]} {premier.year}, le premier mois qui n’est pas arrêté."
    if not Mois.objects.exists():
        return compte
    return f"{compte} Un mois arrêté reçoit une correction, proposée sur sa page."


def compter_a_dire(now: datetime) -> Compteur:
    """For the town hall's home: how many payers to be billed have no confirmed residence, and some of their names."""
    return compter(foyers_a_dire(timezone.localdate(now)).order_by())
