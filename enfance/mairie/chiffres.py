"""The year in figures: who was registered and who came, by month, by class, and how full each day was. Reads only.

Each figure is that of the rows and of the counts of those who are erased (`Decompte`), together. Where there are
several schools, those of one of them, or of the town: by school then, and the créneaux of a moment as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from enfance.calendrier import UN_JOUR, Calendrier
from enfance.mairie.chiffres_annee import Chiffres, JourChiffre, LigneChiffres, Nombre, Remplissage, TotalCreneau, somme
from enfance.mairie.ecoles import du_jour, load_ecoles, noms_ecoles
from enfance.models import (
    AnneeScolaire,
    Creneau,
    Decompte,
    Ecole,
    Foyer,
    FoyerCompte,
    Inscription,
    PlacesPassees,
    Scolarite,
    load_calendrier,
)
from enfance.seances import presences
from portail.dates import MOIS

SANS_CLASSE, SANS_ECOLE = "Sans classe", "École inconnue"
PLACES = "enfant__scolarites"


def load_chiffres(annee: AnneeScolaire, mois: date, *, today: date, ecole: Ecole | None = None) -> Chiffres:
    """The figures of the year `annee`, and of the month whose first day is `mois`; of the whole town, or of the school
    `ecole` alone. After `mois`, the last months that have no figure yet are left out. The number of queries does not
    depend on the number of children.
    Children erased since are counted in the school of the class that they had; a home of which no booking is left is
    counted for the town, and for no school.
    """
    plusieurs = bool(load_ecoles())
    par_ecole = plusieurs and ecole is None
    creneaux = _creneaux(ecole, plusieurs=plusieurs)
    chefs = _chefs(creneaux, par_ecole=par_ecole)
    colonnes = tuple(creneau for creneau in creneaux if chefs[creneau.pk] == creneau.pk)
    fin = _fin(mois)
    inscrits = Inscription.objects.inscrit().between(annee.debut, annee.fin)
    venus = presences(annee.debut, annee.fin)
    erases = Decompte.objects.between(annee.debut, annee.fin).select_related("classe").order_by()
    if ecole:
        inscrits, venus = inscrits.filter(du_jour(ecole)), venus.filter(du_jour(ecole))
        erases = erases.filter(classe__ecole=ecole)
    du_mois = Q(jour__gte=mois, jour__lte=fin)
    pris, presents, attendus = inscrits.occupation(), _par_jour(venus), _par_jour(venus.filter(inscrit=True))
    comptes = list(erases)
    comptes_du_mois = [compte for compte in comptes if mois <= compte.jour <= fin]
    titres = {premier: mois_titre(premier) for premier in mois_de(annee)}
    calendrier = load_calendrier()
    par_mois = _lignes(
        titres,
        colonnes,
        _fold(_par_mois(pris) + _somme_of(comptes, _case_mois, "inscrits"), chefs),
        _fold(_par_mois(presents) + _somme_of(comptes, _case_mois, "venus"), chefs),
    )
    remplis = Counter(pris) + _somme_of(comptes_du_mois, _case_jour, "inscrits")
    ou, case = ("ecole", _case_ecole) if par_ecole else ("classe", _case_classe)
    place = _place_du_jour(annee) if par_ecole else _derniere_place(annee, ecole)
    inscrits_du_mois = _par_place(ou, place, inscrits.filter(du_mois))
    venus_du_mois = _par_place(ou, place, venus.filter(du_mois))
    par_place = _lignes_du_mois(
        _titres_du_mois(annee, ecole, par_ecole=par_ecole),
        colonnes,
        _fold(inscrits_du_mois + _somme_of(comptes_du_mois, case, "inscrits"), chefs),
        _fold(venus_du_mois + _somme_of(comptes_du_mois, case, "venus"), chefs),
        SANS_ECOLE if par_ecole else SANS_CLASSE,
    )
    passees = _passees(pris, attendus, comptes, today)
    par_chef: Counter[tuple[int, bool]] = Counter()
    for (creneau, venu), nombre in passees.items():
        par_chef[chefs.get(creneau, creneau), venu] += nombre
    return Chiffres(
        annee,
        mois,
        colonnes,
        _until_the_last(par_mois, list(titres).index(mois)),
        par_place,
        tuple(_remplissages(calendrier, creneaux, mois, remplis, plusieurs=plusieurs)),
        tuple(_totaux(calendrier, annee, colonnes, par_mois, par_chef, today)),
        _familles(annee, inscrits, ecole),
        par_ecole,
    )


def _creneaux(ecole: Ecole | None, *, plusieurs: bool) -> tuple[Creneau, ...]:
    creneaux = Creneau.objects.all()
    if ecole:
        creneaux = creneaux.held_by([ecole.pk])
    return tuple(creneaux.prefetch_related("ecoles") if plusieurs else creneaux)


def _chefs(creneaux: Iterable[Creneau], *, par_ecole: bool) -> dict[int, int]:
    """The créneau (primary key) in whose column each one is counted: its own, or that of the first of its moment."""
    premiers: dict[str, int] = {}
    return {c.pk: premiers.setdefault(c.moment, c.pk) if par_ecole else c.pk for c in creneaux}


def _fold(nombres: Mapping[tuple[object, int], int], chefs: Mapping[int, int]) -> Counter[tuple[object, int]]:
    sommes: Counter[tuple[object, int]] = Counter()
    for (cle, creneau), nombre in nombres.items():
        sommes[cle, chefs.get(creneau, creneau)] += nombre
    return sommes


def mois_de(annee: AnneeScolaire) -> list[date]:
    """The first day of each month of this school year, in order."""
    premiers = [annee.debut.replace(day=1)]
    while (suivant := _fin(premiers[-1]) + UN_JOUR) <= annee.fin:
        premiers.append(suivant)
    return premiers


def mois_titre(mois: date) -> str:
    """The month and its year in French: « Décembre 2026 »."""
    return f"{MOIS[mois.month - 1].capitalize()} {mois.year}"


def _fin(mois: date) -> date:
    """Its last day."""
    return (date(mois.year + 1, 1, 1) if mois.month == 12 else mois.replace(month=mois.month + 1)) - UN_JOUR


def _until_the_last(lignes: tuple[LigneChiffres, ...], shown: int) -> tuple[LigneChiffres, ...]:
    """Without the months to come of which nothing is known, past the one that is shown."""
    connus = [rang for rang, ligne in enumerate(lignes) if ligne.total != Nombre(0, 0)]
    return lignes[: max([shown, *connus]) + 1]


def _case_mois(compte: Decompte) -> tuple[object, int]:
    return compte.jour.replace(day=1), compte.creneau_id


def _case_classe(compte: Decompte) -> tuple[object, int]:
    return compte.classe_id, compte.creneau_id


def _case_ecole(compte: Decompte) -> tuple[object, int]:
    return compte.classe.ecole_id if compte.classe else None, compte.creneau_id


def _case_jour(compte: Decompte) -> tuple[date, int]:
    return compte.jour, compte.creneau_id


def _somme_of[C](comptes: Iterable[Decompte], case: Callable[[Decompte], C], nombre: str) -> Counter[C]:
    """That number of the erased, cell by cell."""
    sommes: Counter[C] = Counter()
    for compte in comptes:
        sommes[case(compte)] += getattr(compte, nombre)
    return sommes


def _familles(annee: AnneeScolaire, inscrits: QuerySet[Any], ecole: Ecole | None) -> int:
    """The homes that pay, whether or not their bookings are still there."""
    la = Exists(inscrits.filter(foyer=OuterRef("foyer")))
    comptes = 0 if ecole else FoyerCompte.objects.filter(Q(foyer=None) | ~la, annee=annee).count()
    return Foyer.objects.filter(Exists(inscrits.filter(foyer=OuterRef("pk")))).count() + comptes


def _par_jour(presences: QuerySet[Any]) -> dict[tuple[date, int], int]:
    """How many there are, by day and créneau."""
    lignes = presences.order_by().values_list("jour", "creneau").annotate(n=Count("*"))
    return {(jour, creneau): n for jour, creneau, n in lignes}


def _par_mois(par_jour: Mapping[tuple[date, int], int]) -> Counter[tuple[object, int]]:
    sommes: Counter[tuple[object, int]] = Counter()
    for (jour, creneau), n in par_jour.items():
        sommes[jour.replace(day=1), creneau] += n
    return sommes


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


def _titres_du_mois(annee: AnneeScolaire, ecole: Ecole | None, *, par_ecole: bool) -> dict[object, str]:
    """The schools, or the classes, by primary key."""
    if par_ecole:
        return {une.pk: une.nom for une in Ecole.objects.all()}
    classes = annee.classes.order_by("nom")
    return {classe.pk: classe.nom for classe in (classes.filter(ecole=ecole) if ecole else classes)}


def _lignes_du_mois(
    titres: dict[object, str],
    creneaux: Sequence[Creneau],
    inscrits: Counter[tuple[object, int]],
    venus: Counter[tuple[object, int]],
    sans: str,
) -> tuple[LigneChiffres, ...]:
    """By class as it is now; a pupil without one yet is counted apart."""
    tous = titres | ({None: sans} if any(cle is None for cle, _ in (*inscrits, *venus)) else {})
    return _lignes(tous, creneaux, inscrits, venus)


def _place_du_jour(annee: AnneeScolaire) -> FilteredRelation:
    """Of rows that have `enfant` and `jour`: its place in the year, as `au_jour` has it."""
    debut, depart = (f"{PLACES}__{nom}" for nom in ("debut", "depart"))
    la = Q(**{debut: None}) | Q(**{f"{debut}__lte": F("jour")})
    pas_partie = Q(**{depart: None}) | Q(**{f"{depart}__gt": F("jour")})
    return FilteredRelation(PLACES, condition=Q(**{f"{PLACES}__annee": annee}) & la & pas_partie)


def _derniere_place(annee: AnneeScolaire, ecole: Ecole | None) -> FilteredRelation:
    """Of rows that have `enfant`: its last place in the year, or in this school."""
    places, condition = Scolarite.objects.filter(annee=annee), Q(**{f"{PLACES}__annee": annee})
    if ecole:
        places, condition = places.filter(ecole=ecole), condition & Q(**{f"{PLACES}__ecole": ecole})
    suivantes = places.filter(enfant=OuterRef("enfant"), debut__gt=Coalesce(OuterRef("debut"), annee.debut - UN_JOUR))
    if quittees := list(places.filter(Exists(suivantes)).values_list("pk", flat=True)):
        condition &= ~Q(**{f"{PLACES}__in": quittees})
    return FilteredRelation(PLACES, condition=condition)


def _par_place(ou: str, place: FilteredRelation, lignes: QuerySet[Any]) -> Counter[tuple[object, int]]:
    """By class or by school (`ou`), and créneau: the database looks the children up and adds, all of them at once."""
    comptes = lignes.order_by().annotate(place=place).values_list(f"place__{ou}", "creneau").annotate(n=Count("*"))
    return Counter({(cle, creneau): n for cle, creneau, n in comptes})


def _remplissages(
    calendrier: Calendrier,
    creneaux: Iterable[Creneau],
    mois: date,
    pris: Mapping[tuple[date, int], int],
    *,
    plusieurs: bool,
) -> Iterator[Remplissage]:
    places = PlacesPassees.objects.since(mois)
    jours = [mois + UN_JOUR * n for n in range((_fin(mois) - mois).days + 1)]
    for creneau in creneaux:
        ouverts = [jour for jour in jours if _is_ouvert(calendrier, creneau, jour)]
        yield Remplissage(
            creneau,
            tuple(JourChiffre(jour, pris.get((jour, creneau.pk), 0), places.of(creneau, jour)) for jour in ouverts),
            noms_ecoles(creneau.ecoles.all()) if plusieurs else "",
        )


def _passees(
    pris: Mapping[tuple[date, int], int],
    attendus: Mapping[tuple[date, int], int],
    comptes: Iterable[Decompte],
    today: date,
) -> Counter[tuple[int, bool]]:
    """Of the days gone by, the registered of each créneau who came, and who did not."""
    sommes: Counter[tuple[int, bool]] = Counter()
    for (jour, creneau), n in pris.items():
        if jour < today:
            sommes[creneau, True] += attendus.get((jour, creneau), 0)
            sommes[creneau, False] += n - attendus.get((jour, creneau), 0)
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
    for creneau, nombre in zip(creneaux, somme(par_mois, len(creneaux)).nombres, strict=True):
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
