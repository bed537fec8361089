"""Absences as the secretary judges them, what was told, what is at stake, in centimes: the consecutive days of a child
that have one reason are one decision. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from enfance import delais
from enfance.mairie.familles.lecture import words_of
from enfance.mairie.touches import classes_of
from enfance.models import Absence, Creneau, Enfant, Inscription, load_calendrier
from enfance.regles import Action, limite_of, report_of
from enfance.silences import ReportLimite
from facturation.absences.montants import Case, case_of, load_montants
from facturation.absences_dues import absences_a_juger, premier_ouvert
from facturation.models import Justification, ReponseAbsence
from portail.bureau import Compteur, nommer
from portail.dates import PARIS, date_heure, jour_long, jours_groupes
from portail.empreintes import fingerprint_of
from portail.francais import NBSP, et

VIEW, ADD = "facturation.view_reponseabsence", "facturation.add_reponseabsence"
LISTE = "admin:facturation_absences"
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
SUIVIS = timedelta(days=4)  # from one day to the next of one decision: a long week-end
TARDIVE, MUETTE = "signalée après la limite", "aucun message"
PAS_RETENUE = "raison non retenue"  # it was told in time, or afterwards of what the team alone had seen
A_TEMPS, MALGRE = "signalée à temps\u00a0: le portail ne répondait pas", "facturée bien que signalée à temps"


@dataclass(frozen=True)
class MomentManque:
    """A créneau of an absence and what it costs; None where no price is known."""

    creneau: Creneau
    montant: int | None


@dataclass(frozen=True)
class AbsenceVue:
    """A child's day: the créneaux that were missed, what was told, why; the deadline, where it was told after; how a
    silence of the portal moved it, where that alone makes it told in time.
    """

    enfant: Enfant
    classe: str
    jour: date
    moments: Sequence[MomentManque]
    absence: Absence | None = None
    justification: Justification | None = None
    limite: datetime | None = None
    report: ReportLimite | None = None

    @property
    def cle(self) -> str:
        """« 12-2026-11-27 », child and day: what names this absence within a page."""
        return f"{self.enfant.pk}-{self.jour.isoformat()}"

    @property
    def valeur(self) -> str:
        """« 2026-11-27 3 4 », the day and the primary keys of the créneaux that were missed, as the form of the page
        sends them back.
        """
        return _valeur(self.jour, [moment.creneau for moment in self.moments])

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
        if self.report:
            jour = self.absence.signalee_le.astimezone(PARIS).date()
            apres = f", à temps ({self.report.phrase_on(jour)})"
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
        if self.justification and not self.limite:
            return PAS_RETENUE
        if self.report:
            return MALGRE
        return TARDIVE if self.absence else MUETTE


def _valeur(jour: date, creneaux: Iterable[Creneau]) -> str:
    return " ".join([jour.isoformat(), *(str(creneau.pk) for creneau in creneaux)])


@dataclass(frozen=True)
class DecisionAbsence:
    """What one click answers: consecutive days of a child (`vues`, at least one, by day) that have the same reason."""

    vues: Sequence[AbsenceVue]

    @property
    def enfant(self) -> Enfant:
        """The child who was away."""
        return self.vues[0].enfant

    @property
    def classe(self) -> str:
        """The child's class, or « Sans classe »."""
        return self.vues[0].classe

    @property
    def cle(self) -> str:
        """« 12-2026-11-27 », child and first day: what names this decision within a page."""
        return self.vues[0].cle

    @property
    def jours(self) -> str:
        """Its days in French: « lundi 23, mardi 24 et jeudi 26 novembre »."""
        return jours_groupes(vue.jour for vue in self.vues)

    @property
    def justification(self) -> Justification | None:
        """Why, as the parent chose it, the same for each day; None without a reason."""
        return self.vues[0].justification

    @property
    def excuse(self) -> str:
        """The reason, read by the family, that is kept when the secretary excuses these absences in one click."""
        return A_TEMPS if all(vue.report for vue in self.vues) else self.vues[0].excuse

    @property
    def refus(self) -> str:
        """The reason, read by the family, that is kept when the secretary bills these absences in one click."""
        return self.vues[0].refus

    @property
    def total(self) -> int | None:
        """What these absences cost if they are billed, in centimes; None where a price is not known."""
        totaux = [vue.total for vue in self.vues if vue.total is not None]
        return sum(totaux) if len(totaux) == len(self.vues) else None


