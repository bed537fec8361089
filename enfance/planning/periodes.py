"""The periods and rhythms that the page of the semaine type offers. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from enfance.calendrier import UN_JOUR, lundi
from enfance.garde import is_alternee
from enfance.models import Garde
from enfance.planning.cases import noms_enfants
from enfance.regles import Action, Situation
from portail.dates import jour_annee, jour_long
from portail.francais import et

TOUTES = "toutes les semaines"


@dataclass(frozen=True)
class Fin:
    """A period to choose. `court` is what the folded title says of it."""

    code: str
    court: str
    debut: date
    fin: date

    @property
    def detail(self) -> str:
        """The last day of the period in words: « Jusqu’au vendredi 2 juillet 2027 »."""
        return f"Jusqu’au {jour_annee(self.fin)}"


@dataclass(frozen=True)
class Rythme:
    """Every week (no `lundi`), or one in two from a Monday: in words, with the next weeks."""

    lundi: date | None
    court: str
    suite: str = ""

    @property
    def code(self) -> str:
        """The value that the form sends: the Monday (`2026-12-07`), or `1` for every week."""
        return self.lundi.isoformat() if self.lundi else "1"


def fins(situation: Situation) -> list[Fin]:
    """The periods that a weekly pattern may fill: until the end of the school year, until the next holidays, and the
    year after once it is open. Empty when no year is open.
    """
    calendrier, today = situation.calendrier, situation.today
    annees = [a for a in sorted(calendrier.annees, key=lambda a: a.debut) if a.fin >= today and a.is_open(today)]
    resultat: list[Fin] = []
    for rang, annee in enumerate(annees):
        debut = max(annee.debut, today)
        dernier = list(calendrier.jours_ecole(debut, annee.fin))[-1:] or [annee.fin]
        nom = "Toute l’année scolaire" if not rang else f"L’année scolaire {annee.debut.year}-{annee.fin.year}"
        resultat.append(Fin("annee" if not rang else f"annee{rang}", nom, debut, dernier[0]))
        prochaines = [v for v in annee.vacances if v.debut > debut]
        avant = list(calendrier.jours_ecole(debut, min(v.debut for v in prochaines) - UN_JOUR)) if prochaines else []
        if not rang and avant:
            vacances = min(prochaines, key=lambda v: v.debut)
            court = f"Jusqu’aux {vacances.nom[0].lower()}{vacances.nom[1:]}"
            if not vacances.nom.startswith("Vacances"):
                court = f"Jusqu’aux prochains congés ({vacances.nom})"
            resultat.append(Fin("vacances", court, debut, avant[-1]))
    return resultat


def rythmes(situation: Situation, debut: date, fin: date) -> list[Rythme]:
    """The rhythms to choose from between these days: every week, or one week in two from this week or the next that has
    school.

    A parent in alternating custody is offered their own weeks alone.
    """
    toutes = Rythme(None, rythme_phrase(situation, situation.enfants, None, debut, fin))
    ouverts = [jour for jour in situation.calendrier.jours_ecole(debut, fin) if is_open(situation, jour)]
    if not ouverts:
        return [toutes]
    premier = lundi(ouverts[0])
    alternances = [_alternance(situation, premier + UN_JOUR * n, fin) for n in (0, 7)]
    if not _fixes(situation, situation.enfants, debut, fin) and situation.enfants:
        siennes = [rythme for rythme in alternances if rythme.lundi and _is_siennes(situation, rythme.lundi, fin)]
        if len(siennes) < 2:  # one in two of their weeks is all of them
            noms = _noms(_semaines(situation, siennes[0].lundi, fin)[:3]) if siennes and siennes[0].lundi else ""
            return [Rythme(None, toutes.court, f"Celles du {noms}…{_passage(situation)}" if noms else "")]
    return [toutes, *alternances]


def _alternance(situation: Situation, depart: date, fin: date) -> Rythme:
    """One week in two from this Monday, with the next such weeks that have school in words."""
    noms = _noms(_semaines(situation, depart + UN_JOUR * 14, fin)[:3])
    return Rythme(depart, _une_sur_deux(depart), f"Puis {noms}…" if noms else "")


def _semaines(situation: Situation, depart: date, fin: date) -> list[date]:
    """The Mondays of one week in two from this one that have school, among the next nine or so."""
    semaines = [depart + UN_JOUR * 14 * n for n in range(9)]
    return [
        semaine
        for semaine in semaines
        if semaine <= fin and any(situation.calendrier.jours_ecole(semaine, semaine + UN_JOUR * 6))
    ]


def _noms(semaines: Sequence[date]) -> str:
    return ", ".join(jour_long(semaine).split(" ", 1)[1] for semaine in semaines)


def _is_siennes(situation: Situation, depart: date, fin: date) -> bool:
    """Whether a child is at the parent's in some of the weeks of one in two from this Monday."""
    foyer = situation.acteur.chez
    return foyer is None or any(
        garde.foyer_id == foyer.pk and garde.holds(semaine)
        for semaine in _semaines(situation, depart, fin)
        for enfant in situation.enfants
        for garde in situation.gardes.get(enfant, ())
    )


