"""Closures as families see them: announced, in the history, opened again."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from playwright.sync_api import Page

from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import Creneau, Fermeture, Scolarite
from enfance.natures import NatureFermeture
from tests.factories import ClasseFactory
from tests.navigateur.famille import MOIS, Famille, make_famille
from tests.navigateur.gestes import Reach
from tests.navigateur.site import Site

FORMATION = "formation de toute l’équipe d’animation et de la direction de l’accueil périscolaire"


def closed() -> Famille:
    """A day closed for one child's class, two evenings for all, over what was planned."""
    famille = make_famille("Léa", "Maximilienne")
    petits = ClasseFactory(nom="PS-MS Mme Saule")
    Scolarite.objects.filter(enfant=famille.enfants["Maximilienne"]).update(classe=petits)
    famille.enregistrer("Léa, 15, soir", "Maximilienne, 10, midi", "Maximilienne, 10, matin")
    now, soir = timezone.now(), Creneau.objects.get(code="soir")
    fermer(Portee(date(2026, 12, 10), date(2026, 12, 10), "sortie au musée", classes=(petits,)), now=now)
    fermer(Portee(date(2026, 12, 14), date(2026, 12, 15), FORMATION, (soir,)), now=now)
    return famille


def of_closed(path: str) -> Reach:
    return lambda site, javascript: closed().open(site, path, javascript)


def away() -> Famille:
    """A trip of one child's level over what was planned, a teacher away another day; the other child stays."""
    famille = make_famille("Léa", "Maximilienne")
    Scolarite.objects.filter(enfant=famille.enfants["Maximilienne"]).update(niveau="CM1")
    famille.enregistrer("Léa, 10, midi", "Maximilienne, 10, midi", "Maximilienne, 15, soir")
    now, jeudi, mardi = timezone.now(), date(2026, 12, 10), date(2026, 12, 15)
    musee = "musée de la Résistance et de la Déportation, retour à 18 h"
    fermer(Portee(jeudi, jeudi, musee, nature=NatureFermeture.SORTIE, niveaux=("CM1",)), now=now)
    fermer(Portee(mardi, mardi, "formation", nature=NatureFermeture.ENSEIGNANT, niveaux=("CM1",)), now=now)
    return famille


def of_away(path: str) -> Reach:
    return lambda site, javascript: away().open(site, path, javascript)


def reopened(site: Site, javascript: bool) -> Page:
    famille = closed()
    for fermeture in Fermeture.objects.all():
        rouvrir(fermeture.pk, now=timezone.now())
    return famille.open(site, "/historique/", javascript)


ETATS = [
    ("accueil-fermeture", of_closed("/")),
    ("planning-fermeture", of_closed(MOIS)),
    ("jour-fermeture", of_closed("/jour/2026-12-10/")),
    ("historique-fermeture", of_closed("/historique/")),
    ("historique-reouverture", reopened),
    ("accueil-sortie", of_away("/")),
    ("planning-sortie", of_away(MOIS)),
    ("jour-sortie", of_away("/jour/2026-12-10/")),
    ("historique-sortie", of_away("/historique/")),
]
