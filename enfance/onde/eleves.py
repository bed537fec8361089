"""Writes the pupils of ONDE: recognised, changed where ONDE changed, put in their class; who is gone, who is back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from enfance.models import AnneeScolaire, Enfant, Inscription, Scolarite
from enfance.onde.bilan import Bilan
from enfance.onde.classes import Classes
from enfance.onde.corrections import reprend
from enfance.onde.doubles import identite
from enfance.onde.lecture import Eleve, Extraction
from enfance.onde.questions import NOUVEAU, Option, Question, Reponses, answer
from portail.cles import cle
from portail.francais import accord
from portail.tables import LigneRefusee

NOUVEL_ENFANT = Option(NOUVEAU, "Un autre enfant : créer sa fiche")
CHAMPS = ("nom", "nom_usage", "prenom", "date_naissance", "sexe", "ine")


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
            for nommee in _identites(enfant):
                self._identites.setdefault(nommee, set()).add(enfant.pk)
        self._ines |= {enfant.ine: enfant.pk for enfant in self.enfants.values() if enfant.ine}
        self._ines.pop("", None)

    def find(self, eleves: Iterable[Eleve]) -> tuple[dict[int, int], dict[int, DouteEleve]]:
        """The child (primary key) of each pupil by line, and the doubts by line; who is in neither is new.

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
        """One line a child, the one that ONDE gave first; a child whom the town hall made of two may have two."""
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


def _identites(enfant: Enfant) -> set[tuple[str, str, str]]:
    return {_identite(face) for face in (identite(enfant), *_faces(enfant))}


def _identite(face: dict[str, Any]) -> tuple[str, str, str]:
    return cle(face.get("nom", "")), cle(face.get("prenom", "")), face.get("date_naissance", "")


def is_from_onde(enfant: Enfant) -> bool:
    """Whether ONDE has given this child, ever."""
    return "nom" in enfant.onde


@dataclass(frozen=True)
class ElevesRapproches:
    """The children of the pupils of the file, in its order (None in doubt); the pupils expected, those who are gone."""

    enfants: list[Enfant | None]
    attendus: list[Scolarite]
    partis: list[Scolarite]


def write_eleves(
    extraction: Extraction,
    annee: AnneeScolaire,
    bilan: Bilan,
    *,
    today: date,
    choix: Reponses,
    avance: Callable[[], object],
) -> ElevesRapproches:
    """Write the pupils. Who is no longer in the file is told, not yet marked: `mark_partis` does it."""
    eleves = extraction.eleves
    registre = Registre(Enfant.objects.all())
    trouves, doutes = registre.find(eleves)
    scolarites = {scolarite.enfant_id: scolarite for scolarite in annee.scolarites.select_related("enfant", "classe")}
    presents = [scolarite for scolarite in scolarites.values() if scolarite.depart is None]
    absents = [scolarite for scolarite in presents if scolarite.enfant_id not in trouves.values()]
    nouveaux = [eleve for eleve in eleves if eleve.ligne not in trouves and eleve.ligne not in doutes]
    doutes |= _resemblances(nouveaux, [scolarite.enfant for scolarite in absents])
    doutes = _ask(extraction, doutes, trouves, registre, bilan, choix)
    absents = [scolarite for scolarite in absents if scolarite.enfant_id not in trouves.values()]
    hesitations = {pk for eleve in eleves if eleve.ligne in doutes for pk in _near(eleve, absents)}
    classes = Classes(annee, choix, extraction.fichier_eleves)
    premieres = registre.first_lines(eleves, trouves)
    enfants: list[Enfant | None] = []
    for eleve in eleves:
        avance()
        if eleve.ligne in doutes:
            enfants.append(None)
            continue
        if eleve.ligne in trouves and eleve.ligne not in premieres:
            enfants.append(registre.enfants[trouves[eleve.ligne]])
            continue
        enfant = registre.enfants.get(trouves.get(eleve.ligne, 0)) or Enfant()
        cree = enfant.pk is None
        changements = _write_enfant(enfant, eleve)
        place, confirme = _write_scolarite(enfant, eleve, annee, scolarites.get(enfant.pk), classes, bilan, today)
        bilan.eleves.add(enfant, cree=cree, changements=[*changements, *place], confirme=confirme)
        enfants.append(enfant)
    classes.ask(bilan)
    partis = []
    for scolarite in absents:
        if scolarite.enfant_id in hesitations:
            continue
        if is_from_onde(scolarite.enfant):
            partis.append(scolarite)
        else:
            bilan.propositions.append(
                f"{scolarite.enfant}, saisi par la mairie, n’est pas dans ONDE : rien n’a été changé."
            )
    return ElevesRapproches(enfants, [scolarite for scolarite in presents if is_from_onde(scolarite.enfant)], partis)


