"""The calendar feed of an adult: first names and créneaux, and nothing else. Reads, but for the secret of its address.

Whoever knows the address sees the feed, so it says little: no family name, no class, no day at the other foyer's; the
school only where the family has several, to know where to go.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.enums import STATUS, TRANSP

from enfance.models import Creneau, Enfant, Evenement, Garde, Inscription, Responsable, Scolarite
from portail.dates import PARIS
from portail.francais import NBSP

PASSES = timedelta(days=31)  # how far back the feed goes
VERSION = 2  # of what is written below: another one makes every reader fetch again
RAFRAICHI = timedelta(hours=1)


@dataclass(frozen=True)
class MomentAgenda:
    """One créneau of a day and of a school, the children who have it or wait for it, and how often and when that last
    changed.
    """

    cle: str
    titre: str
    jour: date
    debut: time
    fin: time
    changements: int
    change_le: datetime
    attente: bool  # nobody has a place yet
    lieu: str = ""  # the school, where the family has several

    def to_event(self) -> Event:
        """This créneau as an event of iCalendar. Its identifier depends on the day and the créneau, not on the
        children: a calendar knows it again when one comes or goes, and drops it once there is none.
        """
        return Event.new(
            uid=uid("creneau", self.cle),
            summary=self.titre,
            start=datetime.combine(self.jour, self.debut, PARIS),
            end=datetime.combine(self.jour, self.fin, PARIS),
            stamp=self.change_le,
            last_modified=self.change_le,
            sequence=self.changements,
            status=STATUS.TENTATIVE if self.attente else STATUS.CONFIRMED,
            transparency=TRANSP.TRANSPARENT,
            location=self.lieu or None,
        )


@dataclass(frozen=True)
class Agenda:
    responsable: int
    moments: tuple[MomentAgenda, ...]

    @property
    def etag(self) -> str:
        """The HTTP ETag of the feed, computed without building it: most readers ask for what they already have."""
        texte = repr((VERSION, settings.SITE_URL, settings.COMMUNE_NOM, self))
        return f'"{hashlib.sha256(texte.encode()).hexdigest()[:32]}"'

    def to_ical(self) -> bytes:
        """The feed as an iCalendar file (RFC 5545), with the time zone of its hours, Europe/Paris."""
        calendar = Calendar.new(
            name=f"Garderie de {settings.COMMUNE_NOM}",
            prodid="-//Portail famille//Agenda//FR",
            method="PUBLISH",
            uid=uid("agenda", self.responsable),
        )
        calendar.add("refresh-interval", RAFRAICHI, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")  # the same, for Outlook
        calendar.add_component(paris())
        for moment in self.moments:
            calendar.add_component(moment.to_event())
        return bytes(calendar.to_ical())


def load_agenda(responsable: Responsable, *, today: date) -> Agenda:
    """The calendar feed of this adult: what is booked or waited for, for their children, from a month ago on, on the
    days of their home; children who share a créneau share an event.

    Days when no home has garde are everybody's, as the town hall booked them. Four queries.
    """
    enfants = Enfant.objects.for_responsable(responsable).order_by().values("pk")
    depuis = today - PASSES
    gardes: dict[int, list[Garde]] = {}
    for garde in Garde.objects.filter(enfant__in=enfants):
        gardes.setdefault(garde.enfant_id, []).append(garde)

    def is_sien(enfant: int, jour: date, creneau: Creneau) -> bool:
        foyers = {garde.foyer_id for garde in gardes.get(enfant, []) if garde.holds(jour, creneau.is_soir)}
        return not foyers or responsable.foyer_id in foyers

    traces: dict[tuple[date, int], list[tuple[int, int, datetime]]] = {}
    for jour, creneau_pk, *trace in (
        Evenement.objects.filter(enfant__in=enfants, jour__gte=depuis)
        .order_by()
        .values_list("jour", "creneau", "enfant")
        .annotate(n=Count("pk"), quand=Max("enregistrement__quand"))
    ):
        traces.setdefault((jour, creneau_pk), []).append((trace[0], trace[1], trace[2]))
    places = Scolarite.objects.au_jour()
    inscriptions = Inscription.objects.active().filter(enfant__in=enfants, jour__gte=depuis)
    lues: Any = inscriptions.annotate(ecole=places.values("ecole")[:1], lieu=places.values("ecole__nom")[:1])
    groupes: dict[tuple[date, Creneau, int, str], list[Inscription]] = {}
    for ligne in lues.select_related("enfant", "creneau").order_by(
        "jour", "creneau__ordre", "creneau", "enfant__date_naissance", "enfant__prenom", "enfant"
    ):
        if is_sien(ligne.enfant_id, ligne.jour, ligne.creneau):
            groupes.setdefault((ligne.jour, ligne.creneau, ligne.ecole or 0, ligne.lieu or ""), []).append(ligne)
    several = len({lieu for *_, lieu in groupes if lieu}) > 1
    moments = []
    for (jour, creneau, ecole, lieu), lignes in groupes.items():
        siennes = [trace for trace in traces.get((jour, creneau.pk), []) if is_sien(trace[0], jour, creneau)]
        moments.append(
            MomentAgenda(
                f"{creneau.pk}-{jour.isoformat()}-{ecole}-{responsable.pk}",
                f"{titre_of(creneau)}{NBSP}: {', '.join(map(_qui, lignes))}",
                jour,
                creneau.debut,
                creneau.fin,
                sum(n for _, n, _ in siennes),
                max((quand for *_, quand in siennes), default=datetime.combine(jour, creneau.debut, PARIS)),
                all(ligne.etat == Inscription.Etat.ATTENTE for ligne in lignes),
                lieu if several else "",
            )
        )
    return Agenda(responsable.pk, tuple(moments))


def titre_of(creneau: Creneau) -> str:
    """The name of this créneau in a calendar: « Garderie du soir », « Midi », « Mercredi »."""
    return f"Garderie du {creneau.nom_court}" if creneau.nom_court in {"matin", "soir"} else creneau.titre


def _qui(inscription: Inscription) -> str:
    return inscription.enfant.prenom + " (en attente)" * (inscription.etat == Inscription.Etat.ATTENTE)


def uid(chose: str, cle: object) -> str:
    """The identifier of an iCalendar object, from what it is (`chose`) and its key; it never changes, and no other has
    it.
    """
    return f"{chose}-{cle}@{urlsplit(settings.SITE_URL).hostname}"


def paris() -> Timezone:
    """The iCalendar description of the time zone Europe/Paris, by the rule of the European Union since 1996.
    (`Timezone.from_tzinfo` would begin summer time an hour late.)
    """
    zone = Timezone()
    zone.add("tzid", str(PARIS))
    for part, debut, mois, avant, apres, nom in [
        (TimezoneDaylight(), datetime(1996, 3, 31, 2), 3, 1, 2, "CEST"),  # noqa: DTZ001  (local, as RFC 5545 says)
        (TimezoneStandard(), datetime(1996, 10, 27, 3), 10, 2, 1, "CET"),  # noqa: DTZ001
    ]:
        part.add("dtstart", debut)
        part.add("rrule", {"freq": "yearly", "bymonth": mois, "byday": "-1SU"})
        part.add("tzoffsetfrom", timedelta(hours=avant))
        part.add("tzoffsetto", timedelta(hours=apres))
        part.add("tzname", nom)
        zone.add_component(part)
    return zone


def find_responsable(secret: str) -> Responsable | None:
    """The adult whose calendar feed has this secret in its address; None once the address is renewed or removed, or the
    account closed.
    """
    return Responsable.objects.filter(agenda_secret=secret, user__is_active=True).first()


def renouveler(responsable: Responsable) -> None:
    """Give the calendar feed of this adult a new address, or its first; the former one answers nothing from now on."""
    responsable.agenda_secret = secrets.token_urlsafe(32)
    responsable.save(update_fields=["agenda_secret"])


def supprimer(responsable: Responsable) -> None:
    """Remove the calendar feed of this adult: its address answers nothing from now on."""
    responsable.agenda_secret = None
    responsable.save(update_fields=["agenda_secret"])
