"""« Chiffres »: the year by month, by class, and how full each day was, as tables, pictures and spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from accounts.exports import export
from enfance.mairie.chiffres import load_chiffres, mois_de, mois_titre
from enfance.mairie.chiffres_annee import Chiffres, Remplissage
from enfance.mairie.ecoles import ECOLE, ecole_demandee, ecoles_offered
from enfance.mairie.graphiques import Graphique, GroupeBarres, Valeur, colonnes
from enfance.models import AnneeScolaire, Creneau
from portail.dates import MOIS, MOIS_ABREGES
from portail.extensions import Extension
from portail.menu import chiffres_of
from portail.tableur import TableSortante

COLORES = {"matin", "midi", "soir"}  # the moments that have a colour of their own
SERRE = 5  # months side by side, past which their picture takes the whole width
TABLEAUX: dict[str, tuple[str, Callable[[Chiffres], tuple[list[str], list[list[Any]]]]]] = {
    "mois": ("Par mois", Chiffres.tableau_mois),
    "classes": ("Par classe", Chiffres.tableau_classes),
    "jours": ("Par jour", Chiffres.tableau_jours),
}


@dataclass(frozen=True)
class ChoixMois:
    """The year and the month shown, and what may be chosen instead: codes and names."""

    annee: AnneeScolaire
    mois: date
    annees: list[tuple[str, str]]
    tous_mois: list[tuple[str, str]]

    @property
    def code(self) -> str:
        """The month as addresses write it: « 2026-12 »."""
        return f"{self.mois:%Y-%m}"

    @property
    def code_annee(self) -> str:
        """The school year as addresses write it: « 2026 », the year in which it begins."""
        return f"{self.annee.debut:%Y}"


@staff_page("enfance.view_inscription")
@require_safe
def chiffres(request: HttpRequest) -> HttpResponse:
    """The page of the figures of a school year, and of one of its months; the days of that month are those of one
    créneau.
    """
    choix, autres = _choix(request), chiffres_of(request, Extension.installed().chiffres)
    if choix is None:
        return render(request, "mairie/chiffres.html", {"titre": "Chiffres", "autres": autres})
    ecole = ecole_demandee(request)
    annee = load_chiffres(choix.annee, choix.mois, today=timezone.localdate(), ecole=ecole)
    remplissage = _remplissage(annee, request.GET.get("creneau", ""))
    large = len(annee.par_mois) > SERRE
    plusieurs = bool(ecoles_offered(request))
    teintes = _teintes(annee.creneaux, plusieurs=plusieurs)
    context = {
        "titre": f"Chiffres de l’année {choix.annee}",
        "autres": autres,
        "choix": choix,
        "ecoles": ecoles_offered(request),
        "ecole": ecole,
        "chiffres": annee,
        "mois": mois_titre(choix.mois).lower(),
        "large": large,
        "totaux": list(zip(annee.totaux, teintes, strict=True)),
        "cle": list(zip(annee.creneaux, teintes, strict=True)),
        "par_mois": _par_mois(annee, teintes, large=large),
        "remplissage": remplissage,
        "par_jour": _par_jour(remplissage, plusieurs=plusieurs) if remplissage else None,
    }
    return render(request, "mairie/chiffres.html", context)


@staff_page("enfance.view_inscription", "enfance.export_inscription")
@require_safe
def tableau(request: HttpRequest) -> HttpResponseBase:
    """One of the tables of the figures (`?tableau=`: by month, by class or by day) as a file, CSV or XLSX, once the
    agent has typed a password (ADM-05). 404 for an unknown table.
    """
    choix = _choix(request)
    code = request.GET.get("tableau", "mois")
    if choix is None or code not in TABLEAUX:
        raise Http404("No such table.")
    ecole = ecole_demandee(request)
    query = {"mois": choix.code} | ({ECOLE: ecole.code} if ecole else {})
    page = reverse("admin:enfance_inscription_chiffres", query=query)

    def build() -> TableSortante:
        feuille, lire = TABLEAUX[code]
        dits = load_chiffres(choix.annee, choix.mois, today=timezone.localdate(), ecole=ecole)
        nom = "-".join(["chiffres", code, choix.code, *([ecole.code] if ecole else [])])
        return TableSortante.of(nom, feuille, *lire(dits))

    return export(request, "chiffres", build, back=page)


def _choix(request: HttpRequest) -> ChoixMois | None:
    """The month asked for, else the present one of the year asked for, else its last that has begun, else its first."""
    annees = list(AnneeScolaire.objects.order_by("debut"))
    par_mois = {f"{mois:%Y-%m}": (annee, mois) for annee in annees for mois in mois_de(annee)}
    code_annee = request.GET.get("annee", "")
    voulus = [paire for paire in par_mois.values() if f"{paire[0].debut:%Y}" == code_annee] or list(par_mois.values())
    commences = [paire for paire in voulus if paire[1] <= timezone.localdate()]
    if not voulus:
        return None
    choisi = par_mois.get(request.GET.get("mois", ""))
    annee, mois = choisi if choisi in voulus else (commences or voulus[:1])[-1]
    return ChoixMois(
        annee,
        mois,
        [(f"{une.debut:%Y}", str(une)) for une in reversed(annees)],
        [(code, mois_titre(premier)) for code, (une, premier) in par_mois.items() if une == annee],
    )


def _remplissage(chiffres: Chiffres, code: str) -> Remplissage | None:
    """That of the créneau asked for, else of the first with a limit, else of the first."""
    demande = [r for r in chiffres.remplissages if r.creneau.code == code]
    limites = [r for r in chiffres.remplissages if r.is_limite]
    return next(iter(demande or limites or chiffres.remplissages), None)


def _teintes(creneaux: Sequence[Creneau], *, plusieurs: bool) -> list[str]:
    """The CSS class of each: where there are several schools, the first of a moment has the colour of that moment."""
    teintes: list[str] = []
    for creneau in creneaux:
        moment = creneau.moment if plusieurs and creneau.moment in COLORES else creneau.teinte
        teintes.append(moment if moment not in teintes else f"autre-{creneau.pk % 3 + 1}")
    return teintes


def _par_mois(chiffres: Chiffres, teintes: Sequence[str], *, large: bool) -> Graphique:
    noms = MOIS_ABREGES if large else MOIS
    groupes = [
        GroupeBarres(
            noms[mois.month - 1],
            tuple(Valeur(n.inscrits, teinte) for teinte, n in zip(teintes, ligne.nombres, strict=True)),
        )
        for mois, ligne in zip(mois_de(chiffres.annee), chiffres.par_mois, strict=False)
    ]
    return colonnes(groupes, largeur=1180 if large else 640)


def _par_jour(remplissage: Remplissage, *, plusieurs: bool) -> Graphique:
    [teinte] = _teintes([remplissage.creneau], plusieurs=plusieurs)
    groupes = [
        GroupeBarres(
            str(jour.jour.day),
            (Valeur(jour.pris, teinte, jour.complet),),
            jour.initiale,
            jour.places,
        )
        for jour in remplissage.jours
    ]
    return colonnes(groupes, dedans=True)