@dataclass(frozen=True)
class AbsencesAJuger:
    """The decisions for those that a family told of or explained; for those without a word, billed if nobody answers.
    The first of each, and how many there are.
    """

    dites: list[DecisionAbsence] = field(default_factory=list)
    nombre: int = 0
    muettes: list[DecisionAbsence] = field(default_factory=list)
    nombre_muettes: int = 0

    @property
    def total(self) -> int:
        """What the told absences shown on the page cost, in centimes; one without a known price counts for 0."""
        return sum(decision.total or 0 for decision in self.dites)


@dataclass(frozen=True)
class Recherche:
    """Whose absences, and when: each word is in the names of the child, the days are between both (included). An empty
    one looks for all.
    """

    texte: str = ""
    debut: date | None = None
    fin: date | None = None

    def among(self, lignes: QuerySet[Any]) -> QuerySet[Any]:
        """Those of these rows, of a child (`enfant`) and a day (`jour`), that are looked for."""
        for mot in words_of(self.texte):
            lignes = lignes.filter(enfant__tri__icontains=mot)
        return lignes.filter(jour__range=(self.debut, self.fin)) if self.debut and self.fin else lignes

    def __bool__(self) -> bool:
        return bool(self.texte.strip() or self.debut)


TOUTES = Recherche()


@dataclass
class _Serie:
    """Consecutive days of one child that have one reason, each with its inscriptions (primary keys)."""

    enfant: int
    prenom: str
    raison: str
    dite: bool
    jours: dict[date, list[int]]

    @property
    def parle(self) -> bool:
        """Whether the family told of them or gave a reason."""
        return self.dite or bool(self.raison)

    @property
    def cles(self) -> list[int]:
        return [cle for cles in self.jours.values() for cle in cles]


def _load_series(now: datetime, recherche: Recherche) -> list[_Serie]:
    """What the town hall has still to judge: with a reason first, then without one, the oldest first. Two queries.

    Days follow each other when no other day for which the child was registered is between them, and four days at most.
    """
    raison = Justification.objects.filter(enfant=OuterRef("enfant"), jour=OuterRef("jour")).values("raison")[:1]
    lignes = recherche.among(absences_a_juger(now)).order_by("jour", "enfant__tri", "enfant")
    lues = lignes.values_list("pk", "enfant", "enfant__prenom", "jour", "dite", Subquery(raison))
    jours: dict[Journee, _Serie] = {}
    for cle, enfant, prenom, jour, dite, pourquoi in lues:
        serie = jours.setdefault((enfant, jour), _Serie(enfant, prenom, pourquoi or "", dite, {jour: []}))
        serie.dite = serie.dite or dite
        serie.jours[jour].append(cle)
    venues = _load_reserves(jours)
    series: list[_Serie] = []
    ouvertes: dict[tuple[int, str, bool], _Serie] = {}
    for (enfant, jour), seule in jours.items():
        qui = (enfant, seule.raison, seule.dite)
        avant = ouvertes.get(qui)
        if avant and _follows(max(avant.jours), jour, venues.get(enfant, set())):
            avant.jours |= seule.jours
        else:
            series.append(seule)
            ouvertes[qui] = seule
    return sorted(series, key=lambda serie: not serie.raison)


