"""« Les factures en chiffres »: a year by month and créneau, paid and owed, by tranche: pictures, tables, files."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import staff_page
from accounts.exports import export
from enfance.mairie.graphiques import Graphique, GroupeBarres, Valeur, colonnes
from enfance.models import AnneeScolaire
from facturation.chiffres import MOMENTS, ChiffresArgent, load_annees, load_chiffres
from facturation.montants import arrondir
from portail.dates import MOIS_ABREGES
from portail.tableur import TableSortante

VIEW, EXPORT = "facturation.view_prestation", "facturation.export_facture"
PAGE_CHIFFRES = "admin:facturation_chiffres"
TEINTES = {"journee": "autre-1", "supplements": "autre-2", "corrections": "autre-3"}
TABLEAUX: dict[str, tuple[str, Callable[[ChiffresArgent], tuple[list[str], list[list[Any]]]]]] = {
    "mois": ("Par mois", ChiffresArgent.tableau_mois),
    "paye": ("Payé et dû", ChiffresArgent.tableau_paye),
    "tranches": ("Par quotient", ChiffresArgent.tableau_tranches),
}


@staff_page(VIEW)
@require_safe
def chiffres(request: HttpRequest) -> HttpResponse:
    """The page « Les factures en chiffres » of a school year, that of `?annee=` or the last begun: what the closed
    months billed, what was paid, as pictures and tables.
    """
    annees = load_annees()
    annee = _annee(request, annees)
    context: dict[str, Any] = {"titre": "Les factures en chiffres", "annees": annees, "annee": annee}
    if annee is not None:
        dits = load_chiffres(annee, today=timezone.localdate())
        teintes = [TEINTES.get(code, code) for code in dits.colonnes]
        context |= {
            "titre": f"Les factures de {annee} en chiffres",
            "chiffres": dits,
            "titre_mode": settings.ENCAISSEMENT == "titre",
            "cle": list(zip(dits.titres, teintes, strict=True)),
            "par_mois": _par_mois(dits),
            "par_paiement": _par_paiement(dits),
            "par_tranche": _par_tranche(dits),
            "code": f"{annee.debut:%Y}",
            "may_export": request.user.has_perm(EXPORT),
        }
    return render(request, "facturation/mairie/chiffres.html", context)


@staff_page(VIEW, EXPORT)
@require_safe
def tableau(request: HttpRequest) -> HttpResponseBase:
    """One table of the page « Les factures en chiffres » as a file, CSV or XLSX, for who has just typed their password
    (ADM-05). `?tableau=` names it, by default that of the months; 404 for an unknown one.
    """
    annee = _annee(request, load_annees())
    code = request.GET.get("tableau", "mois")
    if annee is None or code not in TABLEAUX:
        raise Http404("No such table.")
    page = reverse(PAGE_CHIFFRES, query={"annee": f"{annee.debut:%Y}"})

    def build() -> TableSortante:
        feuille, lire = TABLEAUX[code]
        dits = load_chiffres(annee, today=timezone.localdate())
        return TableSortante.of(f"factures-{code}-{annee.debut:%Y}", feuille, *lire(dits))

    return export(request, "chiffres_factures", build, back=page)


def _annee(request: HttpRequest, annees: list[AnneeScolaire]) -> AnneeScolaire | None:
    """The year asked for, else the last that has begun."""
    demandees = [annee for annee in annees if f"{annee.debut:%Y}" == request.GET.get("annee", "")]
    commencees = [annee for annee in annees if annee.debut <= timezone.localdate()]
    return next(iter(demandees or commencees or annees), None)


def _euros(centimes: int) -> int:
    """Whole euros, for a picture; one below 0 has no height."""
    return max(arrondir(Decimal(centimes), 100) // 100, 0)


def _par_mois(dits: ChiffresArgent) -> Graphique:
    dessines = [code for code in dits.colonnes if code in MOMENTS]
    return colonnes(
        [
            GroupeBarres(
                MOIS_ABREGES[mois.premier.month - 1],
                tuple(Valeur(_euros(mois.sommes.get(code, 0)), TEINTES.get(code, code)) for code in dessines),
            )
            for mois in dits.mois
        ]
    )


def _par_paiement(dits: ChiffresArgent) -> Graphique:
    return colonnes(
        [
            GroupeBarres(
                MOIS_ABREGES[mois.premier.month - 1],
                (Valeur(_euros(mois.facture), "autre-2"), Valeur(_euros(mois.paye), "matin")),
            )
            for mois in dits.mois
        ]
    )


def _par_tranche(dits: ChiffresArgent) -> Graphique:
    return colonnes(
        [
            GroupeBarres(
                tranche.titre.removeprefix("De ").replace("Quotient i", "I"), (Valeur(_euros(tranche.montant), "soir"),)
            )
            for tranche in dits.tranches
        ]
    )
