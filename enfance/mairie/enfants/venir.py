"""« Autorisée » and « interdite » written of a child, and of its brothers and sisters at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from accounts.models import User
from enfance.famille.homonymes import reopen
from enfance.famille.noms import cle_dite
from enfance.models import Enfant, PersonneAutorisee, Responsabilite, Responsable
from portail.dates import PARIS

DIT = ("nom", "lien", "telephone", "debut", "fin", "interdite")


@dataclass(frozen=True)
class Connus:
    """Who is said today to fetch a child or not, and who answers for it."""

    personnes: list[PersonneAutorisee]
    responsables: list[Responsable]

    def of_name(self, *noms: str) -> list[PersonneAutorisee]:
        """The persons on the list who have one of these names, whatever the case and the accents."""
        cles = {cle_dite(nom) for nom in noms}
        return [personne for personne in self.personnes if cle_dite(personne.nom) in cles]


def load_connus(enfants: Iterable[Enfant], today: date) -> dict[int, Connus]:
    """For each of these children (primary key), the persons who may fetch it or must not, over days not past on
    `today`, and the adults who answer for it, those whom a judge suspended aside. Two queries.
    """
    connus = {enfant.pk: Connus([], []) for enfant in enfants}
    en_cours = PersonneAutorisee.objects.filter(Q(fin=None) | Q(fin__gte=today), enfant__in=connus, retiree_le=None)
    for personne in en_cours.order_by("pk"):
        connus[personne.enfant_id].personnes.append(personne)
    liens = Responsabilite.objects.filter(enfant__in=connus, suspendue=False).order_by("pk")
    for lien in liens.select_related("responsable__user"):
        connus[lien.enfant_id].responsables.append(lien.responsable)
    return connus


def same_kind(personnes: Iterable[PersonneAutorisee], personne: PersonneAutorisee) -> list[PersonneAutorisee]:
    """The persons of the list who are forbidden if `personne` is, authorised if it is."""
    return [autre for autre in personnes if autre.interdite == personne.interdite]


def other_kind(personnes: Iterable[PersonneAutorisee], personne: PersonneAutorisee) -> list[PersonneAutorisee]:
    """The persons of the list who are authorised if `personne` is forbidden, forbidden if it is authorised."""
    return [autre for autre in personnes if autre.interdite != personne.interdite]


@dataclass(frozen=True)
class Dit:
    """What was written of a child: the person as it was (none of one who was added) and as it is."""

    avant: PersonneAutorisee | None
    apres: PersonneAutorisee


def etendre(
    personne: PersonneAutorisee, avant: PersonneAutorisee | None, autre: Enfant, agent: User, *, now: datetime
) -> Dit:
    """Write for the brother or sister `autre` what has just been written for the child: that `personne` may fetch it,
    or must not. `avant` is the person as the child's file held it before, None when it is added. Doing it twice changes
    nothing more.

    A person of the same name who is written the contrary on that list is taken off. The caller holds the lock on both
    children.
    """
    connus = load_connus([autre], now.astimezone(PARIS).date())[autre.pk]
    memes = connus.of_name(personne.nom, *([avant.nom] if avant else []))
    contraires = other_kind(memes, personne)
    tenue = _held(personne, avant, memes)
    tenait = copy(tenue) if tenue else None
    ligne = tenue or PersonneAutorisee(enfant=autre, ajoutee_par=agent, ajoutee_le=now)
    for champ in DIT:
        setattr(ligne, champ, getattr(personne, champ))
    ligne.save()
    PersonneAutorisee.objects.filter(pk__in=[c.pk for c in contraires if c.pk != ligne.pk]).update(
        retiree_le=now, retiree_par=agent
    )
    dit = Dit(tenait, ligne)
    ask_again(dit)
    return dit


def _held(
    personne: PersonneAutorisee, avant: PersonneAutorisee | None, memes: Sequence[PersonneAutorisee]
) -> PersonneAutorisee | None:
    """The row that becomes this person. Other days of somebody authorised are days more, not days instead."""
    tenues = same_kind(memes, personne)
    jours = {(dit.debut, dit.fin) for dit in (personne, avant) if dit}
    pareilles = [tenue for tenue in tenues if (tenue.debut, tenue.fin) in jours]
    candidates = pareilles or (tenues if personne.interdite else []) or other_kind(memes, personne)
    return candidates[0] if candidates else None


def ask_again(dit: Dit) -> None:
    """After a new prohibition, ask the town hall again about the persons of a near name whom it had let in at a
    parent's request.
    """
    avant, apres = dit.avant, dit.apres
    if apres.interdite and not (avant and avant.interdite and avant.nom == apres.nom):
        reopen(apres)


def retrait_of(personne: PersonneAutorisee, autres: Collection[Enfant], today: date) -> list[PersonneAutorisee]:
    """The persons to take off the lists of these brothers and sisters when `personne` is taken off the child's: those
    of the same name who are authorised or forbidden alike.
    """
    connus = load_connus(autres, today)
    return [p for autre in autres for p in same_kind(connus[autre.pk].of_name(personne.nom), personne)]