def _load_reserves(journees: Collection[Journee]) -> dict[int, set[date]]:
    """The days for which each of these children is registered, around these days. One query."""
    jours = {jour for _, jour in journees}
    lignes = Inscription.objects.inscrit().filter(enfant__in={enfant for enfant, _ in journees})
    if jours:
        lignes = lignes.filter(jour__range=(min(jours), max(jours)))
    reserves: dict[int, set[date]] = {}
    for enfant, jour in lignes.order_by().values_list("enfant", "jour").distinct():
        reserves.setdefault(enfant, set()).add(jour)
    return reserves


def _follows(avant: date, jour: date, reserves: Collection[date]) -> bool:
    return jour - avant <= SUIVIS and not any(avant < autre < jour for autre in reserves)


def _load_lignes(series: Iterable[_Serie]) -> list[Inscription]:
    """The inscriptions of these absences, by the order of their créneaux. One query."""
    lues = Inscription.objects.filter(pk__in=[cle for serie in series for cle in serie.cles])
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
        quoi = premiere.jour, premiere.creneau, Action.ANNULER, calendrier
        limite, report = limite_of(*quoi), report_of(*quoi)
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
            report if absence and report and report.saves(absence.signalee_le) else None,
        )
    return vues


# --- Those that have their answer -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class JourRepondu:
    """A day of an answered decision, and its créneaux."""

    jour: date
    creneaux: Sequence[Creneau]

    @property
    def valeur(self) -> str:
        """« 2026-11-27 3 4 », the day and the primary keys of its créneaux, as a form of the page sends them back."""
        return _valeur(self.jour, self.creneaux)

    def __str__(self) -> str:
        return f"{jour_long(self.jour)}, {et([creneau.nom_court for creneau in self.creneaux])}"


@dataclass(frozen=True)
class AbsenceRepondue:
    """The days of a child that have one answer, given at once: what it says, when and by whom, what is billed of it."""

    enfant: Enfant
    jours: Sequence[JourRepondu]
    reponse: ReponseAbsence
    facture: int | None

    @property
    def cle(self) -> str:
        """« 12-34 », child and answer: what names this answered decision within a page."""
        return f"{self.enfant.pk}-{self.reponse.pk}"

    @property
    def dits(self) -> str:
        """Its days in French: « lundi 23 et mardi 24 novembre »."""
        return jours_groupes(jour.jour for jour in self.jours)

    @property
    def quand(self) -> str:
        """When the town hall answered, and the agent who did where one is known: « jeudi 26 novembre à 9 h 12, Nadia
        Roux ».
        """
        par = self.reponse.repondue_par
        return ", ".join(filter(None, [date_heure(self.reponse.repondue_le), par.get_full_name() if par else ""]))


@dataclass(frozen=True)
class PageAbsences:
    """What the page shows: those to judge; those that have their answer, the last answered first."""

    a_juger: AbsencesAJuger
    repondues: list[AbsenceRepondue]


def load_absences(now: datetime, recherche: Recherche = TOUTES) -> PageAbsences:
    """The town hall's page of absences: those that wait to be judged, then those that were answered.

    Answered ones are of open months, or were answered in the last 31 days, the last answered first; once something is
    looked for, of all times. Of each list, 50 decisions at most. A fixed number of queries, whatever the families and
    the months.
    """
    today = now.astimezone(PARIS).date()
    series = _load_series(now, recherche)
    dites, muettes = ([serie for serie in series if serie.parle is parle] for parle in (True, False))
    montrees = [*dites[:MONTREES], *muettes[:MONTREES]]
    lignes, groupes = _load_lignes(montrees), _load_reponses(today, now, recherche)
    reponses = [reponse for siennes in groupes for reponse in siennes]
    montants = load_montants([*lignes, *_load_jugees(reponses)], today)
    vues = _vues(lignes, montants)
    a_juger = AbsencesAJuger(
        _decisions(dites[:MONTREES], vues), len(dites), _decisions(muettes[:MONTREES], vues), len(muettes)
    )
    return PageAbsences(a_juger, [_repondue(siennes, montants) for siennes in groupes])


