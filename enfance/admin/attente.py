"""The waiting lists, day by day, and their order, which the town hall may change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from accounts.site import TownHallAdmin
from enfance.inscriptions import classer
from enfance.models import Creneau, Inscription
from enfance.regles import Acteur, cles
from portail.dates import jour_long
from portail.formulaires import WholeForm
from portail.signes import validate_ligne

PAGE = 30


@dataclass(frozen=True)
class Attente:
    """One waiting: its rank, and the ranks that it may be moved to."""

    inscription: Inscription
    rang: int
    total: int

    @property
    def moves(self) -> list[tuple[str, str]]:
        """What the buttons say, and what they send."""
        moves = []
        if self.rang > 2:
            moves.append((1, "En premier"))
        if self.rang > 1:
            moves.append((self.rang - 1, "Monter"))
        if self.rang < self.total:
            moves.append((self.rang + 1, "Descendre"))
        return [(f"{self.inscription.pk}:{rang}", verbe) for rang, verbe in moves]


@dataclass(frozen=True)
class ListeAttente:
    jour: date
    creneau: Creneau
    inscrits: int
    attentes: list[Attente]

    @property
    def avant(self) -> str:
        """The list as it is displayed: a move is refused once it has changed."""
        return " ".join(str(attente.inscription.pk) for attente in self.attentes)


def load_listes(today: date) -> list[ListeAttente]:
    """Every list from today on. Four queries."""
    attentes = Inscription.objects.waiting(today).select_related("enfant", "foyer")
    comptes = Inscription.objects.inscrit().filter(jour__gte=today, creneau__places__isnull=False).occupation()
    listes = []
    for (jour, creneau), groupe in groupby(
        attentes.prefetch_related("foyer__responsables__user"), key=lambda i: (i.jour, i.creneau)
    ):
        rangees = list(groupe)
        vues = [Attente(inscription, rang, len(rangees)) for rang, inscription in enumerate(rangees, 1)]
        listes.append(ListeAttente(jour, creneau, comptes.get((jour, creneau.pk), 0), vues))
    return listes


class RangForm(forms.Form):
    """One move in one list, as its buttons send it."""

    jour = forms.DateField()
    creneau = forms.ModelChoiceField(Creneau.objects.all())
    avant = forms.CharField(max_length=20_000)
    place = forms.CharField()

    def clean(self) -> dict[str, Any]:
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
    """Why the order changes. Nobody’s rank gets worse without it."""

    motif = forms.CharField(
        max_length=200,
        validators=[validate_ligne],
        widget=AdminTextInputWidget,
        help_text="Gardé avec le changement, pour la mairie\u00a0: les familles ne le lisent pas.",
        error_messages={"required": "Écrivez pourquoi l’ordre change."},
    )


class AttenteAdmin(TownHallAdmin):
    """The list of inscriptions, with the page of those that wait."""

    def get_urls(self) -> list[URLPattern]:
        attente = path("attente/", self.admin_site.admin_view(self.attente_view), name="enfance_inscription_attente")
        return [attente, *super().get_urls()]

    def attente_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_change_permission(request):
                raise PermissionDenied
            return self._classer(request) or redirect(request.get_full_path())
        page = Paginator(load_listes(timezone.localdate()), PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": "Listes d’attente",
            "opts": self.opts,
            "media": self.media,
            "page": page,
            "may_change": self.has_change_permission(request),
        }
        return TemplateResponse(request, "admin/enfance/inscription/attente.html", context)

    def _classer(self, request: HttpRequest) -> HttpResponse | None:
        """Ask why, then move one child: the page that asks, None once there is nothing more to ask."""
        form = RangForm(request.POST)
        if not form.is_valid():
            self.message_user(request, "Ce déplacement n’existe pas\u00a0: rechargez la page.", messages.ERROR)
            return None
        asked = form.cleaned_data
        attentes = Inscription.objects.attente_for({(asked["jour"], asked["creneau"].pk)}).select_related("enfant")
        liste = {inscription.pk: inscription for inscription in attentes}
        if list(liste) == asked["avant"]:
            why = MotifForm(request.POST if "motif" in request.POST else None)
            if not why.is_valid():
                return self._ask(request, form, why, liste)
            acteur = Acteur.mairie(request.user.pk, why.cleaned_data["motif"])
            if self._move(request, asked, liste[asked["pk"]], acteur):
                return None
        self.message_user(
            request, "La liste a changé depuis l’affichage\u00a0: rien n’est déplacé, la voici.", messages.WARNING
        )
        return None

    def _move(self, request: HttpRequest, asked: dict[str, Any], inscription: Inscription, acteur: Acteur) -> bool:
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
            self.log_change(request, inscription, trace)
        self.message_user(request, f"{inscription.enfant}, {liste}\u00a0: {rangs}.", messages.SUCCESS)
        return True

    def _ask(
        self, request: HttpRequest, form: RangForm, why: MotifForm, liste: dict[int, Inscription]
    ) -> TemplateResponse:
        asked = form.cleaned_data
        context = {
            **self.admin_site.each_context(request),
            "title": "Changer l’ordre d’une liste d’attente",
            "opts": self.opts,
            "media": self.media,
            "retour": request.get_full_path(),
            "demande": asked,
            "champs": [(nom, form.data[nom]) for nom in form.fields],
            "motif": why["motif"],
            "rangs": [
                (liste[pk].enfant, asked["avant"].index(pk) + 1, rang) for rang, pk in enumerate(asked["ordre"], 1)
            ],
        }
        return TemplateResponse(request, "admin/enfance/inscription/ordre.html", context)
