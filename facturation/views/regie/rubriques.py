"""What the régie adds to the town hall's home, menu and help."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from facturation.models import EssaiPaiement, Relance
from facturation.regie.relances.lecture import count_retards
from facturation.regie.versements.seuils import count_jours, find_plein
from facturation.titres.debiteurs import compter_debiteurs
from facturation.titres.listes import load_titres
from portail.bureau import Compteur, Rubrique, Urgence, compter
from portail.francais import et, pluriel
from portail.guides import Aide
from portail.menu import Entree

VERSER = "facturation.add_versement"
TENIR, RAPPELER, RELANCES = "facturation.tenir_regie", "facturation.add_relance", "facturation.view_relance"
Genre = Relance.Genre


def _a_verifier(now: datetime) -> Compteur:
    essais = EssaiPaiement.objects.filter(etat=EssaiPaiement.Etat.A_VERIFIER).select_related("facture")
    return compter(essais.order_by("demande_le", "pk"), lambda essai: essai.facture.numero)


def _rappels(now: datetime) -> Compteur:
    """First and second reminders that may leave today; none where the treasury collects."""
    if settings.ENCAISSEMENT == "titre":
        return Compteur(0)
    nombres = count_retards(timezone.localdate(now))
    premiers, deuxiemes = nombres[Genre.PREMIER], nombres[Genre.DEUXIEME]
    mots = (premiers, "premier,premiers"), (deuxiemes, "deuxième,deuxièmes")
    return Compteur(premiers + deuxiemes, et([pluriel(nombre, mot) for nombre, mot in mots if nombre] or [""]))


def _tresorerie(now: datetime) -> Compteur:
    if settings.ENCAISSEMENT == "titre":
        return Compteur(len(load_titres().a_remettre))
    return Compteur(count_retards(timezone.localdate(now))[Genre.TRESORERIE])


def _plafond(now: datetime) -> Compteur:
    """1 when the cash in hand has reached the ceiling that the act of the régie says; 0 where it says none."""
    avis = find_plein(timezone.localdate(now))
    return Compteur(1, avis.phrase.removesuffix(".")) if avis else Compteur(0)


def _sans_versement(now: datetime) -> Compteur:
    """1 when money has waited for a month."""
    jours = count_jours(timezone.localdate(now))
    return Compteur(1, f"le plus ancien reçu a {pluriel(jours, 'jour,jours')}") if jours else Compteur(0)


RUBRIQUES = (
    Rubrique(
        VERSER,
        "plafond d’espèces atteint\u00a0: à verser,plafonds d’espèces atteints\u00a0: à verser",
        "admin:regie_versement",
        Urgence.PRESSE,
        _plafond,
        avant="admin:enfance_inscription_attente",
    ),
    Rubrique(
        VERSER,
        "mois sans versement à la trésorerie,mois sans versement à la trésorerie",
        "admin:regie_versement",
        Urgence.SEMAINE,
        _sans_versement,
        avant="admin:enfance_enfant_proches",
    ),
    Rubrique(
        TENIR,
        "paiement de PayFiP à vérifier,paiements de PayFiP à vérifier",
        "admin:regie_journal",
        Urgence.PRESSE,
        _a_verifier,
        avant="admin:enfance_inscription_attente",
    ),
    Rubrique(
        RAPPELER,
        "rappel de facture à envoyer,rappels de factures à envoyer",
        "admin:regie_relances",
        Urgence.SEMAINE,
        _rappels,
        avant="admin:enfance_enfant_proches",
    ),
    Rubrique(
        RELANCES,
        "débiteur à dire à la trésorerie,débiteurs à dire à la trésorerie",
        "admin:regie_titres_debiteurs",
        Urgence.TOT,
        compter_debiteurs,
        avant="admin:enfance_responsable_changelist",
    ),
    Rubrique(
        RAPPELER,
        "facture à remettre à la trésorerie,factures à remettre à la trésorerie",
        "admin:regie_relances",
        Urgence.TOT,
        _tresorerie,
        avant="admin:enfance_responsable_changelist",
    ),
)
GUIDE = Aide("facturation:aide_regie", TENIR, "guide de la régie")


def entrees() -> tuple[Entree, ...]:
    """The entries of the régie in the town hall's menu: the till and reminders where the régie collects, the lists for
    the treasury where it does.
    """
    journal = Entree("Journal de la régie", "admin:regie_journal", "facturation.view_encaissement")
    if settings.ENCAISSEMENT == "titre":
        return Entree("Titres", "admin:regie_titres", RELANCES), journal
    encaisser = Entree("Encaisser", "admin:regie_encaisser", TENIR)
    return encaisser, journal, Entree("Relances", "admin:regie_relances", RELANCES)
