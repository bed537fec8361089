"""Who is who: children cited by adults, lines that are one adult, adults of ONDE who are known here, homes; pupils who
are known here, by INE, by identity. Pure, but that `Registre.load` reads the children.

What may be two people is never guessed: it is returned as a doubt, for the town hall.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Any, Self

from django.db.models import Q, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from enfance.models import Enfant
from enfance.onde.lecture import Adulte, Eleve, EnfantCite
from enfance.onde.memoire import identite
from portail.cles import cle


@dataclass(frozen=True)
class Doute:
    """Why no pupil could be named for sure, as a sentence; `rangs` of those who are too many, empty for none."""

    raison: str
    rangs: tuple[int, ...] = ()


class Classeur:
    """The pupils of the file, as the responsables' file names them: by name and first name, then class."""

    def __init__(self, eleves: Iterable[Eleve]) -> None:
        self._eleves: dict[tuple[str, str], list[int]] = {}
        self._classes: list[str] = []
        for rang, eleve in enumerate(eleves):
            self._classes.append(cle(eleve.classe))
            for nom in {cle(eleve.nom), cle(eleve.nom_usage)} - {""}:
                self._eleves.setdefault((nom, cle(eleve.prenom)), []).append(rang)

    def find(self, cite: EnfantCite) -> int | Doute:
        """The rank in the pupils' file of the child whom an adult's line names; a Doute, with the reason, when no pupil
        has this name, or class, or when several have.
        """
        prenom, classe = cle(cite.prenom), cle(cite.classe)
        homonymes = {
            rang for nom in (cle(cite.nom), cle(cite.nom_usage)) if nom for rang in self._eleves.get((nom, prenom), [])
        }
        rangs = {rang for rang in homonymes if not classe or self._classes[rang] == classe}
        if len(rangs) == 1:
            return rangs.pop()
        if rangs:
            return Doute(f"plusieurs élèves s’appellent {cite} : lequel ?", tuple(sorted(rangs)))
        if homonymes:
            return Doute(f"{cite} n’est pas dans la classe « {cite.classe} » du fichier des élèves.")
        return Doute(f"{cite} n’est pas dans le fichier des élèves.")


def fusion(adultes: Iterable[Adulte]) -> list[Adulte]:
    """The adults of ONDE's file, with the lines of one person made one: two lines of the same name are one adult only
    if the address or the mobile agrees as well.

    The first line wins; the others add the children and what it leaves empty.
    """
    homonymes: dict[tuple[str, str], list[list[Adulte]]] = {}
    for adulte in adultes:
        groupes = homonymes.setdefault((cle(adulte.nom), cle(adulte.prenom)), [])
        memes = [groupe for groupe in groupes if any(_same_place(adulte, autre) for autre in groupe)]
        groupes[:] = [groupe for groupe in groupes if groupe not in memes]
        groupes.append([*(autre for groupe in memes for autre in groupe), adulte])
    uniques = [merge_lignes(groupe) for groupes in homonymes.values() for groupe in groupes]
    return sorted(uniques, key=lambda adulte: adulte.ligne)


def _same_place(a: Adulte, b: Adulte) -> bool:
    return _agree(a.cle_adresse, b.cle_adresse) or _agree(a.telephone, b.telephone)


def merge_lignes(lignes: Sequence[Adulte]) -> Adulte:
    """One adult made of several lines of ONDE's file: the first line wins, the others add the children and what it
    leaves empty.
    """
    premiere, *autres = lignes
    for autre in autres:
        vides = {
            champ: getattr(autre, champ)
            for champ in ("civilite", "nom_usage", "courriel", "telephone", "telephone_domicile", "telephone_travail")
            if not getattr(premiere, champ)
        }
        if not premiere.adresse:
            vides |= {champ: getattr(autre, champ) for champ in ("adresse", "code_postal", "commune")}
        enfants = tuple(dict.fromkeys(premiere.enfants + autre.enfants))
        premiere = replace(premiere, enfants=enfants, **vides)
    return premiere


def _agree(a: str, b: str) -> bool:
    return bool(a) and a == b


# --- Adults already known -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Signalement:
    """What an adult is recognised by: as ONDE says it now, or as it is known here (corrected or last imported)."""

    noms: frozenset[str]
    prenoms: frozenset[str]
    civilite: str
    courriels: frozenset[str]
    adresses: frozenset[str]
    portables: frozenset[str]
    enfants: frozenset[int]

    def same_name(self, autre: Signalement) -> bool:
        """Whether the two adults have a surname and a first name in common."""
        return bool(self.noms & autre.noms and self.prenoms & autre.prenoms)

    def is_near(self, autre: Signalement) -> bool:
        """Whether the two adults have a child and the civilité in common, and a first name too, or a surname with a
        first name spelt nearly alike: a correction, if mail or address says so too. An adult of quite another first
        name is somebody else, who must not inherit the account.
        """
        if self.civilite != autre.civilite or not self.enfants & autre.enfants:
            return False
        if self.prenoms & autre.prenoms:
            return True
        return bool(self.noms & autre.noms) and any(
            SequenceMatcher(None, a, b).ratio() >= 0.7 for a in self.prenoms for b in autre.prenoms
        )

    def confirms(self, autre: Signalement) -> bool:
        """Whether the two adults have an e-mail, an address or a mobile in common."""
        return bool(
            self.courriels & autre.courriels or self.adresses & autre.adresses or self.portables & autre.portables
        )


