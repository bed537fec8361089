"""The secretary's desk: what waits to be dealt with, and the day's figures. Reads, never writes.

What is counted here is what the lists show: both ask the same querysets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.text import capfirst

from accounts.models import UndeliveredMail
from enfance.calendrier import Calendrier, lundi
from enfance.mairie.destinataires import Public
from enfance.mairie.ecoles import load_ecoles, noms_ecoles
from enfance.models import (
    Absence,
    Appel,
    Creneau,
    DemandeAutorisation,
    DemandeRappel,
    Ecole,
    Enfant,
    Fermeture,
    Garde,
    Inscription,
    Pointage,
    Repas,
    Responsable,
    Scolarite,
    load_calendrier,
)
from enfance.planning.ecarts import repas_sans_midi
from portail.dates import PARIS, du_au, jour_long

Etat = Inscription.Etat
PAI_BIENTOT = timedelta(days=30)
DEPART_RECENT = timedelta(days=30)
A_VENIR = 5  # closures that are told before their day
DEPLIEES = 5  # schools, or groups of them, past which the home folds them


# --- To deal with ---------------------------------------------------------------------------------------------------


def personnes_a_verifier() -> QuerySet[DemandeAutorisation]:
    """The requests, not answered yet, of parents who asked to let somebody fetch a child under a name like that of a
    forbidden person.
    """
    return DemandeAutorisation.objects.filter(decidee_le=None)


def rappels_demandes() -> QuerySet[DemandeRappel]:
    """The requests of parents to be called by the town hall that wait for an answer."""
    return DemandeRappel.objects.waiting()


def sans_courriel(today: date, ecole: Ecole | None = None) -> QuerySet[Responsable]:
    """The adults of the families of the town's pupils, or of this school's alone, who have no e-mail address: a letter
    or a call is for them.
    """
    return Public(ecoles=(ecole,) if ecole else ()).responsables(today=today).filter(user__email="")


def courriels_revenus(today: date) -> QuerySet[Responsable]:
    """The adults of the families of the town's pupils whose mails come back: nothing but passwords is sent to them any
    more.
    """
    return Public().responsables(today=today).exclude(user__email_refused_at=None)


def jamais_connectes(today: date) -> QuerySet[Responsable]:
    """The adults of the families of the town's pupils who have never logged in."""
    return Public().responsables(today=today).filter(user__last_login=None)


def non_remis(today: date) -> QuerySet[Responsable]:
    """The adults whom a mail did not reach, as long as no agent has noted it as settled; of any school year."""
    courriels = UndeliveredMail.objects.filter(settled_at=None, created_at__date__lte=today)
    return Responsable.objects.filter(user__in=courriels.order_by().values("user"))


def sans_classe(today: date) -> QuerySet[Enfant]:
    """The pupils at school on `today` who have no class yet: they are on no teacher's list."""
    places = Scolarite.objects.on(today).filter(classe=None)
    return Enfant.objects.filter(pk__in=places.order_by().values("enfant"))


def gardes_a_regler(today: date) -> QuerySet[Enfant]:
    """The pupils who have several homes and whose custody nobody has set: since always, without an end nor a rhythm, as
    ONDE left it. Each home registers them meanwhile.
    """
    sans_fin = Garde.objects.filter(fin=None).order_by()
    plusieurs = sans_fin.filter(debut=None).values("enfant").annotate(n=Count("foyer", distinct=True)).filter(n__gt=1)
    alternees = sans_fin.filter(rythme=Garde.Rythme.ALTERNEE).values("enfant")
    eleves = Scolarite.objects.not_over(today).order_by().values("enfant")
    return Enfant.objects.filter(pk__in=plusieurs.values("enfant")).filter(pk__in=eleves).exclude(pk__in=alternees)


def partis(today: date) -> QuerySet[Enfant]:
    """The children whose departure from school, as ONDE or an agent noted it, is less than thirty days ago, or to come:
    the town hall checks that it is so.
    """
    departs = Scolarite.objects.filter(depart__gt=today - DEPART_RECENT).last_of_year()
    return Enfant.objects.filter(pk__in=departs.order_by().values("enfant"))


def pai_a_revoir(today: date) -> QuerySet[Enfant]:
    """The pupils whose health plan (PAI) is over or ends within thirty days: it is renewed with the school, or taken
    away. One without an end is left out.
    """
    eleves = Scolarite.objects.not_over(today).order_by().values("enfant")
    return Enfant.objects.filter(pai=True, pai_fin__lte=today + PAI_BIENTOT, pk__in=eleves)


def en_attente(today: date) -> QuerySet[Inscription]:
    """The inscriptions, from `today` on, that are on a waiting list."""
    return Inscription.objects.waiting(today)


