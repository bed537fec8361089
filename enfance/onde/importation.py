"""Imports an extraction of ONDE into a school year, in one transaction. The command and the admin call it alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from types import MappingProxyType

from django.db import transaction

from enfance.inscriptions import annuler_departs, retablir_departs
from enfance.models import AnneeScolaire, Enfant
from enfance.onde.adultes import write_adultes
from enfance.onde.bilan import Bilan
from enfance.onde.eleves import ElevesRapproches, mark_partis, supposees, write_eleves
from enfance.onde.lecture import Extraction
from enfance.onde.questions import Reponses
from enfance.regles import Acteur
from portail.dates import PARIS, jour_long
from portail.francais import accord
from portail.tables import ImportRefuse, LigneRefusee


class DepartsAConfirmer(ImportRefuse):
    """More than a tenth of the pupils are missing, and nobody said that they have left."""


def importer(
    extraction: Extraction,
    annee: AnneeScolaire,
    *,
    now: datetime,
    user_id: int | None = None,
    simuler: bool = False,
    confirmer_departs: bool = False,
    retablir_retours: bool = False,
    choix: Reponses = MappingProxyType({}),
    avance: Callable[[], object] = lambda: None,
) -> Bilan:
    """Write what ONDE says, at `now` (aware), and report it. `avance` is called once for each pupil and adult.

    `simuler` does everything and takes it back. When more than a tenth of the pupils are missing (one class exported
    alone), a simulation says so and an import is refused, unless `confirmer_departs`. What a departure had cancelled
    is proposed when the pupil is back, and given back with `retablir_retours`. `choix` are the town hall's answers
    where ONDE is ambiguous, by key of the question; a question without answer leaves those persons as they are.
    """
    today = now.astimezone(PARIS).date()
    bilan = Bilan(str(annee), simuler, refus=list(extraction.refus))
    if annee.fin < today:
        raise ImportRefuse(LigneRefusee(extraction.fichier_eleves, None, f"l’année {annee} est finie."))
    with transaction.atomic():
        list(AnneeScolaire.objects.select_for_update().order_by("pk"))  # one import at a time
        ecole = write_eleves(extraction, annee, bilan, today=today, choix=choix, avance=avance)
        if len(ecole.partis) * 10 > len(ecole.attendus) and not confirmer_departs:
            bilan.a_confirmer = _alerte(ecole)
            if not simuler:
                raise DepartsAConfirmer(LigneRefusee(extraction.fichier_eleves, None, bilan.a_confirmer))
        _leave(ecole, max(today, annee.debut), Acteur.import_onde(user_id), bilan, now)
        write_adultes(extraction, ecole.enfants, bilan, now=now, choix=choix, avance=avance)
        _give_back(bilan, retablir_retours, Acteur.import_onde(user_id), now)
        if simuler:
            transaction.set_rollback(True)
    return bilan


def _leave(ecole: ElevesRapproches, depuis: date, acteur: Acteur, bilan: Bilan, now: datetime) -> None:
    """Mark the pupils gone from `depuis` on, from the year being prepared as well, and cancel their later inscriptions
    through the writer.
    """
    suivent = [supposee for supposee in supposees(ecole.partis) if supposee.depart is None]
    mark_partis([*ecole.partis, *suivent], depuis)
    bilan.eleves.partis += [f"{s.enfant}, {s.classe or s.get_niveau_display()}" for s in ecole.partis]
    resultat = annuler_departs([s.enfant_id for s in ecole.partis], depuis, acteur, now=now)
    bilan.inscriptions_annulees = len(resultat.evenements)


def _give_back(bilan: Bilan, retablir: bool, acteur: Acteur, now: datetime) -> None:
    """Give back what may be, or propose it; what cannot be is told."""
    if not retablir:
        bilan.propositions[:0] = bilan.a_retablir.values()
        return
    resultat = retablir_departs(bilan.a_retablir, acteur, now=now)
    bilan.inscriptions_retablies = len(resultat.evenements)
    enfants = Enfant.objects.in_bulk({refus.cle.enfant for refus in resultat.refus})
    bilan.propositions[:0] = [
        f"{enfants[refus.cle.enfant]}, {jour_long(refus.cle.jour)}, {refus.cle.creneau} : non rétabli, "
        f"{refus.obstacles[0].message}"
        for refus in resultat.refus
    ]


def _alerte(ecole: ElevesRapproches) -> str:
    presentes = {enfant.pk for enfant in ecole.enfants if enfant}
    restantes = {s.classe_id for s in ecole.attendus if s.enfant_id in presentes}
    absentes = sorted({str(s.classe) for s in ecole.partis if s.classe_id and s.classe_id not in restantes})
    phrase = f"{accord(len(ecole.partis), 'élève')} sur {len(ecole.attendus)} ne sont plus dans ce fichier"
    if absentes:
        phrase += f" (classes absentes : {', '.join(absentes)})"
    return f"{phrase}. Une seule classe a-t-elle été exportée ?"
