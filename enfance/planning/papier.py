"""The planning of a month on one sheet of paper: a row a day, a column a child and a moment. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from enfance.calendrier import UN_JOUR, Annee
from enfance.models import Creneau, Inscription
from enfance.planning.cases import EnfantVu, fratrie
from enfance.planning.limites import jour_limite
from enfance.regles import Cle, Situation
from portail.dates import MOIS, PARIS, date_heure, du_au, heure_texte, jour_abrege, jour_long
from portail.francais import NBSP

Etat = Inscription.Etat


@dataclass(frozen=True)
class CellulePapier:
    """A child, a day, a moment. `texte` is what is read of it; `oui` draws a tick, else `note` is printed."""

    texte: str
    note: str = "–"
    oui: bool = False
    hors: bool = False


@dataclass(frozen=True)
class LignePlanningPapier:
    """A day: its cells, or why there is none (`hors`). `limite` is when it may last be changed, in short."""

    jour: str
    premier: bool  # of its week
    cellules: tuple[CellulePapier, ...] = ()
    hors: str = ""
    limite: str = ""


@dataclass(frozen=True)
class PlanningPapier:
    """The page. `enfants` are beside the créneaux that their school holds in the month, a column each. `rendre` is the
    day and hour before which the next month is to be given back; None without one.
    """

    premier: date
    enfants: list[tuple[EnfantVu, list[Creneau]]]
    lignes: list[LignePlanningPapier]
    totaux: list[int]
    suivant: str = ""
    rendre: str = ""

    @property
    def titre(self) -> str:
        """The title of the page: « décembre 2026 »."""
        return f"{MOIS[self.premier.month - 1]}{NBSP}{self.premier.year}"

    @property
    def colonnes(self) -> int:
        """The number of columns of boxes: a créneau of a child each."""
        return sum(len(creneaux) for _, creneaux in self.enfants)


def build_papier(situation: Situation, mois: date) -> PlanningPapier | None:
    """The sheet of the month that begins on `mois`, for all the children at school then; None where there is no school
    that month, or no such child.
    """
    fin = (mois + timedelta(days=31)).replace(day=1) - UN_JOUR
    annee = next((a for a in situation.calendrier.annees if a.debut <= fin and a.fin >= mois), None)
    situation = situation.with_eleves(mois, fin)
    if annee is None or not situation.enfants:
        return None
    jours = [jour for jour in (mois + UN_JOUR * n for n in range((fin - mois).days + 1)) if jour in annee]
    enfants = [
        (enfant, _creneaux(situation, enfant, jours)) for enfant in fratrie(situation, annee, max(mois, annee.debut))
    ]
    lignes = list(_lignes(situation, annee, jours, enfants))
    comptes = zip(*(ligne.cellules for ligne in lignes if ligne.cellules), strict=True)
    totaux = [sum(cellule.oui for cellule in colonne) for colonne in comptes]
    prochain = situation.calendrier.ecole_apres(fin)
    if prochain is None or not lignes:
        return PlanningPapier(mois, enfants, lignes, totaux)
    limite = jour_limite(situation, prochain)
    rendre = date_heure(limite) if limite > situation.now else ""
    return PlanningPapier(mois, enfants, lignes, totaux, MOIS[prochain.month - 1], rendre)


def _creneaux(situation: Situation, enfant: EnfantVu, jours: list[date]) -> list[Creneau]:
    tous = situation.creneaux.values()
    return [creneau for creneau in tous if any(situation.is_tenu(enfant.pk, jour, creneau) for jour in jours)]


def _lignes(
    situation: Situation, annee: Annee, jours: list[date], enfants: list[tuple[EnfantVu, list[Creneau]]]
) -> Iterator[LignePlanningPapier]:
    semaine, vues = None, set()
    for jour in jours:
        vacances = situation.calendrier.vacances(jour)
        if vacances:
            if vacances.nom not in vues:
                vues.add(vacances.nom)
                reprise = situation.calendrier.ecole_apres(vacances.fin)
                suite = f" Reprise {jour_long(reprise)}." if reprise else ""
                texte = f"{vacances.nom}, {du_au(vacances.debut, vacances.fin)}.{suite}"
                yield LignePlanningPapier(jour_abrege(jour), premier=True, hors=texte)
            continue
        if jour.weekday() not in annee.jours:
            continue
        premier = semaine != jour.isocalendar()[:2]
        semaine = jour.isocalendar()[:2]
        boxes = [(enfant, creneau) for enfant, creneaux in enfants for creneau in creneaux]
        if hors := _hors(situation, jour, boxes):
            yield LignePlanningPapier(jour_abrege(jour), premier, hors=hors)
            continue
        cellules = tuple(_cellule(situation, enfant, jour, creneau) for enfant, creneau in boxes)
        yield LignePlanningPapier(jour_abrege(jour), premier, cellules, limite=_limite(situation, jour))


def _hors(situation: Situation, jour: date, boxes: list[tuple[EnfantVu, Creneau]]) -> str:
    """Why nobody is there on that day; empty when somebody may be."""
    if ferie := situation.calendrier.feries.get(jour):
        return f"Jour férié ({ferie})"
    fermetures = [
        situation.fermeture(enfant.pk, jour, creneau)
        for enfant, creneau in boxes
        if jour.weekday() in creneau.jours and situation.is_tenu(enfant.pk, jour, creneau)
    ]
    if not (fermetures and all(fermetures)):
        return ""
    motifs: dict[str, set[str]] = {}
    for fermeture in filter(None, fermetures):
        motifs.setdefault(fermeture.mots.rubrique, set()).add(fermeture.motif)
    return "\u202f; ".join(f"{rubrique}{NBSP}: {', '.join(sorted(siens))}" for rubrique, siens in motifs.items())


def _cellule(situation: Situation, enfant: EnfantVu, jour: date, creneau: Creneau) -> CellulePapier:
    cle = Cle(enfant.pk, jour, creneau.code)
    tenu = situation.scolarite(enfant.pk, jour) and situation.is_tenu(enfant.pk, jour, creneau)
    if jour.weekday() not in creneau.jours or not tenu:
        return CellulePapier("pas de garderie", "", hors=True)
    if fermeture := situation.fermeture(enfant.pk, jour, creneau):
        mot = fermeture.mots.case.lower()
        return CellulePapier(mot, mot, hors=True)
    etat = situation.etat(cle)
    if etat == Etat.INSCRIT:
        return CellulePapier("inscrit", oui=True)
    if etat == Etat.ATTENTE:
        rang = situation.rangs.get(situation.inscriptions[cle].pk)
        return CellulePapier(f"liste d’attente, n°{NBSP}{rang}", f"attente{NBSP}{rang}")
    chez = situation.acteur.chez
    if chez and chez.pk not in situation.foyers(enfant.pk, jour, creneau):
        return CellulePapier("chez l’autre parent", "autre", hors=True)
    return CellulePapier("pas inscrit")


def _limite(situation: Situation, jour: date) -> str:
    """Until when the day may be changed, as « lun. 30, 12 h »; empty once that has passed."""
    limite = jour_limite(situation, jour)
    if limite <= situation.now:
        return ""
    local = limite.astimezone(PARIS)
    return f"{jour_abrege(local.date())}, {heure_texte(local.time())}"
