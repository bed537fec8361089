"""What a silence moves, and whom that touches. Reads, never writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from enfance.cadre import Creneaux, load_cadre
from enfance.calendrier import Calendrier
from enfance.models import Creneau, Garde, Indisponibilite, Scolarite
from enfance.regles import Action, limite_of
from enfance.silences import Silence, duree_texte
from portail.bureau import Compteur, Urgence
from portail.dates import PARIS

HORIZON = timedelta(days=150)  # 60 school days, the longest of all limits, with the holidays between them


@dataclass(frozen=True)
class LimiteReportee:
    """A deadline of a créneau that a silence moves: for which day and action, what it was and what it becomes."""

    jour: date
    creneau: Creneau
    action: Action
    avant: datetime
    apres: datetime


@dataclass(frozen=True)
class EffetSilence:
    """All the deadlines that a silence moves, by day, how many families have a child whom one of them concerns, and how
    many inscriptions that parents took late are in time by them.
    """

    reportees: tuple[LimiteReportee, ...] = ()
    familles: int = 0
    a_temps: int = 0


def load_effet(avant: Calendrier, apres: Calendrier, silence: Silence) -> EffetSilence:
    """What this silence moves: the deadlines that are later with the second calendar than with the first one. Two
    queries, and two for each day whose deadline moves.
    """
    creneaux = load_cadre().creneaux
    reportees = tuple(_reportees(avant, apres, silence, creneaux))
    return EffetSilence(reportees, _count_familles(reportees, creneaux))


def _reportees(avant: Calendrier, apres: Calendrier, silence: Silence, creneaux: Creneaux) -> Iterator[LimiteReportee]:
    du, au = (instant.astimezone(PARIS).date() for instant in (silence.du, silence.au))
    for jour in apres.jours_ecole(du, au + HORIZON):
        for creneau in creneaux.par_code.values():
            if jour.weekday() in creneau.jours:
                for action in Action:
                    etait, devient = (limite_of(jour, creneau, action, c) for c in (avant, apres))
                    if etait != devient:
                        yield LimiteReportee(jour, creneau, action, etait, devient)


def _count_familles(reportees: Collection[LimiteReportee], creneaux: Creneaux) -> int:
    """The homes where a child of a school that holds one of these créneaux lives on its day."""
    foyers: set[int] = set()
    for jour in sorted({reportee.jour for reportee in reportees}):
        siens = {reportee.creneau.pk for reportee in reportees if reportee.jour == jour}
        eleves = Scolarite.objects.on(jour)
        if siens <= creneaux.tenues.keys():
            eleves = eleves.filter(ecole__in=set().union(*(creneaux.tenues[pk] for pk in siens)))
        gardes = Garde.objects.filter(
            Q(debut=None) | Q(debut__lte=jour),
            Q(fin=None) | Q(fin__gte=jour),
            enfant__in=eleves.order_by().values("enfant"),
        )
        toujours = gardes.filter(rythme=Garde.Rythme.TOUJOURS)
        foyers.update(toujours.order_by().values_list("foyer", flat=True).distinct())
        foyers.update(garde.foyer_id for garde in gardes.exclude(rythme=Garde.Rythme.TOUJOURS) if garde.holds(jour))
    return len(foyers)


def moves_limites(silence: Silence) -> bool:
    """Whether a deadline would move, were this silence declared."""
    cadre = load_cadre()
    avec = cadre.calendrier.with_silence(silence)
    return any(_reportees(cadre.calendrier, avec, silence, cadre.creneaux))


def load_propositions() -> list[Indisponibilite]:
    """The silences that the portal proposes and in which a deadline fell, the last one first: of the others, nobody has
    to say anything. One query where it proposes none.
    """
    return [une for une in Indisponibilite.objects.proposed() if moves_limites(une.silence)]


def load_declarees() -> list[Indisponibilite]:
    """The silences that were declared, the last one first, those that were taken back among them. One query."""
    return list(Indisponibilite.objects.filter(declaree_le__isnull=False).select_related("declaree_par")[:50])


def compter_propositions(now: datetime) -> Compteur:
    """The line of « À traiter »: how many silences the portal proposes, when the last one was."""
    propositions = load_propositions()
    if not propositions:
        return Compteur(0)
    silence = propositions[0].silence
    detail = f"{silence.phrase[:1].upper()}{silence.phrase[1:]}"
    return Compteur(len(propositions), detail, duree_texte(silence.duree), Urgence.PRESSE)