def repas_sans_pause(now: datetime) -> QuerySet[Repas]:
    """The canteen meals to come of children who are not registered for the lunch break that goes with them."""
    return repas_sans_midi(now=now)


def load_occupation(depuis: date) -> dict[tuple[date, int], int]:
    """How many places are taken, by day and créneau (primary key), from the day `depuis` on; only for the days and
    créneaux where places are limited and a child waits for one.
    """
    return Inscription.objects.occupation_of_lists(depuis)


# --- The day and its week -------------------------------------------------------------------------------------------


def part(nombre: int, places: int | None, plus_grand: int) -> str:
    """The width of a bar as a CSS percentage (« 68.3% », at most 100): `nombre` out of `places`, or out of `plus_grand`
    where places are not limited, or are zero; « 0% » where both are nothing.
    """
    total = places or plus_grand
    return f"{min(100.0, 100 * nombre / total):.1f}%" if total else "0%"


@dataclass(frozen=True)
class MomentEcole:
    """A créneau of a day, with its numbers. `clos`: its sheet is closed, so who came is known."""

    creneau: Creneau
    jour: date
    inscrits: int
    attente: int = 0
    venus: int = 0
    clos: bool = False
    plus_grand: int = 0

    @property
    def libres(self) -> int | None:
        """How many places of the créneau are left on this day, never below 0; None where places are not limited."""
        return None if self.creneau.places is None else max(0, self.creneau.places - self.inscrits)

    @property
    def part_inscrits(self) -> str:
        """The width of the bar of the registered children, as a CSS percentage of the places (« 68.3% »), or of the
        greatest number of the week where these are not limited.
        """
        return part(self.inscrits, self.creneau.places, self.plus_grand)

    @property
    def part_venus(self) -> str:
        """The width of the bar of the children who came, as a CSS percentage of the places (« 68.3% »), or of the
        greatest number of the week where these are not limited.
        """
        return part(self.venus, self.creneau.places, self.plus_grand)


@dataclass(frozen=True)
class JourBureau:
    """A day of the week table; why it has no garderie, or nothing."""

    jour: date
    aujourdhui: bool
    hors: str


type LigneSemaine = tuple[Creneau, list[MomentEcole | None]]


@dataclass(frozen=True)
class GroupeEcoles:
    """The créneaux that the same schools hold, under their names; without a name where there is one school."""

    nom: str
    moments: list[MomentEcole]
    lignes: list[LigneSemaine]

    @property
    def seul(self) -> list[GroupeEcoles]:
        """A list of this group alone, for a template that draws one table for each group of a list."""
        return [self]


@dataclass(frozen=True)
class TotalMoment:
    """The numbers of the créneaux of a moment, of all the schools; `creneau`: the first of them."""

    creneau: Creneau
    inscrits: int
    venus: int
    attente: int


@dataclass(frozen=True)
class JourneeEcole:
    """The numbers of a day of school, today or the next one (`prochaine`), and of its week: rows by créneau, of which
    a cell is a `Moment`, or None on a day without it. `venir`: the closures and holidays to come, day and words.
    """

    jour: date
    prochaine: bool
    moments: list[MomentEcole]
    repas: int
    absences: int
    fermetures: list[Fermeture]
    semaine: list[JourBureau]
    lignes: list[LigneSemaine]
    venir: list[tuple[str, str]]
    groupes: list[GroupeEcoles]

    @property
    def repliee(self) -> bool:
        """Whether there are more than five groups of schools, so that the page folds the figures of each."""
        return len(self.groupes) > DEPLIEES

    @property
    def totaux(self) -> list[TotalMoment]:
        """The figures of the day added up over all the schools, one line for each moment (morning, midday, evening…),
        in the order of the créneaux.
        """
        par_moment: dict[str, list[MomentEcole]] = {}
        for vu in self.moments:
            par_moment.setdefault(vu.creneau.moment, []).append(vu)
        return [
            TotalMoment(
                vus[0].creneau,
                sum(vu.inscrits for vu in vus),
                sum(vu.venus for vu in vus),
                sum(vu.attente for vu in vus),
            )
            for vus in par_moment.values()
        ]


