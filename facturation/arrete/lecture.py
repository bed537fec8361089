"""From the database to the values of `mois`: what happened, and why, in a fixed number of queries whatever the
children. Reads, never writes.

What was booked comes from `Inscription`, what the gate saw from `Pointage` and `Appel`, as `enfance.seances` reads
them; who owes from `regles.payeur`. A cancelled inscription is nothing, whoever cancelled it. Days are dates in Paris.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from django.db.models import Q

from enfance.cadre import Cadre, load_cadre
from enfance.calendrier import UN_JOUR
from enfance.models import (
    Absence,
    Appel,
    Creneau,
    Enregistrement,
    Evenement,
    Garde,
    Inscription,
    Pointage,
    load_calendrier,
)
from enfance.regles import Action, foyers_with_garde, payeur
from facturation.models import Justification, Partage, ReponseAbsence
from facturation.prix.dus import RIEN, FaitDuMois
from portail.dates import instant

Etat = Inscription.Etat
Porte = Enregistrement.Porte
Case = tuple[int, date, int]  # child, day, créneau
PAR_LA_MAIRIE = "la mairie"
PAR_UN_PARENT = {Porte.PORTAIL, Porte.SEMAINE_TYPE}


@dataclass(frozen=True)
class PerimetreFaits:
    """Whose facts are read: those that these foyers owe, of these children (primary keys). None: everybody's."""

    foyers: frozenset[int] | None = None
    enfants: frozenset[int] | None = None

    @property
    def which(self) -> dict[str, Any]:
        """The arguments of `filter` that keep the rows of these children, for a table that has a column `enfant`; empty
        for everybody.
        """
        return {} if self.enfants is None else {"enfant__in": self.enfants}


TOUS = PerimetreFaits()


def load_perimetre(foyers: Collection[int], premier: date, fin: date) -> PerimetreFaits:
    """The foyers and children (primary keys) whose facts must be read, from `premier` to `fin`, for the amounts of
    these foyers to be exact.

    They are their own children and, where a price is shared, all the children of its other payers, because the rank of
    a child counts. Six queries.
    """
    enfants = _enfants_of(foyers, premier, fin)
    partages = Partage.objects.filter(enfant__in=enfants).order_by()
    partages_entre = set(partages.values_list("enfant", "compte__foyer"))
    if not partages_entre:
        return PerimetreFaits(frozenset(foyers), frozenset(enfants))
    communs = {enfant for enfant, _ in partages_entre}
    autres = {foyer for _, foyer in partages_entre if foyer}
    autres |= set(Garde.objects.filter(enfant__in=communs).order_by().values_list("foyer", flat=True))
    autres |= set(
        Inscription.objects.inscrit()
        .between(premier, fin)
        .filter(enfant__in=communs, foyer__isnull=False)
        .order_by()
        .values_list("foyer", flat=True)
    )
    tous = set(foyers) | autres
    return PerimetreFaits(frozenset(tous), frozenset(_enfants_of(tous, premier, fin)))


def _enfants_of(foyers: Collection[int], premier: date, fin: date) -> set[int]:
    gardes = Garde.objects.filter(foyer__in=foyers).order_by().values_list("enfant", flat=True)
    partages = Partage.objects.filter(compte__foyer__in=foyers).order_by().values_list("enfant", flat=True)
    inscrits = Inscription.objects.inscrit().between(premier, fin).filter(foyer__in=foyers)
    return set(gardes.union(partages, inscrits.order_by().values_list("enfant", flat=True)))


def load_faits(
    premier: date,
    fin: date,
    perimetre: PerimetreFaits = TOUS,
    *,
    today: date,
    preuves: bool = True,
) -> list[FaitDuMois]:
    """What happened from `premier` to `fin`, both included, as facts to be priced: who has a place and who came, by
    child, day and créneau.

    A day that is `today` or later and whose sheet is not closed counts as planned. A fact whose payer is not known is
    there too, without `foyer`. `preuves`: with what a line tells (who registered and when, what was told of an
    absence).
    """
    jours = {"jour__gte": premier, "jour__lte": fin}
    inscrits = Inscription.objects.inscrit().filter(**jours, **perimetre.which).order_by()
    lus = list(inscrits.values_list("enfant", "jour", "creneau", "foyer", "hors_delai"))
    places = {(enfant, jour, creneau): foyer for enfant, jour, creneau, foyer, _ in lus}
    tardives = {(enfant, jour, creneau) for enfant, jour, creneau, _, hors_delai in lus if hors_delai}
    presences = _load_passages(jours, perimetre)
    closes = set(Appel.objects.clos().filter(**jours).order_by().values_list("jour", "creneau"))
    reponses = load_reponses(premier, fin, perimetre)
    sans_foyer = {case for case in presences if case not in places} | {c for c, foyer in places.items() if not foyer}
    gardes = _load_gardes({enfant for enfant, _, _ in sans_foyer})
    creneaux = Creneau.objects.in_bulk()
    dits = _Preuves.load(premier, fin, perimetre) if preuves else None
    faits = []
    for case in sorted(places.keys() | presences.keys()):
        enfant, jour, creneau = case
        inscrit, close = case in places, (jour, creneau) in closes
        foyer = places.get(case)
        if foyer is None:
            foyers = foyers_with_garde(gardes.get(enfant, ()), jour, creneaux[creneau])
            foyer = payeur(Etat.INSCRIT if inscrit else Etat.ANNULEE, None, foyers).foyer
        if perimetre.foyers is not None and foyer is not None and foyer not in perimetre.foyers:
            continue
        passage = presences.get(case)
        reponse = reponses.get(case)
        faits.append(
            FaitDuMois(
                enfant,
                jour,
                creneau,
                foyer,
                inscrit,
                close,
                passage.compte if passage else None,
                passage.depart if passage else None,
                excusee=passage is None and reponse is not None and reponse.reponse == ReponseAbsence.Reponse.EXCUSEE,
                prevue=jour >= today and not close,
                faits=dits.of(case, inscrit, close, passage, reponse) if dits else RIEN,
                hors_delai=case in tardives,
            )
        )
    return faits