Critere = Callable[[Signalement, Signalement], bool]

CRITERES: tuple[Critere, ...] = (
    lambda a, b: a.same_name(b) and bool(a.enfants & b.enfants),
    lambda a, b: bool(a.courriels & b.courriels) and (a.same_name(b) or a.is_near(b)),
    lambda a, b: bool(a.adresses & b.adresses) and (a.same_name(b) or a.is_near(b)),
)
PRECISIONS: tuple[Critere, ...] = (
    lambda a, b: bool(a.courriels & b.courriels),
    lambda a, b: bool(a.adresses & b.adresses),
    lambda a, b: bool(a.portables & b.portables),
)


def reconnaissance(
    lus: Sequence[Signalement], connus: Mapping[int, Signalement], reponses: Mapping[int, int] = MappingProxyType({})
) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Which known adult (`connus`, by primary key) each adult of the file (`lus`) is: by child and name, then by
    e-mail, then by address.
    Returns the primary keys, by rank in `lus`, of those who are recognised; then, by rank, the candidates between whom
    only the town hall can decide. Those whom it has decided in `reponses` (primary key by rank) are recognised too, and
    stay among the doubts; an answer that is no candidate is passed over. An adult who is in neither is new. Two adults
    of the file are never the same known adult.
    """
    trouves: dict[int, int] = {}
    doutes: dict[int, list[int]] = {}
    par_mot: dict[tuple[str, str | int], set[int]] = {}
    for pk, connu in connus.items():
        for mot in _mots(connu):
            par_mot.setdefault(mot, set()).add(pk)
    proches = [set().union(*(par_mot.get(mot, ()) for mot in _mots(lu))) for lu in lus]
    for critere in CRITERES:
        pris = set(trouves.values())
        vises: dict[int, list[int]] = {}  # by known adult, the ranks that claim it
        for rang, lu in enumerate(lus):
            if rang in trouves or rang in doutes:
                continue
            candidats = [pk for pk in sorted(proches[rang] - pris) if critere(lu, connus[pk])]
            for precision in PRECISIONS:
                if len(candidats) > 1:
                    candidats = [pk for pk in candidats if precision(lu, connus[pk])] or candidats
            if len(candidats) == 1:
                vises.setdefault(candidats[0], []).append(rang)
            elif candidats:
                doutes[rang] = candidats
                if reponses.get(rang) in candidats:
                    vises.setdefault(reponses[rang], []).append(rang)
        for pk, rangs in vises.items():
            if len(rangs) > 1:
                dits = [rang for rang in rangs if reponses.get(rang) == pk]
                surs = dits or [rang for rang in rangs if lus[rang].confirms(connus[pk])]
                if dits or len(surs) != 1:
                    doutes = {rang: [pk] for rang in rangs} | doutes
                if len(surs) != 1:
                    continue
                rangs = surs
            trouves[rangs[0]] = pk
    return trouves, doutes


def _mots(signalement: Signalement) -> Iterable[tuple[str, str | int]]:
    """What two descriptions of one adult must have in common: a name, or a child."""
    yield from (("nom", nom) for nom in signalement.noms)
    yield from (("enfant", enfant) for enfant in signalement.enfants)


# --- Homes ----------------------------------------------------------------------------------------------------------


def menages(adresses: Sequence[str], enfants: Sequence[frozenset[int]]) -> list[list[int]]:
    """The households among these adults, each as their ranks: those at the same address (`adresses`, as addresses are
    compared) who share a child (`enfants`, primary keys), directly or through another of them.

    An adult without address is alone in a household: the address may have been withheld.
    """
    restants = list(range(len(adresses)))
    foyers = []
    while restants:
        foyer = [restants.pop(0)]
        for membre in foyer:  # grows while it is read
            voisins = [
                rang
                for rang in restants
                if _agree(adresses[rang], adresses[membre]) and enfants[rang] & enfants[membre]
            ]
            foyer += voisins
            restants = [rang for rang in restants if rang not in voisins]
        foyers.append(sorted(foyer))
    return foyers


# --- Pupils already known -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DouteEleve:
    """Why a pupil may be one of these children (primary keys), and what to do where nobody can be asked."""

    raison: str
    conseil: str
    candidats: tuple[int, ...]


class Registre:
    """The children known here, by INE and by identity: corrected by the town hall, or as ONDE last gave them."""

    def __init__(self, enfants: Iterable[Enfant]) -> None:
        self.enfants = {enfant.pk: enfant for enfant in enfants}
        self._ines: dict[str, int] = {}
        self._identites: dict[tuple[str, ...], set[int]] = {}
        for enfant in self.enfants.values():
            for face in _faces(enfant):
                self._ines.setdefault(face.get("ine", ""), enfant.pk)
            for nommee in identites_of(enfant):
                self._identites.setdefault(nommee, set()).add(enfant.pk)
        self._ines |= {enfant.ine: enfant.pk for enfant in self.enfants.values() if enfant.ine}
        self._ines.pop("", None)

    @classmethod
    def load(cls, eleves: Sequence[Eleve]) -> Self:
        """The known children whom these pupils of ONDE's file may be, read from the database: of the same INE, or born
        on the same days; and all those made of two files. The other children of the town are not read.
        """
        ines = {eleve.ine for eleve in eleves} - {""}
        jours = {eleve.date_naissance for eleve in eleves}
        proches = Q(ine__in=ines) | Q(date_naissance__in=jours) | Q(onde__has_key="doubles")
        dits = Q(ine_dit__in=ines) | Q(jour_dit__in=[jour.isoformat() for jour in jours])
        dites = {"ine_dit": KT("onde__ine"), "jour_dit": KT("onde__date_naissance")}
        dernieres = {nom: Cast(dite, TextField()) for nom, dite in dites.items()}
        return cls(Enfant.objects.alias(**dernieres).filter(proches | dits))

    def find(self, eleves: Iterable[Eleve]) -> tuple[dict[int, int], dict[int, DouteEleve]]:
        """Which known child each of these pupils is. Returns the primary keys by line of the file, then the doubts by
        line; a pupil in neither is new.

        Two lines under two names are one child where the town hall made its two files one.
        """
        eleves = list(eleves)
        par_enfant = {self._ines[eleve.ine]: eleve.ligne for eleve in eleves if eleve.ine in self._ines}
        trouves = {ligne: pk for pk, ligne in par_enfant.items()}
        doutes = {}
        for eleve in eleves:
            if eleve.ligne in trouves:
                continue
            candidats = sorted(self._identites.get(eleve.identite, set()) - set(trouves.values()))
            autre_ine = [pk for pk in candidats if eleve.ine and self.enfants[pk].ine]
            if len(candidats) > 1:
                raison = f"plusieurs enfants connus s’appellent {eleve}, nés le même jour : lequel est-ce ?"
                doutes[eleve.ligne] = DouteEleve(raison, "", tuple(candidats))
            elif autre_ine:
                doutes[eleve.ligne] = DouteEleve(
                    f"{eleve} est connu avec un autre INE ({self.enfants[autre_ine[0]].ine}, ici {eleve.ine}).",
                    "Si c’est le même enfant, corrigez l’INE de sa fiche et recommencez ; sinon, créez sa fiche.",
                    tuple(autre_ine),
                )
            elif candidats:
                trouves[eleve.ligne] = candidats[0]
            elif (pk := self._other_face(eleve, eleves, trouves)) is not None:
                trouves[eleve.ligne] = pk
        return trouves, doutes

    def _other_face(self, eleve: Eleve, eleves: list[Eleve], trouves: dict[int, int]) -> int | None:
        """The child, found already by another line, of whom this line is another name."""
        deja = {(trouves[autre.ligne], autre.identite) for autre in eleves if autre.ligne in trouves}
        for pk in self._identites.get(eleve.identite, ()):
            memes_ines = not (eleve.ine and self.enfants[pk].ine)  # two INE are two children
            if self.enfants[pk].onde.get("doubles") and memes_ines and (pk, eleve.identite) not in deja:
                return pk
        return None

    def first_lines(self, eleves: Iterable[Eleve], trouves: dict[int, int]) -> set[int]:
        """The lines of the file by which each child is written, one a child: where the town hall made two files of a
        child one and ONDE still gives two lines, the line most like what ONDE last said of it. `trouves` gives the
        child (primary key) by line.
        """
        par_enfant: dict[int, list[Eleve]] = {}
        for eleve in eleves:
            if eleve.ligne in trouves:
                par_enfant.setdefault(trouves[eleve.ligne], []).append(eleve)
        return {
            max(lignes, key=lambda eleve: _likeness(eleve, self.enfants[pk].onde)).ligne
            for pk, lignes in par_enfant.items()
        }


def _likeness(eleve: Eleve, onde: dict[str, Any]) -> tuple[bool, bool]:
    return bool(eleve.ine) and eleve.ine == onde.get("ine"), eleve.identite == _identite(onde)


def _faces(enfant: Enfant) -> list[dict[str, Any]]:
    """What ONDE last said of this child, then what is known of its doubles."""
    return [enfant.onde, *enfant.onde.get("doubles", ())]


def identites_of(enfant: Enfant) -> set[tuple[str, str, str]]:
    """The ways in which this child may be named: (name, first name, birth date) as they are compared, as it is known
    here, as ONDE last gave it, and as the files made one with it had it.
    """
    return {_identite(face) for face in (identite(enfant), *_faces(enfant))}


def _identite(face: dict[str, Any]) -> tuple[str, str, str]:
    return cle(face.get("nom", "")), cle(face.get("prenom", "")), face.get("date_naissance", "")
