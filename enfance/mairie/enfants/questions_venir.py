"""What there is to ask of each brother or sister before « autorisée » or « interdite » is written; names near that of
somebody forbidden. Reads, never writes.

Only what closes is ticked beforehand: a prohibition. Whatever opens (an authorisation, the end of a prohibition), the
agent ticks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from enfance.famille.fratries import InterditeAilleurs, noms_dits
from enfance.famille.homonymes import is_near, may_be
from enfance.famille.noms import cle_dite, mots
from enfance.famille.personnes import periode_texte
from enfance.mairie.enfants.venir import DIT, Connus, load_connus, other_kind, same_kind
from enfance.models import Enfant, PersonneAutorisee, Responsable
from portail.francais import NBSP, de, et

DEJA = {True: "personne déjà interdite", False: "peut déjà venir"}
AUSSI = {True: "personne interdite aussi", False: "peut venir aussi"}


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


def questions_of(
    personne: PersonneAutorisee, avant: PersonneAutorisee | None, fratrie: Sequence[Enfant], today: date
) -> list[QuestionFratrie]:
    """What the agent is asked about each brother and sister before `personne` is written as « autorisée » or «
    interdite » for the child: whether it is written for them too. `avant` is the same person as the file holds it now,
    None when it is added. Without a name typed yet, a plain box each. No box for a child of whom the same is noted
    already, nor, for a prohibition, where an adult who answers for it may be that person.
    """
    noms, connus = noms_dits([personne.enfant, *fratrie]), load_connus(fratrie, today)
    if not personne.nom:
        return [QuestionFratrie(autre.pk, noms[autre.pk], coche=personne.interdite) for autre in fratrie]
    return [_question(personne, avant, autre, noms[autre.pk], connus[autre.pk]) for autre in fratrie]


def questions_retrait(personne: PersonneAutorisee, fratrie: Sequence[Enfant], today: date) -> list[QuestionFratrie]:
    """What the agent is asked before this person is taken off the list of the child: a question for each brother or
    sister whose list has the same name, authorised or forbidden alike.
    """
    noms, connus = noms_dits([personne.enfant, *fratrie]), load_connus(fratrie, today)
    return [
        QuestionFratrie(autre.pk, noms[autre.pk], _avec(AUSSI[personne.interdite], memes[0]))
        for autre in fratrie
        if (memes := same_kind(connus[autre.pk].of_name(personne.nom), personne))
    ]


def avis_of(personne: PersonneAutorisee, avant: PersonneAutorisee | None, connus: Connus) -> list[str]:
    """What the agent is warned of before this person is written on the child's own list, in sentences: a name near that
    of a forbidden person; for a prohibition, near that of an authorised one, or of an adult who answers for the child.
    Empty when there is nothing to warn of, or when neither name, link nor kind has changed.
    """
    if avant and all(getattr(avant, champ) == getattr(personne, champ) for champ in ("nom", "lien", "interdite")):
        return []
    autres = [autre for autre in connus.personnes if autre.pk != personne.pk]
    prenom, responsables = personne.enfant.prenom, connus.responsables if personne.interdite else []
    avis = [
        *_near(personne, other_kind(autres, personne), prenom),
        *_near_responsables(personne, responsables, prenom),
    ]
    avis += [_responsable(personne, qui, f"responsable {de(prenom)}") for qui in _alike(personne, responsables)]
    return [f"{phrase[:1].upper()}{phrase[1:]}." for phrase in avis]


def _question(
    personne: PersonneAutorisee, avant: PersonneAutorisee | None, enfant: Enfant, nom: str, connus: Connus
) -> QuestionFratrie:
    responsables = connus.responsables if personne.interdite else []
    if alike := _alike(personne, responsables):
        return QuestionFratrie(enfant.pk, nom, _sans_case(personne, alike), case=False)
    memes = connus.of_name(personne.nom, *([avant.nom] if avant else []))
    tenues, contraires = same_kind(memes, personne), other_kind(memes, personne)
    if not contraires and any(_said(tenue) == _said(personne) for tenue in tenues):
        return QuestionFratrie(enfant.pk, nom, "c’est déjà noté", case=False)
    notes = [_avec(DEJA[meme.interdite], meme) for meme in memes]
    if contraires:
        notes.append("cocher y met fin")
    autres = [autre for autre in other_kind(connus.personnes, personne) if autre not in contraires]
    notes += [
        f"ce nom ressemble à celui {de(autre.nom)}, {_dite(autre)}"
        for autre in autres
        if may_be(personne.nom, personne.lien, autre.nom)
    ]
    notes += [*_near(personne, autres), *(peut_etre := _near_responsables(personne, responsables))]
    decidee = bool(avant and avant.interdite and not tenues)  # the town said « for this one only »
    coche = personne.interdite and not decidee and not peut_etre and _closes(personne, tenues)
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


def _responsable(personne: PersonneAutorisee, qui: Responsable, responsable: str) -> str:
    """That one who answers for the child has this name, or one like it: nobody but the agent says who it is."""
    if _is_named(personne, qui):
        return f"{qui} est {responsable}"
    return f"ce nom ressemble à celui {de(str(qui))}, {responsable}"


def _sans_case(personne: PersonneAutorisee, alike: Sequence[Responsable]) -> str:
    """Why a prohibition is not said of this child from here."""
    dits = et([_responsable(personne, qui, "responsable de cet enfant") for qui in alike])
    sure = any(_is_named(personne, qui) for qui in alike)
    sinon = "" if sure else ". Si c’est quelqu’un d’autre, voyez sa fiche"
    return f"{dits}\u202f; rien ne change ici pour lui{sinon}"


def _is_named(personne: PersonneAutorisee, qui: Responsable) -> bool:
    return set(mots(personne.nom)) == set(mots(str(qui)))


def _near(personne: PersonneAutorisee, autres: Iterable[PersonneAutorisee], prenom: str = "") -> list[str]:
    """« nom proche de Jean Dupont, personne interdite pour Zoé »."""
    return [
        f"nom proche {de(autre.nom)}, {_dite(autre, prenom)}"
        for autre in autres
        if is_near(personne.nom, personne.lien, autre.nom)
    ]


def _near_responsables(personne: PersonneAutorisee, responsables: Iterable[Responsable], prenom: str = "") -> list[str]:
    return [
        f"nom proche {de(str(qui))}, responsable {de(prenom or 'cet enfant')}"
        for qui in responsables
        if is_near(personne.nom, personne.lien, str(qui))
    ]


def _dite(personne: PersonneAutorisee, prenom: str = "") -> str:
    if personne.interdite:
        return f"personne interdite pour {prenom}" if prenom else "personne interdite"
    return f"qui peut venir chercher {prenom}" if prenom else "qui peut venir"


def _avec(dit: str, personne: PersonneAutorisee) -> str:
    return " ".join(filter(None, (dit, periode_texte(personne.debut, personne.fin))))


def _said(personne: PersonneAutorisee) -> tuple[object, ...]:
    return tuple(getattr(personne, champ) for champ in DIT)


def noms_proches(
    enfant: Enfant,
    autorisees: Iterable[PersonneAutorisee],
    responsables: Iterable[Responsable],
    interdites: Iterable[PersonneAutorisee],
    ailleurs: Iterable[InterditeAilleurs],
) -> list[str]:
    """A sentence for each person who may fetch the child, or answers for it, whose name is near that of a person
    forbidden for it or for a brother or sister: « Jean Dupond, qui peut venir chercher Léa : nom proche de Jean Dupont,
    personne interdite pour Léa ».
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
