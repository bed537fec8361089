"""One day at a time: the next days of the home page, and the page of a day. Reads, never writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from enfance import delais
from enfance.calendrier import UN_JOUR
from enfance.models import Creneau
from enfance.planning.cases import AILLEURS, Case, EnfantVu, Saisie, build_case, fratrie
from enfance.planning.limites import jour_limite, puis_phrase
from enfance.planning.mois import Info, infos_fermetures, infos_reports, infos_tardives
from enfance.planning.rangees import is_ailleurs
from enfance.regles import Action, Cle, Situation, obstacles_for, planning_ouverture_phrase
from portail.dates import JOURS_ABREGES, MOIS, MOIS_ABREGES, jour_court, jour_long
from portail.francais import NBSP, de, et

BIENTOT = 60  # days before the next year opens, during which the home page says it
HORIZON = 7  # today and the 6 days that follow: a weekday comes once


@dataclass(frozen=True)
class Moment:
    """A créneau of a child on a day: a box to tick on the page of the day, three words on the home page."""

    creneau: Creneau
    case: Case

    @property
    def titre(self) -> str:
        return self.creneau.titre

    @property
    def etat(self) -> str:
        """The state of the créneau for the CSS: `oui` (booked), `non`, or `att` when it is on a waiting list or lacks
        the lunch break of a meal.
        """
        if self.case.attente or self.case.repas:
            return "att"
        return "oui" if self.case.coche else "non"

    @property
    def oui(self) -> bool:
        """Whether the child is booked for the créneau."""
        return self.etat == "oui"

    @property
    def non(self) -> bool:
        """Whether the child is not booked for the créneau, nor waits for it."""
        return self.etat == "non"

    @property
    def icone(self) -> str:
        """The icon of a créneau that is still undecided: `alerte` for a meal without its lunch break, else `sablier`
        (waiting list).
        """
        return "alerte" if self.case.repas else "sablier"

    @property
    def texte(self) -> str:
        """The state of the créneau in words: « oui », « attente n° 2 », or why it is locked."""
        if self.case.repas:
            return "repas de cantine commandé, pas encore inscrit"
        if self.etat == "att" and not self.case.ailleurs:
            return f"attente n°{NBSP}{self.case.rang}" if self.case.rang else "liste d’attente"
        return self.case.texte or self.etat


@dataclass(frozen=True)
class EnfantJour:
    """A child on a day; `absent`: what a parent told, « absence signalée », with its moments where it is not of all of
    them; `ailleurs`: the day is the other parent's.
    """

    enfant: EnfantVu
    moments: list[Moment]
    absent: str
    ailleurs: bool = False

    @property
    def prevus(self) -> str:
        """What is booked for the child that day, in words: « midi, soir en attente », or « rien de prévu »."""
        dits = [(m.creneau.nom_court, m.case) for m in self.moments if m.case.coche or m.case.attente]
        return ", ".join(nom + " en attente" * case.attente for nom, case in dits) or "rien de prévu"

    @property
    def chez_l_autre(self) -> str:
        """The créneaux of the day when the child is at the other parent's, « matin et midi »; empty when that is the
        whole day or no part of it.
        """
        noms = [moment.creneau.nom_court for moment in self.moments if moment.case.ailleurs]
        return et(noms) if noms and not self.ailleurs else ""


@dataclass(frozen=True)
class Jour:
    """A day of the children. `etat` says in words until when it may change, or why it may not."""

    jour: date
    aujourdhui: bool
    enfants: list[EnfantJour]
    etat: str
    vite: bool
    ferme: str
    tard: bool  # only a meal or a waiting list keeps a box open
    passe: bool
    infos: list[Info]

    @property
    def abrege(self) -> str:
        """The weekday of the day in short: « lun. »."""
        return JOURS_ABREGES[self.jour.weekday()]

    @property
    def mois_abrege(self) -> str:
        """The month of the day in short: « déc. »."""
        return MOIS_ABREGES[self.jour.month - 1]

    @property
    def premier(self) -> date:
        """The first day of the month of this day."""
        return self.jour.replace(day=1)

    @property
    def court(self) -> str:
        """The day in words, without its month: « lundi 7 »."""
        return jour_court(self.jour)

    @property
    def long(self) -> str:
        """The day in words, with its month: « lundi 7 décembre »."""
        return jour_long(self.jour)

    @property
    def cases(self) -> Iterator[Case]:
        """All the boxes of the day, child by child."""
        return (moment.case for vu in self.enfants for moment in vu.moments)

    @property
    def libres(self) -> list[Case]:
        """The boxes of the day that may be ticked or unticked."""
        return [case for case in self.cases if case.genre == "libre"]

    @property
    def ouvert(self) -> bool:
        """Whether at least one box of the day may still be changed."""
        return any(case.genre == "libre" for case in self.cases)

    @property
    def ailleurs(self) -> bool:
        """Whether all the children are at the other parent's for the whole day."""
        return bool(self.enfants) and all(vu.ailleurs for vu in self.enfants)

    @property
    def icone(self) -> str:
        """The icon of a day that is not simply open: the other parent's home, a clock where one may still book late, a
        padlock.
        """
        return "maison" if self.ailleurs else "horloge" if self.tardives else "cadenas"

    @property
    def en_partie(self) -> str:
        """« matin et midi chez l’autre parent », when this part of the day is the same for every child; else empty."""
        moments = {vu.chez_l_autre for vu in self.enfants}
        return f"{commun} {AILLEURS}" if len(moments) == 1 and (commun := moments.pop()) else ""

    @property
    def chez_l_autre(self) -> list[str]:
        """Which children are at the other parent's, and when: « Jules et Anna sont chez l’autre parent », « Soir : Tom
        est chez… ».
        """
        noms: dict[str, list[str]] = {}
        for vu in self.enfants:
            if vu.ailleurs or vu.chez_l_autre:
                noms.setdefault(vu.chez_l_autre, []).append(vu.enfant.nom)
        return [
            f"{quand.capitalize()}{NBSP}: " * bool(quand) + f"{et(qui)} {'sont' if len(qui) > 1 else 'est'} {AILLEURS}"
            for quand, qui in noms.items()
        ]

    @property
    def prevu(self) -> bool:
        """Whether at least one box of the day is ticked."""
        return any(case.coche for case in self.cases)

    @property
    def vide(self) -> bool:
        """Whether there is nothing to tell of the day for any child: no booking, no waiting, no meal, no other parent's
        time.
        """
        moments = [moment for vu in self.enfants for moment in vu.moments]
        return not any(m.etat != "non" or m.case.repas or m.case.ailleurs for m in moments)

    @property
    def imprevu(self) -> bool:
        """Whether only a call to the garderie can still change this day: no box is open, the day is not closed, not
        past, and not the other parent's.
        """
        return not self.ouvert and not self.ferme and not self.passe and not self.ailleurs

    @property
    def modifs(self) -> int:
        """How many boxes of the day are ticked otherwise than saved."""
        return sum(case.modif for case in self.libres)

    @property
    def services(self) -> bool:
        """Whether a box of the day is the lunch break that a meal requires, and may be swapped for another lunch break
        of that day.
        """
        return any(case.lie for case in self.libres)

    @property
    def tardives(self) -> list[Case]:
        """The boxes that may be booked late, each for a supplement."""
        return [case for case in self.libres if case.tardif]

    @property
    def avant(self) -> str:
        """The keys of the boxes that were ticked when the page was shown, joined by spaces: the form's field
        `avant`.
        """
        return " ".join(str(case.cle) for case in self.libres if case.avant)


