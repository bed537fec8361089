"""The year in figures: who was registered and who came, by month, by class, and how full each day was. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncMonth

from enfance.calendrier import UN_JOUR
from enfance.models import AnneeScolaire, Creneau, Inscription, Pointage, Scolarite, load_calendrier
from portail.dates import JOURS, MOIS, quantieme
from portail.francais import NBSP

SANS_CLASSE = "Sans classe"


@dataclass(frozen=True)
class Nombre:
    """Inscriptions that hold a place; children seen on the sheets, registered or not."""

    inscrits: int
    venus: int


@dataclass(frozen=True)
class Ligne:
    """A month or a class, with a number for each créneau, in their order."""

    titre: str
    nombres: tuple[Nombre, ...]

    @property
    def total(self) -> Nombre:
        return Nombre(sum(n.inscrits for n in self.nombres), sum(n.venus for n in self.nombres))


@dataclass(frozen=True)
class Jour:
    """How many places of a créneau are taken on a school day."""

    jour: date
    pris: int

    @property
    def titre(self) -> str:
        """« jeu. 10 »."""
        return f"{JOURS[self.jour.weekday()][:3]}.{NBSP}{quantieme(self.jour)}"


@dataclass(frozen=True)
class Remplissage:
    """The school days of a month for one créneau; `places` is None where there is no limit."""

    creneau: Creneau
    places: int | None
    jours: tuple[Jour, ...]

    @property
    def echelle(self) -> int:
        """What a full bar stands for: the places, or the busiest day."""
        return max([1, self.places or 0, *(jour.pris for jour in self.jours)])

    @property
    def moyenne(self) -> int:
        return round(sum(jour.pris for jour in self.jours) / len(self.jours)) if self.jours else 0

    @property
    def plus(self) -> int:
        return max((jour.pris for jour in self.jours), default=0)

    @property
    def complets(self) -> int:
        """The days without a place left."""
        return 0 if self.places is None else sum(jour.pris >= self.places for jour in self.jours)


@dataclass(frozen=True)
class Chiffres:
    """The figures of a year; `mois` is the first day of the month whose days and classes are shown."""

    annee: AnneeScolaire
    mois: date
    creneaux: tuple[Creneau, ...]
    par_mois: tuple[Ligne, ...]
    par_classe: tuple[Ligne, ...]
    remplissages: tuple[Remplissage, ...]


def load_chiffres(annee: AnneeScolaire, mois: date) -> Chiffres:
    """The year of `annee`, and the month of this first day. Eight queries, whatever the number of children."""
    creneaux = tuple(Creneau.objects.all())
    fin = _fin(mois)
    inscrits = Inscription.objects.inscrit().between(annee.debut, annee.fin)
    venus = Pointage.objects.filter(present=True, jour__gte=annee.debut, jour__lte=annee.fin)
    du_mois = Q(jour__gte=mois, jour__lte=fin)
    titres = {premier: mois_titre(premier) for premier in mois_de(annee)}
    return Chiffres(
        annee,
        mois,
        creneaux,
        _lignes(titres, creneaux, _par_mois(inscrits), _par_mois(venus)),
        _classes(annee, creneaux, inscrits.filter(du_mois), venus.filter(du_mois)),
        tuple(_remplissages(creneaux, mois, fin, inscrits.filter(du_mois).occupation())),
    )


def mois_de(annee: AnneeScolaire) -> list[date]:
    """The first day of each month of the year."""
    premiers = [annee.debut.replace(day=1)]
    while (suivant := _fin(premiers[-1]) + UN_JOUR) <= annee.fin:
        premiers.append(suivant)
    return premiers


def mois_titre(mois: date) -> str:
    return f"{MOIS[mois.month - 1].capitalize()} {mois.year}"


def _fin(mois: date) -> date:
    """Its last day."""
    return (date(mois.year + 1, 1, 1) if mois.month == 12 else mois.replace(month=mois.month + 1)) - UN_JOUR


def _par_mois(lignes: QuerySet) -> dict[tuple[object, int], int]:
    comptes = lignes.order_by().annotate(mois=TruncMonth("jour")).values_list("mois", "creneau")
    return {(mois, creneau): n for mois, creneau, n in comptes.annotate(n=Count("pk"))}


def _lignes(
    titres: dict[object, str] | dict[date, str],
    creneaux: Sequence[Creneau],
    inscrits: dict[tuple[object, int], int],
    venus: dict[tuple[object, int], int],
) -> tuple[Ligne, ...]:
    return tuple(
        Ligne(titre, tuple(Nombre(inscrits.get((cle, c.pk), 0), venus.get((cle, c.pk), 0)) for c in creneaux))
        for cle, titre in titres.items()
    )


def _classes(
    annee: AnneeScolaire, creneaux: Sequence[Creneau], inscrits: QuerySet, venus: QuerySet
) -> tuple[Ligne, ...]:
    """By class as it is now; a pupil without one yet is counted apart."""
    titres: dict[object, str] = {classe.pk: classe.nom for classe in annee.classes.order_by("nom")}
    comptes = [_par_classe(annee, lignes) for lignes in (inscrits, venus)]
    if any(classe is None for compte in comptes for classe, _ in compte):
        titres[None] = SANS_CLASSE
    return _lignes(titres, creneaux, *comptes)


def _par_classe(annee: AnneeScolaire, lignes: QuerySet) -> Counter[tuple[object, int]]:
    scolarites = Scolarite.objects.filter(annee=annee, enfant=OuterRef("enfant")).order_by()
    comptes = lignes.order_by().annotate(classe=Subquery(scolarites.values("classe")[:1]))
    return Counter(
        {
            (classe, creneau): n
            for classe, creneau, n in comptes.values_list("classe", "creneau").annotate(n=Count("pk"))
        }
    )


def _remplissages(
    creneaux: Iterable[Creneau], mois: date, fin: date, pris: dict[tuple[date, int], int]
) -> Iterable[Remplissage]:
    calendrier = load_calendrier()
    jours = [mois + UN_JOUR * n for n in range((fin - mois).days + 1)]
    for creneau in creneaux:
        ouverts = [jour for jour in jours if jour.weekday() in creneau.jours and calendrier.is_ecole(jour)]
        yield Remplissage(
            creneau, creneau.places, tuple(Jour(jour, pris.get((jour, creneau.pk), 0)) for jour in ouverts)
        )
