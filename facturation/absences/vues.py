"""Absences as the secretary judges them: a child's day, what was told, what is at stake, in centimes. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from enfance import delais
from enfance.mairie.touches import classes_of
from enfance.models import Absence, Creneau, Enfant, Inscription, load_calendrier
from enfance.regles import Action, regle
from facturation.absences.montants import Case, case_of, load_montants
from facturation.absences_dues import absences_a_juger, premier_ouvert
from facturation.models import Justification, ReponseAbsence
from portail.dates import PARIS, date_heure, jour_long
from portail.francais import NBSP, et

MONTREES = 50  # a page
REPONDUES = timedelta(days=31)  # answered since then: their answer may be changed from the page
Journee = tuple[int, date]

# What a click says, by the reason that the parent chose.
EXCUSES: Mapping[str, str] = {
    Justification.Raison.MALADIE: "malade",
    Justification.Raison.FAMILLE: "urgence de famille",
    Justification.Raison.SORTIE: "sortie de l’école",
    Justification.Raison.TRANSPORT: "transport ou route coupés",
    Justification.Raison.AUTRE: "raison acceptée par la mairie",
}
SANS_RAISON = "à titre exceptionnel"
TARDIVE, MUETTE = "signalée après la limite", "aucun message"


@dataclass(frozen=True)
class MomentManque:
    """A créneau of an absence and what it costs; None where no price is known."""

    creneau: Creneau
    montant: int | None


@dataclass(frozen=True)
class AbsenceVue:
    """A child's day: the créneaux that were missed, what was told, why."""

    enfant: Enfant
    classe: str
    jour: date
    moments: Sequence[MomentManque]
    absence: Absence | None = None
    justification: Justification | None = None
    limite: datetime | None = None

    @property
    def cle(self) -> str:
        """« 12-2026-11-27 », child and day: what names this absence within a page."""
        return f"{self.enfant.pk}-{self.jour.isoformat()}"

    @property
    def creneaux(self) -> str:
        """The primary keys of the créneaux that were missed, with a space between them, as the form of the page sends
        them back.
        """
        return " ".join(str(moment.creneau.pk) for moment in self.moments)

    @property
    def noms(self) -> str:
        """The short names of the créneaux that were missed, as a French list: « matin et soir »."""
        return et([moment.creneau.nom_court for moment in self.moments])

    @property
    def total(self) -> int | None:
        """What this absence costs if it is billed, in centimes; None where the price of one of its créneaux is not
        known.
        """
        montants = [moment.montant for moment in self.moments if moment.montant is not None]
        return sum(montants) if len(montants) == len(self.moments) else None

    @property
    def dit(self) -> str:
        """How the absence is known, in French sentences for the secretary: told by a parent and when, or seen by the
        team alone.
        """
        if self.absence is None:
            return "Noté absent par l’équipe." if self.justification else "Aucun message. Noté absent par l’équipe."
        apres = f", après la limite ({delais.instant_phrase(self.limite)})" if self.limite else ""
        dit = f"Signalée {date_heure(self.absence.signalee_le)}{apres}."
        return f"{dit} Noté absent par l’équipe{NBSP}: {et(self.vus)}." if self.vus else dit

    @property
    def vus(self) -> list[str]:
        """The short names of the créneaux that no parent told as missed, where the parent told others of that day: the
        team's closed sheet says that the child did not come. Empty when no parent told anything, or told the whole day.
        """
        dits = set(self.absence.creneaux.all()) if self.absence else set()
        return [moment.creneau.nom_court for moment in self.moments if dits and moment.creneau not in dits]

    @property
    def excuse(self) -> str:
        """The reason, read by the family, that is kept when the secretary excuses this absence in one click."""
        return EXCUSES[self.justification.raison] if self.justification else SANS_RAISON

    @property
    def refus(self) -> str:
        """The reason, read by the family, that is kept when the secretary bills this absence in one click."""
        return TARDIVE if self.absence else MUETTE