def load_journee(*, now: datetime) -> JourneeEcole | None:
    """The figures that the town hall's home shows of today, or of the next school day, and of its week; None when no
    school day is to come. Eight queries, two more where there are several schools.
    """
    today = now.astimezone(PARIS).date()
    calendrier = load_calendrier()
    jour = today if calendrier.is_ecole(today) else calendrier.ecole_apres(today)
    if jour is None:
        return None
    jours = [lundi(jour) + timedelta(days=n) for n in range(5)]
    inscrits, attente = (Count("etat", filter=Q(etat=etat)) for etat in (Etat.INSCRIT, Etat.ATTENTE))
    de_semaine = Inscription.objects.between(jours[0], jours[-1]).order_by().values_list("jour", "creneau")
    nombres = {(j, pk): (n, m) for j, pk, n, m in de_semaine.annotate(inscrits=inscrits, attente=attente)}
    presents = Pointage.objects.filter(jour=jour, present=True).order_by().values_list("creneau")
    venus = dict(presents.annotate(n=Count("*")))
    clos = set(Appel.objects.clos().filter(jour=jour).values_list("creneau", flat=True))
    ecoles = load_ecoles()
    creneaux = list(Creneau.objects.prefetch_related("ecoles") if ecoles else Creneau.objects.all())
    plus_grand = max((n for n, _ in nombres.values()), default=0)

    def moment(creneau: Creneau, j: date) -> MomentEcole | None:
        if j.weekday() not in creneau.jours or not calendrier.is_ecole(j):
            return None
        n, m = nombres.get((j, creneau.pk), (0, 0))
        if j != jour:
            return MomentEcole(creneau, j, n, m, plus_grand=plus_grand)
        return MomentEcole(creneau, j, n, m, venus.get(creneau.pk, 0), creneau.pk in clos, plus_grand)

    a_venir = Fermeture.objects.filter(fin__gte=min(today, jour)).order_by("debut", "pk")
    fermetures = list(a_venir.prefetch_related("creneaux", "classes", *(["ecoles"] if ecoles else [])))
    du_jour = [m for m in (moment(creneau, jour) for creneau in creneaux) if m]
    lignes = [(creneau, [moment(creneau, j) for j in jours]) for creneau in creneaux]
    return JourneeEcole(
        jour,
        jour != today,
        du_jour,
        Repas.objects.filter(jour=jour).standing().count(),
        Absence.objects.standing().filter(jour=jour).count(),
        [fermeture for fermeture in fermetures if fermeture.debut <= jour <= fermeture.fin],
        [JourBureau(j, j == today, "" if calendrier.is_ecole(j) else _hors(calendrier, j)) for j in jours],
        lignes,
        list(_venir(calendrier, [f for f in fermetures if f.debut > jour][:A_VENIR], jour, ecoles)),
        _groupes(du_jour, lignes, ecoles),
    )


def _groupes(moments: list[MomentEcole], lignes: list[LigneSemaine], ecoles: list[Ecole]) -> list[GroupeEcoles]:
    """By the schools that hold them, in the order of these; those of all the schools last."""
    if not ecoles:
        return [GroupeEcoles("", moments, lignes)]
    rangs = {ecole.pk: rang for rang, ecole in enumerate(ecoles)}
    groupes: dict[tuple[int, ...], GroupeEcoles] = {}
    for ligne in lignes:
        tenu = sorted(ligne[0].ecoles.all(), key=lambda ecole: rangs[ecole.pk])
        cle = tuple(rangs[ecole.pk] for ecole in tenu) or (len(rangs),)
        groupe = groupes.setdefault(cle, GroupeEcoles(capfirst(noms_ecoles(tenu)), [], []))
        groupe.lignes.append(ligne)
        groupe.moments.extend(moment for moment in moments if moment.creneau == ligne[0])
    return [groupes[cle] for cle in sorted(groupes)]


def _hors(calendrier: Calendrier, jour: date) -> str:
    if jour in calendrier.feries:
        return f"Férié ({calendrier.feries[jour]})"
    vacances = calendrier.vacances(jour)
    return vacances.nom if vacances else "Pas d’école"


def _quoi(fermeture: Fermeture) -> str:
    """« fermé », « CM1 en sortie »."""
    return "fermé" if fermeture.is_fermeture else fermeture.mots.of(fermeture.groupes)


def _venir(
    calendrier: Calendrier, fermetures: list[Fermeture], jour: date, ecoles: list[Ecole]
) -> Iterator[tuple[str, str]]:
    """The closures to come, then the next holidays."""
    for fermeture in fermetures:
        ou = f"{noms_ecoles(fermeture.ecoles.all())}, " if ecoles else ""
        yield du_au(fermeture.debut, fermeture.fin), f"{_quoi(fermeture)}, {ou}{fermeture.motif}"
    vacances = [v for annee in calendrier.annees for v in annee.vacances if v.debut > jour]
    if vacances:
        prochaines = min(vacances, key=lambda v: v.debut)
        reprise = calendrier.ecole_apres(prochaines.fin)
        suite = f", reprise {jour_long(reprise)}" if reprise else ""
        yield jour_long(prochaines.debut), f"{prochaines.nom[:1].lower()}{prochaines.nom[1:]}{suite}"
