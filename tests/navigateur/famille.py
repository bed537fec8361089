"""A family as the browser tests know it, in December 2026."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from playwright.sync_api import Page

from enfance.inscriptions import Changement, Resultat, enregistrer
from enfance.models import Enfant, Inscription, Responsable
from enfance.regles import Acteur, Cle
from tests.factories import FoyerFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.navigateur.site import Site

MOIS = "/planning/2026-12/"


@dataclass
class Famille:
    """Camille, Dominique who lives with her, and their children."""

    camille: Responsable
    dominique: Responsable
    enfants: dict[str, Enfant]

    def enregistrer(
        self, *cases: str, par: Responsable | None = None, voulu: str = Inscription.Etat.INSCRIT
    ) -> Resultat:
        """Save « Léa, 8, soir », in December, as Camille does."""
        changements = []
        for case in cases:
            prenom, jour, creneau = case.split(", ")
            changements.append(Changement(Cle(self.enfants[prenom].pk, date(2026, 12, int(jour)), creneau), voulu))
        resultat = enregistrer(changements, Acteur.parent(par or self.camille), now=timezone.now())
        assert resultat.refus == ()
        return resultat

    def open(self, site: Site, path: str, javascript: bool = True) -> Page:
        return site.open(path, user=self.camille.user, javascript=javascript)


def make_famille(*prenoms: str) -> Famille:
    foyer = FoyerFactory()
    camille = ResponsableFactory(foyer=foyer)
    dominique = ResponsableFactory(foyer=foyer, user__first_name="Dominique")
    make_creneaux()
    enfants = {prenom: make_enfant(camille, dominique, prenom=prenom) for prenom in prenoms or ("Léa", "Tom")}
    return Famille(camille, dominique, enfants)