def build_jour(situation: Situation, jour: date, saisie: Saisie | None = None) -> Jour:
    """The page's view of one day, for all the children who are at school then. `saisie` gives ticks that are
    not saved.
    """
    enfants = []
    for enfant in fratrie(situation, situation.calendrier.annee(jour), jour):
        if situation.scolarite(enfant.pk, jour):
            moments = _moments(situation, enfant, jour, saisie)
            absent = _absent(situation, enfant.pk, jour, moments)
            ailleurs = is_ailleurs(situation, [moment.case for moment in moments])
            enfants.append(EnfantJour(enfant, moments, absent, ailleurs))
    cases = [moment.case for vu in enfants for moment in vu.moments]
    ferme = _ferme(situation, cases)
    limite = jour_limite(situation, jour)
    ouvert, tard = any(case.genre == "libre" for case in cases), limite <= situation.now
    if ferme:
        etat = ferme
    elif enfants and all(vu.ailleurs for vu in enfants):
        etat = "jour de l’autre parent"
    elif ouvert and not tard:
        puis = puis_phrase(situation, jour) if situation.tardives else ""
        etat = f"avant {delais.avant_phrase(limite, situation.today)}{puis}"
    elif any(case.tardif for case in cases):
        etat = "encore possible en retard, avec un supplément"
    else:
        etat = (
            "aujourd’hui" if jour == situation.today else "trop tard pour changer ici" if tard else "pas modifiable ici"
        )
    vite = ouvert and not tard and delais.is_proche(limite, situation.today)
    infos = [
        *infos_tardives(situation, cases),
        *infos_reports(situation, [jour] if ouvert else []),
        *infos_fermetures(situation, [jour], [vu.enfant for vu in enfants]),
    ]
    return Jour(jour, jour == situation.today, enfants, etat, vite, ferme, tard, jour < situation.today, infos)


