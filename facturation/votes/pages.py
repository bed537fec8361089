"""What the council voted: the list of tariffs, one tariff with its grid, the copy of a year's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.decorators import staff_page
from accounts.log import changes_of, log_addition, log_change
from facturation.arrete.contextes import grille_of
from facturation.models import Deliberation, Mois, Plafond, Supplement, Tarif
from facturation.papiers.mots import mois_annee
from facturation.payeurs.lieux import load_noms
from facturation.votes.ecriture import VoteRefuse, enregistrer, is_used, recopier
from facturation.votes.essais import EssaiVu, essayer_ici
from facturation.votes.forms import COMPLEMENTS, EssaiForm, TarifForm, default_debut
from facturation.votes.forms_grilles import JOUR, PREMIERE, PRIX, TAUX, DefautVu, FormeGrille, GrilleSaisie
from facturation.votes.forms_recopie import RecopieForm
from facturation.votes.suppressions import LISTE, asks_deletion, supprimer_vote
from facturation.votes.vus import (
    complements_of,
    lignes_of,
    load_tarifs_vus,
    portee_dite,
    portee_of,
    unite_of,
)
from portail.confirmation import asks_first
from portail.dates import jour_annee
from portail.formulaires import is_key
from portail.francais import pluriel
from portail.vues import PAGE

VIEW, ADD, CHANGE = "facturation.view_tarif", "facturation.add_tarif", "facturation.change_tarif"
ESSAYER, PROJETER = "essayer", "projeter"


@staff_page(VIEW)
@require_safe
def tarifs(request: HttpRequest) -> HttpResponse:
    """The page of all that was voted: every tariff by créneau and date, the supplements, the délibérations."""
    today = timezone.localdate()
    vus = load_tarifs_vus(today)
    context = {
        "titre": "Tarifs votés",
        "vus": vus,
        "par_nombre": any(vu.tarif.axe == Tarif.Axe.ENFANTS for vu in vus.lignes),
        "supplements": [
            (supplement, portee_of(supplement))
            for supplement in Supplement.objects.select_related("deliberation").prefetch_related("creneaux__ecoles")
        ],
        "plafonds": [
            (plafond, portee_of(plafond))
            for plafond in Plafond.objects.select_related("deliberation").prefetch_related("creneaux__ecoles")
        ],
        "deliberations": Deliberation.objects.all(),
        "aujourdhui": today,
    }
    return render(request, "facturation/votes/tarifs.html", context)


@staff_page(ADD)
@require_http_methods(PAGE)
def nouveau(request: HttpRequest) -> HttpResponse:
    """The form that enters a new tariff, and its saving; with `?suite=` (primary key), it starts as a copy of the
    tariff that it is to follow.
    """
    suite = Tarif.objects.filter(pk=_number(request.GET.get("suite", ""))).first()
    if request.method == "POST":
        return _write(request, Tarif(), suite)
    today = timezone.localdate()
    votes = list(Deliberation.objects.all()[:1])
    initial: dict[str, Any] = {
        "debut": default_debut(votes, today),
        "deliberation": votes[0].pk if votes else None,
    }
    grille = GrilleSaisie.of_lignes(
        lignes_of(suite) if suite else (), load_noms(), suite.axe if suite else Tarif.Axe.RANG
    )
    if suite is not None:
        initial = {**TarifForm(instance=suite).initial, **initial}
    return _page(request, TarifSaisi(TarifForm(initial=initial | {"genre": grille.genre}), grille), Tarif(), suite)


@staff_page(VIEW)
@require_http_methods(PAGE)
@asks_first
def tarif(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one tariff: corrected, or deleted, until a line of a closed month used it; then only read, as by who
    may not change it.
    """
    voulu = get_object_or_404(Tarif.objects.select_related("deliberation"), pk=pk)
    if asks_deletion(request):
        return supprimer_vote(request, voulu)
    if is_used(voulu) or not request.user.has_perm(CHANGE):
        return _read(request, voulu)
    if request.method == "POST":
        return _write(request, voulu, None)
    grille = GrilleSaisie.of_lignes(lignes_of(voulu), load_noms(), voulu.axe)
    return _page(request, TarifSaisi(TarifForm(instance=voulu, initial={"genre": grille.genre}), grille), voulu, None)


