"""The planning of a month for a foyer, ready to draw: semaines > enfants > lignes > cases. Reads, never writes.

Cells are built here because a template that builds them is six times slower; templates only loop. What a cell is comes
from `regles.obstacles_for`, the same call that accepts or refuses the save.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from enfance import delais
from enfance.calendrier import UN_JOUR, Annee, Calendrier, Periode, lundi
from enfance.models import Creneau
from enfance.planning.cases import Case, EnfantVu, Saisie, cedees_phrase, fratrie
from enfance.planning.consignes import regles_phrases
from enfance.planning.limites import jour_limite, puis_phrase, report_jour, tardives_phrases
from enfance.planning.paires import moments
from enfance.planning.rangees import EnfantSemaine, build_enfant_semaine
from enfance.regles import Situation, planning_ouverture_phrase
from portail.dates import JOURS, JOURS_ABREGES, MOIS, jour_court, jour_long, quantieme, quantieme_mois
from portail.francais import NBSP, et

ETE = {7, 8}  # between two school years


@dataclass(frozen=True)
class JourSemaine:
    jour: date
    aujourdhui: bool
    clos: bool
    ferme: bool
    depasse: bool
    cochable: bool  # whether the heading is a button that ticks the column

    @property
    def abrege(self) -> str:
        """The weekday of the day in short: « lun. »."""
        return JOURS_ABREGES[self.jour.weekday()]

    @property
    def long(self) -> str:
        """The day in full, with what to know of it: « mardi 8 décembre, aujourd’hui », « …, garderie fermée », « …,
        trop tard pour changer ici ».
        """
        suite = ", aujourd’hui" if self.aujourdhui else ", trop tard pour changer ici" if self.depasse else ""
        return f"{jour_long(self.jour)}{', garderie fermée' if self.ferme else suite}"


@dataclass(frozen=True)
class Info:
    """A line under the title of a week: an icon, a sentence, `vite` when the limit is today or tomorrow."""

    icone: str
    texte: str
    vite: bool = False


@dataclass(frozen=True)
class Semaine:
    lundi: date
    jours: list[JourSemaine]
    enfants: list[EnfantSemaine]
    infos: list[Info]
    ouverte: bool
    passee: bool = False  # its last day of school is over
    recopiable: bool = False  # an open week follows

    @property
    def ailleurs(self) -> bool:
        """Whether every child of the page spends this whole week at the other parent's."""
        return bool(self.enfants) and all(vu.ailleurs for vu in self.enfants)

    @property
    def colonnes(self) -> int:
        """The number of columns of the week's table: its days, and the headings of rows."""
        return len(self.jours) + 1

    @property
    def idem(self) -> str:
        """The words of the button that copies the first child's week to the others, « Tom comme Léa »; empty with one
        child, or when a child is at the other parent's all week.
        """
        noms = [vu.enfant.nom for vu in self.enfants]
        if len(noms) < 2 or any(vu.ailleurs for vu in self.enfants):
            return ""
        return f"{noms[1] if len(noms) == 2 else 'Tous'} comme {noms[0]}"

    @property
    def titre(self) -> str:
        """« Semaine du 7 au 11 décembre »."""
        debut, fin = self.jours[0].jour, self.jours[-1].jour
        premier = quantieme(debut) if debut.month == fin.month else quantieme_mois(debut)
        return f"Semaine du {premier} au {quantieme_mois(fin)}"

    @cached_property
    def cases(self) -> list[Case]:
        """All the boxes of the week, child by child, row by row."""
        return [case for enfant in self.enfants for ligne in enfant.lignes for case in ligne.cases]

    @property
    def erreurs(self) -> list[Case]:
        """The boxes of the week whose change was refused."""
        return [case for case in self.cases if case.erreur]


@dataclass(frozen=True)
class CongeVu:
    nom: str
    texte: str


@dataclass(frozen=True)
class Total:
    pk: int
    nom: str
    fixe: int
    total: int


