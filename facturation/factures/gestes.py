"""The taps at the gate behind the lines of an invoice, in words for the town hall: what, when, by whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from uuid import UUID

from enfance.models import Enfant, Geste
from facturation.models import Prestation
from facturation.papiers import mots
from portail.dates import PARIS, jour_annee
from portail.francais import NBSP

type Seance = tuple[int, date, int | None]  # a child, a day, a créneau (primary keys)

Quoi = Geste.Quoi
JAMAIS = "Jamais corrigé."
PERDUS = "Les gestes de ce moment ne sont plus gardés."


def seance_of(ligne: Prestation) -> Seance:
    """The séance that this line bills: its child, day and créneau."""
    return ligne.cle_enfant, ligne.jour, ligne.creneau_id


def load_gestes(lignes: Collection[Prestation]) -> dict[Seance, str]:
    """What was tapped and written on the sheets of the séances of these lines, in French sentences, the first made
    first, by séance; a séance whose child came and whose taps are gone says so. One query.
    """
    lus = Geste.objects.filter(
        pointage__enfant__in={ligne.cle_enfant for ligne in lignes},
        pointage__jour__in={ligne.jour for ligne in lignes},
        pointage__creneau__in={ligne.creneau_id for ligne in lignes if ligne.creneau_id},
    )
    tapes: dict[Seance, list[Geste]] = {}
    for geste in lus.select_related("pointage__enfant", "auteur").order_by("fait_le", "recu_le", "pk"):
        pointage = geste.pointage
        tapes.setdefault((pointage.enfant_id, pointage.jour, pointage.creneau_id), []).append(geste)
    vues = {seance_of(ligne) for ligne in lignes if ligne.creneau_id and "presence" in ligne.faits}
    dits = dict.fromkeys(vues, PERDUS)
    return dits | {seance: _phrases(gestes) for seance, gestes in tapes.items()}


def _phrases(gestes: Iterable[Geste]) -> str:
    siens = list(gestes)
    par_cle = {geste.pk: geste for geste in siens}
    dits = [_phrase(geste, par_cle) for geste in siens]
    if not any(geste.motif or geste.heure or not geste.coche or geste.cible for geste in siens):
        dits.append(JAMAIS)
    return " ".join(dits)


def _phrase(geste: Geste, gestes: dict[UUID, Geste]) -> str:
    """« Partie : tapé à 17 h 18 min 4 s par Inès Roux, reçu à 17 h 18 min 6 s. »"""
    jour = geste.pointage.jour
    e = "e" if geste.pointage.enfant.sexe == Enfant.Sexe.FILLE else ""
    case = f"{'Parti' if geste.quoi == Quoi.PARTI else 'Présent'}{e}"
    if geste.quoi == Quoi.ANNULE:
        vise = gestes.get(geste.cible) if geste.cible else None
        quoi = f"Geste {f'fait {_quand(vise.fait_le, jour)} ' if vise else ''}annulé"
    elif not geste.coche:
        quoi = f"«\u00a0{case}\u00a0» décoché"
    elif geste.heure:
        quoi = f"{case} à {mots.heure_of(geste.heure)}, heure écrite ensuite"
    else:
        quoi = case
    par = geste.auteur.get_full_name() if geste.auteur else "un compte effacé"
    raison = f"{NBSP}: {geste.motif.rstrip('.')}" if geste.motif else ""
    recu = f"reçu {_quand(geste.recu_le, jour)}"
    return f"{quoi}{NBSP}: tapé {_quand(geste.fait_le, jour)} par {par}, {recu}{raison}."


def _quand(instant: datetime, jour: date) -> str:
    """« à 17 h 18 min 4 s », in Paris; with its day when it is not that of the sheet."""
    heure = instant.astimezone(PARIS)
    dite = f"à {heure.hour}{NBSP}h{NBSP}{heure.minute:02}{NBSP}min{NBSP}{heure.second}{NBSP}s"
    return dite if heure.date() == jour else f"{jour_annee(heure.date())} {dite}"
