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
        """The same from its text; a ValueError when it is none."""
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
    """Keep these taps, each as it was made; refused as that of a box would be, or when it names an adult who is not
    the child's, or who was not that day what it says. A child who was not handed over is still there: the departure
    tapped before is none.
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
        liens = Responsabilite.objects.filter(enfant__in=enfants, suspendue=False).values_list("enfant", "responsable")
        du_jour = Q(debut=None) | Q(debut__lte=jour), Q(fin=None) | Q(fin__gte=jour)
        personnes = PersonneAutorisee.objects.filter(*du_jour, enfant__in=enfants)
        return cls(set(liens), {(personne.enfant_id, personne.pk): personne for personne in personnes})

    def knows(self, recue: RemiseRecue, fait_le: datetime) -> bool:
        """Whether those that this tap names were of the child, and what it says that they are, when it was made."""
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
    """To whom the children of these pointages were handed, with its adults and what else is asked for (`avec`), by
    pointage: what was said last, and since which nobody unticked a box of the child. None of who was not handed over.
    One query.
    """
    dites = _tenues(**of).select_related("pointage", "personne", "responsable__user", *avec)
    dernieres = {remise.pointage_id: remise for remise in dites}
    return {pk: remise for pk, remise in dernieres.items() if _remet(remise.venu, remise.suite)}


def load_remis(jour: date, creneau: Creneau) -> dict[int, str]:
    """The same of a sheet, as `QuiVient` has it, by child. One query."""
    dites = _tenues(pointage__jour=jour, pointage__creneau=creneau)
    lues = dites.values_list("pointage__enfant", "venu", "suite", "personne", "responsable")
    remis = {ligne[0]: QuiVient(*ligne[1:]) for ligne in lues}
    return {enfant: str(qui) for enfant, qui in remis.items() if _remet(qui.venu, qui.suite)}


def load_departs(enfant: int, jour: date, agent: User) -> list[str]:
    """« Soir : partie à 16 h 52, remise à Sophie Vidal »: the departures of a child that day, on the sheets of this
    agent, of which it was said. Two queries at most.
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
    """The same as a device and a form send it."""
    return str(QuiVient(remise.venu, remise.suite, remise.personne_id, remise.responsable_id))


def suite_dite(remise: RemiseEnfant, e: str) -> str:
    """« remise à Sophie Vidal », « remis après appel à Isabelle Bailly », « non remis », with the `e` of a girl;
    without the name of an adult who is erased.
    """
    if remise.suite == Suite.NON_REMIS:
        return f"non remis{e}"
    parent = remise.responsable or "un parent"
    if remise.suite == Suite.APPEL:
        return f"remis{e} après appel à {parent}"
    return f"remis{e} à {parent if remise.venu == Venu.PARENT else remise.personne or 'une personne autorisée'}"