def _resemblances(nouveaux: list[Eleve], absents: list[Enfant]) -> dict[int, DouteEleve]:
    """New pupils who may be known ones under a corrected name: born the same day, one of the two names the same."""
    doutes = {}
    for eleve in nouveaux:
        proches = [enfant for enfant in absents if _resembles(eleve, enfant)]
        if proches:
            doutes[eleve.ligne] = DouteEleve(
                f"{eleve} arrive et {' ou '.join(map(str, proches))}, né le même jour, n’y est plus.",
                "Si c’est le même enfant, corrigez le nom dans sa fiche et recommencez ; sinon, notez le départ de "
                "l’autre et recommencez.",
                tuple(enfant.pk for enfant in proches),
            )
    return doutes


def _ask(
    extraction: Extraction,
    doutes: dict[int, DouteEleve],
    trouves: dict[int, int],
    registre: Registre,
    bilan: Bilan,
    choix: Reponses,
) -> dict[int, DouteEleve]:
    """Put the doubts to the town hall; the children whom its answers name join `trouves`. Returns what stays open."""
    restent = {}
    for eleve in extraction.eleves:
        doute = doutes.get(eleve.ligne)
        if doute is None:
            continue
        options = (*(_option(registre.enfants[pk]) for pk in doute.candidats), NOUVEL_ENFANT)
        reponse = answer(choix, eleve.cle, options)
        pk = next((pk for pk in doute.candidats if reponse == _option(registre.enfants[pk]).valeur), None)
        if pk is not None and pk not in trouves.values():
            trouves[eleve.ligne] = pk
        elif reponse != NOUVEAU:
            restent[eleve.ligne] = doute
        refus = LigneRefusee(extraction.fichier_eleves, eleve.ligne, f"{doute.raison} {doute.conseil}".rstrip())
        texte = f"{doute.raison[0].upper()}{doute.raison[1:]} Qui est-ce ?" if doute.conseil else doute.raison
        bilan.ask(Question(eleve.cle, texte, refus, options, reponse), sans_reponse=eleve.ligne in restent)
    return restent


def _option(enfant: Enfant) -> Option:
    details = f", INE {enfant.ine}" if enfant.ine else ""
    return Option(
        f"enfant-{enfant.pk}", f"{enfant}, fiche n° {enfant.pk}, né·e le {enfant.date_naissance:%d/%m/%Y}{details}"
    )


def _resembles(eleve: Eleve, enfant: Enfant) -> bool:
    if eleve.date_naissance.isoformat() not in {enfant.date_naissance.isoformat(), enfant.onde.get("date_naissance")}:
        return False
    if eleve.ine and enfant.ine:  # two INE are two children
        return False
    return cle(eleve.nom) == cle(enfant.nom) or cle(eleve.prenom) == cle(enfant.prenom)


def _near(eleve: Eleve, absents: list[Scolarite]) -> Iterable[int]:
    """The absent children whom a pupil in doubt may be: they are not gone."""
    return (
        scolarite.enfant_id
        for scolarite in absents
        if eleve.identite in _identites(scolarite.enfant) or _resembles(eleve, scolarite.enfant)
    )


def _write_enfant(enfant: Enfant, eleve: Eleve) -> list[str]:
    avant = dict(enfant.onde)
    changements = []
    for champ in CHAMPS:
        trace = getattr(eleve, champ)
        valeur = trace or None if champ == "ine" else trace
        texte = trace.isoformat() if isinstance(trace, date) else trace
        changements.append(reprend(enfant, enfant.onde, champ, valeur, texte))
    changements = [changement for changement in changements if changement]
    if changements or enfant.onde != avant:
        enfant.save()
    return changements