def load_presences(debut: date, fin: date, perimetre: PerimetreFaits = TOUS) -> list[FaitDuMois]:
    """The children who came from `debut` to `fin`, both included, on closed sheets, whoever pays: habits are counted
    from them. Two queries.
    """
    jours = {"jour__gte": debut, "jour__lte": fin}
    closes = set(Appel.objects.clos().filter(**jours).order_by().values_list("jour", "creneau"))
    return [
        FaitDuMois(*case, None, close=True, arrivee=passage.compte, depart=passage.depart)
        for case, passage in _load_passages(jours, perimetre).items()
        if case[1:] in closes
    ]


class _Passage(NamedTuple):
    """What the gate saw of a child on a sheet: instants of its day, which begins at `debut`; None where nobody knows
    the hour.
    """

    debut: datetime
    arrivee: datetime | None
    depart: datetime | None

    @property
    def compte(self) -> datetime:
        """The instant from which the presence is counted: the arrival, or the beginning of the day when nobody noted
        it.
        """
        return self.arrivee or self.debut


def _load_passages(jours: Mapping[str, Any], perimetre: PerimetreFaits) -> dict[Case, _Passage]:
    """Of these days. An instant of another day than the sheet's, as was once kept of what was ticked later, tells no
    hour of it: nothing is late by it. One query.
    """
    venus = Pointage.objects.filter(present=True, **jours, **perimetre.which).order_by()
    bornes: dict[date, tuple[datetime, datetime]] = {}
    passages = {}
    for enfant, jour, creneau, arrivee, depart in venus.values_list("enfant", "jour", "creneau", "arrivee", "depart"):
        if jour not in bornes:
            bornes[jour] = _minuit(jour), _minuit(jour + UN_JOUR)
        debut, fin = bornes[jour]
        passages[enfant, jour, creneau] = _Passage(
            debut,
            arrivee if arrivee and debut <= arrivee < fin else None,
            depart if depart and debut <= depart < fin else None,
        )
    return passages


def _minuit(jour: date) -> datetime:
    """The instant at which this day begins in Paris, in UTC as the database's are: many are compared with it."""
    return instant(jour, time.min).astimezone(UTC)


def load_reponses(premier: date, fin: date, perimetre: PerimetreFaits = TOUS) -> dict[Case, ReponseAbsence]:
    """The latest answer of the town hall for each absence from `premier` to `fin`, both included, by child, day and
    créneau. One query.
    """
    lignes = ReponseAbsence.objects.filter(jour__gte=premier, jour__lte=fin, **perimetre.which)
    return {(r.enfant_id, r.jour, r.creneau_id): r for r in lignes.order_by("repondue_le", "pk")}


def _load_gardes(enfants: Collection[int]) -> dict[int, list[Garde]]:
    gardes: dict[int, list[Garde]] = {}
    if enfants:
        for garde in Garde.objects.filter(enfant__in=enfants).order_by("pk"):
            gardes.setdefault(garde.enfant_id, []).append(garde)
    return gardes