@dataclass(frozen=True)
class RaisonsDonnees:
    """What keeps a month from being closed: the absences whose reason a family gave, that nobody answered. `marque`:
    the fingerprint of them all, which the buttons that answer all of them send back.
    """

    decisions: list[DecisionAbsence]

    @property
    def montrees(self) -> list[DecisionAbsence]:
        """The first ones, which the page shows."""
        return self.decisions[:MONTREES]

    @property
    def lues(self) -> list[tuple[str, str]]:
        """What was read of each decision: the child and the days, the reason."""
        return [
            (" ".join(vue.valeur for vue in une.vues), f"{une.cle} {une.excuse} {une.refus}") for une in self.decisions
        ]

    @property
    def marque(self) -> str:
        """The fingerprint of these decisions: another reason, or one answered meanwhile, gives another one."""
        return fingerprint_of(self.lues)


def load_raisons(debut: date, fin: date, now: datetime) -> RaisonsDonnees:
    """The absences from `debut` to `fin`, both included, whose reason a family gave and that the town hall has not
    answered, as its page of absences decides them. A fixed number of queries.
    """
    series = [serie for serie in _load_series(now, Recherche("", debut, fin)) if serie.raison]
    if not series:
        return RaisonsDonnees([])
    lignes = _load_lignes(series)
    return RaisonsDonnees(_decisions(series, _vues(lignes, load_montants(lignes, now.astimezone(PARIS).date()))))


def _decisions(series: Iterable[_Serie], vues: Mapping[Journee, AbsenceVue]) -> list[DecisionAbsence]:
    lues = ([vues[serie.enfant, jour] for jour in serie.jours if (serie.enfant, jour) in vues] for serie in series)
    return [DecisionAbsence(siennes) for siennes in lues if siennes]


def _load_reponses(today: date, now: datetime, recherche: Recherche) -> list[list[ReponseAbsence]]:
    """The latest answers, the days of a child that were answered at once together. One query."""
    lues = ReponseAbsence.objects.select_related("enfant", "creneau", "repondue_par")
    if recherche:
        lues = recherche.among(lues)
    else:
        lues = lues.filter(Q(jour__gte=premier_ouvert(today)) | Q(repondue_le__gte=now - REPONDUES))
    dernieres = {(r.enfant_id, r.jour, r.creneau_id): r for r in lues.order_by("repondue_le", "pk")}
    groupes: dict[tuple[Any, ...], list[ReponseAbsence]] = {}
    for reponse in sorted(dernieres.values(), key=lambda r: (r.repondue_le, r.pk), reverse=True):
        cle = (reponse.enfant_id, reponse.reponse, reponse.motif, reponse.repondue_le)
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
    siennes = sorted(reponses, key=lambda r: (r.jour, r.creneau.ordre, r.creneau_id))
    prix = [
        montants[r.enfant_id, r.jour, r.creneau_id] for r in siennes if (r.enfant_id, r.jour, r.creneau_id) in montants
    ]
    facture = sum(prix) if len(prix) == len(siennes) else None
    jours: dict[date, list[Creneau]] = {}
    for reponse in siennes:
        jours.setdefault(reponse.jour, []).append(reponse.creneau)
    repondus = [JourRepondu(jour, creneaux) for jour, creneaux in jours.items()]
    return AbsenceRepondue(siennes[0].enfant, repondus, siennes[0], facture)


# --- On the home ------------------------------------------------------------------------------------------------------


def compter_absences(now: datetime) -> Compteur:
    """For the town hall's home: how many absences that a family told of, or gave a reason for, wait for a decision
    (consecutive days of a child with one reason are one), and of which children.
    """
    prenoms = [serie.prenom for serie in sorted(_load_series(now, TOUTES), key=_first_day) if serie.parle]
    return Compteur(len(prenoms), nommer(prenoms, len(prenoms)))


def _first_day(serie: _Serie) -> tuple[date, int]:
    return min(serie.jours), serie.enfant
