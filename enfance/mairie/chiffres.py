"""The year in figures: who was registered and who came, by month, by class, and how full each day was. Reads only.

Each figure is that of the rows and of the counts of those who are erased (`Decompte`), together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncMonth

from enfance.calendrier import UN_JOUR, Calendrier
from enfance.models import AnneeScolaire, Creneau, Decompte, FoyerCompte, PlacesPassees, Scolarite, load_calendrier
from enfance.seances import inscriptions, presences
from portail.dates import JOURS, MOIS, quantieme
from portail.francais import NBSP

SANS_CLASSE = "Sans classe"


@dataclass(frozen=True)
class Nombre:
    """Inscriptions that hold a place; children seen on the sheets, registered or not."""

    inscrits: int
    venus: int


@dataclass(frozen=True)
class LigneChiffres:
    """A month or a class, with a number for each créneau, in their order."""

    titre: str
    nombres: tuple[Nombre, ...]

    @property
    def total(self) -> Nombre:
        return Nombre(sum(n.inscrits for n in self.nombres), sum(n.venus for n in self.nombres))

    @property
    def cellules(self) -> list[int]:
        """Registered, come, créneau by créneau, then together."""
        return [cell for nombre in (*self.nombres, self.total) for cell in (nombre.inscrits, nombre.venus)]


@dataclass(frozen=True)
class JourChiffre:
    """A school day of a créneau: the places taken, and those there were; None where there was no limit."""

    jour: date
    pris: int
    places: int | None

    @property
    def titre(self) -> str:
        """« jeu. 10 »."""
        return f"{JOURS[self.jour.weekday()][:3]}.{NBSP}{quantieme(self.jour)}"

    @property
    def initiale(self) -> str:
        """« J »."""
        return JOURS[self.jour.weekday()][0].upper()

    @property
    def complet(self) -> bool:
        """Whether no place of that day was left."""
        return self.places is not None and self.pris >= self.places


@dataclass(frozen=True)
class Remplissage:
    """The school days of a month for one créneau."""

    creneau: Creneau
    jours: tuple[JourChiffre, ...]

    @property
    def moyenne(self) -> int:
        return round(sum(jour.pris for jour in self.jours) / len(self.jours)) if self.jours else 0

    @property
    def complets(self) -> int:
        """The days without a place left."""
        return sum(jour.complet for jour in self.jours)

    @property
    def is_limite(self) -> bool:
        """Whether a day of the month had a limit."""
        return any(jour.places is not None for jour in self.jours)


@dataclass(frozen=True)
class TotalCreneau:
    """A créneau over the year. Of the days gone by: how many a day, and how many of a hundred registered came; None
    where there is nothing to divide by, or no sheet."""

    creneau: Creneau
    inscrits: int
    par_jour: int | None
    pour_cent: int | None


@dataclass(frozen=True)
class Chiffres:
    """The figures of a year; `mois` is the first day of the month whose days and classes are shown; `familles`, how
    many households pay."""

    annee: AnneeScolaire
    mois: date
    creneaux: tuple[Creneau, ...]
    par_mois: tuple[LigneChiffres, ...]
    par_classe: tuple[LigneChiffres, ...]
    remplissages: tuple[Remplissage, ...]
    totaux: tuple[TotalCreneau, ...]
    familles: int

    @property
    def total_mois(self) -> LigneChiffres:
        return _somme(self.par_mois, len(self.creneaux))

    @property
    def total_classes(self) -> LigneChiffres:
        return _somme(self.par_classe, len(self.creneaux))

    @property
    def titres(self) -> list[str]:
        """The heads of the columns of a table by month or by class, after the first."""
        noms = [*(creneau.nom for creneau in self.creneaux), "Ensemble"]
        return [f"{nom}, {quoi}" for nom in noms for quoi in ("inscrits", "venus")]

    def tableau_mois(self) -> tuple[list[str], list[list[Any]]]:
        """The heads and the rows of a spreadsheet: the year by month."""
        return ["Mois", *self.titres], [[ligne.titre, *ligne.cellules] for ligne in (*self.par_mois, self.total_mois)]

    def tableau_classes(self) -> tuple[list[str], list[list[Any]]]:
        """The heads and the rows of a spreadsheet: the month by class."""
        lignes = (*self.par_classe, self.total_classes)
        return ["Classe", *self.titres], [[ligne.titre, *ligne.cellules] for ligne in lignes]

    def tableau_jours(self) -> tuple[list[str], list[list[Any]]]:
        """The heads and the rows of a spreadsheet: the month by day and créneau."""
        titres = ["Jour", "Créneau", "Inscrits", "Places", "Complet"]
        return titres, [
            [jour.jour, r.creneau.nom, jour.pris, jour.places, "oui" if jour.complet else "non"]
            for r in self.remplissages
            for jour in r.jours
        ]


def load_chiffres(annee: AnneeScolaire, mois: date, *, today: date) -> Chiffres:
    """The year of `annee`, and the month of this first day. As many queries whatever the number of children."""
    creneaux = tuple(Creneau.objects.all())
    fin = _fin(mois)
    inscrits = inscriptions(annee.debut, annee.fin).inscrit()
    venus = presences(annee.debut, annee.fin)
    du_mois = Q(jour__gte=mois, jour__lte=fin)
    comptes = list(Decompte.objects.between(annee.debut, annee.fin).order_by())
    comptes_du_mois = [compte for compte in comptes if mois <= compte.jour <= fin]
    titres = {premier: mois_titre(premier) for premier in mois_de(annee)}
    calendrier = load_calendrier()
    par_mois = _lignes(
        titres,
        creneaux,
        _par_mois(inscrits) + _somme_of(comptes, _case_mois, "inscrits"),
        _par_mois(venus) + _somme_of(comptes, _case_mois, "venus"),
    )
    pris = Counter(inscrits.filter(du_mois).occupation()) + _somme_of(comptes_du_mois, _case_jour, "inscrits")
    return Chiffres(
        annee,
        mois,
        creneaux,
        _until_the_last(par_mois, list(titres).index(mois)),
        _classes(
            annee,
            creneaux,
            _par_classe(annee, inscrits.filter(du_mois)) + _somme_of(comptes_du_mois, _case_classe, "inscrits"),
            _par_classe(annee, venus.filter(du_mois)) + _somme_of(comptes_du_mois, _case_classe, "venus"),
        ),
        tuple(_remplissages(calendrier, creneaux, mois, pris)),
        tuple(_totaux(calendrier, annee, creneaux, par_mois, _passees(inscrits, comptes, today), today)),
        _familles(annee, inscrits),
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


def _somme(lignes: Iterable[LigneChiffres], colonnes: int) -> LigneChiffres:
    sommes = [[0, 0] for _ in range(colonnes)]
    for ligne in lignes:
        for somme, nombre in zip(sommes, ligne.nombres, strict=True):
            somme[0] += nombre.inscrits
            somme[1] += nombre.venus
    return LigneChiffres("Total", tuple(Nombre(*somme) for somme in sommes))


def _until_the_last(lignes: tuple[LigneChiffres, ...], shown: int) -> tuple[LigneChiffres, ...]:
    """Without the months to come of which nothing is known, past the one that is shown."""
    connus = [rang for rang, ligne in enumerate(lignes) if ligne.total != Nombre(0, 0)]
    return lignes[: max([shown, *connus]) + 1]


def _case_mois(compte: Decompte) -> tuple[object, int]:
    return compte.jour.replace(day=1), compte.creneau_id


def _case_classe(compte: Decompte) -> tuple[object, int]:
    return compte.classe_id, compte.creneau_id


def _case_jour(compte: Decompte) -> tuple[date, int]:
    return compte.jour, compte.creneau_id


def _somme_of[C](comptes: Iterable[Decompte], case: Callable[[Decompte], C], nombre: str) -> Counter[C]:
    """That number of the erased, cell by cell."""
    sommes: Counter[C] = Counter()
    for compte in comptes:
        sommes[case(compte)] += getattr(compte, nombre)
    return sommes


def _familles(annee: AnneeScolaire, inscrits: QuerySet) -> int:
    """The homes that pay, whether or not their bookings are still there."""
    la = Exists(inscrits.filter(foyer=OuterRef("foyer")))
    comptes = FoyerCompte.objects.filter(Q(foyer=None) | ~la, annee=annee).count()
    return inscrits.aggregate(n=Count("foyer", distinct=True))["n"] + comptes


def _par_mois(lignes: QuerySet) -> Counter[tuple[object, int]]:
    comptes = lignes.order_by().annotate(mois=TruncMonth("jour")).values_list("mois", "creneau")
    return Counter({(mois, creneau): n for mois, creneau, n in comptes.annotate(n=Count("pk"))})


def _lignes(
    titres: dict[object, str] | dict[date, str],
    creneaux: Sequence[Creneau],
    inscrits: dict[tuple[object, int], int],
    venus: dict[tuple[object, int], int],
) -> tuple[LigneChiffres, ...]:
    return tuple(
        LigneChiffres(titre, tuple(Nombre(inscrits.get((cle, c.pk), 0), venus.get((cle, c.pk), 0)) for c in creneaux))
        for cle, titre in titres.items()
    )


def _classes(
    annee: AnneeScolaire,
    creneaux: Sequence[Creneau],
    inscrits: Counter[tuple[object, int]],
    venus: Counter[tuple[object, int]],
) -> tuple[LigneChiffres, ...]:
    """By class as it is now; a pupil without one yet is counted apart."""
    titres: dict[object, str] = {classe.pk: classe.nom for classe in annee.classes.order_by("nom")}
    if any(classe is None for classe, _ in (*inscrits, *venus)):
        titres[None] = SANS_CLASSE
    return _lignes(titres, creneaux, inscrits, venus)


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
    calendrier: Calendrier, creneaux: Iterable[Creneau], mois: date, pris: Mapping[tuple[date, int], int]
) -> Iterator[Remplissage]:
    places = PlacesPassees.objects.since(mois)
    jours = [mois + UN_JOUR * n for n in range((_fin(mois) - mois).days + 1)]
    for creneau in creneaux:
        ouverts = [jour for jour in jours if _is_ouvert(calendrier, creneau, jour)]
        yield Remplissage(
            creneau,
            tuple(JourChiffre(jour, pris.get((jour, creneau.pk), 0), places.of(creneau, jour)) for jour in ouverts),
        )


def _passees(inscrits: QuerySet, comptes: Iterable[Decompte], today: date) -> Counter[tuple[int, bool]]:
    """Of the days gone by, the registered of each créneau who came, and who did not."""
    lignes = inscrits.filter(jour__lt=today).order_by().values_list("creneau", "venu").annotate(n=Count("pk"))
    sommes = Counter({(creneau, bool(venu)): n for creneau, venu, n in lignes})
    for compte in comptes:
        if compte.jour < today:
            sommes[compte.creneau_id, True] += compte.inscrits_venus
            sommes[compte.creneau_id, False] += compte.inscrits - compte.inscrits_venus
    return sommes


def _totaux(
    calendrier: Calendrier,
    annee: AnneeScolaire,
    creneaux: Sequence[Creneau],
    par_mois: Iterable[LigneChiffres],
    par_creneau: Counter[tuple[int, bool]],
    today: date,
) -> Iterator[TotalCreneau]:
    jours = [annee.debut + UN_JOUR * n for n in range((min(annee.fin + UN_JOUR, today) - annee.debut).days)]
    for creneau, nombre in zip(creneaux, _somme(par_mois, len(creneaux)).nombres, strict=True):
        venus, absents = par_creneau[creneau.pk, True], par_creneau[creneau.pk, False]
        ouverts = sum(_is_ouvert(calendrier, creneau, jour) for jour in jours)
        yield TotalCreneau(
            creneau,
            nombre.inscrits,
            round((venus + absents) / ouverts) if ouverts else None,
            round(100 * venus / (venus + absents)) if venus else None,
        )


def _is_ouvert(calendrier: Calendrier, creneau: Creneau, jour: date) -> bool:
    return jour.weekday() in creneau.jours and calendrier.is_ecole(jour)
