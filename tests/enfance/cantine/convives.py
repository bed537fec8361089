"""A week of December, its list of meals, its lunch breaks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from enfance.inscriptions import Changement, enregistrer
from enfance.regles import Acteur, Cle
from portail.dates import PARIS

NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI, MARDI, JEUDI, VENDREDI = (date(2026, 12, jour) for jour in (7, 8, 10, 11))
LISTE_LE = datetime(2026, 12, 2, 18, 2, tzinfo=PARIS)


def inscrire(parent, enfant, *jours, now=NOW - timedelta(days=20), etat="inscrit"):
    changements = [Changement(Cle(enfant.pk, jour, "midi"), etat) for jour in jours]
    assert enregistrer(changements, Acteur.parent(parent), now=now).refus == ()