@dataclass
class TarifSaisi:
    """What is typed on the page of a tariff, and what is wrong with it."""

    form: TarifForm
    grille: GrilleSaisie
    defauts: list[DefautVu] | None = None
    essai: EssaiVu | None = None
    tried: bool = False

    @property
    def est_fausse(self) -> bool:
        """Whether a button was pressed and something of what is typed is wrong: a field, a row, a hole or an
        overlap.
        """
        return bool(self.tried and (self.form.errors or self.grille.fautes or self.defauts))

    @property
    def est_trouee(self) -> bool:
        """Whether the only thing wrong is that the grid has holes, with no overlap and no error in a field."""
        seuls = bool(self.defauts) and not self.form.errors and not self.grille.fautes
        return seuls and all(defaut.est_trou for defaut in self.defauts or ())


def _write(request: HttpRequest, voulu: Tarif, suite: Tarif | None) -> HttpResponse:
    """What a button asks: another shape of the grid, a price to try, the tariff to be saved. Nothing typed is lost."""
    forme = FormeGrille.of_data(request.POST)
    grille = GrilleSaisie.of_data(request.POST, forme, load_noms())
    geste, _, quoi = request.POST.get("geste", "").partition(" ")
    form = TarifForm(request.POST, instance=voulu)
    if (autre := _reshape(grille, geste, quoi)) or (autre := _missing_columns(grille, request.POST.get("plus", ""))):
        typed = {name: form[name].value() for name in form.fields} | {"genre": autre.genre}
        return _page(request, TarifSaisi(TarifForm(initial=typed, instance=voulu), autre), voulu, suite)
    was = _known(voulu)
    comprise = grille.is_valid()
    form.lignes = grille.lignes if comprise else ()
    valide = form.is_valid()
    saisie = TarifSaisi(form, grille, grille.place_defauts(), tried=True)
    if geste in {ESSAYER, PROJETER}:
        if valide and comprise:
            creneaux = [creneau.pk for creneau in form.cleaned_data["creneaux"]]
            neuve = grille_of(form.instance, grille.lignes, creneaux)
            saisie.essai = essayer_ici(request.POST, neuve, timezone.localdate(), projette=geste == PROJETER)
        return _page(request, saisie, was, suite)
    if saisie.est_fausse:
        return _page(request, saisie, was, suite)
    new = voulu.pk is None
    try:
        return _save(request, saisie, new=new)
    except VoteRefuse as refus:
        if not new and is_used(voulu):
            messages.error(request, str(refus))
            return redirect("admin:facturation_tarif_change", voulu.pk)
        form.add_error("debut", str(refus))
        return _page(request, saisie, was, suite)


def _save(request: HttpRequest, saisie: TarifSaisi, *, new: bool) -> HttpResponse:
    form, tarif = saisie.form, saisie.form.instance
    with transaction.atomic():
        enregistrer(tarif, form.cleaned_data["creneaux"], saisie.grille.lignes, now=timezone.now())
        if new:
            log_addition(request, tarif, f"Tarif saisi, {tarif.deliberation}.")
        else:
            log_change(request, tarif, "Grille enregistrée.", changes_of(form))
    messages.success(request, f"{tarif.nom}\u00a0: tarif enregistré, à partir du {jour_annee(tarif.debut)}.")
    return redirect(LISTE)


def _reshape(grille: GrilleSaisie, geste: str, quoi: str) -> GrilleSaisie | None:
    """The grid in the shape that this button asks for; None for another button."""
    residence, _, bornes = quoi.partition(" ")
    if geste == "ajouter" and residence in grille.lieux:
        de, _, a = bornes.partition("-")
        return grille.with_rangee(residence, de if de.isdecimal() else "", a if a.isdecimal() else "")
    if geste == "retirer":
        return grille.without_rangee(quoi)
    if geste == "copier":
        return grille.with_commune_everywhere()
    if geste == "colonne":
        return grille.without_colonne() if quoi == "moins" else grille.with_colonne()
    if geste == PREMIERE:
        return grille.with_plus("" if quoi == "sans" else PREMIERE)
    return grille.with_genre(geste) if geste in {PRIX, TAUX} else None


def _missing_columns(grille: GrilleSaisie, shown: str) -> GrilleSaisie | None:
    """The grid with the columns that its unit needs, when the page did not show them: a subscription says what a day
    beyond it costs. None when it shows what it should.
    """
    voulu = grille.forme.plus
    return grille.with_plus(voulu) if (voulu == JOUR) != (shown == JOUR) else None