@dataclass(frozen=True)
class AbsencesAJuger:
    """Those that a family told of or explained; those without a word, billed if nobody answers. The first of each, and
    how many there are.
    """

    dites: list[AbsenceVue] = field(default_factory=list)
    nombre: int = 0
    muettes: list[AbsenceVue] = field(default_factory=list)
    nombre_muettes: int = 0

    @property
    def total(self) -> int:
        """What the told absences shown on the page cost, in centimes; one without a known price counts for 0."""
        return sum(vue.total or 0 for vue in self.dites)


@dataclass(frozen=True)
class _Choisies:
    """The inscriptions (primary keys) by child and day: those that are told of, those without a word."""

    dites: dict[Journee, list[int]]
    muettes: dict[Journee, list[int]]

    @classmethod
    def load(cls, now: datetime) -> _Choisies:
        """The inscriptions of the absences that the town hall has still to judge, by child and day: with a reason
        first, then without one, the oldest first. One query.
        """
        lignes = absences_a_juger(now).order_by("-justifiee", "jour", "enfant__tri", "enfant")
        choisies = cls({}, {})
        for cle, enfant, jour, dite, justifiee in lignes.values_list("pk", "enfant", "jour", "dite", "justifiee"):
            cote = choisies.dites if dite or justifiee else choisies.muettes
            cote.setdefault((enfant, jour), []).append(cle)
        return choisies

    def load_lignes(self) -> list[Inscription]:
        """The inscriptions of the absences that the page shows, at most `MONTREES` of each list, by the order of their
        créneaux. One query.
        """
        montrees = [cles for cote in (self.dites, self.muettes) for cles in list(cote.values())[:MONTREES]]
        lues = Inscription.objects.filter(pk__in=[cle for cles in montrees for cle in cles])
        avec = lues.select_related("enfant", "creneau__delai_inscription", "creneau__delai_annulation")
        return list(avec.order_by("creneau__ordre", "creneau"))


def _vues(lignes: Collection[Inscription], montants: Mapping[Case, int]) -> dict[Journee, AbsenceVue]:
    """The absences of these inscriptions, by child and day."""
    if not lignes:
        return {}
    enfants, jours = {ligne.enfant_id for ligne in lignes}, {ligne.jour for ligne in lignes}
    which = {"enfant__in": enfants, "jour__in": jours}
    dites = Absence.objects.standing().filter(**which).prefetch_related("creneaux")
    absences = {(absence.enfant_id, absence.jour): absence for absence in dites}
    justifications = {(j.enfant_id, j.jour): j for j in Justification.objects.filter(**which)}
    classes, calendrier = classes_of(lignes), load_calendrier()
    groupes: dict[Journee, list[Inscription]] = {}
    for ligne in lignes:
        groupes.setdefault((ligne.enfant_id, ligne.jour), []).append(ligne)
    vues = {}
    for journee, siennes in groupes.items():
        premiere = siennes[0]
        limite = delais.limite(premiere.jour, regle(premiere.creneau, Action.ANNULER).valeur, calendrier)
        absence = absences.get(journee)
        if absence and (nommes := set(absence.creneaux.all())) and not nommes & {ligne.creneau for ligne in siennes}:
            absence = None  # told of other moments than those
        vues[journee] = AbsenceVue(
            premiere.enfant,
            classes.get(journee, "Sans classe"),
            premiere.jour,
            [MomentManque(ligne.creneau, montants.get(case_of(ligne))) for ligne in siennes],
            absence,
            justifications.get(journee),
            limite if absence and absence.signalee_le >= limite else None,
        )
    return vues


