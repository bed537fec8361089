"""The yearly certificates for the whole town: issued and announced at once, printed in one go."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts import journal
from accounts.decorators import agent_of, staff_page
from accounts.emails import text_of
from accounts.models import User
from facturation.attestations.courriels import attestation_context
from facturation.attestations.envoi import (
    Campagne,
    Emission,
    annees,
    emettre_et_dire,
    load_campagne,
    sans_courriel,
    standing,
)
from facturation.attestations.lues import lire
from facturation.models import Attestation
from facturation.montants import euros
from facturation.papiers.feuille import mots_papier
from facturation.payeurs.comptes import comptes_seen_by
from facturation.reglages import load_reglage
from portail.bureau import Compteur
from portail.confirmation import CONFIRM, Apercu, Suite, Tableau, asks_always, confirm
from portail.formulaires import is_key
from portail.francais import NBSP, pluriel

VIEW, ADD = "facturation.view_attestation", "facturation.add_attestation"
LISTE, PAGE_ANNEE = "admin:facturation_attestations", "admin:facturation_attestations_annee"
MONTREES = 10  # lines of the preview
PREMIERE = 2000  # year
PAQUET = 200  # papers on one page: a browser prints no thousand
RAPPEL = 6  # months of the year, until which the home speaks of it


@staff_page(VIEW)
@require_safe
def attestations(request: HttpRequest) -> HttpResponse:
    """A redirection to the certificates of last year, or of this year when money was first received this year."""
    today = timezone.localdate()
    connues = annees(today)
    return redirect(PAGE_ANNEE, today.year if connues == [today.year] else today.year - 1)


def _known(annee: int, today: date) -> None:
    """Not found for a year that has not begun, or of before any portal."""
    if not PREMIERE <= annee <= today.year:
        raise Http404


@staff_page(VIEW)
@require_safe
def attestations_annee(request: HttpRequest, annee: int) -> HttpResponse:
    """The page of the tax certificates of this calendar year: who has one, who is to get one. 404 for a year that has
    not begun, or before 2000.
    """
    today = timezone.localdate()
    _known(annee, today)
    context = {
        "titre": f"Attestations fiscales {annee}",
        "annee": annee,
        "campagne": load_campagne(annee, today=today),
        "annees": sorted({*annees(today), annee}, reverse=True),
        "may_issue": request.user.has_perm(ADD),
    }
    return render(request, "facturation/mairie/attestations.html", context)


@staff_page(VIEW, ADD)
@require_POST
@asks_always
def faire(request: HttpRequest, annee: int) -> HttpResponse:
    """Issue all the certificates that are due of this calendar year and mail the families, once the agent has confirmed
    the preview. Nothing while the year is not over.
    """
    now = timezone.now()
    today = timezone.localdate(now)
    _known(annee, today)
    campagne = load_campagne(annee, today=today)
    if not campagne.finie:
        messages.warning(request, f"L’année {annee} n’est pas finie{NBSP}: ses attestations se font en janvier.")
        return redirect(PAGE_ANNEE, annee)
    emission = emettre_et_dire(annee, par=agent_of(request).pk, now=now)
    if emission.emises or CONFIRM not in request.POST:
        confirm(request, _apercu(campagne, emission))
    if not emission.emises:
        messages.info(request, f"Rien de plus à faire{NBSP}: ces attestations sont déjà faites.")
        return redirect(PAGE_ANNEE, annee)
    journal.event(
        "attestations", user=agent_of(request).pk, request=request, annee=annee, attestations=len(emission.emises)
    )
    partent = pluriel(emission.courriels, "e-mail part,e-mails partent")
    faites = pluriel(len(emission.emises), "attestation est faite,attestations sont faites")
    messages.success(request, f"{faites}, {partent}. Imprimez les lettres des familles sans e-mail.")
    return redirect(PAGE_ANNEE, annee)


def _apercu(campagne: Campagne, emission: Emission) -> Apercu:
    """What would be issued, and an example of the mail."""
    nombre = len(emission.emises)
    a_refaire = sum(ligne.a_refaire for ligne in campagne.dues)
    attestations = pluriel(nombre, "attestation,attestations")
    lignes = tuple(
        (
            ligne.nom,
            ligne.enfants or "aucun enfant",
            euros(ligne.total),
            *((ligne.emise.numero if ligne.emise else "aucune",) if a_refaire else ()),
            "e-mail" if ligne.joignable else "lettre",
        )
        for ligne in campagne.dues[:MONTREES]
    )
    reste = nombre - len(lignes)
    refaites = f" {pluriel(a_refaire, 'remplace une attestation,remplacent une attestation')} déjà faite."
    return Apercu(
        titre=f"Attestations fiscales {campagne.annee}",
        phrase=f"{attestations} à faire, pour {euros(sum(ligne.total for ligne in campagne.dues))} payés."
        + (refaites if a_refaire else ""),
        question=f"Faire {attestations} et prévenir les familles{NBSP}?" if nombre else "Rien à faire.",
        suites=(Suite("Faire et prévenir"),) if nombre else (),
        retour=reverse(PAGE_ANNEE, args=[campagne.annee]),
        consequence="Une attestation faite ne change plus. Si un paiement change ensuite, une autre la remplace."
        if nombre
        else "",
        tableaux=(
            Tableau(
                "Les attestations à faire",
                ("Payeur", "Enfants", "Payé", *(("Remplace",) if a_refaire else ()), "Prévenu par"),
                lignes,
                f"et {pluriel(reste, 'autre,autres')}" if reste > 0 else "",
            ),
        )
        if lignes
        else (),
        courriels=emission.courriels,
        exemple=_exemple(emission),
        grave=bool(nombre),
        travail="Attestations en cours…",
        marque=repr([(attestation.compte_id, attestation.total) for attestation in emission.emises]),
    )


def _exemple(emission: Emission) -> str:
    """The mail of the first who gets one."""
    if emission.mailing is None:
        return ""
    user = User.objects.filter(mailing_lines__mailing=emission.mailing).first()
    siens = {compte.pk for compte in comptes_seen_by(user)} if user else set()
    sienne = next((attestation for attestation in emission.emises if attestation.compte_id in siens), None)
    return text_of("attestation", user, attestation_context(sienne)) if user and sienne else ""


@staff_page(VIEW)
@require_safe
def imprimer(request: HttpRequest, annee: int) -> HttpResponse:
    """The certificates of this calendar year to print, one a page and at most 200 at a time: all of them, those of
    families without e-mail (`?pour=lettres`), or one payer's (`?compte=`). 404 when there is none.
    """
    _known(annee, timezone.localdate())
    siennes = _asked(request, annee)
    if not siennes:
        raise Http404
    paquets = range(1, -(-len(siennes) // PAQUET) + 1)
    demande = request.GET.get("paquet", "1")
    paquet = int(demande) if demande.isdecimal() and len(demande) < 6 and int(demande) in paquets else 1
    montrees = siennes[(paquet - 1) * PAQUET : paquet * PAQUET]
    journal.event("letters_printed", user=agent_of(request).pk, request=request, letters=len(montrees))
    context: dict[str, Any] = {
        "titre": f"Attestations {annee} à imprimer",
        "annee": annee,
        "lues": [lire(sienne) for sienne in montrees],
        "combien": len(siennes),
        "paquet": paquet,
        "paquets": paquets if len(paquets) > 1 else (),
        "pour": request.GET.get("pour", ""),
    }
    return render(request, "facturation/mairie/attestations_papier.html", mots_papier(load_reglage()) | context)


def _asked(request: HttpRequest, annee: int) -> list[Attestation]:
    compte = request.GET.get("compte", "")
    if compte:
        return standing(annee, [int(compte)]) if is_key(compte) else []
    toutes = standing(annee)
    return sans_courriel(toutes) if request.GET.get("pour") == "lettres" else toutes


# --- On the home ------------------------------------------------------------------------------------------------------


def compter_annees(now: Any) -> Compteur:
    """For the town hall's home: 1 for last year, from January to June, while none of its certificates was issued though
    money was received; else 0.
    """
    today = timezone.localdate(now)
    annee = today.year - 1
    if today.month > RAPPEL or annee not in annees(today) or Attestation.objects.filter(annee_payee=annee).exists():
        return Compteur(0)
    return Compteur(1, str(annee))
