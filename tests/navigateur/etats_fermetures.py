"""Closures as families see them: announced, in the history, opened again."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from playwright.sync_api import Page

from enfance.mairie.fermetures.ecriture import Portee, fermer, rouvrir
from enfance.models import Creneau, Fermeture, Scolarite
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
]