# --- Those that have their answer -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AbsenceRepondue:
    """A child's day whose créneaux have one answer: what it says, when and by whom, what is billed of it."""

    enfant: Enfant
    jour: date
    moments: Sequence[Creneau]
    reponse: ReponseAbsence
    facture: int | None

    @property
    def cle(self) -> str:
        """« 12-2026-11-27-34 », child, day and answer: what names this answered absence within a page."""
        return f"{self.enfant.pk}-{self.jour.isoformat()}-{self.reponse.pk}"

    @property
    def creneaux(self) -> str:
        """The primary keys of the créneaux that were answered, with a space between them, as a form of the page sends
        them back.
        """
        return " ".join(str(creneau.pk) for creneau in self.moments)

    @property
    def noms(self) -> str:
        """The short names of the créneaux that were answered, as a French list: « matin et soir »."""
        return et([creneau.nom_court for creneau in self.moments])

    @property
    def quand(self) -> str:
        """When the town hall answered, and the agent who did where one is known: « jeudi 26 novembre à 9 h 12, Nadia
        Roux ».
        """
        par = self.reponse.repondue_par
        return ", ".join(filter(None, [date_heure(self.reponse.repondue_le), par.get_full_name() if par else ""]))

    def __str__(self) -> str:
        return f"{self.enfant}, {jour_long(self.jour)}{NBSP}: {self.reponse.get_reponse_display()}"


@dataclass(frozen=True)
class PageAbsences:
    """What the page shows: those to judge; those that have their answer, the last answered first."""

    a_juger: AbsencesAJuger
    repondues: list[AbsenceRepondue]


def load_absences(now: datetime) -> PageAbsences:
    """The town hall's page of absences: those that wait to be judged, then those that were answered.

    Answered ones are of open months, or were answered in the last 31 days; the last answered first. Of each list, 50 at
    most. A fixed number of queries, whatever the families and the months.
    """
    today = now.astimezone(PARIS).date()
    choisies = _Choisies.load(now)
    lignes, groupes = choisies.load_lignes(), _load_reponses(today, now)
    dites = [reponse for reponses in groupes for reponse in reponses]
    montants = load_montants([*lignes, *_load_jugees(dites)], today)
    vues = _vues(lignes, montants)
    a_juger = AbsencesAJuger(
        [vues[journee] for journee in list(choisies.dites)[:MONTREES] if journee in vues],
        len(choisies.dites),
        [vues[journee] for journee in list(choisies.muettes)[:MONTREES] if journee in vues],
        len(choisies.muettes),
    )
    return PageAbsences(a_juger, [_repondue(reponses, montants) for reponses in groupes])


def _load_reponses(today: date, now: datetime) -> list[list[ReponseAbsence]]:
    """The latest answers, a child's day whose answer is one together. Two queries."""
    recentes = Q(jour__gte=premier_ouvert(today)) | Q(repondue_le__gte=now - REPONDUES)
    lues = ReponseAbsence.objects.filter(recentes).select_related("enfant", "creneau", "repondue_par")
    dernieres = {(r.enfant_id, r.jour, r.creneau_id): r for r in lues.order_by("repondue_le", "pk")}
    groupes: dict[tuple[Any, ...], list[ReponseAbsence]] = {}
    for reponse in sorted(dernieres.values(), key=lambda r: (r.repondue_le, r.pk), reverse=True):
        cle = (reponse.enfant_id, reponse.jour, reponse.reponse, reponse.motif, reponse.repondue_le)
        groupes.setdefault(cle, []).append(reponse)
    return list(groupes.values())[:MONTREES]


def _load_jugees(reponses: Collection[ReponseAbsence]) -> list[Inscription]:
    """The inscriptions that these answers are about. One query."""
    cases = {(r.enfant_id, r.jour, r.creneau_id) for r in reponses}
    lignes = Inscription.objects.inscrit().filter(
        enfant__in={enfant for enfant, _, _ in cases}, jour__in={jour for _, jour, _ in cases}
    )
    return [ligne for ligne in lignes if case_of(ligne) in cases]


def _repondue(reponses: Sequence[ReponseAbsence], montants: Mapping[Case, int]) -> AbsenceRepondue:
    siennes = sorted(reponses, key=lambda r: (r.creneau.ordre, r.creneau_id))
    prix = [
        montants[r.enfant_id, r.jour, r.creneau_id] for r in siennes if (r.enfant_id, r.jour, r.creneau_id) in montants
    ]
    facture = sum(prix) if len(prix) == len(siennes) else None
    return AbsenceRepondue(siennes[0].enfant, siennes[0].jour, [r.creneau for r in siennes], siennes[0], facture)