def _absent(situation: Situation, enfant: int, jour: date, moments: Iterable[Moment]) -> str:
    if (enfant, jour) not in situation.absences:
        return ""
    prevus = [moment.creneau.nom_court for moment in moments if moment.case.coche]
    dits = [m.creneau.nom_court for m in moments if m.case.coche and situation.is_absent(m.case.cle)]
    return "absence signalée" if dits == prevus else f"absence signalée{NBSP}: {et(dits)}" if dits else ""


def _moments(situation: Situation, enfant: EnfantVu, jour: date, saisie: Saisie | None) -> list[Moment]:
    """The créneaux of the child's school. That of a Wednesday is absent from the other days, unless something is said
    of the child there; where the school opens none on that weekday, all of them say so.
    """
    tenus = [
        Moment(creneau, build_case(situation, Cle(enfant.pk, jour, creneau.code), enfant.nom, saisie))
        for creneau in situation.creneaux.values()
        if situation.is_tenu(enfant.pk, jour, creneau)
    ]
    ouverts = {moment.creneau.pk for moment in tenus if jour.weekday() in moment.creneau.jours}
    return [m for m in tenus if m.creneau.pk in ouverts or m.etat != "non"] if ouverts else tenus


def _ferme(situation: Situation, cases: list[Case]) -> str:
    """Why the whole day is closed, in the words of the rule; empty when it is not."""
    if not cases or any(case.genre != "ferme" for case in cases):
        return ""
    obstacles = obstacles_for(situation, cases[0].cle, Action.INSCRIRE)
    return obstacles[0].message.rstrip(".")


def prochains_jours(situation: Situation) -> list[Jour]:
    """The days of school among today and the 6 that follow, ready to show; school holidays are left out, but not public
    holidays nor closed days.
    """
    calendrier = situation.calendrier
    jours = [situation.today + UN_JOUR * n for n in range(HORIZON)]
    return [
        build_jour(situation, jour)
        for jour in jours
        if (annee := calendrier.annee(jour)) and jour.weekday() in annee.jours and not calendrier.vacances(jour)
    ]


def rentree(situation: Situation) -> tuple[str, date | None]:
    """The sentence about the school year to come, and its first month once its planning is open (else None).

    It says when the planning opens, from 60 days before, or that it is open. Empty when there is nothing to say, or
    when no child will be in that year.
    """
    today = situation.today
    annee = min((a for a in situation.calendrier.annees if a.debut > today), key=lambda a: a.debut, default=None)
    if annee is None or not situation.with_eleves(annee.debut, annee.fin).enfants:
        return "", None
    if annee.is_open(today):
        return f"Le planning {de(MOIS[annee.debut.month - 1])} est ouvert.", annee.debut.replace(day=1)
    if annee.ouverture and (annee.ouverture - today).days <= BIENTOT:
        return planning_ouverture_phrase(annee.debut, annee.ouverture), None
    return "", None
