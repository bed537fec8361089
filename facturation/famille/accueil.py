"""What a family owes, said on its home in one line; nothing when nothing is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, DateField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from facturation.models import Compte, Encaissement, EssaiPaiement, Facture, ReglageFacturation
from facturation.models.paiements import ATTENTE
from facturation.montants import euros
from facturation.papiers import mots
from facturation.papiers.facture import titre_facture
from facturation.payeurs.comptes import AVIS, comptes_seen_by, remise_le
from facturation.payeurs.reports import is_reportee, load_reportes
from facturation.payeurs.sans_facture import tell_sans_facture
from facturation.payfip.lectures import load_commences
from portail.accueil import Affaire
from portail.francais import NBSP, accord
from portail.requetes import Inconnue, Requete

VOIR = "Voir où en est ce paiement"


def a_payer(request: HttpRequest, now: datetime) -> Iterable[Affaire]:
    """The invoices of this parent's foyer, and of those that were made one with it, that something remains to pay of:
    one line, the nearest date first; a second one of what is owed that no invoice says. Before them, each payment that
    is begun, whose sum nobody is to pay a second time. One query where nothing is owed, else two, more where something
    was carried, is begun, or is owed of no invoice. What the treasury claims is said where nothing else is due, until
    its notice has come (`AVIS`): it alone knows more.
    """
    responsable = getattr(request.user, "responsable", None)
    if responsable is None:
        return
    du = sum(compte.du for compte in _DOIT({"foyer": responsable.foyer_id}))
    if not du:
        return
    titre, today = settings.ENCAISSEMENT == "titre", timezone.localdate(now)
    dues: list[Any] = list(
        _DUES({"foyer": responsable.foyer_id, "today": today, "avis": now - AVIS, "essai": now - ATTENTE})
    )
    if any(facture.reportee for facture in dues):
        reportes = load_reportes([compte.pk for compte in comptes_seen_by(request.user)])
        for facture in dues:
            facture.paye -= reportes.get(facture.pk, 0)
        dues = [facture for facture in dues if facture.total > facture.paye]
    factures = sum(facture.total - facture.paye for facture in dues)
    if any(facture.commencee for facture in dues):
        commences = load_commences(comptes_seen_by(request.user), now=now)
        for commence in {commences[facture.pk]: None for facture in dues if facture.pk in commences}:
            yield Affaire(commence.phrase, VOIR, commence.adresse, "sablier", commence.titre)
        dues = [facture for facture in dues if facture.pk not in commences]
    ici = [facture for facture in dues if not facture.remise_le]
    if dues:
        yield _reclamees(dues) if titre or not ici else _a_payer(ici, today)
    if du > factures:
        yield from _sans_facture(request, today)


def _payeurs(de: str = "") -> Q:
    """The payer of a foyer, and those that were made one with it; `de`: by this field."""
    foyer = Inconnue("foyer", BigIntegerField())
    return (
        Q((f"{de}foyer", foyer))
        | Q((f"{de}reuni_dans__foyer", foyer))
        | Q((f"{de}reuni_dans__reuni_dans__foyer", foyer))
    )


def _build_dues() -> QuerySet[Facture, Any]:
    factures = (
        Facture.objects.factures().filter(_payeurs("compte__")).annotate(paye=Coalesce(Sum("imputations__montant"), 0))
    )
    tresorerie = ReglageFacturation.objects.order_by("pk").values("tresorerie_nom")[:1]
    factures = factures.annotate(remise_le=remise_le(), reportee=is_reportee(), tresorerie=Subquery(tresorerie))
    essais = EssaiPaiement.objects.of_facture(OuterRef("pk")).begun(Inconnue("essai", DateTimeField()))
    factures = factures.annotate(commencee=Exists(essais))
    attendue = Q(remise_le=None) | Q(remise_le__gte=Inconnue("avis", DateTimeField()))
    factures = factures.filter(attendue | Q(echeance__gte=Inconnue("today", DateField())))
    restent = factures.filter(Q(total__gt=F("paye")) | Q(reportee=True))
    return restent.select_related("mois").order_by("echeance", "pk")


_DUES = Requete(_build_dues)


def _build_doit() -> QuerySet[Compte, Any]:
    """The payers of this foyer that owe something (`du`, centimes)."""
    siennes = Facture.objects.filter(compte=OuterRef("pk")).order_by().values("compte")
    siens = Encaissement.objects.filter(compte=OuterRef("pk")).order_by().values("compte")
    factures = Coalesce(Subquery(siennes.annotate(somme=Sum("total")).values("somme")), 0)
    recus = Coalesce(Subquery(siens.annotate(somme=Sum("montant")).values("somme")), 0)
    return Compte.objects.filter(_payeurs()).annotate(du=factures - recus).filter(du__gt=0)


_DOIT = Requete(_build_doit)


def _sans_facture(request: HttpRequest, today: date) -> Iterable[Affaire]:
    if du := tell_sans_facture(comptes_seen_by(request.user), today):
        texte = f"À régler au guichet{NBSP}: {euros(du.reste)}. {du.raison}"
        yield Affaire(texte, "Voir comment régler", reverse("facturation:factures"))


def _reclamees(dues: Sequence[Any]) -> Affaire:
    quoi, somme, adresse = _dites(dues)
    une, remises = len(dues) == 1, all(facture.remise_le for facture in dues)
    qui, son = mots.tresorerie(dues[0].tresorerie or ""), "son avis" if une else "ses avis"
    reclame, faire = ("réclame", f"Suivez {son}") if remises else ("réclamera", f"Attendez {son}")
    texte = f"{quoi[:1].upper()}{quoi[1:]}{NBSP}: {qui} vous {reclame} {somme}. {faire}."
    return Affaire(texte, "Voir la facture" if une else "Voir les factures", adresse)


def _a_payer(dues: Sequence[Any], today: date) -> Affaire:
    premiere, une = dues[0], len(dues) == 1
    quoi, somme, adresse = _dites(dues)
    avant = mots.avant_le(premiere.echeance, today, court=True)
    if premiere.echeance < today:
        texte = f"En retard{NBSP}: {somme}, {quoi}, {'' if une else 'la première '}à payer {avant}."
    elif une:
        texte = f"À payer {avant}{NBSP}: {somme}, {quoi}."
    else:
        texte = f"À payer{NBSP}: {somme}, {quoi}, la première {avant}."
    return Affaire(texte, "Voir et payer", adresse)


def _dites(dues: Sequence[Any]) -> tuple[str, str, str]:
    """« facture de novembre », or how many; their sum; where they are read."""
    somme, une = euros(sum(facture.total - facture.paye for facture in dues)), len(dues) == 1
    if une:
        quoi = titre_facture(dues[0]).replace("Facture", "facture", 1)
        return quoi, somme, reverse("facturation:facture", args=[dues[0].numero])
    return accord(len(dues), "facture"), somme, reverse("facturation:factures")
