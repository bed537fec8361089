"""Absences as the secretary judges them: a child's day, what was told, what is at stake, in centimes. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from enfance import delais
from enfance.mairie.touches import classes_of
from enfance.models import Absence, Creneau, Enfant, Inscription, load_calendrier
from enfance.regles import Action, regle
from facturation.absences.ecriture import absences_a_juger, premier_ouvert
from facturation.arrete.estimations import estimer
from facturation.models import Justification, Mois, Prestation, ReponseAbsence
from portail.dates import date_heure, jour_long
from portail.francais import NBSP, et

MONTREES = 50  # a page
REPONDUES = timedelta(days=31)  # answered since then: their answer may be changed from the page
Case = tuple[int, date, int]  # child, day, créneau
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
        """« 12-2026-11-27 »: names it within a page."""
        return f"{self.enfant.pk}-{self.jour.isoformat()}"

    @property
    def creneaux(self) -> str:
        """The keys of its créneaux, as the form sends them back."""
        return " ".join(str(moment.creneau.pk) for moment in self.moments)

    @property
    def noms(self) -> str:
        return et([moment.creneau.nom_court for moment in self.moments])

    @property
    def total(self) -> int | None:
        """What is at stake; None where a price is not known."""
        montants = [moment.montant for moment in self.moments if moment.montant is not None]
        return sum(montants) if len(montants) == len(self.moments) else None

    @property
    def dit(self) -> str:
        """What was told, in a sentence."""
        if self.absence is None:
            return "Noté absent par l’équipe." if self.justification else "Aucun message. Noté absent par l’équipe."
        apres = f", après la limite ({delais.instant_phrase(self.limite)})" if self.limite else ""
        return f"Signalée {date_heure(self.absence.signalee_le)}{apres}."

    @property
    def excuse(self) -> str:
        """The reason that excusing in one click gives."""
        return EXCUSES[self.justification.raison] if self.justification else SANS_RAISON

    @property
    def refus(self) -> str:
        """The reason that billing in one click gives."""
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
        """What is at stake in those that are shown."""
        return sum(vue.total or 0 for vue in self.dites)


def load_a_juger(today: date) -> AbsencesAJuger:
    """Those to judge: with a reason first, then told, the oldest first. A fixed number of queries, and those of an
    estimate a month.
    """
    lignes = absences_a_juger(today).order_by("-justifiee", "jour", "enfant__tri", "enfant")
    dites: dict[Journee, list[int]] = {}
    muettes: dict[Journee, list[int]] = {}
    for cle, enfant, jour, dite, justifiee in lignes.values_list("pk", "enfant", "jour", "dite", "justifiee"):
        (dites if dite or justifiee else muettes).setdefault((enfant, jour), []).append(cle)
    montrees = [list(groupe.items())[:MONTREES] for groupe in (dites, muettes)]
    vues = _vues([cle for groupe in montrees for _, cles in groupe for cle in cles], today)
    siennes = [[vues[journee] for journee, _ in groupe if journee in vues] for groupe in montrees]
    return AbsencesAJuger(siennes[0], len(dites), siennes[1], len(muettes))


def _vues(cles: Collection[int], today: date) -> dict[Journee, AbsenceVue]:
    """The absences of these inscriptions (primary keys), by child and day."""
    lues = Inscription.objects.filter(pk__in=cles).select_related(
        "enfant", "creneau__delai_inscription", "creneau__delai_annulation"
    )
    lignes = list(lues.order_by("creneau__ordre", "creneau"))
    if not lignes:
        return {}
    enfants, jours = {ligne.enfant_id for ligne in lignes}, {ligne.jour for ligne in lignes}
    which = {"enfant__in": enfants, "jour__in": jours}
    absences = {(a.enfant_id, a.jour): a for a in Absence.objects.standing().filter(**which)}
    justifications = {(j.enfant_id, j.jour): j for j in Justification.objects.filter(**which)}
    classes, calendrier = classes_of(lignes), load_calendrier()
    montants = load_montants(lignes, today)
    groupes: dict[Journee, list[Inscription]] = {}
    for ligne in lignes:
        groupes.setdefault((ligne.enfant_id, ligne.jour), []).append(ligne)
    vues = {}
    for journee, siennes in groupes.items():
        premiere = siennes[0]
        limite = delais.limite(premiere.jour, regle(premiere.creneau, Action.ANNULER).valeur, calendrier)
        absence = absences.get(journee)
        vues[journee] = AbsenceVue(
            premiere.enfant,
            classes.get(premiere.enfant_id, "Sans classe"),
            premiere.jour,
            [MomentManque(ligne.creneau, montants.get(_case(ligne))) for ligne in siennes],
            absence,
            justifications.get(journee),
            limite if absence and absence.signalee_le >= limite else None,
        )
    return vues


def _case(ligne: Inscription) -> Case:
    return ligne.enfant_id, ligne.jour, ligne.creneau_id


def load_montants(lignes: Iterable[Inscription], today: date) -> dict[Case, int]:
    """What each of these inscriptions costs, before any share: as its closed month billed it, else as the month would
    be closed today.
    """
    par_mois: dict[date, list[Inscription]] = {}
    for ligne in lignes:
        par_mois.setdefault(ligne.jour.replace(day=1), []).append(ligne)
    clos = set(Mois.objects.filter(premier__in=par_mois).values_list("premier", flat=True))
    montants: dict[Case, dict[str, int]] = {}
    for mois, siennes in sorted(par_mois.items()):
        cases = {_case(ligne) for ligne in siennes}
        for case, nature, entier in _prix_clos(siennes) if mois in clos else _prix_estimes(siennes, mois, today):
            if case in cases:
                montants.setdefault(case, {})[nature] = entier
    return {case: sum(natures.values()) for case, natures in montants.items()}


def _prix_clos(lignes: Collection[Inscription]) -> Iterable[tuple[Any, str, int]]:
    enfants, jours = {ligne.enfant_id for ligne in lignes}, {ligne.jour for ligne in lignes}
    factures = Prestation.objects.filter(cle_enfant__in=enfants, jour__in=jours, creneau__isnull=False)
    factures = factures.exclude(nature__in=[Prestation.Nature.CORRECTION, Prestation.Nature.REPORT])
    for enfant, jour, creneau, nature, entier in factures.order_by("pk").values_list(
        "cle_enfant", "jour", "creneau", "nature", "entier"
    ):
        yield (enfant, jour, creneau), nature, entier


def _prix_estimes(lignes: Collection[Inscription], mois: date, today: date) -> Iterable[tuple[Any, str, int]]:
    foyers = sorted({ligne.foyer_id for ligne in lignes if ligne.foyer_id})
    for estimation in estimer(foyers, mois, today).values():
        for charge in (*estimation.passees, *estimation.prevues):
            yield (charge.enfant, charge.jour, charge.creneau), charge.nature, charge.entier


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
        return f"{self.enfant.pk}-{self.jour.isoformat()}-{self.reponse.pk}"

    @property
    def creneaux(self) -> str:
        return " ".join(str(creneau.pk) for creneau in self.moments)

    @property
    def noms(self) -> str:
        return et([creneau.nom_court for creneau in self.moments])

    @property
    def quand(self) -> str:
        """« jeudi 26 novembre à 9 h 12, Nadia Roux »."""
        par = self.reponse.repondue_par
        return ", ".join(filter(None, [date_heure(self.reponse.repondue_le), par.get_full_name() if par else ""]))

    def __str__(self) -> str:
        return f"{self.enfant}, {jour_long(self.jour)}{NBSP}: {self.reponse.get_reponse_display()}"


def load_repondues(today: date, now: datetime) -> list[AbsenceRepondue]:
    """Those of open months, and those answered lately, the last answered first."""
    depuis = premier_ouvert(today)
    recentes = ReponseAbsence.objects.filter(jour__gte=depuis) | ReponseAbsence.objects.filter(
        repondue_le__gte=now - REPONDUES
    )
    lues = recentes.select_related("enfant", "creneau", "repondue_par").order_by("repondue_le", "pk")
    dernieres = {(r.enfant_id, r.jour, r.creneau_id): r for r in lues}
    montrees = sorted(dernieres.values(), key=lambda r: (r.repondue_le, r.pk), reverse=True)
    groupes: dict[tuple[Any, ...], list[ReponseAbsence]] = {}
    for reponse in montrees:
        cle = (reponse.enfant_id, reponse.jour, reponse.reponse, reponse.motif, reponse.repondue_le)
        groupes.setdefault(cle, []).append(reponse)
    choisies = list(groupes.values())[:MONTREES]
    montants = _montants_of([reponse for siennes in choisies for reponse in siennes], today)
    return [_repondue(siennes, montants) for siennes in choisies]


def _repondue(reponses: Sequence[ReponseAbsence], montants: Mapping[Case, int]) -> AbsenceRepondue:
    siennes = sorted(reponses, key=lambda r: (r.creneau.ordre, r.creneau_id))
    prix = [
        montants[r.enfant_id, r.jour, r.creneau_id] for r in siennes if (r.enfant_id, r.jour, r.creneau_id) in montants
    ]
    facture = sum(prix) if len(prix) == len(siennes) else None
    return AbsenceRepondue(siennes[0].enfant, siennes[0].jour, [r.creneau for r in siennes], siennes[0], facture)


def _montants_of(reponses: Collection[ReponseAbsence], today: date) -> dict[Case, int]:
    """What is billed of the séances of these answers."""
    cases = {(r.enfant_id, r.jour, r.creneau_id) for r in reponses}
    lignes = Inscription.objects.inscrit().filter(
        enfant__in={enfant for enfant, _, _ in cases}, jour__in={jour for _, jour, _ in cases}
    )
    return load_montants([ligne for ligne in lignes if _case(ligne) in cases], today)