def _passage(situation: Situation) -> str:
    """« , et les vendredis soir… » where a child comes to the parent's on a Friday evening: it is theirs as well."""
    foyer = situation.acteur.chez
    gardes = [garde for enfant in situation.enfants for garde in situation.gardes.get(enfant, ())]
    vendredi = any(
        foyer is not None and garde.foyer_id == foyer.pk and garde.depuis and garde.passage == Garde.Passage.VENDREDI
        for garde in gardes
    )
    chez = "vous" if situation.acteur.responsable else "lui"
    return f", et les vendredis soir d’arrivée chez {chez}" if vendredi else ""


def _fixes(situation: Situation, enfants: Iterable[int], debut: date, fin: date) -> list[int]:
    """Those of these children who do not come and go between two homes, as far as the parent's weeks go."""
    foyer = situation.acteur.chez
    return [
        enfant
        for enfant in enfants
        if foyer is None or not is_alternee(situation.gardes.get(enfant, ()), foyer.pk, debut, fin)
    ]


def rythme_phrase(situation: Situation, enfants: Collection[int], depuis: date | None, debut: date, fin: date) -> str:
    """The rhythm of a weekly pattern in words: « toutes les semaines », « une semaine sur deux, à partir du lundi 7
    décembre » (from the Monday `depuis`).

    « seulement vos semaines » when all these children are in alternating custody between these days, « toutes les
    semaines, seulement les vôtres pour Jules » when only some are; to the town hall, « seulement celles de ce foyer ».
    """
    if depuis:
        return _une_sur_deux(depuis)
    fixes = _fixes(situation, enfants, debut, fin)
    alternent = [nom for pk, nom in noms_enfants(situation).items() if pk in enfants and pk not in fixes]
    if not alternent:
        return TOUTES
    if situation.acteur.responsable is None:
        return f"{TOUTES}, seulement celles de ce foyer"
    return f"{TOUTES}, seulement les vôtres pour {et(alternent)}" if fixes else "seulement vos semaines"


def _une_sur_deux(depuis: date) -> str:
    return f"une semaine sur deux, à partir du {jour_long(depuis)}"


def is_siens(situation: Situation, enfants: Collection[int], jour: date) -> bool:
    """Whether one of these children (primary keys) is at the acting parent's home for some créneau of this day; True
    for an actor without a home.
    """
    foyer = situation.acteur.chez
    return foyer is None or any(
        foyer.pk in situation.foyers(enfant, jour, creneau)
        for creneau in situation.creneaux.values()
        if jour.weekday() in creneau.jours
        for enfant in enfants
        if situation.is_tenu(enfant, jour, creneau)
    )


def is_open(situation: Situation, jour: date) -> bool:
    """Whether the deadline of at least one créneau of this day is still to come."""
    return any(
        situation.now < situation.limite(jour, creneau, action)
        for creneau in situation.creneaux.values()
        if jour.weekday() in creneau.jours
        for action in Action
    )
