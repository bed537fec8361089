"""Is it the hour that this machine says? Deadlines, codes of phones and temporary passwords hang on it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import connection

from accounts.models import Passage
from portail.dates import date_heure
from portail.pannes import impatient
from surveillance.diagnostic.constats import Point, attention, bon, mauvais

QUOI = "Horloge"
APART = timedelta(seconds=5)  # a code of a phone is good 30 seconds
AHEAD = timedelta(minutes=2)
SET_RIGHT = "sudo timedatectl set-ntp true"
HEURE_D_ETE = datetime(2026, 7, 1, 12)  # noqa: DTZ001 - given its zone below


def check_synchronized(now: datetime) -> Point:
    """The line of the diagnosis that says whether this machine sets its clock by the network, when systemd knows; else
    the hour, to be compared by hand."""
    timedatectl = shutil.which("timedatectl")
    said = ask_systemd(timedatectl) if timedatectl else ""
    if said == "yes":
        return bon(QUOI, f"mise à l’heure par le réseau\u202f; il est ici {date_heure(now)}.")
    if said == "no":
        phrase = f"cette machine ne se met pas à l’heure par le réseau\u202f; elle dit {date_heure(now)}."
        return attention(QUOI, phrase, "Faites-la suivre un serveur de temps (NTP).", SET_RIGHT)
    return bon(QUOI, f"il est ici {date_heure(now)}\u202f; comparez avec votre montre, rien d’autre ne le dit ici.")


def ask_systemd(timedatectl: str) -> str:
    """Whether the clock is set by the network, as `timedatectl` tells it: « yes », « no », or empty where systemd does
    not run."""
    try:
        done = subprocess.run(  # noqa: S603 - its path, and words of ours
            [timedatectl, "show", "--property", "NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=3,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def check_server(now: datetime) -> Iterator[Point]:
    """With PostgreSQL, which keeps its own time, the line of the diagnosis that says whether its clock is within 5
    seconds of this one; else nothing."""
    if connection.vendor != "postgresql":
        return
    with impatient(), connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone()
        gap = abs(theirs - datetime.now(theirs.tzinfo))
    if gap > APART:
        phrase = f"PostgreSQL dit {date_heure(theirs)}, cette machine {date_heure(now)}\u00a0: {seconds(gap)} d’écart."
        remede = "Mettez à l’heure la machine qui se trompe, celle-ci ou celle de PostgreSQL."
        yield mauvais(f"{QUOI} de PostgreSQL", phrase, remede, SET_RIGHT)
    else:
        yield bon(f"{QUOI} de PostgreSQL", "la même que celle de cette machine.")


def seconds(gap: timedelta) -> str:
    """This gap of time in words: « 40 s », « 12 min »."""
    whole = int(gap.total_seconds())
    return f"{whole} s" if whole < 120 else f"{whole // 60} min"


def check_past(now: datetime) -> Point:
    """The line of the diagnosis that says whether the database holds an hour of the future, by more than 2 minutes:
    this clock, or that of another web machine, was or is wrong."""
    with impatient():
        ahead = Passage.objects.filter(done_at__gt=now + AHEAD).order_by("-done_at").first()
    if ahead and ahead.done_at:
        phrase = f"la base garde un passage daté du {date_heure(ahead.done_at)}, et il est ici {date_heure(now)}."
        remede = (
            "Cette machine retarde, ou une autre a avancé\u00a0: mettez à l’heure toutes celles du portail. Si "
            "elles le sont, cela passera de soi-même à l’heure dite\u202f; d’ici là, les travaux du jour attendent."
        )
        return mauvais("Passages du futur", phrase, remede, f"timedatectl\n{SET_RIGHT}")
    return bon("Passages du futur", "aucun\u00a0: ce qui est noté dans la base est du passé.")


def check_zones(now: datetime) -> Point:
    """The line of the diagnosis that says whether the data of time zones are there and right, since deadlines are hours
    of Paris: without them nothing starts, with old ones summer time is wrong."""
    quoi = "Fuseau de Paris"
    try:
        shift = HEURE_D_ETE.replace(tzinfo=ZoneInfo(settings.TIME_ZONE)).utcoffset()
    except ZoneInfoNotFoundError:
        shift = None
    if shift != timedelta(hours=2):
        phrase = "les données des fuseaux horaires manquent, ou sont fausses."
        return mauvais(quoi, phrase, "Installez-les, puis redémarrez le portail.", "sudo apt install tzdata")
    return bon(quoi, "l’heure d’été et l’heure d’hiver sont connues.")