@dataclass(frozen=True)
class _Preuves:
    """What a line tells: who registered and when, what a parent told of an absence, and until when it could be told
    where a silence of the portal moved that.
    """

    inscriptions: Mapping[Case, dict[str, Any]]
    absences: Mapping[tuple[int, date], tuple[frozenset[int], dict[str, Any]]]
    raisons: Mapping[tuple[int, date], str]
    cadre: Cadre | None  # where there are silences

    @classmethod
    def load(cls, premier: date, fin: date, perimetre: PerimetreFaits) -> _Preuves:
        """Read, for these days and children, who gave each place, the absences that were told and their reasons. Six
        queries at most, two more where the portal was silent.
        """
        jours = {"jour__gte": premier, "jour__lte": fin, **perimetre.which}
        absences = _load_absences(jours)
        silent = absences and load_calendrier().silences
        return cls(_load_inscriptions(jours), absences, _load_raisons(jours), load_cadre() if silent else None)

    def of(
        self,
        case: Case,
        inscrit: bool,
        close: bool,
        passage: _Passage | None,
        reponse: ReponseAbsence | None,
    ) -> dict[str, Any]:
        """What the line of this séance tells, as JSON: the inscription, then the presence, or else the absence and the
        town hall's answer.
        """
        enfant, jour, creneau = case
        faits: dict[str, Any] = {}
        if inscrit and case in self.inscriptions:
            faits["inscription"] = self.inscriptions[case]
        if passage is not None:
            faits["presence"] = {
                "arrivee": passage.arrivee.isoformat() if passage.arrivee else None,
                "depart": passage.depart.isoformat() if passage.depart else None,
            }
            return faits
        nommes, dite = self.absences.get((enfant, jour), (frozenset(), None))
        absence = dite if not nommes or creneau in nommes else None
        raison = self.raisons.get((enfant, jour)) if absence or close else None  # else it is of another moment
        if absence or raison:
            reportee = self._reportee(jour, creneau) if absence else {}
            faits["absence"] = {**(absence or {}), **reportee, **({"raison": raison} if raison else {})}
        if reponse is not None:
            faits["reponse"] = {
                "reponse": reponse.reponse,
                "motif": reponse.motif,
                "le": reponse.repondue_le.isoformat(),
                "par": PAR_LA_MAIRIE,
            }
        return faits

    def _reportee(self, jour: date, pk: int) -> dict[str, str]:
        """Until when this créneau (primary key) could be cancelled, and why so late; empty where no silence did."""
        creneau = next((c for c in self.cadre.creneaux.par_code.values() if c.pk == pk), None) if self.cadre else None
        report = self.cadre.limites.report(jour, creneau, Action.ANNULER) if self.cadre and creneau else None
        return {"limite": report.apres.isoformat(), "silence": report.quand} if report else {}


def _load_inscriptions(jours: Mapping[str, Any]) -> dict[Case, dict[str, Any]]:
    """By whom and when each place was given, by the last change that gave it. Two queries: the saves are few."""
    evenements = Evenement.objects.filter(**jours).filter(Q(apres=Etat.INSCRIT)).order_by("enregistrement")
    derniers: dict[Case, int] = {}
    tardives: dict[Case, dict[str, Any]] = {}
    lignes = evenements.values_list("enfant", "jour", "creneau", "enregistrement", "hors_delai", "limite")
    for enfant, jour, creneau, enregistrement, hors_delai, limite in lignes:
        case = enfant, jour, creneau
        derniers[case] = enregistrement
        tardives.pop(case, None)
        if hors_delai:
            tardives[case] = {"hors_delai": hors_delai, "limite": limite.isoformat() if limite else None}
    dits = {e.pk: _inscription(e) for e in _enregistrements(set(derniers.values()))}
    return {case: dits[enregistrement] | tardives.get(case, {}) for case, enregistrement in derniers.items()}


def _enregistrements(cles: Collection[int]) -> Iterable[Enregistrement]:
    return Enregistrement.objects.filter(pk__in=cles).select_related("auteur").order_by()


def _inscription(enregistrement: Enregistrement) -> dict[str, Any]:
    """What a line freezes of a save. The reasons that the town hall noted are not for parents."""
    auteur, porte = enregistrement.auteur, enregistrement.porte
    par_un_parent = porte in PAR_UN_PARENT
    dit: dict[str, Any] = {
        "par": _par(auteur, par_un_parent),
        "par_foyer": enregistrement.foyer_id if par_un_parent else None,
        "le": enregistrement.quand.isoformat(),
        "origine": porte,
    }
    if enregistrement.motif and porte != Porte.MAIRIE:
        dit["motif"] = enregistrement.motif
    return dit


def _par(auteur: Any, par_un_parent: bool) -> str:
    if not par_un_parent:
        return PAR_LA_MAIRIE
    return (auteur.first_name if auteur else "") or "un adulte du foyer"


def _load_absences(jours: Mapping[str, Any]) -> dict[tuple[int, date], tuple[frozenset[int], dict[str, Any]]]:
    """Those that stand, told by whom and when, and the créneaux that they name (none: the whole day). Two queries, one
    without an absence.
    """
    lignes = Absence.objects.standing().filter(**jours).select_related("signalee_par__responsable").order_by()
    dits = {}
    for absence in lignes.prefetch_related("creneaux"):
        auteur = absence.signalee_par
        responsable = getattr(auteur, "responsable", None)
        dit = {
            "signalee_le": absence.signalee_le.isoformat(),
            "par": _par(auteur, not (auteur and auteur.is_staff)),
            "par_foyer": responsable.foyer_id if responsable else None,
        }
        nommes = frozenset(creneau.pk for creneau in absence.creneaux.all())
        dits[absence.enfant_id, absence.jour] = nommes, dit
    return dits


def _load_raisons(jours: Mapping[str, Any]) -> dict[tuple[int, date], str]:
    lignes = Justification.objects.filter(**jours).order_by().values_list("enfant", "jour", "raison")
    return {(enfant, jour): raison for enfant, jour, raison in lignes}
