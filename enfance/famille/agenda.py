"""The calendar feed of an adult: first names and créneaux, and nothing else. Reads, but for the secret of its address.

Whoever knows the address sees the feed, so it says little: no family name, no class, no day at the other foyer's; the
school only where the family has several, to know where to go.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard
from icalendar.enums import TRANSP

from enfance.models import Enfant, Evenement, Garde, Inscription, Responsable, Scolarite
from portail.dates import PARIS
from portail.francais import NBSP

PASSES = timedelta(days=31)  # how far back the feed goes
VERSION = 1  # of what is written below: another one makes every reader fetch again
RAFRAICHI = timedelta(hours=1)


@dataclass(frozen=True)
class MomentAgenda:
    """One créneau of a child, and how often and when its inscription last changed."""

    inscription: int
    titre: str
    jour: date
    debut: time
    fin: time
    changements: int
    change_le: datetime
    lieu: str = ""  # the school, where the family has several

    def to_event(self) -> Event:
        """The number of the inscription is kept when it is cancelled and taken again: readers know the event again."""
        return Event.new(
            uid=uid("inscription", self.inscription),
            summary=self.titre,
            start=datetime.combine(self.jour, self.debut, PARIS),
            end=datetime.combine(self.jour, self.fin, PARIS),
            stamp=self.change_le,
            last_modified=self.change_le,
            sequence=self.changements,
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
        """The feed as RFC 5545 wants it, with the time zone that its hours name."""
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
    """What is booked for the children of this adult, from a month ago on, on the days that are their foyer's.

    Four queries. Days of nobody's are everybody's: the town hall booked them.
    """
    enfants = Enfant.objects.for_responsable(responsable).order_by().values("pk")
    depuis = today - PASSES
    gardes: dict[int, list[Garde]] = {}
    for garde in Garde.objects.filter(enfant__in=enfants):
        gardes.setdefault(garde.enfant_id, []).append(garde)
    traces = {
        (enfant, jour, creneau): (n, quand)
        for enfant, jour, creneau, n, quand in Evenement.objects.filter(enfant__in=enfants, jour__gte=depuis)
        .order_by()
        .values_list("enfant", "jour", "creneau")
        .annotate(n=Count("pk"), quand=Max("enregistrement__quand"))
    }
    ecole = Scolarite.objects.au_jour().values("ecole__nom")[:1]
    inscriptions = Inscription.objects.inscrit().filter(enfant__in=enfants, jour__gte=depuis).annotate(lieu=ecole)
    moments = []
    for inscription in inscriptions.select_related("enfant", "creneau").order_by("jour", "creneau__ordre", "pk"):
        enfant, jour, creneau = inscription.enfant, inscription.jour, inscription.creneau
        foyers = {garde.foyer_id for garde in gardes.get(enfant.pk, []) if garde.holds(jour, creneau.is_soir)}
        if foyers and responsable.foyer_id not in foyers:
            continue
        sans_trace = (0, datetime.combine(jour, creneau.debut, PARIS))
        changements, change_le = traces.get((enfant.pk, jour, creneau.pk), sans_trace)
        titre = f"{enfant.prenom}{NBSP}: {creneau.nom_court}"
        heures, lieu = (creneau.debut, creneau.fin), inscription.lieu or ""
        moments.append(MomentAgenda(inscription.pk, titre, jour, *heures, changements, change_le, lieu))
    if len({moment.lieu for moment in moments} - {""}) < 2:
        moments = [replace(moment, lieu="") for moment in moments]
    return Agenda(responsable.pk, tuple(moments))


def uid(chose: str, pk: int) -> str:
    """The identifier of this event in calendars: it never changes, and no other event has it."""
    return f"{chose}-{pk}@{urlsplit(settings.SITE_URL).hostname}"


def paris() -> Timezone:
    """Europe/Paris by the rule of the Union since 1996. `Timezone.from_tzinfo` would begin summer an hour late."""
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
    """The adult whose feed has this address; none once the address is renewed or the account closed."""
    return Responsable.objects.filter(agenda_secret=secret, user__is_active=True).first()


def renouveler(responsable: Responsable) -> None:
    """Give the feed another address; the former one answers nothing from now on."""
    responsable.agenda_secret = secrets.token_urlsafe(32)
    responsable.save(update_fields=["agenda_secret"])


def supprimer(responsable: Responsable) -> None:
    """Remove the feed of this adult: its address answers nothing from now on."""
    responsable.agenda_secret = None
    responsable.save(update_fields=["agenda_secret"])
