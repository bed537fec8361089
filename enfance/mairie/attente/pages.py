"""The waiting lists, day by day: a place is given, the order is changed with a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import agent_of, staff_page
from accounts.log import log_change
from enfance.courriels.fermeture import recipients
from enfance.inscriptions import classer
from enfance.mairie.attente.ecriture import Don, ListeAttente, donner, load_donnees, load_listes
from enfance.mairie.ecoles import ecole_demandee, ecoles_offered
from enfance.models import Creneau, Inscription
from enfance.regles import Acteur, cles
from portail.certain import certain
from portail.confirmation import Apercu, Suite, asks_first, confirm
from portail.dates import jour_long
from portail.formulaires import WholeForm, is_key
from portail.signes import validate_ligne
from portail.vues import PAGE

JOURS = 30  # of a page
ATTENTE = "admin:enfance_inscription_attente"
CHANGEE = "La liste a changé depuis l’affichage\u00a0: rien n’est déplacé, la voici."


class RangForm(forms.Form):
    """One move in one list, as its buttons send it."""

    jour = forms.DateField()
    creneau = forms.ModelChoiceField(Creneau.objects.all())
    avant = forms.CharField(max_length=20_000)
    place = forms.CharField()

    def clean(self) -> dict[str, Any]:
        """Refuse a move that is not in the list as it was shown; otherwise add to the data the order before (`avant`)
        and after (`ordre`), the inscription that moves (`pk`) and its new rank, from 1 on (`rang`).
        """
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            keys = [cles.parse_key(text, cles.pk) for text in cleaned["avant"].split()]
            avant = [key[0] for key in keys if key]
            pk, rang = cles.parse_key(cleaned["place"], cles.pk, cles.rang) or (0, 0)
            if None in keys or pk not in avant or not 1 <= rang <= len(avant) or avant[rang - 1] == pk:
                raise forms.ValidationError("Ce rang n’est pas dans la liste.")
            ordre = [autre for autre in avant if autre != pk]
            ordre.insert(rang - 1, pk)
            cleaned |= {"avant": avant, "ordre": ordre, "pk": pk, "rang": rang}
        return cleaned


class MotifForm(WholeForm):
    """Why the list is not followed. Nobody’s rank gets worse without it."""

    motif = forms.CharField(
        max_length=200,
        validators=[validate_ligne],
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off"}),
        help_text="Pour changer l’ordre, ou dépasser le nombre de places. "
        "Gardé dans l’historique, pour la mairie\u00a0: les familles ne le lisent pas.",
        error_messages={"required": "Écrivez pourquoi l’ordre change."},
    )


class ChoixListeForm(forms.Form):
    """The list to show."""

    jour = forms.DateField(required=False)
    creneau = forms.IntegerField(required=False)


@staff_page("enfance.view_inscription")
@require_http_methods(PAGE)
@asks_first
def attente(request: HttpRequest) -> HttpResponse:
    """The page of a waiting list, the first one to come unless the address names another; its buttons give a place to a
    child, or move a child in the list, for which a reason is asked. A place beyond their number is confirmed first.
    Raises PermissionDenied for the buttons without the right to change inscriptions.
    """
    if request.method != "POST":
        return _page(request, MotifForm(use_required_attribute=False))
    if not request.user.has_perm("enfance.change_inscription"):
        raise PermissionDenied
    return _donner(request) if "donner" in request.POST else _classer(request)


def _page(request: HttpRequest, motif: MotifForm) -> HttpResponse:
    today = timezone.localdate()
    ecole = ecole_demandee(request)
    listes = load_listes(today, ecole)
    page = Paginator(listes, JOURS).get_page(request.GET.get("page"))
    context = {
        "titre": "Liste d’attente",
        "ecoles": ecoles_offered(request),
        "ecole": ecole,
        "page": page,
        "liste": _choisie(request, listes) or next(iter(page), None),
        "form": motif,
        "donnees": load_donnees(today),
        "may_change": request.user.has_perm("enfance.change_inscription"),
    }
    return render(request, "mairie/attente/attente.html", context)


def _choisie(request: HttpRequest, listes: list[ListeAttente]) -> ListeAttente | None:
    """The list that the form or the address names, None when there is no such list."""
    form = ChoixListeForm(request.POST or request.GET)
    if not form.is_valid():
        return None
    voulue = form.cleaned_data["jour"], form.cleaned_data["creneau"]
    return next((liste for liste in listes if (liste.jour, liste.creneau.pk) == voulue), None)


def _back(inscription: Inscription) -> HttpResponseRedirect:
    """To the same list."""
    query = {"jour": inscription.jour.isoformat(), "creneau": str(inscription.creneau_id)}
    return HttpResponseRedirect(reverse(ATTENTE, query=query), status=303)


def _donner(request: HttpRequest) -> HttpResponse:
    """Give the place that a button names, or say why not: what was typed stays."""
    pk = request.POST["donner"]
    attentes = Inscription.objects.select_related("enfant", "creneau")
    inscription = get_object_or_404(attentes, pk=pk if is_key(pk) else 0)
    form = MotifForm(request.POST, use_required_attribute=False)
    if request.POST.get("motif", "").strip() and not form.is_valid():
        return _page(request, form)
    motif = form.cleaned_data["motif"] if form.is_valid() else ""
    don = donner(inscription, agent_of(request).pk, motif, now=timezone.now())
    if don.refus and don.motif:
        form.errors.pop("motif", None)
        form.add_error("motif", don.refus)
        return _page(request, form)
    if don.refus:
        messages.warning(request, don.refus)
        return _page(request, MotifForm(initial={"motif": motif}, use_required_attribute=False))
    if don.depasse:
        confirm(request, _apercu(inscription))
    _tell(request, inscription, don)
    return _back(inscription)


def _tell(request: HttpRequest, inscription: Inscription, don: Don) -> None:
    """Log the place that was given, and say who is told of it."""
    liste = f"{jour_long(inscription.jour)}, {inscription.creneau.nom_court}"
    enregistrement = certain(don.enregistrement)
    motif = f" Motif\u00a0: {enregistrement.motif}." if enregistrement.motif else ""
    log_change(request, inscription, f"Place donnée, {liste}.{motif} {enregistrement}.")
    adresses = sorted({user.email for user in recipients(enregistrement)})
    suite = (
        f"La famille est prévenue par e-mail\u00a0: {', '.join(adresses)}."
        if adresses
        else "Personne de la famille n’a d’adresse e-mail\u00a0: dites-le-lui de vive voix."
    )
    messages.success(request, f"{inscription.enfant} a la place\u00a0: {liste}. {suite}")


def _apercu(inscription: Inscription) -> Apercu:
    """What is asked before a child more than there are places."""
    creneau, nom = inscription.creneau, f"{inscription.enfant}"
    return Apercu(
        titre=f"Donner une place de plus à {nom}",
        phrase=f"{jour_long(inscription.jour)}, {creneau.nom_court}\u00a0: il n’y a plus de place.".capitalize(),
        question=f"Inscrire {nom} au-delà des {creneau.places}\u00a0places\u00a0?",
        suites=(Suite("Donner une place de plus"),),
        retour=_back(inscription).url,
        fil=(("Liste d’attente", reverse(ATTENTE)),),
        consequence="La famille est prévenue par e-mail.",
    )


def _classer(request: HttpRequest) -> HttpResponse:
    """Move one child, once the reason is known: the page asks for it where it lacks."""
    form = RangForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Ce déplacement n’existe pas\u00a0: rechargez la page.")
        return HttpResponseRedirect(request.get_full_path(), status=303)
    asked = form.cleaned_data
    attentes = Inscription.objects.attente_for({(asked["jour"], asked["creneau"].pk)}).select_related("enfant")
    liste = {inscription.pk: inscription for inscription in attentes}
    if list(liste) == asked["avant"]:
        why = MotifForm(request.POST if "motif" in request.POST else None, use_required_attribute=False)
        if not why.is_valid():
            return _ask(request, form, why, liste)
        acteur = Acteur.mairie(agent_of(request).pk, why.cleaned_data["motif"])
        if _move(request, asked, liste[asked["pk"]], acteur):
            return _back(liste[asked["pk"]])
    messages.warning(request, CHANGEE)
    return _page(request, MotifForm(initial={"motif": request.POST.get("motif", "")}, use_required_attribute=False))


def _move(request: HttpRequest, asked: dict[str, Any], inscription: Inscription, acteur: Acteur) -> bool:
    """Write and log it: the order of a list is nobody's to change in silence. False when it has just changed."""
    with transaction.atomic():
        enregistrement = classer(
            asked["jour"], asked["creneau"], asked["avant"], asked["ordre"], acteur, now=timezone.now()
        )
        if enregistrement is None:
            return False
        liste = f"{jour_long(asked['jour'])}, {asked['creneau'].nom_court}"
        rangs = f"rang {asked['avant'].index(asked['pk']) + 1} → {asked['rang']}"
        trace = f"Liste d’attente, {liste}\u00a0: {rangs}. Motif\u00a0: {acteur.motif}. {enregistrement}."
        log_change(request, inscription, trace)
    messages.success(request, f"{inscription.enfant}, {liste}\u00a0: {rangs}.")
    return True


def _ask(request: HttpRequest, form: RangForm, why: MotifForm, liste: dict[int, Inscription]) -> HttpResponse:
    asked = form.cleaned_data
    rangs = [(liste[pk].enfant, asked["avant"].index(pk) + 1, rang) for rang, pk in enumerate(asked["ordre"], 1)]
    context = {
        "titre": "Changer l’ordre d’une liste d’attente",
        "retour": _back(liste[asked["pk"]]).url,
        "demande": asked,
        "champs": [(nom, form.data[nom]) for nom in form.fields],
        "form": why,
        "motif": why["motif"],
        "rangs": rangs,
    }
    return render(request, "mairie/attente/attente_ordre.html", context)
