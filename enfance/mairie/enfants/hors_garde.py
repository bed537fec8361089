"""What a change of garde leaves behind, and whom it is told to.

Inscriptions left to a foyer that has the child no more are the town hall's to decide of. They are never handed to the
other foyer by themselves: it would pay for what it has not asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from enfance.courriels import garde
from enfance.courriels.tasks import send_garde
from enfance.inscriptions import Changement, Resultat, enregistrer
from enfance.models import Creneau, Enfant, Enregistrement, Foyer, Inscription
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
        """The day of the inscription."""
        return self.cle.jour


def load_hors_garde(enfant: int, *, now: datetime) -> list[HorsGarde]:
    """The inscriptions to come of this child (primary key) that are charged to a home that has no garde of it on that
    day, in the order of day and créneau.
    """
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
            trouvees.append(HorsGarde(cle, lequel, creneau, Inscription.Etat(inscription.etat).label, par, ici))
    return sorted(trouvees, key=lambda ligne: (ligne.jour, ligne.creneau.ordre))


def annuler_hors_garde(lignes: Iterable[HorsGarde], user_id: int, *, now: datetime) -> Resultat:
    """Cancel without charge these inscriptions left to a home that has the child no more, whatever the deadline, for
    the agent `user_id`. No mail leaves here: that of the change of garde (`prevenir`) tells of it.
    """
    changements = [Changement(ligne.cle, Inscription.Etat.ANNULEE) for ligne in lignes]
    return enregistrer(changements, Acteur.mairie(user_id, MOTIF), now=now, silent=True)


@dataclass(frozen=True)
class Avant:
    """The children as they were before: what each adult read of their garde, what was left behind already."""

    enfants: tuple[int, ...]
    mots: Mapping[tuple[int, int], list[str]]
    deja: frozenset[Cle]

    def laissees(self, *, now: datetime) -> list[HorsGarde]:
        """The inscriptions to come that the change of garde, written since, leaves to a home that has the child no
        more; those that were so before it are left out.
        """
        lignes = [ligne for enfant in self.enfants for ligne in load_hors_garde(enfant, now=now)]
        return sorted((ligne for ligne in lignes if ligne.cle not in self.deja), key=lambda ligne: ligne.jour)


def load_avant(enfants: Iterable[int], *, now: datetime) -> Avant:
    """What adults read of the garde of these children (primary keys), and which inscriptions are already left to a home
    that has the child no more. To be called before a change of garde is written, to compare afterwards.
    """
    pks = tuple(enfants)
    deja = frozenset(ligne.cle for enfant in pks for ligne in load_hors_garde(enfant, now=now))
    return Avant(pks, garde.mots_by_adulte(pks, today=now.astimezone(PARIS).date()), deja)


def concernes(avant: Avant, enregistrement: Enregistrement | None, *, now: datetime) -> dict[int, list[int]]:
    """The adults to be told of a change of garde, and of which children: primary keys of children by primary key of the
    account. It is each adult who now reads other words of the garde than before, or of whose child the save
    `enregistrement` cancelled something.
    """
    apres = garde.mots_by_adulte(avant.enfants, today=now.astimezone(PARIS).date())
    touches = set(enregistrement.evenements.values_list("enfant", flat=True)) if enregistrement else set()
    enfants: dict[int, list[int]] = {}
    for (user, enfant), mots in apres.items():
        if mots != avant.mots.get((user, enfant)) or enfant in touches:
            enfants.setdefault(user, []).append(enfant)
    return enfants


def prevenir(avant: Avant, enregistrement: Enregistrement | None, *, now: datetime) -> int:
    """Send one mail to each adult whom the change of garde concerns: who reads other words of the garde than before, or
    of whose child `enregistrement` cancelled something. Returns how many mails will leave.
    """
    enfants = concernes(avant, enregistrement, now=now)
    retenus = garde.recipients(enfants)
    for user in retenus:
        send_garde.enqueue(user, enfants[user], enregistrement.pk if enregistrement else None)
    return len(retenus)