def _page(request: HttpRequest, saisie: TarifSaisi, voulu: Tarif, suite: Tarif | None) -> HttpResponse:
    today = timezone.localdate()
    nom = voulu.nom if voulu.pk else suite.nom if suite else ""
    titre = (
        f"{nom}, à partir du {jour_annee(voulu.debut)}"
        if voulu.pk
        else f"{nom}\u00a0: nouveau tarif".lstrip("\u00a0: ")
    )
    context = {
        "titre": titre if voulu.pk or nom else "Nouveau tarif",
        "saisie": saisie,
        "form": saisie.form,
        "grille": saisie.grille,
        "essai": saisie.essai or EssaiVu(EssaiForm(typed=request.POST, lieux=saisie.grille.lieux)),
        "dernier": mois_annee(dernier) if (dernier := dernier_mois()) else "",
        "suite": suite,
        "voulu": voulu,
        "aujourdhui": today,
        "deliberations": Deliberation.objects.exists(),
        "complements": [saisie.form[nom] for nom in COMPLEMENTS],
        "abonnement": saisie.grille.forme.plus == JOUR,
        "premiere": saisie.grille.forme.plus == PREMIERE,
    }
    return render(request, "facturation/votes/tarif.html", context)


def _read(request: HttpRequest, voulu: Tarif) -> HttpResponse:
    """A tariff that changes no more, its grid, and a price to try."""
    lignes = lignes_of(voulu)
    essai = EssaiVu(EssaiForm())
    if "essai-residence" in request.GET:
        essai = essayer_ici(request.GET, grille_of(voulu, lignes), timezone.localdate(), projette=False)
    context = {
        "titre": f"{voulu.nom}, à partir du {jour_annee(voulu.debut)}",
        "tarif": voulu,
        "portee": portee_of(voulu),
        "unite": unite_of(voulu),
        "grille": GrilleSaisie.of_lignes(lignes, essai.form.lieux, voulu.axe),
        "complements": complements_of(voulu),
        "essai": essai,
        "utilise": is_used(voulu),
    }
    return render(request, "facturation/votes/tarif_vu.html", context)


@staff_page(ADD)
@require_http_methods(PAGE)
def copier(request: HttpRequest) -> HttpResponse:
    """The page that copies the tariffs of a year, and the supplements that are over by then (for who may add one), to
    another day under another vote; each copy is then corrected.
    """
    form = RecopieForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _copy(request, form)
        except VoteRefuse as refus:
            form.add_error("debut", str(refus))
    context = {"titre": "Recopier les tarifs", "form": form, "deliberations": Deliberation.objects.exists()}
    return render(request, "facturation/votes/tarifs_recopier.html", context)


def _copy(request: HttpRequest, form: RecopieForm) -> HttpResponse:
    debut = form.cleaned_data["debut"]
    suivis = form.a_suivre if request.user.has_perm("facturation.add_supplement") else []
    with transaction.atomic():
        copies = recopier(
            list(form.cleaned_data["tarifs"]), form.cleaned_data["deliberation"], debut, suivis, now=timezone.now()
        )
        for copie in copies:
            log_addition(request, copie, f"Recopié d’un autre {copie._meta.verbose_name}.")
    combien = pluriel(len(copies) - len(suivis), "tarif recopié,tarifs recopiés")
    if suivis:
        combien += f" et {pluriel(len(suivis), 'supplément recopié,suppléments recopiés')}"
    messages.success(request, f"{combien}, à partir du {jour_annee(debut)}. Corrigez les prix de chacun.")
    for supplement in form.courent:
        messages.info(
            request,
            f"{supplement}, {portee_dite(supplement)}\u00a0: il court encore ce jour-là, jusqu’au "
            f"{jour_annee(supplement.fin or debut)}. Il n’est pas recopié.",
        )
    return redirect(LISTE)


def dernier_mois() -> date | None:
    """The first day of the last closed month; None while none is closed."""
    return Mois.objects.order_by("-premier").values_list("premier", flat=True).first()


def _number(text: str) -> int:
    return int(text) if is_key(text) else 0


def _known(voulu: Tarif) -> Tarif:
    """The tariff as it is in the base: validating a form changes its instance."""
    return Tarif.objects.filter(pk=voulu.pk).first() or Tarif()
