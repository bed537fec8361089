"""What is known when a rule is asked: days, children, inscriptions, places, a value which nothing changes; and what a
rule is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import Enum
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from enfance import delais
from enfance.calendrier import Calendrier
from enfance.models import Creneau, Ecole, Enfant, Enregistrement, Garde, Inscription, RegleDelai, Scolarite
from enfance.regles.acteur import Acteur
from enfance.regles.cles import REPAS, Cle
from enfance.regles.lignes import FermetureVue, InscriptionLue, ListeVue
from enfance.regles.payeurs import foyers_with_garde, payeur_of_booking
from enfance.semaine_modele import Modele
from enfance.silences import ReportLimite, report
from portail.dates import PARIS, instant
from portail.pieces import Piece


class Action(Enum):
    INSCRIRE = "inscrire"
    ANNULER = "annuler"


@dataclass(frozen=True)
class Obstacle:
    """Why something may not be done, as a sentence. `overridable`: the town hall may pass over it, with a reason.
    `repas`: a meal is ordered, which makes the lunch break a duty, so the family may pass over it as well. `court`: the
    few words that a box has room for, of an obstacle that the pages do not know (« dossier incomplet »). `tardif`: the
    limit has passed, and a parent may still book late for this supplement, in words (« + 2,00 € »), once told of it.
    """

    code: str
    message: str
    overridable: bool = False
    repas: bool = False
    court: str = "pas possible"
    tardif: str = ""

    def passed_by(self, acteur: Acteur) -> bool:
        """Whether this actor passes over this obstacle: the town hall with a reason, where it may; the import of ONDE,
        over deadline and garde; a parent or the import of meals, where an ordered meal makes the lunch break a duty.
        Anybody else passes over none.
        """
        if acteur.porte == Enregistrement.Porte.MAIRIE:
            return self.overridable and bool(acteur.motif)
        if acteur.porte in {Enregistrement.Porte.PORTAIL, Enregistrement.Porte.REPAS}:
            return self.repas
        return acteur.porte == Enregistrement.Porte.IMPORT and self.code in {"limite", "garde"}

    def wants_motif(self, acteur: Acteur) -> bool:
        """Whether this actor, the town hall, may pass over this obstacle with a reason (`motif`)."""
        return acteur.porte == Enregistrement.Porte.MAIRIE and self.overridable


@dataclass(frozen=True)
class Regle(Piece):
    """A rule of a box on a day when its créneau is held: the codes that its obstacles may have, by any of which it is
    called; what stands in the way. It asks neither database nor clock, but for what `situation.once` keeps of a page.
    """

    codes: tuple[str, ...]
    ask: Callable[[Situation, Cle, Creneau, Action], Sequence[Obstacle]]

    def is_called(self, nom: str) -> bool:
        """Whether one of the obstacles of this rule may have this code."""
        return nom in self.codes


class SupplementTardif(NamedTuple):
    """What booking late costs, in words: « + 50 % du prix », and what a box has room for, « + 50 % »."""

    long: str
    court: str


class Tardive(NamedTuple):
    """A second limit: until when a parent may book late (Europe/Paris), and for which supplement."""

    jusqu_a: datetime
    supplement: SupplementTardif


class Limites:
    """The deadlines of a calendar and of the créneaux read with it, each worked out when it is asked first."""

    def __init__(self, calendrier: Calendrier) -> None:
        self._calendrier = calendrier
        self._connues: dict[tuple[date, str, Action], datetime] = {}

    def of(self, jour: date, creneau: Creneau, action: Action) -> datetime:
        """The instant (Europe/Paris) from which this action, to register or to cancel, is closed for this créneau of
        that day.
        """
        cle = (jour, creneau.code, action)
        if cle not in self._connues:
            self._connues[cle] = limite_of(jour, creneau, action, self._calendrier)
        return self._connues[cle]

    def tardive(self, jour: date, creneau: Creneau) -> datetime | None:
        """The instant (Europe/Paris) from which nobody books late for this créneau of that day: that of its second
        limit, and its beginning at the latest. None where the créneau has no second limit, or where it is not after the
        limit to register.
        """
        if creneau.delai_tardif is None:
            return None
        tardive = delais.limite(jour, creneau.delai_tardif.valeur, self._calendrier)
        debut = instant(jour, creneau.debut)
        if reportee := report(tardive, self._calendrier.silences, jamais_apres=debut):
            tardive = reportee.apres
        tardive = min(tardive, debut, key=_utc)
        return tardive if _utc(self.of(jour, creneau, Action.INSCRIRE)) < _utc(tardive) else None

    def report(self, jour: date, creneau: Creneau, action: Action) -> ReportLimite | None:
        """How a silence of the portal moved this deadline; None where none did."""
        return report_of(jour, creneau, action, self._calendrier)


def _utc(moment: datetime) -> datetime:
    """Two Paris times would be compared without their fold."""
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Situation:
    """What is known at `now` of the days, the children that `acteur` may see, and their inscriptions."""

    now: datetime
    acteur: Acteur
    calendrier: Calendrier
    limites: Limites  # of this calendar
    creneaux: Mapping[str, Creneau]  # those that the children may have
    regles: tuple[Regle, ...]  # of a box, in their order
    # What a parent pays who books this créneau late on that day; None: nobody does.
    tardives: Callable[[Creneau, date], SupplementTardif | None] | None = None
    enfants: Mapping[int, Enfant] = field(default_factory=dict)
    # Where the child is at school, by child and first day of the year, from the first place to the last.
    scolarites: Mapping[tuple[int, date], tuple[Scolarite, ...]] = field(default_factory=dict)
    tenues: Mapping[int, frozenset[int]] = field(default_factory=dict)  # the schools of a créneau that some hold
    tous: Mapping[str, Creneau] = field(default_factory=dict)  # the créneaux of the commune, by code
    gardes: Mapping[int, tuple[Garde, ...]] = field(default_factory=dict)
    fermetures: tuple[FermetureVue, ...] = ()
    annoncees: tuple[FermetureVue, ...] = ()  # closures that are not over, whatever the days
    fermetures_lues: frozenset[int] = frozenset()  # those that the parent has put away (primary keys)
    actualites: tuple[str, ...] = ()  # the town hall's news of today
    inscriptions: Mapping[Cle, InscriptionLue] = field(default_factory=dict)
    occupation: Mapping[tuple[date, int], int] = field(default_factory=dict)  # places taken, by day and créneau
    attendus: frozenset[tuple[date, int]] = frozenset()  # day and créneau that somebody waits for
    rangs: Mapping[int, int] = field(default_factory=dict)  # rank on the waiting list, by inscription
    # Told by a parent, by child and day: the créneaux that they name (primary keys; none: the whole day).
    absences: Mapping[tuple[int, date], frozenset[int]] = field(default_factory=dict)
    repas: frozenset[tuple[int, date]] = frozenset()  # meals that stand, by child and day
    listes_repas: tuple[ListeVue, ...] = ()  # the association's lists
    repas_sans_midi: date | None = None  # the last meal to come without its lunch break, whatever the days
    modeles: tuple[Modele, ...] = ()  # the weekly patterns of the actor's foyer, the latest first
    dernier_changement: datetime | None = None  # of these children, whatever the day
    jours: tuple[date, date] | None = None  # first and last of those whose inscriptions and places taken were read
    _memo: dict[Hashable, Any] = field(init=False, default_factory=dict, compare=False, repr=False)

    def says_all_of(self, enfants: Collection[int], debut: date, fin: date) -> bool:
        """Whether this situation holds the inscriptions and the places of these children (primary keys) from `debut` to
        `fin`, so that nothing more must be read.
        """
        lus = self.jours is not None and self.jours[0] <= debut and fin <= self.jours[1]
        return lus and self.enfants.keys() >= set(enfants)

    @cached_property
    def today(self) -> date:
        """The date in Paris at the instant of the situation."""
        return self.now.astimezone(PARIS).date()

    def etat(self, cle: Cle) -> str:
        """The state of the inscription of this box, « annulee » when there is none."""
        inscription = self.inscriptions.get(cle)
        return inscription.etat if inscription else Inscription.Etat.ANNULEE

    def scolarite(self, enfant: int, jour: date) -> Scolarite | None:
        """The child's place at school on that day; None when it has none, or has left by then."""
        return self.once(("scolarite", enfant, jour), lambda: self._scolarite(enfant, jour))

    def _scolarite(self, enfant: int, jour: date) -> Scolarite | None:
        annee = self.calendrier.annee(jour)
        for scolarite in self.scolarites.get((enfant, annee.debut), ()) if annee else ():
            if (scolarite.debut is None or scolarite.debut <= jour) and (
                scolarite.depart is None or jour < scolarite.depart
            ):
                return scolarite
        return None

    def derniere_scolarite(self, enfant: int, annee: date) -> Scolarite | None:
        """The child's last place in the school year that begins on the day `annee`, even if it has left; None without
        any.
        """
        places = self.scolarites.get((enfant, annee), ())
        return places[-1] if places else None

    def changes_ecole(self, annee: date) -> bool:
        """Whether a child of the situation changes school within the school year that begins on the day `annee`."""
        return self.once(
            ("changes", annee), lambda: any(len(p) > 1 for (_, debut), p in self.scolarites.items() if debut == annee)
        )

    @cached_property
    def ecoles(self) -> tuple[Ecole, ...]:
        """The schools where the children are, or will be next, each once."""
        prochaines: dict[int, Any] = {}
        for (enfant, _), places in sorted(self.scolarites.items(), key=itemgetter(0)):
            for scolarite in places:
                if scolarite.annee.fin >= self.today and not _is_left(scolarite, self.today):
                    prochaines.setdefault(enfant, scolarite)
        return tuple(dict.fromkeys(scolarite.ecole for scolarite in prochaines.values()))

    def is_tenu(self, enfant: int, jour: date, creneau: Creneau) -> bool:
        """Whether the school where the child (primary key) is on that day holds this créneau; for a child at no school
        then, whether any of its schools does.
        """
        ecoles = self.tenues.get(creneau.pk) if self.tenues else None
        if ecoles is None:
            return True
        if scolarite := self.scolarite(enfant, jour):
            return scolarite.ecole_id in ecoles
        return any(s.ecole_id in ecoles for (pk, _), places in self.scolarites.items() if pk == enfant for s in places)

    def creneaux_of(self, enfant: int) -> list[Creneau]:
        """The créneaux that the schools of this child (primary key), from today on, hold."""
        if not self.tenues:
            return list(self.creneaux.values())
        ecoles = set(self.ecoles_of(enfant))
        return [c for c in self.creneaux.values() if c.pk not in self.tenues or self.tenues[c.pk] & ecoles]

    def ecoles_of(self, enfant: int) -> tuple[int, ...]:
        """The schools of this child (both by primary key) from today on, the first one first."""
        return self.once(("ecoles", enfant), lambda: self._ecoles_of(enfant))

    def _ecoles_of(self, enfant: int) -> tuple[int, ...]:
        siennes = (
            scolarite.ecole_id
            for (pk, debut), places in sorted(self.scolarites.items(), key=itemgetter(0))
            for scolarite in places
            if pk == enfant and self._is_to_come(debut) and not _is_left(scolarite, self.today)
        )
        return tuple(dict.fromkeys(siennes))

    @cached_property
    def propres(self) -> frozenset[str]:
        """The codes of the créneaux that some schools of these children, from today on, hold and others do not; empty
        where all hold the same.
        """
        if not self.tenues:
            return frozenset()
        ecoles: set[int] = set().union(*map(self.ecoles_of, self.enfants))
        tenus = {code: self.tenues.get(creneau.pk, ecoles) for code, creneau in self.creneaux.items()}
        return frozenset(code for code, siennes in tenus.items() if ecoles - siennes)

    def _is_to_come(self, debut: date) -> bool:
        """Whether the year that begins on that day is not over."""
        annee = self.calendrier.annee(debut)
        return annee is not None and annee.fin >= self.today

    def midis(self, enfant: int, jour: date) -> list[Creneau]:
        """The lunch breaks that the school of this child (primary key) holds on that weekday, by their beginning; where
        it holds none then, those of its other weekdays.
        """
        return self.once(("midis", enfant, jour), lambda: self._midis(enfant, jour))

    def _midis(self, enfant: int, jour: date) -> list[Creneau]:
        tenus = [
            creneau
            for creneau in self.creneaux.values()
            if creneau.moment == Creneau.Moment.MIDI and self.is_tenu(enfant, jour, creneau)
        ]
        ouverts = [creneau for creneau in tenus if jour.weekday() in creneau.jours]
        return sorted(ouverts or tenus, key=lambda creneau: (creneau.debut, creneau.pk))

    def cle_midi(self, enfant: int, jour: date) -> Cle:
        """The box of the lunch break that goes with a meal of this child on that day: the one where the child has a
        place, else the first. Where its school has no lunch break, a key that every rule refuses.
        """
        midis = self.midis(enfant, jour)
        premier = Cle(enfant, jour, midis[0].code if midis else REPAS)
        if len(midis) < 2:
            return premier
        cles = [Cle(enfant, jour, midi.code) for midi in midis]
        return next((cle for cle in cles if self.etat(cle) == Inscription.Etat.INSCRIT), premier)

    def with_eleves(self, debut: date, fin: date = date.max) -> Situation:
        """This situation, with only the children who are at school at some time from `debut` to `fin`; with all of them
        where no school year is known then.
        """
        if not any(annee.fin >= debut and annee.debut <= fin for annee in self.calendrier.annees):
            return self
        eleves = {
            enfant
            for (enfant, _), places in self.scolarites.items()
            for scolarite in places
            if scolarite.annee.fin >= debut
            and scolarite.annee.debut <= fin
            and (scolarite.depart is None or scolarite.depart > max(debut, scolarite.annee.debut))
        }
        return self._with(enfants={pk: enfant for pk, enfant in self.enfants.items() if pk in eleves})

    def with_inscriptions(self, changees: Mapping[Cle, InscriptionLue]) -> Situation:
        """This situation, with these inscriptions in place of those of the same boxes."""
        return self._with(inscriptions={**self.inscriptions, **changees})

    def with_places(self, cle: Cle, prises: int) -> Situation:
        """This situation, with `prises` more places taken on the day and créneau of this box (fewer if negative);
        unchanged where places are not limited.
        """
        creneau = self.creneaux[cle.creneau]
        if creneau.places is None or not prises:
            return self
        key = (cle.jour, creneau.pk)
        return self._with(occupation={**self.occupation, key: self.occupation.get(key, 0) + prises})

    def with_attendus(self, listes: Iterable[tuple[date, int]]) -> Situation:
        """This situation, in which somebody also waits on these days for these créneaux (primary keys)."""
        return self._with(attendus=self.attendus.union(listes))

    def with_rangs(self, rangs: Mapping[int, int]) -> Situation:
        """This situation, with these ranks on the waiting lists, by inscription (primary key), in place of the former
        ones.
        """
        return self._with(rangs=rangs)

    def with_motif(self, motif: str) -> Situation:
        """This situation, whose actor gives this reason for passing over a rule."""
        return self._with(acteur=replace(self.acteur, motif=motif))

    def _with(self, **champs: Any) -> Situation:
        """The same with other values, none of which changes what `once` keeps: days, places, closures."""
        autre = replace(self, **champs)
        autre._memo.update(self._memo)
        return autre

    def once[T](self, key: Hashable, compute: Callable[[], T]) -> T:
        """What `compute` returns; it is called the first time only, and its value is kept under `key` for the rest of
        the page.
        """
        if key not in self._memo:
            self._memo[key] = compute()
        value: T = self._memo[key]
        return value

    def foyers(self, enfant: int, jour: date, creneau: Creneau) -> list[int]:
        """The homes (primary keys, sorted) where this child lives on that day and créneau, by its gardes; empty when it
        lives in none.
        """
        return self.once(
            ("foyers", enfant, jour, creneau.code),
            lambda: foyers_with_garde(self.gardes.get(enfant, ()), jour, creneau),
        )

    def payeur_if_booked(self, cle: Cle) -> int | None:
        """The home (primary key) that would pay for this box if it were booked now; None when no home has
        garde then.
        """
        foyers = self.foyers(cle.enfant, cle.jour, self.creneaux[cle.creneau])
        foyer, inscription = self.acteur.foyer, self.inscriptions.get(cle)
        return payeur_of_booking(
            foyers, acteur=foyer.pk if foyer else None, avant=inscription.foyer_id if inscription else None
        )

    def is_siens(self, jour: date, creneau: Creneau) -> bool:
        """Whether this créneau of that day is the acting parent's own: one of their children may come, and lives with
        them then. True for an actor who is no parent.
        """
        if self.acteur.responsable is None:
            return True
        return any(
            self.acteur.responsable.foyer_id in self.foyers(enfant, jour, creneau)
            and self.scolarite(enfant, jour) is not None
            and self.is_tenu(enfant, jour, creneau)
            and not self.fermeture(enfant, jour, creneau)
            for enfant in self.enfants
        )

    def fermeture(self, enfant: int, jour: date, creneau: Creneau) -> FermetureVue | None:
        """The closure that closes this créneau on that day to this child (primary key); None when none does."""
        if not self.fermetures:
            return None
        return self.once(("fermeture", enfant, jour, creneau.code), lambda: self._fermeture(enfant, jour, creneau.pk))

    def _fermeture(self, enfant: int, jour: date, creneau: int) -> FermetureVue | None:
        scolarite = self.scolarite(enfant, jour)
        return next((f for f in self.fermetures if f.covers(jour, creneau, scolarite)), None)

    def limite(self, jour: date, creneau: Creneau, action: Action) -> datetime:
        """The instant (Europe/Paris) from which this action, to register or to cancel, is closed for this créneau of
        that day.
        """
        return self.limites.of(jour, creneau, action)

    def tardive(self, jour: date, creneau: Creneau) -> Tardive | None:
        """Until when, and for which supplement, the acting parent may still book this créneau of that day once its
        limit has passed; None where they may not, as for whoever is no parent.
        """
        if self.tardives is None or (jusqu_a := self.limites.tardive(jour, creneau)) is None:
            return None
        supplement = self.tardives(creneau, jour)
        return Tardive(jusqu_a, supplement) if supplement else None

    def report(self, jour: date, creneau: Creneau, action: Action) -> ReportLimite | None:
        """How a silence of the portal moved this deadline of a créneau of that day; None where none did."""
        return self.limites.report(jour, creneau, action)

    def has_repas(self, cle: Cle) -> bool:
        """Whether this box is a lunch break and a meal is ordered for its child and day."""
        return (cle.enfant, cle.jour) in self.repas and self.is_midi(cle)

    def is_ailleurs(self, cle: Cle) -> bool:
        """Whether the child has a place at another lunch break of that day, so that its meal goes with that one."""
        autres = (midi.code for midi in self.midis(cle.enfant, cle.jour) if midi.code != cle.creneau)
        return any(self.etat(Cle(cle.enfant, cle.jour, code)) == Inscription.Etat.INSCRIT for code in autres)

    def wants_repas(self, cle: Cle) -> bool:
        """Whether a meal is ordered that only this lunch break goes with, as the child has a place at no other one of
        that day.
        """
        return self.has_repas(cle) and not self.is_ailleurs(cle)

    def is_midi(self, cle: Cle) -> bool:
        """Whether this box is a lunch break."""
        creneau = self.creneaux.get(cle.creneau)
        return creneau is not None and creneau.moment == Creneau.Moment.MIDI

    def is_listed(self, enfant: int, jour: date) -> bool:
        """Whether a list of meals of the association covers that day for this child (primary key): a child who is not
        on it does not eat.
        """
        scolarite = self.scolarite(enfant, jour)
        return any(liste.covers(jour, scolarite) for liste in self.listes_repas)

    def is_absent(self, cle: Cle) -> bool:
        """Whether a parent told that the child of this box does not come to its créneau."""
        dits = self.absences.get((cle.enfant, cle.jour))
        return dits is not None and (not dits or self.creneaux[cle.creneau].pk in dits)

    def is_begun(self, jour: date, creneau: Creneau) -> bool:
        """Whether the créneau of that day has begun."""
        return self.now >= datetime.combine(jour, creneau.debut, PARIS)

    def is_over(self, jour: date, creneau: Creneau) -> bool:
        """Whether the créneau of that day has ended."""
        return self.now >= datetime.combine(jour, creneau.fin, PARIS)

    def is_cedee(self, cle: Cle) -> bool:
        """Whether the place that the child has in this box, if it were given up, would go at once to somebody on the
        waiting list. False where places are not limited.
        """
        creneau = self.creneaux[cle.creneau]
        key = (cle.jour, creneau.pk)
        if self.etat(cle) != Inscription.Etat.INSCRIT or key not in self.attendus:
            return False
        return creneau.places is not None and self.occupation.get(key, 0) <= creneau.places

    def places(self, jour: date, creneau: Creneau) -> int | None:
        """How many places are left at this créneau of that day, never below 0; None where they are not limited."""
        if creneau.places is None:
            return None
        return max(0, creneau.places - self.occupation.get((jour, creneau.pk), 0))


