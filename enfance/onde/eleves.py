"""Writes the pupils of ONDE: recognised, changed where ONDE changed, put in their class; who is gone, who is back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from enfance.changement_ecole import ArriveeEcole
from enfance.models import AnneeScolaire, Ecole, Enfant, Inscription, Scolarite
from enfance.onde.bilan import NOUVEAU, Denombrement, Option, Question, Reponses, answer
from enfance.onde.lecture import Eleve, Extraction
from enfance.onde.memoire import reprend
from enfance.onde.places import (
    Classes,
    PlacesOnde,
    ask_ecole,
    dites_of,
    is_marked,
    is_provisoire,
    mark_revenus,
    supposees,
)
from enfance.onde.rapprochement import DouteEleve, Registre, identites_of
from portail.cles import cle
from portail.francais import accord
from portail.tables import LigneRefusee

NOUVEL_ENFANT = Option(NOUVEAU, "Un autre enfant : créer sa fiche")
CHAMPS = ("nom", "nom_usage", "prenom", "date_naissance", "sexe", "ine")


def is_from_onde(enfant: Enfant) -> bool:
    """Whether an import of ONDE has ever given this child."""
    return "nom" in enfant.onde


@dataclass(frozen=True)
class ElevesEcrits:
    """The children of the pupils of the file, in its order (None in doubt); the pupils expected, those who are gone,
    those who arrive from another school. `ailleurs`: the children (primary keys) whom the file has, and whose place is
    left in another school. Then what is to be told, as `Bilan` has it.
    """

    enfants: list[Enfant | None]
    attendus: list[Scolarite]
    partis: list[Scolarite]
    arrivees: list[ArriveeEcole]
    ailleurs: frozenset[int]
    compte: Denombrement
    questions: list[Question]
    propositions: list[str]
    a_retablir: dict[int, str]


def write_eleves(
    extraction: Extraction,
    annee: AnneeScolaire,
    ecole: Ecole,
    registre: Registre,
    *,
    today: date,
    choix: Reponses,
    avance: Callable[[], object],
) -> ElevesEcrits:
    """Write the pupils of ONDE's file into this school and year, and return what the report says of them. A pupil who
    is no longer in the file is reported as gone, but not yet marked: `mark_partis` does it. One whom the town hall
    typed is proposed instead, and one who may be a pupil in doubt is left alone.
    `registre` holds the children known here; `choix` are the town hall's answers; `avance` is called once for each
    pupil.
    """
    eleves = extraction.eleves
    trouves, doutes = registre.find(eleves)
    places = PlacesOnde.load(annee, ecole, registre.enfants.keys(), today=today)
    presents = places.presents
    absents = [scolarite for scolarite in presents if scolarite.enfant_id not in trouves.values()]
    nouveaux = [eleve for eleve in eleves if eleve.ligne not in trouves and eleve.ligne not in doutes]
    doutes |= _resemblances(nouveaux, [scolarite.enfant for scolarite in absents])
    doutes, questions = _ask(extraction, doutes, trouves, registre, choix)
    absents = [scolarite for scolarite in absents if scolarite.enfant_id not in trouves.values()]
    hesitations = {pk for eleve in eleves if eleve.ligne in doutes for pk in _near(eleve, absents)}
    classes = Classes(annee, ecole, choix, extraction.fichier_eleves)
    premieres = registre.first_lines(eleves, trouves)
    connus = [(eleve, registre.enfants[trouves[eleve.ligne]]) for eleve in eleves if eleve.ligne in premieres]
    ailleurs, disputes = ask_ecole(connus, places, extraction.fichier_eleves, choix)
    enfants: list[Enfant | None] = []
    compte = Denombrement()
    propositions: list[str] = []
    a_retablir: dict[int, str] = {}
    for eleve in eleves:
        avance()
        if eleve.ligne in doutes:
            enfants.append(None)
            continue
        if eleve.ligne in ailleurs or (eleve.ligne in trouves and eleve.ligne not in premieres):
            enfants.append(registre.enfants[trouves[eleve.ligne]])
            continue
        enfant = registre.enfants.get(trouves.get(eleve.ligne, 0)) or Enfant()
        cree = enfant.pk is None
        changements = _write_enfant(enfant, eleve)
        place = _write_scolarite(enfant, eleve, places, classes, today)
        if cree:
            enfant.save()
        compte.add(enfant, cree=cree, changements=[*changements, *place.changements], confirme=place.confirmee)
        compte.revenus += place.revenu
        propositions += place.proposition
        a_retablir |= place.a_retablir
        enfants.append(enfant)
    places.save()
    partis = []
    for scolarite in absents:
        if scolarite.enfant_id in hesitations:
            continue
        if is_from_onde(scolarite.enfant):
            partis.append(scolarite)
        else:
            propositions.append(f"{scolarite.enfant}, saisi par la mairie, n’est pas dans ONDE : rien n’a été changé.")
    attendus = [scolarite for scolarite in presents if is_from_onde(scolarite.enfant)]
    restes = frozenset(trouves[ligne] for ligne in ailleurs)
    return ElevesEcrits(
        enfants,
        attendus,
        partis,
        places.arrivees,
        restes,
        compte,
        [*questions, *disputes, *classes.questions()],
        propositions,
        a_retablir,
    )


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
    choix: Reponses,
) -> tuple[dict[int, DouteEleve], list[Question]]:
    """Put the doubts to the town hall; the children whom its answers name join `trouves`. What stays open, then what it
    is asked.
    """
    restent, questions = {}, []
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
        questions.append(Question(eleve.cle, texte, refus, options, reponse, ouverte=eleve.ligne in restent))
    return restent, questions


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
        if eleve.identite in identites_of(scolarite.enfant) or _resembles(eleve, scolarite.enfant)
    )


def _write_enfant(enfant: Enfant, eleve: Eleve) -> list[str]:
    """Give a child what ONDE says of it; the changes in words. A new one is saved once its place is known."""
    avant = dict(enfant.onde)
    changements = []
    for champ in CHAMPS:
        trace = getattr(eleve, champ)
        valeur = trace or None if champ == "ine" else trace
        texte = trace.isoformat() if isinstance(trace, date) else trace
        changements.append(reprend(enfant, enfant.onde, champ, valeur, texte))
    changements = [changement for changement in changements if changement]
    if not enfant._state.adding and (changements or enfant.onde != avant):
        enfant.save()
    return changements


@dataclass(frozen=True)
class PlaceEcrite:
    """The changes in words, and whether a provisional place is confirmed: its class, that nobody knew, is no change.

    The pupil, if it is back; what is proposed of it; by its primary key, what may be given back. Empty of none.
    """

    changements: list[str]
    confirmee: bool
    revenu: list[str]
    proposition: list[str]
    a_retablir: dict[int, str]


def _write_scolarite(enfant: Enfant, eleve: Eleve, places: PlacesOnde, classes: Classes, today: date) -> PlaceEcrite:
    """Write the place of this pupil, with its class."""
    annee = places.annee
    connue = places.of(enfant)
    parti = connue is not None and connue.depart is not None
    scolarite, arrivee = places.arrive(enfant)
    dernieres = dites_of(enfant, annee)
    avant = dict(dernieres)
    provisoire = scolarite is not None and (bool(arrivee) or is_provisoire(scolarite, dernieres))
    if scolarite is None:
        scolarite = Scolarite(enfant=enfant, annee=annee, ecole=places.ecole)
    elif provisoire:
        dernieres["niveau"] = ""  # what the rollover supposed is not a correction of the town hall
    changements = [arrivee, reprend(scolarite, dernieres, "niveau", eleve.niveau)]
    classe = classes.write(scolarite, dernieres, eleve)
    if not provisoire:
        changements.append(classe)
    revenu, proposition = [], []
    a_retablir: dict[int, str] = {}
    if arrivee and parti:
        a_retablir = _propose_inscriptions(enfant, today, f"arrive à {places.ecole}")
    elif scolarite.depart and dernieres.pop("parti", False):
        changements.append("de retour")
        scolarite.depart = None
        mark_revenus([supposee for supposee in supposees([scolarite]) if is_marked(supposee)])
        revenu = [f"{enfant}, {eleve.classe}"]
        a_retablir = _propose_inscriptions(enfant, today, "est de retour")
    elif scolarite.depart and places.is_last(scolarite):
        proposition = [f"{enfant}, noté parti le {scolarite.depart:%d/%m/%Y} par la mairie, est encore dans ONDE."]
    changements = [changement for changement in changements if changement]
    if scolarite._state.adding:
        places.nouvelles.append(scolarite)
    elif changements or provisoire:
        scolarite.save()
    if dernieres != avant and not enfant._state.adding:
        enfant.save(update_fields=["onde"])
    return PlaceEcrite(changements, provisoire, revenu, proposition, a_retablir)


def _propose_inscriptions(enfant: Enfant, today: date, quoi: str) -> dict[int, str]:
    """By child, what may be given back, in words; empty of none."""
    n = Inscription.objects.filter(
        enfant=enfant, jour__gte=today, etat=Inscription.Etat.ANNULEE, origine=Inscription.Origine.IMPORT
    ).count()
    if not n:
        return {}
    return {
        enfant.pk: f"{enfant} {quoi} : {accord(n, 'inscription')} à venir, annulées à son départ, à rétablir si la "
        "famille le veut."
    }