@dataclass
class GrilleMois:
    """A month, or why there is nothing to show (`absence`)."""

    premier: date
    blocs: list[Semaine | CongeVu] = field(default_factory=list)
    absence: str = ""
    regles: list[str] = field(default_factory=list)
    creneaux: Sequence[Creneau] = ()
    moments: Sequence[tuple[str, str]] = ()
    jours: Sequence[int] = ()
    precedent: date | None = None
    suivant: date | None = None

    @property
    def titre(self) -> str:
        """The month and the year: « décembre 2026 »."""
        return f"{MOIS[self.premier.month - 1]}{NBSP}{self.premier.year}"

    @property
    def de_titre(self) -> str:
        """The month and the year after « de »: « de décembre 2026 », « d’août 2027 »."""
        return f"d’{self.titre}" if self.titre[0] in "ao" else f"de {self.titre}"

    @property
    def limite(self) -> bool:
        """Whether a créneau has a limited number of places: the page then asks again for those that are left."""
        return any(creneau.places is not None for creneau in self.creneaux)

    @property
    def garde(self) -> bool:
        """Whether some boxes of the month are on the other foyer's days."""
        return any(case.ailleurs for semaine in self.semaines for case in semaine.cases)

    @property
    def motif(self) -> bool:
        """Whether the town hall must write a reason to change some boxes of the month."""
        return any(case.motif for case in self.libres)

    @property
    def repas(self) -> bool:
        """Whether a meal of the month has no lunch break booked with it."""
        return any(case.repas for semaine in self.semaines for case in semaine.cases)

    @property
    def services(self) -> bool:
        """Whether a lunch break that a meal requires may be swapped for another one of its day."""
        return any(case.lie for case in self.libres)

    @property
    def lies(self) -> list[tuple[str, str]]:
        """The lunch breaks that go with a meal, which locks them: for each, what a form sends (`enfant:date`), and
        « Tom, mardi 8 ».
        """
        return [
            (case.repas_valeur, f"{enfant.enfant.nom}, {jour_court(case.cle.jour)}")
            for semaine in self.semaines
            for enfant in semaine.enfants
            for ligne in enfant.lignes
            for case in ligne.cases
            if case.lie
        ]

    @property
    def jours_semaine(self) -> list[tuple[int, str]]:
        """The weekdays that « Remplir plus vite » offers: their number as in JavaScript (Sunday is 0), and « tous les
        lundis ».
        """
        return [((jour + 1) % 7, f"tous les {JOURS[jour]}s") for jour in self.jours]

    @property
    def semaines(self) -> list[Semaine]:
        """The weeks of the month, without the holidays between them."""
        return [bloc for bloc in self.blocs if isinstance(bloc, Semaine)]

    @property
    def plis(self) -> tuple[list[Semaine | CongeVu], list[Semaine | CongeVu]]:
        """The month in two parts: the past weeks, which the page folds so that it opens on the present week, and the
        rest.

        The first part is empty when the whole month is over, and when a single week is past.
        """
        passees = [n for n, bloc in enumerate(self.blocs, 1) if isinstance(bloc, Semaine) and bloc.passee]
        n = max(passees, default=0) if 1 < len(passees) < len(self.semaines) else 0
        return self.blocs[:n], self.blocs[n:]

    @property
    def libres(self) -> list[Case]:
        """The boxes of the month that may be ticked or unticked."""
        return [case for semaine in self.semaines for case in semaine.cases if case.genre == "libre"]

    @property
    def avant(self) -> str:
        """The keys of the boxes that were ticked when the page was shown, joined by spaces: the form's field
        `avant`.
        """
        return " ".join(str(case.cle) for case in self.libres if case.avant)

    @property
    def tardives(self) -> list[Case]:
        """The boxes that may be booked late, each for a supplement."""
        return [case for case in self.libres if case.tardif]

    @property
    def modifs(self) -> int:
        """How many boxes of the month are ticked otherwise than saved."""
        return sum(case.modif for case in self.libres)

    @property
    def totaux(self) -> list[Total]:
        """For each child, how many créneaux are ticked (as shown, saved or not; no waiting list) in this month on the
        parent's own days; `fixe` counts those that can no longer change.
        """
        fixes: Counter[int] = Counter()
        coches: Counter[int] = Counter()
        noms: dict[int, str] = {}
        for semaine in self.semaines:
            for enfant in semaine.enfants:
                noms[enfant.enfant.pk] = enfant.enfant.nom
                for case in (case for ligne in enfant.lignes for case in ligne.cases):
                    compte = case.coche and not (case.complet or case.ailleurs)
                    if case.cle.jour.month == self.premier.month and compte:
                        (fixes if case.genre == "fige" else coches)[enfant.enfant.pk] += 1
        return [Total(pk, nom, fixes[pk], fixes[pk] + coches[pk]) for pk, nom in noms.items()]


