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
        """Those of one of these names."""
        cles = {cle_dite(nom) for nom in noms}
        return [personne for personne in self.personnes if cle_dite(personne.nom) in cles]


def load_connus(enfants: Iterable[Enfant], today: date) -> dict[int, Connus]:
    """Of each of these children, by primary key. Two queries."""
    connus = {enfant.pk: Connus([], []) for enfant in enfants}
    en_cours = PersonneAutorisee.objects.filter(Q(fin=None) | Q(fin__gte=today), enfant__in=connus, retiree_le=None)
    for personne in en_cours.order_by("pk"):
        connus[personne.enfant_id].personnes.append(personne)
    liens = Responsabilite.objects.filter(enfant__in=connus, suspendue=False).order_by("pk")
    for lien in liens.select_related("responsable__user"):
        connus[lien.enfant_id].responsables.append(lien.responsable)
    return connus


def same_kind(personnes: Iterable[PersonneAutorisee], personne: PersonneAutorisee) -> list[PersonneAutorisee]:
    return [autre for autre in personnes if autre.interdite == personne.interdite]


def other_kind(personnes: Iterable[PersonneAutorisee], personne: PersonneAutorisee) -> list[PersonneAutorisee]:
    return [autre for autre in personnes if autre.interdite != personne.interdite]


@dataclass(frozen=True)
class Dit:
    """What was written of a child: the person as it was (none of one who was added) and as it is."""

    avant: PersonneAutorisee | None
    apres: PersonneAutorisee


def etendre(
    personne: PersonneAutorisee, avant: PersonneAutorisee | None, autre: Enfant, agent: User, *, now: datetime
) -> Dit:
    """Say of this brother or sister what has just been said of the child. Done twice, it is done once.

    What says the contrary under the same name is over. The caller holds both children.
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
    """A new prohibition asks again about those who were let in as namesakes."""
    avant, apres = dit.avant, dit.apres
    if apres.interdite and not (avant and avant.interdite and avant.nom == apres.nom):
        reopen(apres)


def retrait_of(personne: PersonneAutorisee, autres: Collection[Enfant], today: date) -> list[PersonneAutorisee]:
    """Whom to take off the lists of these brothers and sisters with this person."""
    connus = load_connus(autres, today)
    return [p for autre in autres for p in same_kind(connus[autre.pk].of_name(personne.nom), personne)]
