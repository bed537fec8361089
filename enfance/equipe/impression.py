"""The sheets on paper: of a day, or of a week, with a box to tick where a child is expected. Reads, never writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from enfance.calendrier import lundi
from enfance.ecoles import PLUSIEURS, creneaux_of, nom_ecole
from enfance.equipe.fiche import load_adultes, sante_of
from enfance.equipe.lieux import load_lieux
from enfance.equipe.telephones import Joignable, load_joignables, load_parents
from enfance.models import Absence, Creneau, Ecole, Inscription, Scolarite, load_calendrier
from enfance.models.noms import nom_liste
from portail.dates import du_au, jour_court, jour_long
from portail.francais import NBSP, et

VIDES = 3  # free lines, for who comes without being registered
Etat = Inscription.Etat


@dataclass(frozen=True)
class LignePapier:
    """A child: expected or not at each créneau of each day of the sheet, and what is to be known, never why."""

    nom: str
    niveau: str
    jours: list[list[bool]]
    remarques: str


@dataclass(frozen=True)
class JourPapier:
    jour: date
    creneaux: list[Creneau]

    @property
    def nom(self) -> str:
        """The day in short, as the head of a column: « Jeudi 10 »."""
        return jour_court(self.jour).capitalize()


@dataclass(frozen=True)
class Papier:
    """`attendus`: « matin 6 », « midi 14 », of a day; a week has too many to say. `creneaux`: those that have a sheet
    of their own. Where the town has several schools, `lieu` names those of this sheet, `ecole` is the one that is
    shown, `ecoles` are those that an agent of several chooses from.
    """

    titre: str
    semaine: int
    jours: list[JourPapier]
    lignes: list[LignePapier]
    attendus: list[tuple[str, int]]
    creneaux: list[Creneau]
    lieu: str
    ecoles: Sequence[Ecole]
    ecole: Ecole | None

    @property
    def vides(self) -> list[int]:
        """The numbers of the free lines at the end of the sheet, for children who come without being registered."""
        return [len(self.lignes) + n for n in range(1, VIDES + 1)]


def load_papier(
    jour: date,
    *,
    semaine: bool = False,
    code: str = "",
    autorises: bool = False,
    telephones: bool = False,
    agent: User | None = None,
    ecole: str = "",
) -> Papier | None:
    """The attendance sheet to print, of a day or of its whole week (`semaine`), of one créneau (`code`) or of all; only
    what this agent may see, and one school where there are several (`ecole`, a code, chooses).

    None outside every school year, and when there is no such créneau. `autorises`: the sheet of a day names who may
    fetch each child; that of a week never does, since they change from day to day. `telephones`: the sheet of a day
    gives one number to call for each child. Where no day has garderie, the sheet has no days.
    """
    calendrier = load_calendrier()
    siens: QuerySet[Any] = Creneau.objects.all() if agent is None else creneaux_of(agent)
    tous = list(siens.annotate(plusieurs=PLUSIEURS))
    lieux = load_lieux(tous, agent, code=code, ecole=ecole)
    montres = [c for c in tous if lieux.shows(c)]
    creneaux = [c for c in montres if code in ("", c.code)]
    if calendrier.annee(jour) is None or not creneaux:
        return None
    debut, fin = (lundi(jour), lundi(jour) + timedelta(days=6)) if semaine else (jour, jour)
    jours = [
        JourPapier(ouvert, tenus)
        for ouvert in calendrier.jours_ecole(debut, fin)
        if (tenus := [creneau for creneau in creneaux if ouvert.weekday() in creneau.jours])
    ]
    actives = Inscription.objects.active().between(debut, fin).filter(creneau__in=creneaux)
    inscriptions = list(actives.with_rang().select_related("creneau"))
    nombres = Counter(inscription.creneau_id for inscription in inscriptions if inscription.etat == Etat.INSCRIT)
    joignables: Mapping[int, Sequence[Joignable]] = {}
    if telephones and not semaine:
        eux, soir = {inscription.enfant_id for inscription in inscriptions}, any(c.is_soir for c in creneaux)
        joignables = load_joignables(load_parents(eux) if eux else {}, jour, soir=soir)
    titre = f"{jour_long(jour).capitalize()} {jour.year}"
    if semaine and jours:
        titre = du_au(jours[0].jour, jours[-1].jour).capitalize()
    return Papier(
        titre,
        jour.isocalendar().week,
        jours,
        _lignes(inscriptions, jours, jour, autorises=autorises and not semaine, joignables=joignables),
        [] if semaine else [(creneau.nom_court, nombres[creneau.pk]) for creneau in creneaux],
        creneaux=montres,
        lieu=lieux.nom_of(creneaux[0]) if code else str(lieux.ecole or ""),
        ecoles=lieux.ecoles,
        ecole=lieux.ecole,
    )


def _moments_absents(absence: Absence, prevus: Sequence[Creneau]) -> str | None:
    """« : midi », of these créneaux of its day; empty for all of them, None for none."""
    nommes = set(absence.creneaux.all())
    dits = [creneau.nom_court for creneau in prevus if creneau in nommes]
    if not nommes or len(dits) == len(prevus) > 0:
        return ""
    return f"{NBSP}: {et(dits)}" if dits else None


def _lignes(
    inscriptions: Sequence[Inscription],
    jours: Sequence[JourPapier],
    jour: date,
    *,
    autorises: bool,
    joignables: Mapping[int, Sequence[Joignable]],
) -> list[LignePapier]:
    """The children who are expected or wait, by name. Who may fetch them is that of `jour`, the only day of most."""
    par_enfant: dict[int, list[Inscription]] = {}
    for inscription in inscriptions:
        par_enfant.setdefault(inscription.enfant_id, []).append(inscription)
    adultes = load_adultes(par_enfant, jour)
    absences: dict[int, list[Absence]] = {}
    bornes = (jours[0].jour, jours[-1].jour) if jours else (jour, jour)
    dites = Absence.objects.standing().filter(jour__range=bornes, enfant__in=par_enfant).order_by("jour")
    for absence in dites.prefetch_related("creneaux"):
        absences.setdefault(absence.enfant_id, []).append(absence)
    par_jour = {vu.jour: list(vu.creneaux) for vu in jours}
    eleves: QuerySet[Any] = Scolarite.objects.known_on(bornes[1]).filter(enfant__in=par_enfant)
    scolarites = list(eleves.select_related("enfant").annotate(lieu=nom_ecole()).order_by("enfant__tri", "enfant"))
    melees = len({scolarite.ecole_id for scolarite in scolarites}) > 1
    lignes = []
    for scolarite in scolarites:
        enfant, siennes = scolarite.enfant, par_enfant[scolarite.enfant_id]
        inscrites = {(i.jour, i.creneau_id) for i in siennes if i.etat == Etat.INSCRIT}
        un_seul = len(jours) == 1
        remarques = [scolarite.lieu] if melees else []
        remarques += [f"{sante}, voir fiche"] if (sante := sante_of(enfant, jour)) else []
        remarques += [str(joignable) for joignable in joignables.get(enfant.pk, [])[:1]]
        siens = adultes.get(enfant.pk, [])
        if autorises and (noms := ", ".join(str(adulte) for adulte in siens if not adulte.interdite)):
            remarques.append(f"Aussi avec {noms}")
        if any(adulte.interdite for adulte in siens):
            identite = ", vérifier l’identité" if any(adulte.alerte for adulte in siens) else ""
            remarques.append(f"Remise{NBSP}: voir fiche{identite}")
        for absente in absences.get(enfant.pk, []):
            prevus = [c for c in par_jour.get(absente.jour, []) if (absente.jour, c.pk) in inscrites]
            if (moments := _moments_absents(absente, prevus)) is not None:
                remarques.append(f"Absence signalée{'' if un_seul else f' {jour_court(absente.jour)}'}{moments}")
        for attente in (i for i in siennes if i.etat == Etat.ATTENTE):
            quand = attente.creneau.titre if un_seul else f"{jour_court(attente.jour).capitalize()}, {attente.creneau}"
            remarques.append(f"{quand}{NBSP}: attente n°{NBSP}{attente.rang}")
        lignes.append(
            LignePapier(
                nom=nom_liste(enfant.prenom, enfant.nom, enfant.nom_usage),
                niveau=scolarite.niveau,
                jours=[[(vu.jour, creneau.pk) in inscrites for creneau in vu.creneaux] for vu in jours],
                remarques=". ".join(remarques),
            )
        )
    return lignes