def prochain_mois(calendrier: Calendrier, today: date) -> date:
    """The first day of the month of the next school day, today included; that of the last known school year's end when
    no school day is to come.
    """
    prochain = today if calendrier.is_ecole(today) else calendrier.ecole_apres(today)
    mois = prochain or max((annee.fin for annee in calendrier.annees), default=today)
    return mois.replace(day=1)


def build_mois(
    situation: Situation,
    mois: date,
    *,
    seulement: Collection[int] = (),
    saisie: Saisie | None = None,
    semaines_de: Collection[date] | None = None,
) -> GrilleMois:
    """The planning of the month that begins on `mois`, ready to draw, for all the children or for those of `seulement`
    (primary keys).

    `saisie` gives ticks that are not saved. With `semaines_de`, only the weeks that hold one of these days are built.
    """
    calendrier = situation.calendrier
    resultat = GrilleMois(
        mois,
        precedent=_voisin(situation, mois - UN_JOUR),
        suivant=_voisin(situation, (mois + timedelta(days=31)).replace(day=1)),
        regles=regles_phrases(situation),
    )
    annee = calendrier.annee_of(mois)
    if annee is None:
        ete = mois.month in ETE
        resultat.absence = (
            f"Pas d’école en {resultat.titre}." if ete else f"La mairie n’a pas encore préparé {resultat.titre}."
        )
    elif situation.acteur.responsable and not annee.is_open(situation.today):
        resultat.absence = planning_ouverture_phrase(mois, annee.ouverture)
    else:
        enfants = [enfant for enfant in fratrie(situation, annee) if not seulement or enfant.pk in seulement]
        semaines = list(calendrier.semaines(mois))
        if semaines_de is not None:
            lundis = {lundi(jour) for jour in semaines_de}
            semaines = [jours for jours in semaines if lundi(jours[0]) in lundis]
        resultat.creneaux, resultat.jours = tuple(situation.creneaux.values()), sorted(annee.jours)
        blocs = list(_blocs(situation, annee, semaines, enfants, saisie))
        derniere = max((s.lundi for s in blocs if isinstance(s, Semaine) and s.ouverte), default=mois)
        resultat.blocs = [
            replace(s, recopiable=s.ouverte and s.lundi < derniere) if isinstance(s, Semaine) else s for s in blocs
        ]
        resultat.moments = moments(situation, ((case.cle.creneau, case.pareil) for case in resultat.libres))
    return resultat


def _voisin(situation: Situation, jour: date) -> date | None:
    """The month of this day if the planning has something to say of it."""
    debut = jour.replace(day=1)
    fin = (debut + timedelta(days=31)).replace(day=1) - UN_JOUR
    return debut if any(a.debut <= fin and a.fin >= debut for a in situation.calendrier.annees) else None


def _blocs(
    situation: Situation, annee: Annee, semaines: list[list[date]], enfants: list[EnfantVu], saisie: Saisie | None
) -> Iterator[Semaine | CongeVu]:
    vus: set[str] = set()
    for jours in semaines:
        vacances = [situation.calendrier.vacances(jour) for jour in jours]
        if all(vacances):
            periode = vacances[0]
            if periode and periode.nom not in vus:
                vus.add(periode.nom)
                yield CongeVu(periode.nom, _conge_phrase(situation, periode))
        else:
            yield _semaine(situation, jours, _by(situation, annee, jours, enfants), saisie)


def _by(situation: Situation, annee: Annee, jours: list[date], enfants: list[EnfantVu]) -> list[EnfantVu]:
    """The same children as they are in this week, where one of them changes school in the year."""
    if not situation.changes_ecole(annee.debut):
        return enfants
    presents = {vu.pk for vu in enfants}
    return [vu for vu in fratrie(situation, annee, jours[0]) if vu.pk in presents]


def _conge_phrase(situation: Situation, periode: Periode) -> str:
    reprise = situation.calendrier.ecole_apres(periode.fin)
    suite = f" Reprise {jour_long(reprise)}." if reprise else ""
    return f"Du {jour_long(periode.debut)} au {jour_long(periode.fin)}{NBSP}: pas de garderie.{suite}"


