"""What becomes of the tables of accounts when one is erased: the rules that `portail.effacements` asks for."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.functions import Lower
from django.tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from accounts import login_alarm, outbox, ratelimit, sessions
from accounts.extensions import AccountsExtension
from accounts.models import EmailChange, FormerIdentifiant, TemporaryPassword, User
from accounts.worker import STALE_AFTER
from portail import courriels
from portail.effacements import (
    DemandeEffacement,
    EffacementRefuse,
    Effacements,
    Etape,
    Racine,
    Regle,
    RegleTexte,
    SansNom,
    d_un_agent,
    part,
    perd_le_lien,
    sans_les_mots,
)
from portail.mots import EFFACE, Identite


def identites(cles: Collection[int] | None) -> Iterator[Identite]:
    """What identifies the accounts of these primary keys, or all accounts when `cles` is None: their names, e-mail
    addresses and identifiants, present and former."""
    users = User.objects.order_by() if cles is None else User.objects.order_by().filter(pk__in=cles)
    for first_name, last_name, email, identifiant in users.values_list(
        "first_name", "last_name", "email", "identifiant"
    ):
        yield Identite((last_name,), (first_name,), (email, identifiant))
    former, changes = FormerIdentifiant.objects.exclude(user=None), EmailChange.objects.order_by()
    if cles is not None:
        former, changes = former.filter(user__in=cles), changes.filter(user__in=cles)
    for number in former.values_list("identifiant", flat=True):
        yield Identite(autres=(number,))
    for pair in changes.values_list("former", "email"):
        yield Identite(autres=pair)


def hold(demande: DemandeEffacement) -> None:
    """Lock the accounts that are being erased, and note in `demande.souvenirs` their identifiants, e-mail addresses and
    temporary passwords, which later rules need; reset their counters of tries. Raises EffacementRefuse for an agent's
    account that is still open."""
    users = list(User.objects.select_for_update().filter(pk__in=demande.of("accounts.User")).order_by("pk"))
    if agents := [user for user in users if user.is_staff and user.is_active]:
        raise EffacementRefuse(f"Le compte {agents[0].identifiant} est d’un agent\u00a0: il ne s’efface pas ainsi.")
    demande.souvenirs["identifiants"] = {
        *(user.identifiant for user in users),
        *FormerIdentifiant.objects.filter(user__in=users).values_list("identifiant", flat=True),
    }
    emails = {user.email.casefold() for user in users}
    for pair in EmailChange.objects.filter(user__in=users).values_list("former", "email"):
        emails |= {email.casefold() for email in pair}
    demande.souvenirs["emails"] = emails - {""}
    temporaries = TemporaryPassword.objects.filter(user__in=users)
    demande.souvenirs["temporaires"] = set(temporaries.values_list("pk", flat=True))
    for user in users:
        ratelimit.reset_account(user)
    for identifiant in demande.souvenirs["identifiants"]:
        login_alarm.forget(identifiant)


# --- The queue --------------------------------------------------------------------------------------------------------


def forget_tasks(demande: DemandeEffacement) -> None:
    """Delete from the queue all tasks about the accounts being erased, done or not. Raises EffacementRefuse when one is
    running this minute, as it could write again, unless `demande.seul`. An e-mail address that another account has is
    not taken for theirs."""
    shared = User.objects.values_list(Lower("email"), flat=True)
    demande.souvenirs["emails"] -= set(shared)
    mine = [task for task in DBTaskResult.objects.order_by() if _is_about(task, demande)]
    if not demande.seul:
        since = demande.now - STALE_AFTER
        if any(t.status == TaskResultStatus.RUNNING and t.started_at and t.started_at > since for t in mine):
            raise EffacementRefuse("Un e-mail part en ce moment pour cette famille\u00a0: recommencez dans une minute.")
    demande.efface(DBTaskResult.objects.filter(pk__in=[task.pk for task in mine]))


def _is_about(task: DBTaskResult[Any, Any], demande: DemandeEffacement) -> bool:
    """Whether an argument of this task is one of them, or a row that went with them."""
    given = outbox.arguments_of(task)
    if not given:  # a task of another version: its values alone
        values = _scalars(task.args_kwargs)
        return bool(values & (demande.souvenirs["identifiants"] | demande.souvenirs["emails"]))
    if given.get("identifiant") in demande.souvenirs["identifiants"]:
        return True
    if str(given.get("email", "")).casefold() in demande.souvenirs["emails"]:
        return True
    parameters = AccountsExtension.installed().parameters
    return any(_is_gone(demande, model, given[name]) for name, model in parameters.items() if name in given)


def _is_gone(demande: DemandeEffacement, model: str, value: Any) -> bool:
    gone = demande.gone(model)
    if isinstance(value, list):
        return bool(value) and all(pk in gone for pk in value)
    return value in gone


def _scalars(value: Any) -> set[str]:
    """All texts of a value of JSON."""
    if isinstance(value, dict):
        return set[str]().union(*map(_scalars, value.values()))
    if isinstance(value, list):
        return set[str]().union(*map(_scalars, value))
    return {value.casefold()} if isinstance(value, str) else set()


# --- Sessions ---------------------------------------------------------------------------------------------------------


def forget_sessions(demande: DemandeEffacement) -> None:
    """Delete the sessions of the accounts being erased; from those of others, such as agents, delete the entries that
    hold words of the erased people."""
    users = {str(pk) for pk in demande.of("accounts.User")}
    for session in Session.objects.order_by():
        data = session.get_decoded()
        kept, restricted = data.get(sessions.KEPT) or {}, data.get(sessions.RESTRICTED) or {}
        if (
            data.get("_auth_user_id") in users
            or str(kept.get("user")) in users
            or restricted.get("temporary") in demande.souvenirs["temporaires"]
            or data.get(sessions.IDENTIFIANT) in demande.souvenirs["identifiants"]
        ):
            demande.efface(Session.objects.filter(pk=session.pk))
        elif said := [key for key, value in data.items() if demande.mots.are_in(json.dumps(value, ensure_ascii=False))]:
            rest = {key: value for key, value in data.items() if key not in said}
            store = SessionStore()
            demande.blanchit(Session.objects.filter(pk=session.pk), session_data=store.encode(rest))


# --- What agents did, and numbers -------------------------------------------------------------------------------------


def blank_entries(demande: DemandeEffacement) -> None:
    """Keep the history of what agents did to rows that are erased, but without the name of the row and the message of
    the entry."""
    for model in {*demande.parties, *demande.cles}:
        app, name = model.lower().split(".")
        genre = ContentType.objects.filter(app_label=app, model=name).first()
        gone = {str(pk) for pk in demande.gone(model)}
        if genre is None or not gone:
            continue
        entries = LogEntry.objects.filter(content_type=genre)
        mine = [pk for pk, row in entries.values_list("pk", "object_id") if row in gone]
        demande.blanchit(LogEntry.objects.filter(pk__in=mine), object_repr=EFFACE, change_message="")


def forget_files(demande: DemandeEffacement) -> None:
    """Delete, once the transaction is committed, the mails kept as files that name the people being erased; there are
    some where no mail server is set."""
    transaction.on_commit(partial(courriels.forget, demande.mots.are_in), robust=True)


def keep_numbers(demande: DemandeEffacement) -> None:
    """Keep a keyed digest of each identifiant of the accounts being erased, so that it is never given again."""
    for identifiant in sorted(demande.souvenirs["identifiants"]):
        FormerIdentifiant.objects.get_or_create(
            identifiant=FormerIdentifiant.digest_of(identifiant), defaults={"until": demande.now}
        )


COMPTE: dict[str, Regle] = {
    "accounts.EmailChange.user": part,
    "accounts.FormerIdentifiant.user": part,
    "accounts.MailSent.user": part,
    "accounts.MailingLine.user": part,
    "accounts.Mailing.asked_by": perd_le_lien,
    "accounts.RecoveryCode.user": d_un_agent,
    "accounts.RememberedDevice.user": part,
    "accounts.TemporaryPassword.user": part,
    "accounts.UndeliveredMail.user": part,
    "admin.LogEntry.user": d_un_agent,
    "otp_totp.TOTPDevice.user": d_un_agent,
}
TEXTES: dict[str, RegleTexte] = {
    "accounts.Counter.cle": SansNom("une empreinte\u202f; celles du compte et de ses numéros sont effacées avec lui"),
    "accounts.Mailing.recipients": sans_les_mots,
    "accounts.Passage.job": SansNom("le nom d’un travail du service"),
    "admin.LogEntry.change_message": sans_les_mots,
    "admin.LogEntry.object_id": SansNom("une clé"),
    "admin.LogEntry.object_repr": sans_les_mots,
    "django_tasks_database.DBTaskResult.args_kwargs": sans_les_mots,
    "django_tasks_database.DBTaskResult.backend_name": SansNom("un réglage"),
    "django_tasks_database.DBTaskResult.exception_class_path": SansNom("le nom d’une classe"),
    "django_tasks_database.DBTaskResult.queue_name": SansNom("le nom d’une file"),
    "django_tasks_database.DBTaskResult.return_value": sans_les_mots,
    "django_tasks_database.DBTaskResult.task_path": SansNom("le nom d’une tâche"),
    "django_tasks_database.DBTaskResult.traceback": sans_les_mots,
    "django_tasks_database.DBTaskResult.worker_ids": SansNom("le numéro d’un service"),
}
AILLEURS = {
    "accounts.ReadMailbox": "une empreinte de l’endroit de la boîte des retours, et deux nombres",
    "accounts.RecoveryCode": "l’empreinte d’un code d’agent",
    "auth.Group": "un groupe d’agents",
    "auth.Permission": "un droit",
    "contenttypes.ContentType": "le nom d’une table",
    "otp_totp.TOTPDevice": "le téléphone d’un agent",
    "sessions.Session": "celles de la famille sont effacées, ce que les autres disent d’elle aussi",
}


EFFACEMENTS = Effacements(
    avant=(Etape("comptes", hold),),
    racines=(Racine("accounts.User", identites),),
    colonnes={"accounts.User": COMPTE},
    apres=(
        Etape("tâches", forget_tasks),
        Etape("sessions", forget_sessions),
        Etape("historique", blank_entries),
        Etape("numéros", keep_numbers),
        Etape("fichiers", forget_files),
    ),
    textes=TEXTES,
    sans_texte=AILLEURS,
)
