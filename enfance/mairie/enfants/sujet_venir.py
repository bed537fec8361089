"""Who may fetch a child, or must not: the subject of its file that is said of brothers and sisters too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.decorators import agent_of
from accounts.log import FieldChange, in_words, log_change
from enfance.famille.fratries import load_fratrie
from enfance.mairie.enfants.forms_venir import RetraitVenirForm, VenirForm
from enfance.mairie.enfants.lecture import attentions_of
from enfance.mairie.enfants.venir import DIT, Dit, ask_again, etendre, retrait_of
from enfance.models import Enfant, PersonneAutorisee
from portail.formulaires import is_key
from portail.francais import NBSP, et


def personne_of(request: HttpRequest, enfant: Enfant) -> PersonneAutorisee | None:
    """The person on the child's list whom `?personne=` names (primary key; 404 when there is none); None without it, to
    add one.
    """
    pk = request.GET.get("personne", "")
    return get_object_or_404(enfant.personnes_autorisees, pk=pk if is_key(pk) else 0) if pk else None


def venir_form(request: HttpRequest, enfant: Enfant, data: Any) -> forms.BaseForm:
    """The form of a person who may fetch the child or must not: to add it, to change the one that `?personne=` names,
    or to take it off the list. Raises PermissionDenied when the agent may not take it off.
    """
    personne, today = personne_of(request, enfant), timezone.localdate()
    fratrie = load_fratrie(enfant, today)
    if data is not None and "retirer" in data:
        if personne is None or not request.user.has_perm("enfance.delete_personneautorisee"):
            raise PermissionDenied
        return RetraitVenirForm(data, personne=personne, fratrie=fratrie, today=today)
    personne = personne or PersonneAutorisee(enfant=enfant)
    interdire = "interdire" in request.GET
    return VenirForm(data, instance=personne, fratrie=fratrie, today=today, interdire=interdire)


def venir_tenus(enfant: Enfant) -> list[int]:
    """The children (primary keys) whose lists the form may write to: this child, and its brothers and sisters."""
    return [enfant.pk, *(autre.pk for autre in load_fratrie(enfant, timezone.localdate()))]


def write_venir(request: HttpRequest, enfant: Enfant, form: VenirForm | RetraitVenirForm, retour: str) -> None:
    """Write the person of a valid form on the child's list, or take it off, and do the same for the brothers and
    sisters who were ticked; the file of each child keeps a trace. Raises PermissionDenied when the agent may not add a
    person.
    """
    if isinstance(form, RetraitVenirForm):
        return _withdraw(request, form)
    agent, now = agent_of(request), timezone.now()
    personne = form.instance
    if form.avant is None:
        personne.ajoutee_par = agent
    form.save()
    dits = [Dit(form.avant, personne), *(etendre(personne, form.avant, autre, agent, now=now) for autre in form.pour)]
    if any(dit.avant is None for dit in dits) and not request.user.has_perm("enfance.add_personneautorisee"):
        raise PermissionDenied
    ask_again(dits[0])
    for dit in dits:
        _log(request, dit, form)
    _say(request, form.pour)
    for autre in form.pour:
        for phrase in attentions_of(autre, timezone.localdate(now)):
            messages.warning(request, f"Attention{NBSP}: {phrase}")


def _log(request: HttpRequest, dit: Dit, form: VenirForm) -> None:
    personne, sorte = dit.apres, _sorte(dit.apres)
    if dit.avant is None:
        log_change(request, personne.enfant, f"{sorte}{NBSP}: {personne}, ajouté·e.")
        return
    changes = [
        FieldChange(f"{sorte} ({personne}), {str(form.fields[champ].label).lower()}", *mots)
        for champ in DIT
        if (mots := [in_words(getattr(p, champ), form.fields[champ]) for p in (dit.avant, personne)])[0] != mots[1]
    ]
    if changes:
        log_change(request, personne.enfant, "", changes)


def _withdraw(request: HttpRequest, form: RetraitVenirForm) -> None:
    """Take this person off the list, and off those of the brothers and sisters who are ticked."""
    for personne in [form.personne, *retrait_of(form.personne, form.pour, timezone.localdate())]:
        log_change(request, personne.enfant, f"{_sorte(personne)}{NBSP}: {personne}, retiré·e de la liste.")
        personne.delete()
    messages.info(request, f"{form.personne} n’est plus dans la liste.")
    _say(request, form.pour)


def _say(request: HttpRequest, pour: Iterable[Enfant]) -> None:
    if autres := [str(autre) for autre in pour]:
        messages.info(request, f"Dit aussi pour {et(autres)}.")


def _sorte(personne: PersonneAutorisee) -> str:
    return "Ne jamais remettre à" if personne.interdite else "Peut venir chercher"