def _write_scolarite(
    enfant: Enfant,
    eleve: Eleve,
    annee: AnneeScolaire,
    scolarite: Scolarite | None,
    classes: Classes,
    bilan: Bilan,
    today: date,
) -> tuple[list[str], bool]:
    """The changes in words, and whether a provisional place is confirmed: its class, that nobody knew, is no change."""
    dernieres: dict[str, Any] = enfant.onde.setdefault("scolarites", {}).setdefault(str(annee.debut.year), {})
    avant = dict(dernieres)
    provisoire = scolarite is not None and "niveau" not in dernieres and scolarite.classe_id is None
    if scolarite is None:
        scolarite = Scolarite(enfant=enfant, annee=annee)
    elif provisoire:
        dernieres["niveau"] = ""  # what the rollover supposed is not a correction of the town hall
    changements = [reprend(scolarite, dernieres, "niveau", eleve.niveau)]
    classe = classes.write(scolarite, dernieres, eleve)
    if not provisoire:
        changements.append(classe)
    if scolarite.depart:
        if dernieres.pop("parti", False):
            changements.append("de retour")
            scolarite.depart = None
            mark_revenus([supposee for supposee in supposees([scolarite]) if is_marked(supposee)])
            bilan.eleves.revenus.append(f"{enfant}, {eleve.classe}")
            _propose_inscriptions(enfant, bilan, today)
        else:
            bilan.propositions.append(
                f"{enfant}, noté parti le {scolarite.depart:%d/%m/%Y} par la mairie, est encore dans ONDE."
            )
    changements = [changement for changement in changements if changement]
    if changements or provisoire or scolarite._state.adding:
        scolarite.save()
    if dernieres != avant:
        enfant.save(update_fields=["onde"])
    return changements, provisoire


def _propose_inscriptions(enfant: Enfant, bilan: Bilan, today: date) -> None:
    n = Inscription.objects.filter(
        enfant=enfant, jour__gte=today, etat=Inscription.Etat.ANNULEE, origine=Inscription.Origine.IMPORT
    ).count()
    if n:
        bilan.a_retablir[enfant.pk] = (
            f"{enfant} est de retour : {accord(n, 'inscription')} à venir, annulées à son départ, à rétablir si la "
            "famille le veut."
        )


def mark_revenus(revenus: list[Scolarite]) -> None:
    """Take back the departure of these pupils, and its mark."""
    for scolarite in revenus:
        scolarite.depart = None
        scolarite.save(update_fields=["depart"])
        forget_mark(scolarite)


def forget_mark(scolarite: Scolarite) -> None:
    """Make the departure of this pupil, or its presence, the town hall's own from now on."""
    dernieres = scolarite.enfant.onde.get("scolarites", {}).get(str(scolarite.annee.debut.year), {})
    if dernieres.pop("parti", None):
        scolarite.enfant.save(update_fields=["onde"])


def is_marked(scolarite: Scolarite) -> bool:
    """Whether `mark_partis` noted this departure, not the town hall."""
    dernieres = scolarite.enfant.onde.get("scolarites", {}).get(str(scolarite.annee.debut.year), {})
    return scolarite.depart is not None and dernieres.get("parti", False)


def mark_partis(partis: list[Scolarite], depuis: date) -> None:
    """Mark these pupils gone from this day on, in later years from their first one. The mark tells the departure of an
    import, or the end of a year to come, from the departure that the town hall noted.
    """
    for scolarite in partis:
        scolarite.depart = max(depuis, scolarite.annee.debut)
        scolarite.save(update_fields=["depart"])
        enfant = scolarite.enfant
        enfant.onde.setdefault("scolarites", {}).setdefault(str(scolarite.annee.debut.year), {})["parti"] = True
        enfant.save(update_fields=["onde"])


def supposees(scolarites: list[Scolarite]) -> list[Scolarite]:
    """The places that the rollover supposed for these pupils in later years, on the same child objects."""
    depuis = {scolarite.enfant_id: scolarite for scolarite in scolarites}
    lues = Scolarite.objects.filter(enfant__in=depuis, classe=None).select_related("annee")
    trouvees = [s for s in lues if s.annee.debut > depuis[s.enfant_id].annee.debut]
    for scolarite in trouvees:
        scolarite.enfant = depuis[scolarite.enfant_id].enfant
    return trouvees
