"""Inscriptions that a change of garde leaves to a foyer that has the child no more. The town hall decides of them.

They are never handed to the other foyer by themselves: it would pay for what it has not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from enfance.inscriptions import Changement, Resultat, enregistrer
from enfance.models import Creneau, Enfant, Foyer, Inscription
from enfance.regles import Acteur, Cle
from enfance.situation import load_situation
from portail.dates import PARIS

MOTIF = "Changement de garde"


@dataclass(frozen=True)
class HorsGarde:
    """One of them: whose it is (`par`), and who has garde then (`chez`, empty when nobody has)."""

    cle: Cle
    enfant: Enfant
    creneau: Creneau
    etat: str
    par: Foyer
    chez: tuple[Foyer, ...]

    @property
    def jour(self) -> date:
        return self.cle.jour


def load_hors_garde(enfant: int, *, now: datetime) -> list[HorsGarde]:
    """Those of the child (primary key) that are still to come, in their order."""
    today = now.astimezone(PARIS).date()
    a_venir = Inscription.objects.active().filter(enfant=enfant, jour__gte=today)
    dernier = a_venir.aggregate(dernier=Max("jour"))["dernier"]
    if dernier is None:
        return []
    situation = load_situation(Acteur.systeme(), today, dernier, now=now, enfants=[enfant], places=False)
    lequel = Enfant.objects.get(pk=enfant)
    foyers = Foyer.objects.prefetch_related("responsables__user").in_bulk()
    trouvees = []
    for cle, inscription in situation.inscriptions.items():
        creneau = situation.creneaux[cle.creneau]
        chez = situation.foyers(enfant, cle.jour, creneau)
        if inscription.etat == Inscription.Etat.ANNULEE or situation.is_over(cle.jour, creneau):
            continue
        if inscription.foyer_id not in (None, *chez):
            par, ici = foyers[inscription.foyer_id], tuple(foyers[pk] for pk in chez)
            trouvees.append(HorsGarde(cle, lequel, creneau, inscription.get_etat_display(), par, ici))
    return sorted(trouvees, key=lambda ligne: (ligne.jour, ligne.creneau.ordre))


def annuler_hors_garde(lignes: Iterable[HorsGarde], user_id: int, *, now: datetime) -> Resultat:
    """Cancel them without charge, whatever the limit: each adult with access is told."""
    changements = [Changement(ligne.cle, Inscription.Etat.ANNULEE) for ligne in lignes]
    return enregistrer(changements, Acteur.mairie(user_id, MOTIF), now=now)
