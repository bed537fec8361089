"""What a family owes, said on its home in one line; nothing when nothing is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, DateField, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from facturation.models import Facture, Relance
from facturation.montants import euros
from facturation.papiers.facture import titre_facture
from facturation.papiers.mots import avant_le
from facturation.payeurs.comptes import comptes_seen_by
from facturation.payeurs.reports import is_reportee, load_reportes
from portail.accueil import Affaire
from portail.francais import NBSP, accord
from portail.requetes import Inconnue, Requete


def a_payer(request: HttpRequest, now: datetime) -> Iterable[Affaire]:
    """The invoices of this parent's foyer, and of those that were made one with it, that something remains to pay of:
    one line, the nearest date first. One query, more where something was carried. What the treasury collects is said
    until its date: it alone knows more; what was handed over to it, where nothing else is due.
    """
    responsable = getattr(request.user, "responsable", None)
    if responsable is None:
        return
    titre, today = settings.ENCAISSEMENT == "titre", timezone.localdate(now)
    dues: list[Any] = list(_DUES({"foyer": responsable.foyer_id, "today": today}, titre))
    if any(facture.reportee for facture in dues):
        reportes = load_reportes([compte.pk for compte in comptes_seen_by(request.user)])
        for facture in dues:
            facture.paye -= reportes.get(facture.pk, 0)
        dues = [facture for facture in dues if facture.total > facture.paye]
    ici = [facture for facture in dues if not facture.remise]
    if dues:
        yield _affaire(ici or dues, today, titre or not ici)


def _build_dues(titre: bool) -> QuerySet[Facture, Any]:
    foyer = Inconnue("foyer", BigIntegerField())
    payeurs = Q(compte__foyer=foyer) | Q(compte__reuni_dans__foyer=foyer)
    payeurs |= Q(compte__reuni_dans__reuni_dans__foyer=foyer)
    factures = Facture.objects.factures().filter(payeurs).annotate(paye=Coalesce(Sum("imputations__montant"), 0))
    if titre:
        factures = factures.filter(echeance__gte=Inconnue("today", DateField()))
    remise = Relance.objects.filter(facture=OuterRef("pk"), genre=Relance.Genre.TRESORERIE)
    factures = factures.annotate(remise=Exists(remise), reportee=is_reportee())
    restent = factures.filter(Q(total__gt=F("paye")) | Q(reportee=True))
    return restent.select_related("mois").order_by("echeance", "pk")


_DUES = Requete(_build_dues)


def _affaire(dues: Sequence[Any], today: date, titre: bool) -> Affaire:
    premiere, une = dues[0], len(dues) == 1
    somme = euros(sum(facture.total - facture.paye for facture in dues))
    quoi = titre_facture(premiere).replace("Facture", "facture", 1) if une else accord(len(dues), "facture")
    adresse = reverse("facturation:facture", args=[premiere.numero]) if une else reverse("facturation:factures")
    if titre:
        texte = f"{quoi[:1].upper()}{quoi[1:]}{NBSP}: {somme}, que la trésorerie encaisse. Attendez son avis."
        return Affaire(texte, "Voir la facture" if une else "Voir les factures", adresse)
    assert premiere.echeance is not None
    avant = avant_le(premiere.echeance, today, court=True)
    if premiere.echeance < today:
        texte = f"À payer{NBSP}: {somme}, {quoi}. {avant[:1].upper()}{avant[1:]}{'' if une else ' pour la première'}."
    elif une:
        texte = f"À payer {avant}{NBSP}: {somme}, {quoi}."
    else:
        texte = f"À payer{NBSP}: {somme}, {quoi}, la première {avant}."
    return Affaire(texte, "Voir et payer", adresse)
