"""Who came for a child: the adults to choose from, what the team taps of them, and who should not have come.

A tap is kept as those of the boxes are; no word comes with it, only keys of the child's own adults. The team and the
secretary read it; no parent does, nor any file of theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from enfance.ecoles import creneaux_of
from enfance.equipe.appel import heure_du
from enfance.equipe.eleves import e_of
from enfance.equipe.pointages import FeuilleTenue, pointages_of, replay
from enfance.equipe.reception import BilanGestes, judge, new_of
from enfance.models import Creneau, Geste, PersonneAutorisee, RemiseEnfant, Responsabilite
from enfance.regles import cles
from portail.francais import NBSP

Venu, Suite = RemiseEnfant.Venu, RemiseEnfant.Suite
PAS_DES_SIENS = (
    f"Cette personne n’est pas de celles que la mairie connaît pour cet enfant{NBSP}: rien n’est noté. "
    "Dites à la mairie qui est venu."
)


@dataclass(frozen=True)
class QuiVient:
    """Who came and what followed, by keys. `responsable`: the parent to whom the child is handed, or who was called;
    `personne`: of the list of the child, whether they may come or not.
    """

    venu: str
    suite: str = Suite.REMIS
    personne: int | None = None
    responsable: int | None = None

    def __str__(self) -> str:
        """« interdite:34:appel:12 », as a device and a form send it."""
        return f"{self.venu}:{self.personne or ''}:{self.suite}:{self.responsable or ''}"

    @classmethod
    def parse(cls, texte: str) -> QuiVient:
        """Who came and what followed, read from its text « interdite:34:appel:12 »; ValueError when it is malformed or
        makes no sense.
        """
        venu, personne, suite, responsable = texte.split(":")
        lue = cls(Venu(venu), Suite(suite), *(cles.pk(cle) if cle else None for cle in (personne, responsable)))
        if (lue.personne is not None, lue.responsable is not None, lue.suite) not in ATTENDUS[venu]:
            raise ValueError(texte)
        return lue


# Of each: whether a person of the list is named, whether a parent is, and what followed.
ATTENDUS: dict[str, set[tuple[bool, bool, str]]] = {
    Venu.PARENT: {(False, True, Suite.REMIS)},
    Venu.AUTORISEE: {(True, False, Suite.REMIS)},
    Venu.INTERDITE: {(True, False, Suite.NON_REMIS), (True, True, Suite.APPEL)},
    Venu.INCONNUE: {(False, False, Suite.NON_REMIS), (False, True, Suite.APPEL)},
    Venu.RIEN: {(False, False, Suite.REMIS)},
}


@dataclass(frozen=True)
class RemiseRecue:
    """A tap on who came, as a phone tells it: `id` drawn by the phone, `enfant` a key, `fait_le` by its own clock."""

    id: UUID
    enfant: int
    qui: QuiVient
    fait_le: datetime


def noter_remises(
    recues: Sequence[RemiseRecue],
    jour: date,
    code: str,
    auteur: User,
    *,
    now: datetime,
    decalage: timedelta = timedelta(0),
) -> BilanGestes:
    """Keep these taps on who came for a child, on the attendance sheet of this day and créneau (`code`); `decalage` is
    added to their hours, to correct the phone's clock.

    A tap is refused as that on a box would be, and when it names an adult who was not the child's, or not as it says,
    when it was made. A child who was not handed over is still there: a departure tapped before no longer counts.
    """
    if not recues:
        return BilanGestes()
    with transaction.atomic():
        creneau = Creneau.objects.lock_one(code)
        nouvelles = new_of(recues, RemiseEnfant.objects.all())
        enfants = {recue.enfant for recue in nouvelles}
        feuille, adultes = FeuilleTenue.load(jour, creneau, enfants, now=now), _Adultes.load(enfants, jour)

        def refus(recue: RemiseRecue, fait_le: datetime | None) -> str:
            phrase = feuille.refus(recue.enfant, fait_le)
            return PAS_DES_SIENS if fait_le and not phrase and not adultes.knows(recue, fait_le) else phrase

        bilan, retenues = judge(recues, nouvelles, jour, refus, now=now, decalage=decalage)
        pointages = pointages_of({une.recu.enfant for une in retenues}, jour, creneau) if retenues else {}
        RemiseEnfant.objects.bulk_create(
            RemiseEnfant(
                id=une.recu.id,
                pointage=pointages[une.recu.enfant],
                venu=une.recu.qui.venu,
                suite=une.recu.qui.suite,
                personne_id=une.recu.qui.personne,
                responsable_id=une.recu.qui.responsable,
                fait_le=une.fait_le,
                recu_le=une.recu_le,
                auteur=auteur,
            )
            for une in retenues
        )
        replay(pointages.values())
    return bilan


@dataclass(frozen=True)
class _Adultes:
    """The adults of some children that day, those taken off the list since included."""

    parents: Collection[tuple[int, int]]  # the child, the adult
    personnes: dict[tuple[int, int], PersonneAutorisee]

    @classmethod
    def load(cls, enfants: Collection[int], jour: date) -> _Adultes:
        """The parents of these children, and the persons authorised or forbidden that day, those withdrawn since
        included.
        """
        liens = Responsabilite.objects.filter(enfant__in=enfants, suspendue=False).values_list("enfant", "responsable")
        du_jour = Q(debut=None) | Q(debut__lte=jour), Q(fin=None) | Q(fin__gte=jour)
        personnes = PersonneAutorisee.objects.filter(*du_jour, enfant__in=enfants)
        return cls(set(liens), {(personne.enfant_id, personne.pk): personne for personne in personnes})

    def knows(self, recue: RemiseRecue, fait_le: datetime) -> bool:
        """Whether the adults that this tap names belonged to the child at `fait_le`, authorised or forbidden as it
        says.
        """
        qui = recue.qui
        if qui.responsable is not None and (recue.enfant, qui.responsable) not in self.parents:
            return False
        if qui.personne is None:
            return True
        personne = self.personnes.get((recue.enfant, qui.personne))
        if personne is None or (personne.retiree_le and personne.retiree_le < fait_le):
            return False
        return personne.interdite == (qui.venu == Venu.INTERDITE)


def load_remises(*avec: str, **of: Any) -> dict[int, RemiseEnfant]:
    """To whom each child was handed, by primary key of its pointage, for the pointages that the filters `of` choose;
    `avec` names other relations to read along.

    It is what was said last, unless a box of the child was unticked since. A child who was not handed over is left out.
    One query.
    """
    dites = _tenues(**of).select_related("pointage", "personne", "responsable__user", *avec)
    dernieres = {remise.pointage_id: remise for remise in dites}
    return {pk: remise for pk, remise in dernieres.items() if _remet(remise.venu, remise.suite)}


def load_remis(jour: date, creneau: Creneau) -> dict[int, str]:
    """To whom each child of an attendance sheet was handed, by primary key of the child, as the text of a `QuiVient`
    (« parent::remis:7 »); a child who was not handed over is left out. One query.
    """
    dites = _tenues(pointage__jour=jour, pointage__creneau=creneau)
    lues = dites.values_list("pointage__enfant", "venu", "suite", "personne", "responsable")
    remis = {ligne[0]: QuiVient(*ligne[1:]) for ligne in lues}
    return {enfant: str(qui) for enfant, qui in remis.items() if _remet(qui.venu, qui.suite)}


def load_departs(enfant: int, jour: date, agent: User) -> list[str]:
    """The departures of this child (primary key) that day, of which it was said to whom it was handed, on the sheets of
    this agent: « Soir : partie à 16 h 52, remise à Sophie Vidal ». Two queries at most.
    """
    siens = {"pointage__enfant": enfant, "pointage__jour": jour, "pointage__creneau__in": creneaux_of(agent).order_by()}
    remises = load_remises("pointage__creneau", "pointage__enfant", **siens, pointage__depart_recu__isnull=False)
    return [_depart_dit(remise) for remise in sorted(remises.values(), key=lambda r: r.pointage.creneau.ordre)]


def _depart_dit(remise: RemiseEnfant) -> str:
    pointage = remise.pointage
    e, heure = e_of(pointage.enfant.sexe), heure_du(pointage.depart, pointage.jour)
    parti = f"parti{e} à {heure}, " if heure else ""
    return f"{pointage.creneau.nom_court.capitalize()}{NBSP}: {parti}{suite_dite(remise, e)}"


def _tenues(**of: Any) -> QuerySet[RemiseEnfant]:
    """What was said of these pointages, the latest last; nothing since which somebody unticked a box of the child."""
    defaits = Geste.objects.filter(pointage=OuterRef("pointage"), fait_le__gt=OuterRef("fait_le"))
    dites = RemiseEnfant.objects.filter(~Exists(defaits.filter(Q(coche=False) | Q(quoi=Geste.Quoi.ANNULE))), **of)
    return dites.order_by("fait_le", "recu_le", "id")


def _remet(venu: str, suite: str) -> bool:
    return venu != Venu.RIEN and suite != Suite.NON_REMIS


def jeton_of(remise: RemiseEnfant) -> str:
    """Who came and what followed, as the text that a device and a form send: « interdite:34:appel:12 »."""
    return str(QuiVient(remise.venu, remise.suite, remise.personne_id, remise.responsable_id))


def suite_dite(remise: RemiseEnfant, e: str) -> str:
    """What followed when somebody came, in words: « remise à Sophie Vidal », « remis après appel à Isabelle Bailly »,
    « non remis »; `e` is the « e » of a girl. An adult who is erased is not named.
    """
    if remise.suite == Suite.NON_REMIS:
        return f"non remis{e}"
    parent = remise.responsable or "un parent"
    if remise.suite == Suite.APPEL:
        return f"remis{e} après appel à {parent}"
    return f"remis{e} à {parent if remise.venu == Venu.PARENT else remise.personne or 'une personne autorisée'}"
