"""The next school year as the town hall prepares it: made again as often as one likes, and looked at each time.

`mairie.annee` makes the calendar and the provisional scolarités; ONDE confirms them in September. Families, custody,
authorised persons and reminders go on by themselves, for nothing of them belongs to a year; inscriptions do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from enfance.inscriptions import annuler_departs
from enfance.mairie.annee import (
    SUIVANTS,
    AnneeInconnue,
    Preparation,
    annee_avant,
    ecoles_confirmees,
    ecoles_suivantes,
    is_confirmed,
    preparer_annee,
)
from enfance.mairie.placement import GroupeAPlacer, regroup
from enfance.models import (
    AnneeScolaire,
    Ecole,
    Enregistrement,
    Garde,
    Inscription,
    Niveau,
    PersonneAutorisee,
    Responsabilite,
    Scolarite,
    SemaineType,
)
from enfance.onde.places import is_marked, mark_partis, mark_revenus
from enfance.regles import Acteur
from portail.dates import quantieme_annee
from portail.francais import NBSP
from portail.rehearsal import rehearsal, writing

RECENTE = timedelta(days=60)  # how long a year that has begun is still the one to prepare
MOTIF = "Départ de l’élève"
PAR_DEBUT = F("debut").asc(nulls_first=True)  # of several places of a pupil in a year, the last one comes last


@dataclass(frozen=True)
class Changements:
    """What was prepared: the year, then the pupils who left the school, or came back to it, since the last time."""

    preparation: Preparation
    partis: list[str]
    revenus: list[str]

    @property
    def is_empty(self) -> bool:
        """Whether the preparation changed nothing: nothing was created, no pupil left or came back since
        the last time.
        """
        return self.preparation.is_empty and not (self.partis or self.revenus)


def preparer(debut: int, zone: str, *, now: datetime, user_id: int | None = None, simuler: bool = False) -> Changements:
    """Create what is missing of the school year that begins in September `debut`, in the holiday zone `zone`. Raises
    AnneeInconnue when its holidays are neither typed nor published yet.
    Pupils who have left the year before since are marked gone in it too, and their inscriptions of it cancelled, and
    those who are back are no longer, except in a school whose classes are known: ONDE has the last word. `simuler` does
    everything and takes it back.
    """
    with writing(rehearsed=simuler):
        preparation = preparer_annee(debut, zone)
        annee = preparation.annee
        partis, revenus = _follow(annee)
        mark_partis(partis, annee.debut)
        mark_revenus(revenus)
        acteur = Acteur(Enregistrement.Porte.MAIRIE, user_id, motif=MOTIF)
        annuler_departs([scolarite.enfant_id for scolarite in partis], annee.debut, acteur, now=now)
    return Changements(preparation, [str(s.enfant) for s in partis], [str(s.enfant) for s in revenus])


def _follow(annee: AnneeScolaire) -> tuple[list[Scolarite], list[Scolarite]]:
    """The provisional pupils who have left the year before since, and those marked gone who are back in it. A school
    that has said who is in which class is left alone.
    """
    avant = annee_avant(annee)
    if avant is None:
        return [], []
    departs = dict(avant.scolarites.order_by(PAR_DEBUT).values_list("enfant", "depart"))
    provisoires = annee.scolarites.filter(enfant__in=departs).exclude(ecole__in=ecoles_confirmees(annee))
    lues = list(provisoires.select_related("enfant", "annee"))
    partis = [s for s in lues if s.depart is None and departs[s.enfant_id] is not None]
    revenus = [s for s in lues if is_marked(s) and departs[s.enfant_id] is None]
    return partis, revenus


def ouvrir(annee: AnneeScolaire, jour: date | None) -> None:
    """Write from which day on the parents may register for this school year; None closes it to them for now."""
    annee.ouverture = jour
    annee.save(update_fields=["ouverture"])


# --- Looked at --------------------------------------------------------------------------------------------------------


@dataclass
class Rentree:
    """A year as it would be once prepared: `changements` is what is still to be made of it.

    `annee` is None, and `inconnue` says what to do, as long as nobody knows its holidays.
    """

    debut: int
    annee: AnneeScolaire | None = None
    existe: bool = False
    avant: AnneeScolaire | None = None
    inconnue: str = ""
    changements: Changements | None = None
    confirmee: bool = False
    niveaux: list[tuple[str, int]] = field(default_factory=list)
    sortants: list[str] = field(default_factory=list)
    a_placer: list[str] = field(default_factory=list)  # whom several schools may take
    groupes: list[GroupeAPlacer] = field(default_factory=list)  # the same, between whose schools one may choose here
    sans_ecole: list[str] = field(default_factory=list)  # whom none may
    provisoires: list[str] = field(default_factory=list)
    confirmes: int = 0
    nouveaux: list[str] = field(default_factory=list)
    absents: list[str] = field(default_factory=list)
    particuliers: list[str] = field(default_factory=list)
    suivent: list[tuple[str, int]] = field(default_factory=list)
    restent: list[tuple[str, int]] = field(default_factory=list)

    @property
    def nom(self) -> str:
        """The school year in figures: « 2026-2027 »."""
        return f"{self.debut}-{self.debut + 1}"


def zone_of_the_town() -> str:
    """The holiday zone (« A », « B », « C »…) of the last school year that is known, for a town does not move; zone A
    when none is.
    """
    annee = AnneeScolaire.objects.order_by("-debut").first()
    return annee.zone if annee else AnneeScolaire.Zone.A


def annee_a_preparer(today: date) -> int:
    """The calendar year in whose September the school year to prepare begins: the year begun less than sixty days ago,
    else the next one; the year of `today` when none has begun.
    """
    annee = AnneeScolaire.objects.filter(debut__lte=today).order_by("-debut").first()
    if annee is None:
        return today.year
    return annee.debut.year if today - annee.debut < RECENTE else annee.debut.year + 1


def ouverture_hors(debut: date, fin: date, ouverture: date) -> str:
    """Why parents cannot begin to register on the day `ouverture` for a school year from `debut` to `fin`, as a
    sentence; empty when they can: from 1 January of the year of `debut` to `fin`.
    """
    premier = date(debut.year, 1, 1)
    if premier <= ouverture <= fin:
        return ""
    return (
        f"Indiquez un jour du {quantieme_annee(premier)} au {quantieme_annee(fin)}, dernier jour de l’année scolaire."
    )


def load_rentree(debut: int, zone: str, *, now: datetime) -> Rentree:
    """The school year that begins in September `debut` as it would be once prepared: what is still to create, who
    leaves, who is to be placed. The preparation is done and taken back: nothing is written. As long as its holidays are
    not known, `inconnue` says so and all the rest is empty.
    """
    rentree = Rentree(debut, existe=AnneeScolaire.objects.filter(debut__year=debut).exists())
    with rehearsal():
        try:
            rentree.changements = preparer(debut, zone, now=now)
        except AnneeInconnue as error:
            rentree.inconnue = str(error)
        else:
            rentree.annee = rentree.changements.preparation.annee
            _load(rentree, rentree.annee)
    return rentree


def _load(rentree: Rentree, annee: AnneeScolaire) -> None:
    rentree.avant = avant = annee_avant(annee)
    rentree.confirmee = is_confirmed(annee)
    places = annee.scolarites.select_related("enfant", "classe").order_by("enfant__tri", "enfant", PAR_DEBUT)
    lignes = list({scolarite.enfant_id: scolarite for scolarite in places}.values())
    presents = [scolarite for scolarite in lignes if scolarite.depart is None]
    comptes = Counter(scolarite.niveau for scolarite in presents)
    rentree.niveaux = [(niveau.label, comptes[niveau]) for niveau in Niveau if comptes[niveau]]
    rentree.provisoires = [_dit(scolarite) for scolarite in presents if scolarite.classe is None]
    rentree.confirmes = sum(scolarite.classe is not None for scolarite in presents)
    rentree.absents = [_dit(scolarite) for scolarite in lignes if scolarite.depart is not None]
    if avant is None:
        return
    avants = avant.scolarites.present().select_related("enfant", "classe").order_by("enfant__tri", "enfant")
    niveaux = {scolarite.enfant_id: scolarite.niveau for scolarite in avants}
    connus = {scolarite.enfant_id for scolarite in lignes}
    partent = [scolarite for scolarite in avants if scolarite.enfant_id not in connus]
    _load_sorties(rentree, partent)
    if rentree.existe and rentree.a_placer:
        rentree.groupes = regroup(partent, annee, list(Ecole.objects.all()))
    rentree.nouveaux = [_dit(scolarite) for scolarite in presents if scolarite.enfant_id not in niveaux]
    rentree.particuliers = [
        f"{scolarite.enfant}{NBSP}: {niveaux[scolarite.enfant_id]} → {scolarite.niveau}"
        for scolarite in presents
        if (niveau := niveaux.get(scolarite.enfant_id)) and SUIVANTS.get(niveau) != scolarite.niveau
    ]
    restent = {scolarite.enfant_id for scolarite in presents} & niveaux.keys()
    _load_suites(rentree, restent, annee, avant)


def _load_sorties(rentree: Rentree, partent: list[Scolarite]) -> None:
    """Those of the year before who have no place in this one: past the last level, to be placed, of a level that no
    school has, or absent.
    """
    ecoles = list(Ecole.objects.all())
    for scolarite in partent:
        suites = ecoles_suivantes(scolarite, ecoles)
        if len(suites) > 1:
            noms = " ou ".join(map(str, suites))
            rentree.a_placer.append(f"{_dit(scolarite)}{NBSP}: {SUIVANTS[scolarite.niveau]} à {noms}")
        elif suites:
            rentree.absents.append(_dit(scolarite))
        elif suivant := SUIVANTS.get(scolarite.niveau):
            rentree.sans_ecole.append(f"{_dit(scolarite)}{NBSP}: {suivant}")
        else:
            rentree.sortants.append(_dit(scolarite))


def _load_suites(rentree: Rentree, enfants: set[int], annee: AnneeScolaire, avant: AnneeScolaire) -> None:
    """What goes on with the children who stay, and what ends with the year before.

    They are picked here and not by the database: after an import PostgreSQL has counted nothing yet, and takes
    seconds over four tables it believes to be empty.
    """
    encore = Q(fin=None) | Q(fin__gte=annee.debut)
    gardes = _de(enfants, Garde.objects.filter(encore).values_list("enfant", "foyer", "rythme"))
    personnes = _de(enfants, PersonneAutorisee.objects.filter(encore, retiree_le=None).values_list("enfant"))
    rappels = Responsabilite.objects.filter(suspendue=False, responsable__rappel=True)
    liens = _de(enfants, rappels.values_list("enfant", "responsable"))
    rentree.suivent = [
        ("enfants", len(enfants)),
        ("foyers", len({foyer for _, foyer, _ in gardes})),
        ("gardes alternées", sum(rythme == Garde.Rythme.ALTERNEE for *_, rythme in gardes)),
        ("personnes autorisées ou interdites", len(personnes)),
        ("parents avec le rappel par e-mail", len({responsable for _, responsable in liens})),
    ]
    semaines = SemaineType.objects.filter(fin__gte=avant.debut, fin__lte=avant.fin)
    rentree.restent = [
        ("inscriptions", Inscription.objects.active().between(avant.debut, avant.fin).count()),
        ("semaines types", semaines.count()),
    ]


def _de(enfants: set[int], lignes: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows whose first column is one of these children."""
    return [ligne for ligne in lignes if ligne[0] in enfants]


def _dit(scolarite: Scolarite) -> str:
    return f"{scolarite.enfant}, {scolarite.classe or scolarite.get_niveau_display()}"
