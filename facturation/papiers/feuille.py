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
from facturation.papiers.pourquoi import is_unexcused
from facturation.papiers.recours import Emetteur, contester_phrase, emetteur_of
from facturation.pdf import is_available, render_pdf
from portail.dates import jour_annee

FICHIERS = ("60/h",)


def mots_papier(reglage: ReglageFacturation) -> dict[str, Any]:
    """The template context that every A4 paper needs of the town: its address, who signs, who collects."""
    return {
        "onglet": "factures",
        "imprimable": True,
        "adresse_mairie": settings.COMMUNE_ADRESSE.split(", "),
        "titre_mode": settings.ENCAISSEMENT == "titre",
        "signataire": reglage.regisseur,
    }


def telecharger(request: HttpRequest, context: dict[str, Any], nom: str, page: str) -> HttpResponse:
    """A response with the paper of this context as a PDF file called `nom`.

    Where PDF files cannot be made, a redirection to the address `page`, whose paper the browser prints. An account may
    ask for 60 an hour, because each takes half a second of a processor; beyond, the page that says to wait.
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
        """The invoice or avoir that the paper shows."""
        return self.lue.facture

    @property
    def payeur(self) -> dict[str, Any]:
        """Who the paper is made out to, as it was frozen: `nom`, `adresse`, `identifiants`."""
        payeur: dict[str, Any] = self.facture.entete.get("payeur", {})
        return payeur

    @property
    def emetteur(self) -> Emetteur:
        """Who issues the paper, as it was frozen."""
        return emetteur_of(self.facture)

    @property
    def absence_facturee(self) -> str:
        """How to contest an absence that was billed, in French; empty when none was, or when the paper says how to
        contest all of it.
        """
        dite = any(map(is_unexcused, self.lue.lignes)) and not self.emetteur.recours
        return contester_phrase(self.facture) if dite else ""

    @property
    def titre(self) -> str:
        """The title of the paper: « Facture de garderie, novembre 2026 »."""
        if self.lue.avoir or self.facture.mois is None:
            return f"{titre_facture(self.facture)}, garderie"
        return f"Facture de garderie, {mots.mois_annee(self.facture.mois.premier)}"

    @property
    def colonne(self) -> str:
        """The head of the column of days."""
        return colonne_papier(self.lue)

    @property
    def groupes(self) -> list[GroupePapier]:
        """The rows of the paper: those of each child, then those of the corrections."""
        return groupes_papier(self.lue)

    @property
    def notes(self) -> list[str]:
        """The French notes that stand under the rows of the paper: the votes, what gives no tax credit, how a shared
        price is cut.
        """
        return notes_papier(self.lue)

    @property
    def avant_le(self) -> str:
        """The day until which to pay, « dimanche 20 décembre 2026 »; empty for a paper without one."""
        return jour_annee(self.facture.echeance) if self.facture.echeance else ""

    @property
    def tresorerie(self) -> str:
        """The treasury's name within a sentence, when it is the treasury that collects what is left of this invoice;
        else empty.
        """
        if not self.lue.reste or not (self.lue.remise or settings.ENCAISSEMENT == "titre"):
            return ""
        return mots.tresorerie(self.reglage.tresorerie_nom)

    @property
    def quand(self) -> str:
        """The words beside the sum that is left: until when to pay it, or that the treasury claims it; « Reste
        à payer » when nothing is left.
        """
        if self.tresorerie:
            return f"Ce que {self.tresorerie} vous {'réclame' if self.lue.remise else 'réclamera'}"
        return f"À payer avant le {self.avant_le}" if self.lue.reste else "Reste à payer"

    @property
    def en_ligne(self) -> bool:
        """Whether the paper says that the invoice may be paid on line."""
        return bool(settings.PAYFIP_NUMCLI) and not self.lue.reporte

    @property
    def adresse_site(self) -> str:
        """The address of the portal as the paper prints it, without « https:// »."""
        return urlsplit(settings.SITE_URL).netloc
