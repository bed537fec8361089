"""What the worker does for accounts. Arguments are identifiers only: rows of the queue are kept, and read by people."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.tasks import task
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import email_changes, emails, mailings, ratelimit, retention, temporary
from accounts.identifiants import as_query
from accounts.mailings import State
from accounts.models import EmailChange, TemporaryPassword, UndeliveredMail, User
from accounts.outbox import ADDRESS, CHANGE, IDENTIFIANT, Posting, mail_task
from accounts.rebonds import marks, reading
from portail.dates import date_heure

TURN = timedelta(seconds=20)  # between two looks at whether the mail of another task has left


@mail_task("Mot de passe temporaire", IDENTIFIANT, asked=True)
def send_temporary_password(
    posting: Posting, identifiant: str, force: bool = False, line: int | None = None, instead_of: int = 0
) -> None:
    """Make a temporary password and mail it to the account of this identifiant; nothing for an unknown or closed
    account (TMP-10), and a line of the list of undelivered mails for one without an address.

    The value lives in this function and in the mail, nowhere else (TMP-01). After a failed sending the next attempt
    makes another one `instead_of` it (TMP-11); until then it serves, as a server that hung may have taken the mail.
    While another mail is on its way with a value of this account, the task waits for its turn; when the address changes
    while its own is, another value leaves for the new one (TMP-07). `force` is the town hall's: it passes the ten
    minutes' cool-down. `line` is the key of the line of the mailing that asked for this mail, in which its outcome is
    written; a line that no longer waits stops a task that runs twice.
    """
    if line is not None and not mailings.is_waiting(line):
        return
    user = User.objects.called(identifiant)
    if user is None or not user.is_active:
        mailings.record_outcome(line, State.SKIPPED, now=timezone.now())
        return
    # A former number was counted as such by the page, which looks nothing up: all those of an account have one limit.
    is_former = identifiant != user.identifiant and posting.attempt == 0
    if is_former and ratelimit.wait_for_key(None, "forgot", user.identifiant, ratelimit.REQUEST_BY_KEY):  # LIM-16
        mailings.record_outcome(line, State.SKIPPED, now=timezone.now())
        return
    try:
        issued = temporary.issue(user, now=timezone.now(), force=force, instead_of=instead_of)
    except temporary.NoAddress:
        no_address = UndeliveredMail.Reason.NO_ADDRESS
        marks.record_undelivered(user, emails.subject_of("temporary_password"), no_address, now=timezone.now())
        mailings.record_outcome(line, State.FAILED, now=timezone.now())
        return
    except (temporary.StillSending, User.DoesNotExist):  # the latter: merged with another since it was looked up
        same = {"attempt": posting.attempt, "force": force, "line": line, "instead_of": instead_of}
        posting.enqueue(timezone.now() + TURN, user.identifiant, **same)
        return
    if issued is None:  # one was sent a few minutes ago, and stays good
        mailings.record_outcome(line, State.SKIPPED, now=timezone.now())
        return
    password, value = issued
    try:
        sent = emails.deliver(
            posting.of(identifiant, instead_of=password.pk, **({"line": line} if line else {})),
            "temporary_password",
            user,
            {
                "identifiant": user.identifiant,
                "value": value,
                "expires_at": date_heure(password.expires_at),
                "has_password": user.has_usable_password(),
            },
            check=partial(_check_value, password),
        )
    except emails.Withdrawn:
        sent, outcome = False, State.SKIPPED
    else:
        outcome = State.SENT if sent else State.FAILED
    if sent:
        temporary.mark_sent(password, now=timezone.now())
    if outcome is State.FAILED:  # `deliver` has asked for another try, but after the last
        if posting.retry_at is None:
            mailings.record_outcome(line, outcome, now=timezone.now())
    elif temporary.was_left_behind(password):
        following = {"attempt": posting.attempt, "force": force, "line": line, "instead_of": password.pk}
        send_temporary_password.enqueue(user.identifiant, **following)
    else:
        mailings.record_outcome(line, outcome, now=timezone.now())


def _check_value(password: TemporaryPassword) -> None:
    """Raise Withdrawn when this temporary password no longer serves, NotDelivered when it is too late (TMP-07)."""
    if temporary.find_live(password.pk, now=timezone.now()) is None:
        raise emails.Withdrawn
    if not temporary.may_leave(password, now=timezone.now()):
        raise emails.NotDelivered(UndeliveredMail.Reason.UNREACHABLE)


@mail_task("Identifiants oubliés", ADDRESS, asked=True)
def send_identifiants(posting: Posting, email: str) -> None:
    """Mail to this address the identifiants of its open accounts; nothing for an unknown address.

    It goes to the address that the town hall wrote down, not to the one that was typed.
    """
    users = list(User.objects.filter(email__iexact=email, is_active=True).order_by("pk")) if email else []
    if not users:
        return
    emails.deliver(
        posting,
        "identifiants_oublies",
        users[0],
        {
            "users": users,
            "first_name": users[0].get_short_name() if len(users) == 1 else "",
            "query": as_query(users[0].identifiant) if len(users) == 1 else "",
        },
    )


@mail_task("Alerte\u00a0: des connexions échouent par centaines", asked=True)
def send_login_alarm(posting: Posting, user_pk: int, what: str, when_iso: str) -> None:
    """Mail a member of the IT service that logins fail by hundreds (`what` is `spraying`), or that an account has been
    tried until its day's limit (`full_day`) (LIM-09). `when_iso`: the instant, in ISO 8601. Nothing for an account that
    is closed or has no address."""
    if user := User.objects.addressee(pk=user_pk):
        said = {"what": what, "when": date_heure(datetime.fromisoformat(when_iso))}
        emails.deliver(posting, "login_alarm", user, said)


@mail_task("Mot de passe changé", asked=True)
def send_password_changed(posting: Posting, user_pk: int, when_iso: str) -> None:
    """Mail an account that its password was changed, and when (`when_iso`, an instant in ISO 8601); without an address,
    nothing can be told."""
    user = User.objects.filter(pk=user_pk).exclude(email="").first()
    if user:
        said = {"changed_at": date_heure(datetime.fromisoformat(when_iso))}
        emails.deliver(posting, "password_changed", user, said)


@mail_task("Nouvelle adresse e-mail demandée", CHANGE, asked=True)
def send_email_change_asked(posting: Posting, change_pk: int) -> None:
    """Tell the present address of an account that a change to another one was asked for, and what to do if it was
    somebody else; also when the change was closed since."""
    change = _change(change_pk)
    if change is None:
        return
    change.user.email = change.former  # of this object alone: nothing is saved
    emails.deliver(posting, "email_change_asked", change.user, {"asked_at": date_heure(change.asked_at)})


@mail_task("Adresse e-mail à confirmer", CHANGE, asked=True)
def send_email_confirmation(posting: Posting, change_pk: int) -> None:
    """Mail to a new e-mail address the link that confirms it, if the change still waits; not twice in ten minutes.

    Nothing in it tells whose account it is: the address may be a slip of the pen, and its reader a stranger.
    """
    change = _change(change_pk)
    if change is None or not email_changes.is_live(change, now=posting.now):
        return
    if email_changes.was_sent_lately(change, now=posting.now):
        return
    change.user.email = change.email  # of this object alone: nothing is saved
    sent = emails.deliver(
        posting,
        "email_confirmation",
        change.user,
        {
            "first_name": "",
            "expires_at": date_heure(change.expires_at),
            "confirm_url": settings.SITE_URL + reverse("accounts:confirm_email", args=[email_changes.token_of(change)]),
        },
    )
    if sent:
        email_changes.mark_sent(change, now=timezone.now())


@mail_task("Adresse e-mail changée", CHANGE, asked=True)
def send_address_changed(posting: Posting, change_pk: int, to_former: bool) -> None:
    """Tell an account that its e-mail address was changed, at the former address (`to_former`) or at the new one;
    nothing while the change still waits."""
    change = _change(change_pk)
    if change is None or change.closed_at is None:
        return
    change.user.email = change.former if to_former else change.email  # of this object alone: nothing is saved
    said = {"changed_at": date_heure(change.closed_at), "to_former": to_former}
    emails.deliver(posting, "email_changed", change.user, said)


def _change(pk: int) -> EmailChange | None:
    return EmailChange.objects.select_related("user").filter(pk=pk).first()


@mail_task("Deuxième facteur", asked=True)
def send_second_factor_notice(posting: Posting, user_pk: int, what: str, when_iso: str) -> None:
    """Mail an agent that the second factor was changed or used: `what` is `enrolled`, `used` (a recovery code),
    `renewed` or `reset`, `when_iso` the instant in ISO 8601. Nothing without an address."""
    user = User.objects.filter(pk=user_pk).exclude(email="").first()
    if user is None:
        return
    emails.deliver(
        posting,
        "second_factor",
        user,
        {
            "what": what,
            "when": date_heure(datetime.fromisoformat(when_iso)),
            "codes_left": user.recovery_codes.filter(used_at=None).count(),
        },
    )


@mail_task("Deux comptes réunis", asked=True)
def send_accounts_merged(posting: Posting, user_pk: int, former: str, given_up: str = "") -> None:
    """Mail a person that their two accounts were merged, and which identifiant to use instead of `former`; sent to the
    address `given_up` when there is one, else to that of the account."""
    user = User.objects.filter(pk=user_pk).first()
    if user is None:
        return
    if given_up:
        user.email = given_up  # of this object alone: nothing is saved
    if user.email:
        said = {"identifiant": user.identifiant, "former": former, "given_up": bool(given_up)}
        emails.deliver(posting, "accounts_merged", user, said)


@task()
def read_returns() -> None:
    """Read the mail that was returned as undeliverable, then delete this task's own results older than an hour.

    The task runs hundreds of times a day, and its successful results tell nothing.
    """
    reading.read_returns(now=timezone.now())
    mine = DBTaskResult.objects.successful().filter(task_path=read_returns.module_path)
    mine.filter(finished_at__lt=timezone.now() - timedelta(hours=1)).delete()


@task()
def purge() -> None:
    """Delete, in all apps, the data of each night's kinds that were kept longer than they may be."""
    retention.purge(now=timezone.now())
