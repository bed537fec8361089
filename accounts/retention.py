"""What accounts may keep, and for how long; what goes each night, of all the apps (RGP-06)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from django_tasks_db.models import DBTaskResult

from accounts import journal
from accounts.models import (
    Counter,
    EmailChange,
    HeldMail,
    Mailing,
    MailingLine,
    MailSent,
    RememberedDevice,
    TemporaryPassword,
    UndeliveredMail,
)
from accounts.rebonds import marks
from portail.durees import Cadence, Duree, Lot, erase, jours, rows
from portail.extensions import Extension
from portail.francais import NBSP, pluriel

DEMANDES, JOURNAL = "CONSERVATION_DEMANDES", "CONSERVATION_JOURNAL"
MOTS_DE_PASSE = "CONSERVATION_MOTS_DE_PASSE_TEMPORAIRES"


def purge(*, now: datetime) -> dict[str, int]:
    """Delete the data kept longer than they may be, of all the apps, for the kinds that are erased each night; the
    number of rows deleted, by code of each kind, 0 included. Safe to run twice, or to be cut."""
    durees = Extension.installed().durees_of(Cadence.NUIT)
    deleted = {duree.code: erase(duree, now=now).total() for duree in durees}
    journal.event("purge", **deleted)  # type: ignore[arg-type]
    return deleted


def _since(reglage: str, now: datetime) -> datetime:
    return now - timedelta(days=getattr(settings, reglage))


def _closed(lignes: QuerySet[Any], until: datetime) -> Iterable[Lot]:
    return rows(lignes.filter(Q(closed_at__lt=until) | Q(closed_at=None, expires_at__lt=until)))


def _mailings(now: datetime) -> Iterable[Lot]:
    mailings = Mailing.objects.filter(asked_at__lt=_since(DEMANDES, now))
    if HeldMail.objects.exists():  # a held mail goes with its line: without it, nothing would leave
        mailings = mailings.exclude(lines__state=MailingLine.State.WAITING)
    return rows(mailings)


def _devices(now: datetime) -> Iterable[Lot]:
    until = now - timedelta(seconds=settings.KNOWN_DEVICE_REMEMBER)
    return rows(RememberedDevice.objects.filter(since__lt=until))


DUREES = (
    Duree(
        "temporary_passwords",
        "Mots de passe temporaires",
        lambda: f"24{NBSP}heures pour s’en servir\u202f; leur trace, {jours(MOTS_DE_PASSE)} après leur fin",
        reglages=(MOTS_DE_PASSE,),
        modeles=("accounts.TemporaryPassword",),
        lots=lambda now: _closed(TemporaryPassword.objects.all(), _since(MOTS_DE_PASSE, now)),
    ),
    Duree(
        "email_changes",
        "Changements d’adresse e-mail",
        lambda: f"{jours(DEMANDES)} après leur fin",
        reglages=(DEMANDES,),
        modeles=("accounts.EmailChange",),
        lots=lambda now: _closed(EmailChange.objects.all(), _since(DEMANDES, now)),
    ),
    Duree(
        "tasks",
        "Demandes de mot de passe ou d’identifiant, trace de chaque e-mail",
        lambda: jours(DEMANDES),
        reglages=(DEMANDES,),
        modeles=("django_tasks_database.DBTaskResult",),
        lots=lambda now: rows(DBTaskResult.objects.finished().filter(finished_at__lt=_since(DEMANDES, now))),
    ),
    Duree(
        "undelivered_mails",
        "E-mails qui n’ont pu être remis",
        lambda: f"{jours(DEMANDES)} après que la mairie l’a réglé",
        reglages=(DEMANDES,),
        modeles=("accounts.UndeliveredMail",),
        lots=lambda now: rows(UndeliveredMail.objects.filter(settled_at__lt=_since(DEMANDES, now))),
    ),
    Duree(
        "mails_sent",
        "E-mails envoyés, pour reconnaître ceux qui reviennent",
        lambda: pluriel(marks.KEPT.days, "jour,jours"),
        modeles=("accounts.MailSent",),
        lots=lambda now: rows(MailSent.objects.filter(sent_at__lte=now - marks.KEPT)),
    ),
    Duree(
        "mailings",
        "Envois de la mairie à beaucoup de familles",
        lambda: f"à qui, {jours(DEMANDES)}",
        reglages=(DEMANDES,),
        modeles=("accounts.Mailing", "accounts.MailingLine"),
        lots=_mailings,
    ),
    Duree(
        "counters",
        "Essais de connexion, comptés pour arrêter celui qui devine un mot de passe",
        lambda: "effacés dans les deux jours",
        modeles=("accounts.Counter",),
        lots=lambda now: rows(Counter.objects.filter(expire__lt=now.timestamp())),
    ),
    Duree(
        "sessions",
        "Connexions",
        lambda: f"jusqu’à leur fin, {pluriel(settings.SESSION_REMEMBER // 86400, 'jour,jours')} au plus",
        modeles=("sessions.Session",),
        lots=lambda now: rows(Session.objects.filter(expire_date__lt=now)),
    ),
    Duree(
        "devices",
        "Appareils reconnus",
        lambda: f"{pluriel(settings.KNOWN_DEVICE_REMEMBER // 86400 // 365, 'an,ans')} au plus",
        modeles=("accounts.RememberedDevice",),
        lots=_devices,
    ),
    Duree(
        "log_entries",
        "Ce que les agents ont changé dans l’administration",
        lambda: jours(JOURNAL),
        reglages=(JOURNAL,),
        modeles=("admin.LogEntry",),
        lots=lambda now: rows(LogEntry.objects.filter(action_time__lt=_since(JOURNAL, now))),
    ),
    Duree(
        "journal",
        "Journal de sécurité",
        lambda: f"{jours(JOURNAL)}, avec le numéro du compte et sans nom",
        Cadence.AILLEURS,
        (JOURNAL,),
    ),
)
AILLEURS = {
    "accounts.Passage": "quand le service a fait chaque travail du jour\u202f; personne n’y est nommé",
    "accounts.ReadMailbox": "jusqu’où la boîte des retours a été lue\u202f; personne n’y est nommé",
    "accounts.RecoveryCode": "part avec le compte de l’agent, ou quand il en tire d’autres",
    "otp_totp.TOTPDevice": "part avec le compte de l’agent, ou quand son téléphone est remis à zéro",
}
