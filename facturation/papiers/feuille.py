"""What every A4 paper says of the town, an invoice as its paper says it, a paper as a file: whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string

from accounts import ratelimit
from accounts.pauses import too_many_attempts
from facturation.models import Facture, ReglageFacturation
from facturation.papiers import mots
from facturation.papiers.facture import FactureLue, titre_facture
from facturation.papiers.impression import GroupePapier, colonne_papier, groupes_papier, notes_papier
from facturation.pdf import is_available, render_pdf
from portail.dates import jour_annee

FICHIERS = ("60/h",)


def mots_papier(reglage: ReglageFacturation) -> dict[str, Any]:
    """What any paper says of the town: its address, who signs, who collects."""
    return {
        "onglet": "factures",
        "imprimable": True,
        "adresse_mairie": settings.COMMUNE_ADRESSE.split(", "),
        "titre_mode": settings.ENCAISSEMENT == "titre",
        "signataire": reglage.regisseur,
    }


def telecharger(request: HttpRequest, context: dict[str, Any], nom: str, page: str) -> HttpResponse:
    """This paper as a file of that name, or `page`, where the browser prints it. So many an hour: each takes half a
    second of a processor.
    """
    if not is_available():
        return HttpResponseRedirect(page)
    if wait := ratelimit.wait_for_key(request, "papier", str(request.user.pk), FICHIERS):
        return too_many_attempts(request, wait)
    pdf = render_pdf(render_to_string("facturation/pdf.html", context, request))
    entetes = {"Content-Disposition": f'attachment; filename="{nom}.pdf"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=entetes)


@dataclass(frozen=True)
class FacturePapier:
    """An invoice as its A4 page says it."""

    lue: FactureLue
    reglage: ReglageFacturation

    @property
    def facture(self) -> Facture:
        return self.lue.facture

    @property
    def payeur(self) -> dict[str, Any]:
        """Who it is made out to, as it was frozen: `nom`, `adresse`, `identifiants`."""
        payeur: dict[str, Any] = self.facture.entete.get("payeur", {})
        return payeur

    @property
    def titre(self) -> str:
        """« Facture de garderie, novembre 2026 »."""
        if self.lue.avoir or self.facture.mois is None:
            return f"{titre_facture(self.facture)}, garderie"
        return f"Facture de garderie, {mots.mois_annee(self.facture.mois.premier)}"

    @property
    def colonne(self) -> str:
        """The head of the days."""
        return colonne_papier(self.lue)

    @property
    def groupes(self) -> list[GroupePapier]:
        return groupes_papier(self.lue)

    @property
    def notes(self) -> list[str]:
        return notes_papier(self.lue)

    @property
    def avant_le(self) -> str:
        return jour_annee(self.facture.echeance) if self.facture.echeance else ""

    @property
    def tresorerie(self) -> str:
        """Who collects what is left of it, within a sentence, where that is the treasury."""
        if not self.lue.reste or not (self.lue.remise or settings.ENCAISSEMENT == "titre"):
            return ""
        return mots.tresorerie(self.reglage.tresorerie_nom)

    @property
    def quand(self) -> str:
        if self.tresorerie:
            return f"Ce que {self.tresorerie} vous {'réclame' if self.lue.remise else 'réclamera'}"
        return f"À payer avant le {self.avant_le}" if self.lue.reste else "Reste à payer"

    @property
    def en_ligne(self) -> bool:
        return bool(settings.PAYFIP_NUMCLI) and not self.lue.reporte

    @property
    def adresse_site(self) -> str:
        return urlsplit(settings.SITE_URL).netloc
