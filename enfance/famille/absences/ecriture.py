"""« Léa est malade »: told once the limit has passed, and taken back. It informs the team, cancels nothing; its only
writer, for a parent and for the agent who takes the call.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from enfance.calendrier import UN_JOUR
from enfance.extensions import ExtensionEnfance
from enfance.famille.absences.tasks import tell_absences
from enfance.models import Absence, Creneau, Enfant, Inscription, Responsable
from enfance.planning.cases import EnfantVu, fratrie
from enfance.regles import Acteur, Action, Cle, Situation, obstacles_for, obstacles_jour
from enfance.situation import load_situation
from portail.francais import et

HORIZON = timedelta(days=62)  # the limit of a month ahead is the longest that parents meet
MONTRES = 10
SUITE = timedelta(days=14)  # how long after the first day an absence may last, when it is told


# --- What may be told -------------------------------------------------------------------------------------------------


def moments_gardes(situation: Situation, enfant: int, jour: date) -> list[Creneau]:
    """The créneaux of that day where the child (primary key) has a place that can no longer be cancelled, for no other
    reason than the deadline that has passed, with or without an ordered meal. Empty for a day that is over; a créneau
    that has ended is left out.
    """
    if jour < situation.today:
        return []
    return [creneau for creneau in situation.creneaux.values() if _is_kept(situation, Cle(enfant, jour, creneau.code))]


def _is_kept(situation: Situation, cle: Cle) -> bool:
    if situation.etat(cle) != Inscription.Etat.INSCRIT or situation.is_over(cle.jour, situation.creneaux[cle.creneau]):
        return False
    codes = _codes(situation, cle)
    return "limite" in codes and codes <= {"limite", "repas"}


def _codes(situation: Situation, cle: Cle) -> set[str]:
    """What stands in the way of cancelling this box; the town hall may cancel what a closure left, and nobody is absent
    on a day when nobody is received.
    """
    jour = obstacles_jour(situation, cle, situation.creneaux[cle.creneau])
    return {obstacle.code for obstacle in jour or obstacles_for(situation, cle, Action.ANNULER)}


def moments_a_signaler(situation: Situation, enfant: int, jour: date) -> list[Creneau]:
    """The créneaux of that day whose absence may still be told: too late to cancel, and no absence told yet.
    Empty once all of them have begun: the team then has its sheet in hand, and must be called. One that has begun stays
    in while another has not.
    """
    gardes = moments_gardes(situation, enfant, jour)
    if all(situation.is_begun(jour, creneau) for creneau in gardes):
        return []
    return [creneau for creneau in gardes if not situation.is_absent(Cle(enfant, jour, creneau.code))]


def moments_a_annuler(situation: Situation, enfant: int, jour: date) -> list[Creneau]:
    """The créneaux of that day where the child (primary key) has a place that may still be cancelled: no absence is
    told of them, the parent unticks them instead.
    """
    cles = [Cle(enfant, jour, creneau.code) for creneau in situation.creneaux.values()]
    return [
        situation.creneaux[cle.creneau]
        for cle in cles
        if situation.etat(cle) == Inscription.Etat.INSCRIT and not _codes(situation, cle) - {"repas"}
    ]


# --- What a page offers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AbsencesVues:
    """Of a child: the days on which an absence may be told, with the créneaux; the days on which one is."""

    a_signaler: dict[date, list[str]]
    signalees: list[date]


@dataclass(frozen=True)
class EnfantAttendu:
    """A child of the form, and the créneaux that it names."""

    enfant: EnfantVu
    moments: list[Creneau]

    @property
    def noms(self) -> str:
        """The créneaux in words: « le matin », « le matin et le midi »."""
        return et([f"le {creneau.nom_court}" for creneau in self.moments])


@dataclass(frozen=True)
class AbsencesJour:
    """Of a day: the children whose absence may be told; those of whom nothing more can be, as all has begun; those
    whose absence was. `suites`: the days to come on which one of the first is awaited. Who is at the other parent's is
    in none of them. `aujourdhui`: whether it is today.
    """

    a_signaler: list[EnfantAttendu]
    commences: list[EnfantAttendu]
    signales: list[EnfantVu]
    suites: list[date]
    aujourdhui: bool

    @property
    def attendus(self) -> set[int]:
        """The primary keys of the children whose absence may be told on the form."""
        return {attendu.enfant.pk for attendu in self.a_signaler}


def load_absences_enfant(responsable: Responsable, enfant: Enfant, *, now: datetime) -> AbsencesVues:
    """For this child, the days on which this parent may tell an absence (ten at most, each with its créneaux), and the
    days on which one is told. From today to two months ahead.
    """
    debut = now.date() - timedelta(days=1)  # whatever the zone of `now`
    acteur = Acteur.parent(responsable)
    situation = load_situation(acteur, debut, debut + HORIZON, now=now, enfants=[enfant.pk], places=False)
    jours = sorted({cle.jour for cle in situation.inscriptions if cle.jour >= situation.today})
    offerts = {jour: moments_a_signaler(situation, enfant.pk, jour) for jour in jours}
    nommes = {jour: [creneau.nom_court for creneau in moments] for jour, moments in offerts.items() if moments}
    signalees = [jour for jour in jours if (enfant.pk, jour) in situation.absences]
    return AbsencesVues(dict(list(nommes.items())[:MONTRES]), signalees)


def load_form(responsable: Responsable, jour: date, *, now: datetime) -> AbsencesJour:
    """What the form of absence offers this parent for that day: the children, their créneaux, and the days that follow,
    up to a fortnight.
    """
    situation = load_situation(Acteur.parent(responsable), jour, jour + SUITE, now=now, places=False)
    return load_absences_jour(situation, jour)


def load_absences_jour(situation: Situation, jour: date) -> AbsencesJour:
    """What may be told of absences on that day, what already is, and the days that follow, as far as the situation
    goes. No query.
    """
    enfants = fratrie(situation)
    offerts = [EnfantAttendu(enfant, moments_a_signaler(situation, enfant.pk, jour)) for enfant in enfants]
    a_signaler = [offert for offert in offerts if offert.moments]
    signales = [enfant for enfant in enfants if (enfant.pk, jour) in situation.absences]
    dits = {enfant.pk for enfant in [*signales, *(offert.enfant for offert in a_signaler)]}
    gardes = [
        EnfantAttendu(enfant, moments_gardes(situation, enfant.pk, jour)) for enfant in enfants if enfant.pk not in dits
    ]
    attendus = {offert.enfant.pk for offert in a_signaler}
    suivants = {cle.jour for cle in situation.inscriptions if cle.jour > jour and cle.enfant in attendus}
    return AbsencesJour(
        a_signaler,
        [garde for garde in gardes if garde.moments],
        [enfant for enfant in signales if is_ours(situation, enfant.pk, jour)],
        [un_jour for un_jour in sorted(suivants) if any(_is_awaited(situation, pk, un_jour) for pk in attendus)],
        jour == situation.today,
    )


def is_ours(situation: Situation, enfant: int, jour: date) -> bool:
    """Whether the child (primary key) is on that day in the home of the acting parent, or in the one for which the town
    hall acts, for one at least of the créneaux where it has a place.
    """
    cles = [Cle(enfant, jour, creneau.code) for creneau in situation.creneaux.values()]
    return any(
        situation.etat(cle) == Inscription.Etat.INSCRIT and "garde" not in _codes(situation, cle) for cle in cles
    )


def _is_awaited(situation: Situation, enfant: int, jour: date) -> bool:
    return bool(moments_a_signaler(situation, enfant, jour) or moments_a_annuler(situation, enfant, jour))


def load_retirables(situation: Situation) -> set[tuple[int, date]]:
    """The absences, by child (primary key) and day, that the actor may take back: the child is expected in their
    home, and no sheet that expected it was closed since the absence was told. One query, none without an absence.
    """
    possibles = {
        (enfant, jour)
        for enfant, jour in situation.absences
        if any(situation.is_absent(Cle(enfant, jour, c.code)) for c in moments_gardes(situation, enfant, jour))
    }
    if not possibles:
        return set()
    nommee = Absence.objects.filter(pk=OuterRef(OuterRef("pk"))).covering(OuterRef("creneau"))
    close = Inscription.objects.inscrit().filter(
        Exists(nommee),
        enfant=OuterRef("enfant"),
        jour=OuterRef("jour"),
        creneau__appels__jour=OuterRef("jour"),
        creneau__appels__rouvert_le=None,
        creneau__appels__clos_le__gte=OuterRef("signalee_le"),
    )
    enfants, jours = {enfant for enfant, _ in possibles}, {jour for _, jour in possibles}
    ouvertes = Absence.objects.standing().filter(~Exists(close), enfant__in=enfants, jour__in=jours)
    return possibles & set(ouvertes.values_list("enfant", "jour"))


# --- What is done -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AbsenceDite:
    """The absence of a child on a day, told or taken back; `changee`: by this call, not before."""

    enfant: EnfantVu
    absence: Absence
    changee: bool = True


def signaler(
    acteur: Acteur,
    demandes: Mapping[int, Collection[str]],
    jour: date,
    jusqua: date | None = None,
    valeurs: Mapping[str, str] | None = None,
    *,
    suivants: Collection[str] | None = None,
    now: datetime,
) -> list[AbsenceDite]:
    """Tell the team, and each adult with access, that these children do not come: `demandes` gives, by child (primary
    key), the codes of the créneaux of the day `jour`; `suivants` those of the days that follow until `jusqua` included,
    a fortnight at most, all of them when None.

    A créneau where the child is not expected, or which may still be cancelled, is left out, and from the counter one
    that has begun. `valeurs`: the answers to
    the questions of other apps. Returns the absences told, by now or before, of each child by day. Telling twice
    changes nothing.
    """
    fin = min(max(jusqua or jour, jour), jour + SUITE)
    situation = load_situation(acteur, jour, fin, now=now, enfants=demandes, places=False)
    jours = [jour + UN_JOUR * n for n in range((fin - jour).days + 1)]
    dites = []
    with transaction.atomic():
        for enfant in fratrie(situation):
            for un_jour in jours:
                codes = demandes[enfant.pk] if un_jour == jour else suivants
                moments, deja = _demandes(situation, enfant.pk, un_jour, codes)
                if acteur.pour:  # who calls the town hall of a moment that has begun calls the team
                    moments = [creneau for creneau in moments if not situation.is_begun(un_jour, creneau)]
                if moments or deja:
                    dites.append(_write(acteur, enfant, un_jour, moments, now))
        changees = [dite.absence for dite in dites if dite.changee]
        if changees:
            tell_absences.enqueue([absence.pk for absence in changees], False)
        for suite in ExtensionEnfance.installed().absences:
            suite.dire([dite.absence for dite in dites], acteur, (valeurs or {}).get(suite.nom, ""), now=now)
    return dites


def _demandes(
    situation: Situation, enfant: int, jour: date, codes: Collection[str] | None
) -> tuple[list[Creneau], list[Creneau]]:
    """Of the créneaux that are asked (None: all), those to tell, and those that are told already."""
    a_dire, gardes = moments_a_signaler(situation, enfant, jour), moments_gardes(situation, enfant, jour)
    deja = [creneau for creneau in gardes if situation.is_absent(Cle(enfant, jour, creneau.code))]
    a_dire, deja = ([c for c in moments if codes is None or c.code in codes] for moments in (a_dire, deja))
    return a_dire, deja


def _write(acteur: Acteur, enfant: EnfantVu, jour: date, moments: Collection[Creneau], now: datetime) -> AbsenceDite:
    """Told for the first time, or of more créneaux than before; of none, it was told already."""
    dit = {"signalee_par_id": acteur.user_id, "signalee_le": now}
    absence, is_new = Absence.objects.get_or_create(enfant_id=enfant.pk, jour=jour, retiree_le=None, defaults=dit)
    if is_new:
        absence.creneaux.set(moments)
    return AbsenceDite(enfant, absence, is_new or bool(moments and absence.widen(moments)))


def retirer(acteur: Acteur, enfant: int, jour: date, *, now: datetime) -> list[AbsenceDite]:
    """« Léa vient finalement »: take back the child's absence of that day, with those of the following days told in the
    same gesture that still may be, and tell those who had been told.

    Returns the absences taken back; none when that of the day cannot be any more, or is not this home's to take back. A
    second time changes nothing and returns none.
    """
    debout = Absence.objects.standing().filter(enfant=enfant)
    ensemble = debout.filter(jour__gte=jour, signalee_le__in=debout.filter(jour=jour).values("signalee_le"))
    jours = sorted(ensemble.values_list("jour", flat=True)) or [jour]
    situation = load_situation(acteur, jour, jours[-1], now=now, enfants=[enfant], places=False)
    retirables = load_retirables(situation)
    if (enfant, jour) not in retirables:
        return []
    with transaction.atomic():
        siennes = debout.select_for_update().filter(jour__in={un_jour for _, un_jour in retirables} & set(jours))
        retirees = list(siennes)
        Absence.objects.filter(pk__in=[absence.pk for absence in retirees]).update(
            retiree_le=now, retiree_par=acteur.user_id
        )
        if retirees:
            tell_absences.enqueue([absence.pk for absence in retirees], True)
            for suite in ExtensionEnfance.installed().absences:
                suite.retirer(retirees, now=now)
    [vu] = [vu for vu in fratrie(situation) if vu.pk == enfant]
    return [AbsenceDite(vu, absence) for absence in retirees]
