"""Prepares a school year: its first and last day, holidays, public holidays, the créneaux, the pupils who move up.

Dates come from the packages `vacances-scolaires-france` and `holidays`; they are written into tables that the town hall
corrects. What is already there is never written again, so its corrections stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from importlib import import_module

from django.db import transaction
from vacances_scolaires_france import SchoolHolidayDates, UnsupportedYearException

from enfance.calendrier import UN_JOUR, Periode
from enfance.delais import Genre
from enfance.models import AnneeScolaire, Conge, Creneau, Ecole, Niveau, RegleDelai, Scolarite

ETE = "Vacances d’été"
CRENEAUX = (  # code, name, short name, start, end
    ("matin", "Matin", "matin", time(7, 30), time(8, 30)),
    ("midi", "Pause méridienne", "midi", time(11, 30), time(13, 30)),
    ("soir", "Soir", "soir", time(16, 30), time(18, 30)),
)
SUIVANTS: Mapping[str, str] = dict(zip(Niveau.values, Niveau.values[1:], strict=False))  # nothing after CM2


class AnneeInconnue(Exception):
    """The package does not hold this year yet."""


@dataclass(frozen=True)
class Preparation:
    """What `preparer_annee` created; nothing when all was there."""

    annee: AnneeScolaire
    annee_creee: bool
    vacances: tuple[Periode, ...]
    feries: int
    creneaux: int
    scolarites: int

    @property
    def is_empty(self) -> bool:
        """Whether the preparation created nothing at all: no year, no holidays, no public holidays, no créneau, no
        scolarité.
        """
        return not (self.annee_creee or self.vacances or self.feries or self.creneaux or self.scolarites)


def preparer_annee(debut: int, zone: str) -> Preparation:
    """Create what is missing of the school year that begins in September `debut`, in the holiday zone `zone`: the year
    itself, its holidays and public holidays, the créneaux where the town has none at all, the provisional places of the
    pupils who move up. Raises AnneeInconnue when the holidays of that year are neither typed nor published yet, or
    `debut` is no year.
    An existing year keeps its dates and zone; holidays or public holidays are only written where it has none, so that
    the town hall may have entered a year that the package does not hold. In a year that it creates, the parents may
    register from 1 June before.
    """
    if not date.min.year < debut < date.max.year:
        raise AnneeInconnue(f"{debut} n’est pas une année\u00a0: écrivez 2026 pour 2026-2027.")
    with transaction.atomic():
        list(AnneeScolaire.objects.select_for_update().order_by("pk"))  # one preparation, one import at a time
        annee = AnneeScolaire.objects.filter(debut__year=debut).first()
        saisies = annee is not None and annee.conges.filter(genre=Conge.Genre.VACANCES).exists()
        periodes = () if saisies else _periodes(debut, annee.zone if annee else zone)
        creee = annee is None
        if annee is None:
            annee = _new_annee(debut, zone, periodes)
            annee.save()
        vacances = [periode for periode in periodes if periode.debut >= annee.debut and periode.fin <= annee.fin]
        feries = [] if annee.conges.filter(genre=Conge.Genre.FERIE).exists() else _feries(annee.debut)
        Conge.objects.bulk_create(
            Conge(annee=annee, genre=genre, nom=periode.nom, debut=periode.debut, fin=periode.fin)
            for genre, periodes in ((Conge.Genre.VACANCES, vacances), (Conge.Genre.FERIE, feries))
            for periode in periodes
        )
        return Preparation(annee, creee, tuple(vacances), len(feries), len(_new_creneaux()), len(_move_up(annee)))


@cache  # the package reads its whole file each time: a tenth of a second, while the years are locked
def _periodes(debut: int, zone: str) -> tuple[Periode, ...]:
    """The holidays between 1 September `debut` and the end of the summer after, in order."""
    dates = SchoolHolidayDates()
    try:
        jours = {
            jour: ligne["nom_vacances"]
            for annee in (debut, debut + 1)
            for jour, ligne in sorted(dates.holidays_for_year_and_zone(annee, zone).items())
            if date(debut, 9, 1) <= jour <= date(debut + 1, 8, 31)
        }
    except UnsupportedYearException:
        jours = {}
    periodes = tuple(_group(jours))
    if len({periode.nom for periode in periodes}) < 5 or periodes[-1].nom != ETE:
        raise AnneeInconnue(
            f"Les vacances de l’année {debut}-{debut + 1} ne sont pas encore connues. Saisissez l’année et ses congés "
            "dans l’administration (« Années scolaires »), ou mettez le paquet vacances-scolaires-france à jour."
        )
    return periodes


def _group(jours: dict[date, str]) -> Iterator[Periode]:
    """The runs of days of the same name."""
    debut: date | None = None
    for jour, nom in jours.items():
        debut = debut or jour
        if jours.get(jour + UN_JOUR) != nom:
            yield Periode(nom.replace("'", "’"), debut, jour)
            debut = None


def _new_annee(debut: int, zone: str, periodes: Sequence[Periode]) -> AnneeScolaire:
    """The year from the first school day of September to the last one before the summer holidays."""
    annee = AnneeScolaire(debut=date(debut, 9, 1), fin=periodes[-1].debut - UN_JOUR, zone=zone)
    if avant := annee_avant(annee):
        annee.declaree, annee.pedt = avant.declaree, avant.pedt
    while annee.debut.weekday() not in annee.jours:
        annee.debut += UN_JOUR
    while annee.fin.weekday() not in annee.jours:
        annee.fin -= UN_JOUR
    annee.ouverture = date(debut, 6, 1)
    return annee


def _feries(debut: date) -> list[Periode]:
    """The public holidays of France from the first day of school to the end of the next August."""
    holidays = import_module("holidays")  # loaded once a year, when it serves: four mebibytes of each process
    jours: Mapping[date, str] = holidays.country_holidays("FR", years=[debut.year, debut.year + 1], language="fr")
    return [
        Periode(nom.replace("'", "’"), jour, jour)
        for jour, nom in sorted(jours.items())
        if debut <= jour <= date(debut.year + 1, 8, 31)
    ]


def _new_creneaux() -> list[Creneau]:
    """The three créneaux of the commune, where it has none, with one deadline: noon the day before, week-ends aside."""
    if Creneau.objects.exists():
        return []
    veille = {"genre": Genre.JOURS_OUVRES, "nombre": 1, "heure": time(12)}
    regle = RegleDelai.objects.filter(**veille).first() or RegleDelai.objects.create(**veille)
    return [
        Creneau.objects.create(
            code=code,
            moment=code,
            nom=nom,
            nom_court=nom_court,
            debut=debut,
            fin=fin,
            ordre=ordre,
            delai_inscription=regle,
        )
        for ordre, (code, nom, nom_court, debut, fin) in enumerate(CRENEAUX, start=1)
    ]


def _move_up(annee: AnneeScolaire) -> list[Scolarite]:
    """The provisional scolarités: the pupils of the year before, one niveau up and no class. CM2 leave, and so does the
    top niveau of a school, for the one school that takes the next; where several do, the town hall places the pupil.

    Nobody is supposed to stay once the school has said who is in which class: whom it leaves out has left.
    """
    avant = annee_avant(annee)
    if avant is None:
        return []
    ecoles, confirmees = list(Ecole.objects.all()), ecoles_confirmees(annee)
    presents = avant.scolarites.present().exclude(enfant__scolarites__annee=annee).order_by("pk")
    supposees = []
    for scolarite in presents:
        suites = ecoles_suivantes(scolarite, ecoles)
        if len(suites) == 1 and suites[0].pk not in confirmees:
            niveau = SUIVANTS[scolarite.niveau]
            supposees.append(Scolarite(enfant_id=scolarite.enfant_id, annee=annee, ecole=suites[0], niveau=niveau))
    return Scolarite.objects.bulk_create(supposees)


def ecoles_suivantes(scolarite: Scolarite, ecoles: Sequence[Ecole]) -> list[Ecole]:
    """The schools, among all those of the town (`ecoles`), where this pupil may be the year after: the present one as
    long as it has the next niveau, else those that have it. Empty for a pupil of CM2. In a town of one school, that
    school for all but CM2, whatever its niveaux.
    """
    niveau = SUIVANTS.get(scolarite.niveau)
    if niveau is None:
        return []
    if len(ecoles) == 1:
        return list(ecoles)
    suivantes = [ecole for ecole in ecoles if niveau in ecole.niveaux]
    return [ecole for ecole in suivantes if ecole.pk == scolarite.ecole_id] or suivantes


def ecoles_confirmees(annee: AnneeScolaire) -> set[int]:
    """The schools (primary keys) that have at least one pupil with a class in this year: who is in which class there is
    known, by ONDE or by the town hall.
    """
    return set(annee.scolarites.exclude(classe=None).order_by().values_list("ecole", flat=True).distinct())


def annee_avant(annee: AnneeScolaire) -> AnneeScolaire | None:
    """The last school year that begins before this one; None when there is none."""
    return AnneeScolaire.objects.filter(debut__lt=annee.debut).order_by("-debut").first()


def is_confirmed(annee: AnneeScolaire) -> bool:
    """Whether the classes of this year are known, by ONDE or by the town hall, for every school that has pupils in it;
    False when no pupil has a class.
    """
    confirmees = ecoles_confirmees(annee)
    return bool(confirmees) and not annee.scolarites.exclude(ecole__in=confirmees).exists()
