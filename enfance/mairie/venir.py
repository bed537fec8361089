"""« Autorisée » and « interdite » said of a child, and of its brothers and sisters at once: what there is to ask of
each of them before, what is written.

Only what closes is ticked beforehand: a prohibition. Whatever opens (an authorisation, the end of a prohibition), the
agent ticks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from accounts.models import User
from enfance.famille.fratries import InterditeAilleurs, noms_dits
from enfance.famille.homonymes import is_near, may_be, reopen
from enfance.famille.noms import cle_dite, mots
from enfance.famille.personnes import periode_texte
from enfance.models import Enfant, PersonneAutorisee, Responsabilite, Responsable
from portail.dates import PARIS
from portail.francais import NBSP, de, et

DEJA = {True: "personne déjà interdite", False: "peut déjà venir"}
AUSSI = {True: "personne interdite aussi", False: "peut venir aussi"}
DIT = ("nom", "lien", "telephone", "debut", "fin", "interdite")


@dataclass(frozen=True)
class QuestionFratrie:
    """What is asked of a brother or sister. `note`: what holds for that child today, or why there is no box (`case`);
    `coche`: whether the box is ticked before anybody answers.
    """

    pk: int
    nom: str
    note: str = ""
    coche: bool = False
    case: bool = True


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


# --- What is asked ----------------------------------------------------------------------------------------------------


def questions_of(
    personne: PersonneAutorisee, avant: PersonneAutorisee | None, fratrie: Sequence[Enfant], today: date
) -> list[QuestionFratrie]:
    """What is asked of each brother and sister before this is written of the child. `avant`: the same person as the
    file holds it; none of one to add.
    """
    noms, connus = noms_dits([personne.enfant, *fratrie]), load_connus(fratrie, today)
    if not personne.nom:
        return [QuestionFratrie(autre.pk, noms[autre.pk], coche=personne.interdite) for autre in fratrie]
    return [_question(personne, avant, autre, noms[autre.pk], connus[autre.pk]) for autre in fratrie]


def questions_retrait(personne: PersonneAutorisee, fratrie: Sequence[Enfant], today: date) -> list[QuestionFratrie]:
    """What is asked before this person is taken off the list of the child: of the children alone of whom the same is
    said.
    """
    noms, connus = noms_dits([personne.enfant, *fratrie]), load_connus(fratrie, today)
    return [
        QuestionFratrie(autre.pk, noms[autre.pk], _avec(AUSSI[personne.interdite], memes[0]))
        for autre in fratrie
        if (memes := _same_kind(connus[autre.pk].of_name(personne.nom), personne))
    ]


def avis_of(personne: PersonneAutorisee, avant: PersonneAutorisee | None, connus: Connus) -> list[str]:
    """What the agent reads again before this is written of the child itself: a name near that of a forbidden person,
    or that of somebody who answers for the child.
    """
    if avant and all(getattr(avant, champ) == getattr(personne, champ) for champ in ("nom", "lien", "interdite")):
        return []
    autres = Connus([autre for autre in connus.personnes if autre.pk != personne.pk], connus.responsables)
    prenom = personne.enfant.prenom
    avis = _near(personne, autres, prenom)
    if personne.interdite:
        avis += [_responsable(personne, qui, prenom) for qui in _alike(personne, autres.responsables)]
    return [f"{phrase[:1].upper()}{phrase[1:]}." for phrase in avis]


def _question(
    personne: PersonneAutorisee, avant: PersonneAutorisee | None, enfant: Enfant, nom: str, connus: Connus
) -> QuestionFratrie:
    alike = _alike(personne, connus.responsables) if personne.interdite else []
    if alike:
        return QuestionFratrie(enfant.pk, nom, _sans_case(personne, alike, nom), case=False)
    memes = connus.of_name(personne.nom, *([avant.nom] if avant else []))
    if any(_said(meme) == _said(personne) for meme in memes) and not _other_kind(memes, personne):
        return QuestionFratrie(enfant.pk, nom, "c’est déjà noté", case=False)
    tenues, contraires = _same_kind(memes, personne), _other_kind(memes, personne)
    notes = [_avec(DEJA[meme.interdite], meme) for meme in memes]
    if contraires:
        notes.append("cocher y met fin")
    autres = Connus([autre for autre in connus.personnes if autre not in memes], connus.responsables)
    notes += [
        f"ce nom ressemble à celui {de(autre.nom)}, {_dite(autre, nom)}"
        for autre in _other_kind(autres.personnes, personne)
        if may_be(personne.nom, personne.lien, autre.nom)
    ]
    notes += (pres := _near(personne, autres, nom))
    decidee = bool(avant and avant.interdite and not tenues)  # the town said « for this one only »
    coche = personne.interdite and not decidee and not (pres and not tenues) and _closes(personne, tenues)
    return QuestionFratrie(enfant.pk, nom, ", ".join(notes), coche)


def _closes(personne: PersonneAutorisee, tenues: Sequence[PersonneAutorisee]) -> bool:
    """Whether this prohibition says more than those that hold already, and ends none of them."""
    return not tenues or (
        all(_holds(personne, tenue) for tenue in tenues)
        and not any(_holds(tenue, personne) and cle_dite(tenue.nom) == cle_dite(personne.nom) for tenue in tenues)
    )


def _holds(longue: PersonneAutorisee, courte: PersonneAutorisee) -> bool:
    """Whether the days of the one are among those of the other."""
    return (longue.debut or date.min) <= (courte.debut or date.min) and (longue.fin or date.max) >= (
        courte.fin or date.max
    )


def _alike(personne: PersonneAutorisee, responsables: Iterable[Responsable]) -> list[Responsable]:
    return [qui for qui in responsables if may_be(personne.nom, personne.lien, str(qui))]


def _responsable(personne: PersonneAutorisee, qui: Responsable, prenom: str) -> str:
    """That one who answers for the child has this name, or one like it: nobody but the agent says who it is."""
    if _is_named(personne, qui):
        return f"{qui} est responsable {de(prenom)}"
    return f"ce nom ressemble à celui {de(str(qui))}, responsable {de(prenom)}"


def _sans_case(personne: PersonneAutorisee, alike: Sequence[Responsable], prenom: str) -> str:
    """Why a prohibition is not said of this child from here."""
    dits = et([_responsable(personne, qui, prenom) for qui in alike])
    sure = any(_is_named(personne, qui) for qui in alike)
    sinon = "" if sure else "\u202f; si c’est quelqu’un d’autre, voyez sa fiche"
    return f"{dits}. Rien ne change ici pour {prenom}{sinon}"


def _is_named(personne: PersonneAutorisee, qui: Responsable) -> bool:
    return set(mots(personne.nom)) == set(mots(str(qui)))


def _near(personne: PersonneAutorisee, connus: Connus, prenom: str) -> list[str]:
    """« nom proche de Jean Dupont, personne interdite pour Zoé »."""
    pres = [(str(autre), _dite(autre, prenom)) for autre in _other_kind(connus.personnes, personne)]
    if personne.interdite:
        pres += [(str(qui), f"responsable {de(prenom)}") for qui in connus.responsables]
    return [f"nom proche {de(nom)}, {dit}" for nom, dit in pres if is_near(personne.nom, personne.lien, nom)]


def _dite(personne: PersonneAutorisee, prenom: str) -> str:
    return f"personne interdite pour {prenom}" if personne.interdite else f"qui peut venir chercher {prenom}"


def _avec(dit: str, personne: PersonneAutorisee) -> str:
    return " ".join(filter(None, (dit, periode_texte(personne.debut, personne.fin))))


def _said(personne: PersonneAutorisee) -> tuple[object, ...]:
    return tuple(getattr(personne, champ) for champ in DIT)


def _same_kind(personnes: Iterable[PersonneAutorisee], personne: PersonneAutorisee) -> list[PersonneAutorisee]:
    return [autre for autre in personnes if autre.interdite == personne.interdite]


def _other_kind(personnes: Iterable[PersonneAutorisee], personne: PersonneAutorisee) -> list[PersonneAutorisee]:
    return [autre for autre in personnes if autre.interdite != personne.interdite]


# --- What is written --------------------------------------------------------------------------------------------------


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
    contraires = _other_kind(memes, personne)
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
    tenues = _same_kind(memes, personne)
    jours = {(dit.debut, dit.fin) for dit in (personne, avant) if dit}
    pareilles = [tenue for tenue in tenues if (tenue.debut, tenue.fin) in jours]
    candidates = pareilles or (tenues if personne.interdite else []) or _other_kind(memes, personne)
    return candidates[0] if candidates else None


def ask_again(dit: Dit) -> None:
    """A new prohibition asks again about those who were let in as namesakes."""
    avant, apres = dit.avant, dit.apres
    if apres.interdite and not (avant and avant.interdite and avant.nom == apres.nom):
        reopen(apres)


def retrait_of(personne: PersonneAutorisee, autres: Collection[Enfant], today: date) -> list[PersonneAutorisee]:
    """Whom to take off the lists of these brothers and sisters with this person."""
    connus = load_connus(autres, today)
    return [p for autre in autres for p in _same_kind(connus[autre.pk].of_name(personne.nom), personne)]


# --- What the pages say -----------------------------------------------------------------------------------------------


def noms_proches(
    enfant: Enfant,
    autorisees: Iterable[PersonneAutorisee],
    responsables: Iterable[Responsable],
    interdites: Iterable[PersonneAutorisee],
    ailleurs: Iterable[InterditeAilleurs],
) -> list[str]:
    """« Jean Dupond, qui peut venir chercher Léa : nom proche de Jean Dupont, personne interdite pour Léa », or for a
    brother or sister.
    """
    dites = [(p.nom, enfant.prenom) for p in interdites] + [(autre.nom, autre.pour) for autre in ailleurs]
    eux = [(p.nom, p.lien, f"qui peut venir chercher {enfant.prenom}") for p in autorisees]
    eux += [(str(qui), "", f"responsable {de(enfant.prenom)}") for qui in responsables]
    return [
        f"{nom}, {qui}{NBSP}: nom proche {de(interdite)}, personne interdite pour {pour}"
        for nom, lien, qui in eux
        for interdite, pour in dites
        if is_near(nom, lien, interdite)
    ]
