"""Imports of ONDE made on a screen: two files laid down, looked at as often as one likes, applied once.

The files are kept in the row between the preview and the import, so that what is written is what was seen; they are
emptied with it, and go after a day when nobody applies them.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction

from enfance.ecoles import plusieurs
from enfance.models import AnneeScolaire, Ecole, ImportOnde, Niveau, Scolarite
from enfance.onde.bilan import NOUVEAU, Bilan, Reponses, answer_all
from enfance.onde.importation import choose_ecole, importer
from enfance.onde.lecture import Extraction, lire
from enfance.onde.rapprochement import Classeur, Doute, Registre
from portail.tables import Fichier, ImportRefuse

RETOURS = "retours"  # among the choices: give their inscriptions back to the pupils who are back
ECOLE = "ecole"  # among the choices: the code of the school that was confirmed
PAIRE = "paire"  # among the choices: both files are of one school, whatever their names
PROPRES = {RETOURS, ECOLE, PAIRE}  # those of one import alone


class ApercuPerime(Exception):
    """What the import would do is no longer what was seen: nothing is written."""


def deposer(
    depot: ImportOnde | None,
    annee: AnneeScolaire,
    eleves: Fichier | None,
    responsables: Fichier | None,
    *,
    ecole: Ecole | None = None,
    confirmer_ecole: bool = False,
    confirmer_paire: bool = False,
    user_id: int,
    now: datetime,
) -> ImportOnde:
    """Keep these two files of ONDE for an import to come, in the place of those of `depot` if it is still open; a file
    that is None leaves the one kept before, and the answers stay. `ecole` is None where the town has a single school.
    `confirmer_ecole` notes that the files are of that school, whatever their pupils; `confirmer_paire` that the two
    files go together, as long as neither is replaced.
    A report is never written over: when `depot` is None, or was applied or deleted meanwhile, a new import is opened,
    with the answers of the imports before.
    """
    with transaction.atomic():
        ouverts = ImportOnde.objects.select_for_update().filter(applique_le=None)
        depot = (ouverts.filter(pk=depot.pk).first() if depot else None) or ImportOnde(choix=choix_connus())
        depot.annee, depot.depose_par_id, depot.depose_le = annee, user_id, now
        depot.ecole = ecole or choose_ecole("")
        if confirmer_ecole:
            depot.choix[ECOLE] = depot.ecole.code
        if confirmer_paire:
            depot.choix[PAIRE] = "oui"
        elif eleves or responsables:
            depot.choix.pop(PAIRE, None)
        if eleves:
            depot.nom_eleves, depot.eleves = eleves.nom, eleves.contenu
        if responsables:
            depot.nom_responsables, depot.responsables = responsables.nom, responsables.contenu
        depot.save()
    return depot


def choix_connus() -> dict[str, str]:
    """The answers given in the imports already made, by key of the question, so that they are not asked again; those
    that created somebody, and those about the files of one import, are left out.
    """
    choix: dict[str, str] = {}
    for anciens in ImportOnde.objects.exclude(applique_le=None).order_by("applique_le").values_list("choix", flat=True):
        choix |= anciens
    return {cle: valeur for cle, valeur in choix.items() if valeur != NOUVEAU and cle not in PROPRES}


def extraction_of(depot: ImportOnde) -> Extraction:
    """The two files of this import, read. Raises ImportRefuse when one cannot be."""
    return lire(
        Fichier(depot.nom_eleves, bytes(depot.eleves)), Fichier(depot.nom_responsables, bytes(depot.responsables))
    )


def simuler(depot: ImportOnde, *, now: datetime) -> Bilan:
    """The report of what this import would do with the answers kept so far; nothing is written. Raises ImportRefuse."""
    return _importer(depot, now=now, simuler=True)


def choisir(depot: ImportOnde, choix: Reponses) -> None:
    """Keep these answers, in the place of all those before, for the next preview of this import, beside what was
    confirmed of its files; nothing is kept once it is applied.
    """
    depot.choix = _with_confirmations(depot, choix)
    ImportOnde.objects.filter(pk=depot.pk, applique_le=None).update(choix=depot.choix)


def choisir_pour_tous(depot: ImportOnde, choix: Reponses, tous: str, *, now: datetime) -> None:
    """Keep these answers for the next preview of this import, and one answer for all the people of whom the same is
    asked: `tous` is what its button sends, « key of the group:value ». Where the import is refused, that one answer is
    not kept.
    """
    choisir(depot, choix)
    try:
        questions = simuler(depot, now=now).questions
    except ImportRefuse:
        return  # the preview says it
    choisir(depot, dict(choix) | answer_all(questions, tous))


def _with_confirmations(depot: ImportOnde, choix: Reponses) -> dict[str, str]:
    return dict(choix) | {cle: valeur for cle, valeur in depot.choix.items() if cle in (ECOLE, PAIRE)}


def abandonner(depot: ImportOnde) -> bool:
    """Delete an import that was not applied, with its files. Whether there was one: False when it was applied or
    deleted before.
    """
    return bool(ImportOnde.objects.filter(pk=depot.pk, applique_le=None).delete()[0])


def appliquer(
    pk: int, choix: Reponses, vu: str, *, user_id: int, now: datetime, confirmer_departs: bool
) -> Bilan | None:
    """Make this import (primary key) with the answers `choix`, and return its report. Raises ApercuPerime when it would
    do something else than what the secretary saw: `vu` is the fingerprint of that report.
    Raises ImportRefuse as `importer` does, when too many pupils are missing as well. All is written, or nothing. None
    when it was applied already: a second click, another secretary.
    """
    with transaction.atomic():
        depot = ImportOnde.objects.select_for_update(of=("self",)).select_related("annee", "ecole").get(pk=pk)
        if depot.applique_le:
            return None
        depot.choix = _with_confirmations(depot, choix)
        bilan = _importer(depot, now=now, user_id=user_id, confirmer_departs=confirmer_departs)
        if bilan.empreinte != vu:
            raise ApercuPerime
        depot.applique_le, depot.bilan = now, sections(bilan)
        depot.eleves = depot.responsables = b""
        depot.save()
    return bilan


def _importer(depot: ImportOnde, **options: Any) -> Bilan:
    options |= {
        "choix": depot.choix,
        "retablir_retours": depot.choix.get(RETOURS) == "oui",
        "confirmer_ecole": depot.choix.get(ECOLE) == depot.ecole.code,
    }
    return importer(extraction_of(depot), depot.annee, depot.ecole, **options)


def sections(bilan: Bilan) -> list[dict[str, Any]]:
    """The report as it is kept in the database: a title and lines for what was counted, with the children (`fiches`,
    primary keys by line) whom lines of the lists are about, then for each list that is not empty.
    """
    listes = [{"titre": titre, "lignes": lignes} for titre, lignes in bilan.listes() if lignes]
    resume = {"titre": f"Import d’ONDE, année {bilan.annee}", "lignes": list(bilan.phrases()), "fiches": bilan.fiches}
    return [resume, *listes]


def annee_douteuse(extraction: Extraction, annee: AnneeScolaire) -> str:
    """Why these files seem to be those of another school year than `annee`, as a sentence: most pupils are the same
    number of niveaux away from the one expected. Empty when they do not.

    The niveau expected is the one known for that year, or the last one known before it moved up a niveau a year.
    """
    rangs = {niveau: rang for rang, niveau in enumerate(Niveau.values)}
    trouves, _ = Registre.load(extraction.eleves).find(extraction.eleves)
    attendus: dict[int, int] = {}
    connues = Scolarite.objects.filter(enfant__in=trouves.values(), annee__debut__lte=annee.debut)
    for enfant, debut, niveau in connues.order_by("annee__debut").values_list("enfant", "annee__debut", "niveau"):
        attendus[enfant] = rangs[niveau] + annee.debut.year - debut.year
    ecarts = Counter(
        rangs[eleve.niveau] - attendus[trouves[eleve.ligne]]
        for eleve in extraction.eleves
        if trouves.get(eleve.ligne) in attendus
    )
    ecart, n = ecarts.most_common(1)[0] if ecarts else (0, 0)
    if ecart == 0 or n * 2 <= len(extraction.eleves):
        return ""
    autre = annee.debut.year + ecart
    return (
        f"D’après leurs niveaux, ces élèves sont ceux de {autre}-{autre + 1}, pas de {annee}. "
        "Choisissez l’autre année, ou d’autres fichiers."
    )


def responsables_etrangers(depot: ImportOnde, extraction: Extraction) -> str:
    """Why the file of the adults seems not to go with that of the pupils, as a sentence: most of its adults name no
    child of that file. Empty when they go together, when that was confirmed, and where the town has a single school.
    """
    if depot.choix.get(PAIRE) or not plusieurs():
        return ""
    classeur = Classeur(extraction.eleves)
    adultes = extraction.adultes
    etrangers = sum(
        bool(adulte.enfants) and all(_is_unknown(classeur.find(cite)) for cite in adulte.enfants) for adulte in adultes
    )
    if etrangers * 2 <= len(adultes):
        return ""
    return (
        f"{etrangers} adultes de ce fichier, sur {len(adultes)}, n’ont aucun enfant dans celui des élèves. "
        "Les deux fichiers sont-ils bien de la même école, exportés le même jour\u202f?"
    )


def _is_unknown(rang: int | Doute) -> bool:
    """Whether no pupil of the file has this name, whatever the class."""
    return isinstance(rang, Doute) and not rang.rangs
