"""« Chiffres »: the year by month, by class, and how full each day was, as tables and plain pictures."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils import timezone

from enfance.mairie.chiffres import Chiffres, Remplissage, load_chiffres, mois_de, mois_titre
from enfance.mairie.graphiques import Graphique, colonnes
from enfance.models import AnneeScolaire
from portail.dates import MOIS_ABREGES


class MoisForm(forms.Form):
    """Which month to show; what is no month of a known year is none."""

    mois = forms.ChoiceField(label="Mois")

    def __init__(self, data: QueryDict | None, annees: list[AnneeScolaire]) -> None:
        super().__init__(data)
        self.choisis = {f"{mois:%Y-%m}": (annee, mois) for annee in annees for mois in mois_de(annee)}
        self.fields["mois"].choices = [(code, mois_titre(mois)) for code, (_, mois) in self.choisis.items()]

    def choisi(self, today: date) -> tuple[AnneeScolaire, date] | None:
        """The month asked for, else the present one, else the last that has begun, else the first."""
        if self.is_valid():
            return self.choisis[self.cleaned_data["mois"]]
        commences = [paire for paire in self.choisis.values() if paire[1] <= today]
        return (commences or list(self.choisis.values())[:1] or [None])[-1]


def chiffres_view(model_admin: admin.ModelAdmin, request: HttpRequest) -> HttpResponse:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    form = MoisForm(request.GET or None, list(AnneeScolaire.objects.order_by("debut")))
    choisi = form.choisi(timezone.localdate())
    chiffres = load_chiffres(*choisi) if choisi else None
    form.initial["mois"] = f"{choisi[1]:%Y-%m}" if choisi else ""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Chiffres",
        "opts": model_admin.opts,
        "form": form,
        "chiffres": chiffres,
        "mois": mois_titre(choisi[1]) if choisi else "",
        "par_mois": _par_mois(chiffres) if chiffres else None,
        "remplissages": [(r, _remplissage(r)) for r in chiffres.remplissages] if chiffres else [],
    }
    return TemplateResponse(request, "admin/enfance/inscription/chiffres.html", context)


def _par_mois(chiffres: Chiffres) -> Graphique:
    groupes = [
        (MOIS_ABREGES[mois.month - 1], [nombre.inscrits for nombre in ligne.nombres])
        for mois, ligne in zip(mois_de(chiffres.annee), chiffres.par_mois, strict=True)
    ]
    return colonnes(groupes)


def _remplissage(remplissage: Remplissage) -> Graphique:
    groupes = [(str(jour.jour.day), [jour.pris]) for jour in remplissage.jours]
    return colonnes(groupes, limite=remplissage.places)