def _semaine(situation: Situation, jours: list[date], presents: list[EnfantVu], saisie: Saisie | None) -> Semaine:
    enfants = [
        build_enfant_semaine(situation, enfant, jours, saisie)
        for enfant in presents
        if any(situation.scolarite(enfant.pk, jour) for jour in jours)
    ]
    cases = [case for vu in enfants for ligne in vu.lignes for case in ligne.cases]
    ouverts = {case.cle.jour for case in cases if case.genre == "libre"}
    fermes = {case.cle.jour for case in cases if case.genre == "ferme" and not case.sortie}
    # A meal or a waiting list may keep a box open once the limit has passed.
    limites = {jour: jour_limite(situation, jour) for jour in jours}
    a_temps = {jour: limite for jour, limite in limites.items() if jour in ouverts and limite > situation.now}
    cochables = {case.cle.jour for case in cases if case.en_bloc}
    entetes = [
        JourSemaine(j, j == situation.today, j not in a_temps, j in fermes, limites[j] <= situation.now, j in cochables)
        for j in jours
    ]
    infos = list(_infos(situation, jours, a_temps, enfants))
    return Semaine(lundi(jours[0]), entetes, enfants, infos, bool(ouverts), jours[-1] < situation.today)


def _infos(
    situation: Situation, jours: list[date], limites: dict[date, datetime], enfants: list[EnfantSemaine]
) -> Iterator[Info]:
    """`limites`: of the days that are still open, the first of them first."""
    if limites:
        premier, limite = next(iter(limites.items()))
        proche = delais.is_proche(limite, situation.today)
        sujet = (
            "Toute la semaine"
            if len(jours) > 1 and set(limites.values()) == {limite} and len(limites) == len(jours)
            else (jour_court(premier).capitalize())
        )
        puis = puis_phrase(situation, premier) if situation.tardives else ""
        avant = delais.avant_phrase(limite, situation.today)
        yield Info("horloge", f"{sujet}{NBSP}: à modifier avant {avant}{puis}", proche)
    cases = [c for vu in enfants for ligne in vu.lignes for c in ligne.cases]
    yield from infos_tardives(situation, cases)
    yield from infos_reports(situation, limites)
    yield from infos_fermetures(situation, jours, [vu.enfant for vu in enfants])
    if cedees := cedees_phrase(situation, cases):
        yield Info("sablier", cedees)


def infos_tardives(situation: Situation, cases: list[Case]) -> Iterator[Info]:
    """The lines that say until when these boxes may still be booked late, and for how much."""
    if situation.tardives:
        yield from (Info("horloge", phrase, vite=True) for phrase in tardives_phrases(situation, cases))


def infos_reports(situation: Situation, jours: Iterable[date]) -> Iterator[Info]:
    """The lines that say which of these days have a later deadline because the portal did not answer."""
    for jour in jours:
        if reportee := report_jour(situation, jour):
            yield Info("horloge", f"{jour_court(jour).capitalize()}{NBSP}: {reportee}")


def infos_fermetures(situation: Situation, jours: list[date], enfants: list[EnfantVu]) -> Iterator[Info]:
    """The lines that say why these days, or a part of them, have no garderie for these children: public holidays,
    closures.
    """
    feries = situation.calendrier.feries
    for jour in jours:
        if jour in feries:
            yield Info("info", f"{jour_court(jour).capitalize()}{NBSP}: jour férié ({feries[jour]})")
    for jour in jours if situation.fermetures else ():
        if not situation.calendrier.is_ecole(jour):
            continue
        groupes: dict[tuple[str, str], list[str]] = {}  # children by the reason and the moments
        for enfant in enfants:
            for pourquoi, moment in _fermes(situation, enfant.pk, jour):
                groupes.setdefault((pourquoi, moment), []).append(enfant.nom)
        for (pourquoi, moment), touches in groupes.items():
            qui = "" if len(touches) == len(enfants) else f"{et(touches)}, "
            phrase = f"{qui}{jour_court(jour)}{moment}{NBSP}: {pourquoi}"
            yield Info("info", phrase[0].upper() + phrase[1:])


def _fermes(situation: Situation, enfant: int, jour: date) -> Iterator[tuple[str, str]]:
    """Why the garderie is closed to a child that day, « garderie fermée (grève) », « en sortie (musée) », and « , matin
    et midi » where it is not closed whole.
    """
    ouverts = [
        creneau
        for creneau in situation.creneaux.values()
        if jour.weekday() in creneau.jours and situation.is_tenu(enfant, jour, creneau)
    ]
    fermes: dict[str, list[str]] = {}
    for creneau in ouverts:
        if fermeture := situation.fermeture(enfant, jour, creneau):
            pourquoi = f"{fermeture.mots.etat} ({fermeture.motif})"
            fermes.setdefault(pourquoi, []).append(creneau.nom_court)
    for pourquoi, noms in fermes.items():
        yield pourquoi, "" if len(noms) == len(ouverts) else f", {et(noms)}"