def _is_left(scolarite: Scolarite, jour: date) -> bool:
    return scolarite.depart is not None and scolarite.depart <= jour


def regle(creneau: Creneau, action: Action) -> RegleDelai:
    """The deadline rule of this créneau to register, or to cancel; cancelling has the rule of registering unless it has
    its own.
    """
    return (creneau.delai_annulation if action is Action.ANNULER else None) or creneau.delai_inscription


def limite_of(jour: date, creneau: Creneau, action: Action, calendrier: Calendrier) -> datetime:
    """The instant (Europe/Paris) from which this action, to register or to cancel, is closed for this créneau of that
    day: what its deadline says, later where the portal did not answer.
    """
    reporte = report_of(jour, creneau, action, calendrier)
    return reporte.apres if reporte else _limite_dite(jour, creneau, action, calendrier)


def report_of(jour: date, creneau: Creneau, action: Action, calendrier: Calendrier) -> ReportLimite | None:
    """How a silence of the portal moved the deadline of this action for this créneau of that day, which never passes
    its beginning; None where none did.
    """
    if not calendrier.silences:
        return None
    limite = _limite_dite(jour, creneau, action, calendrier)
    return report(limite, calendrier.silences, jamais_apres=instant(jour, creneau.debut))


def _limite_dite(jour: date, creneau: Creneau, action: Action, calendrier: Calendrier) -> datetime:
    return delais.limite(jour, regle(creneau, action).valeur, calendrier)
