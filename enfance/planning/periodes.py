"""The periods and rhythms that the page of the semaine type offers. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from enfance.calendrier import UN_JOUR, lundi
from enfance.regles import Action, Situation
from portail.dates import jour_long
from portail.francais import NBSP


@dataclass(frozen=True)
class Fin:
    """A period to choose. `court` is what the folded title says of it."""

    code: str
    court: str
    debut: date
    fin: date

    @property
    def detail(self) -> str:
        return f"Jusqu’au {date_longue(self.fin)}"


@dataclass(frozen=True)
class Rythme:
    """Every week (no `lundi`), or one in two from a Monday, with the next weeks in words."""

    lundi: date | None
    suite: str = ""

    @property
    def code(self) -> str:
        return self.lundi.isoformat() if self.lundi else "1"

    @property
    def court(self) -> str:
        return rythme_phrase(self.lundi)


def fins(situation: Situation) -> list[Fin]:
    """Until when: the year, the next holidays, the year after once it is open. Empty when no year is open."""
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
    """Every week, or one week in two from this week or the next that has school."""
    ouverts = [jour for jour in situation.calendrier.jours_ecole(debut, fin) if is_open(situation, jour)]
    if not ouverts:
        return [Rythme(None)]
    premier = lundi(ouverts[0])
    return [Rythme(None), *(_alternance(situation, premier + UN_JOUR * n, fin) for n in (0, 7))]


def _alternance(situation: Situation, depart: date, fin: date) -> Rythme:
    """One week in two from this Monday, with the next such weeks that have school in words."""
    semaines = [depart + UN_JOUR * 14 * n for n in range(1, 10)]
    suivantes = [
        semaine
        for semaine in semaines
        if semaine <= fin and any(situation.calendrier.jours_ecole(semaine, semaine + UN_JOUR * 6))
    ]
    noms = ", ".join(jour_long(semaine).split(" ", 1)[1] for semaine in suivantes[:3])
    return Rythme(depart, f"Puis {noms}…" if noms else "")


def date_longue(jour: date) -> str:
    """« lundi 7 décembre 2026 »."""
    return f"{jour_long(jour)}{NBSP}{jour.year}"


def date_simple(jour: date) -> str:
    """« 7 décembre 2026 »."""
    return date_longue(jour).split(" ", 1)[1]


def rythme_phrase(depuis: date | None) -> str:
    """« toutes les semaines », « une semaine sur deux, à partir du lundi 7 décembre »."""
    return f"une semaine sur deux, à partir du {jour_long(depuis)}" if depuis else "toutes les semaines"


def is_open(situation: Situation, jour: date) -> bool:
    """Whether a créneau of this day may still be changed."""
    return any(
        situation.now < situation.limite(jour, creneau, action)
        for creneau in situation.creneaux.values()
        if jour.weekday() in creneau.jours
        for action in Action
    )
