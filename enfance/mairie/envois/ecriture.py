"""The only writer of what the town hall sends to many families: their credentials, its messages.

Seen before it is sent. One task a mail, enqueued with the line that follows it (`accounts.mailings`), in one
transaction: what is asked twice, by a double click or by two agents, leaves once. A message waits a little, and can be
called back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import journal, mailings, passwords
from accounts.models import Mailing, User
from accounts.passwords import Sending
from enfance.mairie.destinataires import Courrier, Public
from enfance.mairie.tasks import send_message_test, send_messages
from enfance.models import Actualite, Message, Responsable

ATTENTE = timedelta(minutes=5)  # in which a message can be called back


@dataclass(frozen=True)
class BilanEnvoi:
    """What a sending of credentials does, or would do. Without `envoi`, nothing was sent."""

    adultes: tuple[Responsable, ...]
    connectes: int
    par_suite: dict[Sending, list[User]]
    envoi: Mailing | None

    @property
    def envoyes(self) -> list[User]:
        """The accounts to which a temporary password is sent."""
        return self.par_suite[Sending.ASKED]

    @property
    def sans_courriel(self) -> list[Responsable]:
        """The adults without e-mail address, to whom nothing is sent: a letter is for them."""
        sans = {user.pk for user in self.par_suite[Sending.NO_ADDRESS]}
        return [adulte for adulte in self.adultes if adulte.user_id in sans]

    @property
    def encore_valables(self) -> list[User]:
        """The accounts to which nothing is sent because a temporary password sent before is still valid."""
        return self.par_suite[Sending.STILL_VALID]

    @property
    def en_route(self) -> list[User]:
        """The accounts to which nothing is sent because the mail of a sending before still waits to leave."""
        return self.par_suite[Sending.WAITING]


def envoyer_identifiants(
    public: Public, *, connectes: bool, now: datetime, par: int | None = None, simuler: bool = False
) -> BilanEnvoi:
    """Send their identifiant and a temporary password to the adults of these families who have never logged in, for the
    agent `par` (primary key).
    `connectes` sends to those who have logged in as well. Those without e-mail (a letter is for them), those whose
    temporary password is still valid and those whose mail still waits to leave get nothing and are reported. `simuler`
    reports what would be sent and sends nothing.
    """
    adultes = tuple(public.responsables(today=timezone.localdate(now)))
    voulus = [adulte for adulte in adultes if connectes or adulte.user.last_login is None]
    envoi, par_suite = passwords.send_temporary_passwords(
        [adulte.user for adulte in voulus], recipients=public.phrase, by=par, now=now, simulate=simuler
    )
    return BilanEnvoi(tuple(voulus), len(adultes) - len(voulus), par_suite, envoi)


def envoyer(message: Message, *, par: int, now: datetime) -> bool:
    """Send this draft of a message to its families, one mail an address, for the agent `par` (primary key): they leave
    five minutes after `now`, and until then it can be called back (`rappeler`). False when it was sent already, or when
    nobody can receive it: it stays a draft then.
    A conditional UPDATE marks it as sent first, so that of two clicks only one sends.
    """
    with transaction.atomic():
        brouillon = Message.objects.filter(pk=message.pk, envoye_le=None)
        if not brouillon.update(envoye_le=now, depart=now + ATTENTE, auteur=par):
            return False
        message.refresh_from_db()
        public = Public.of(message)
        comptes = Courrier.of(public, today=timezone.localdate(now)).comptes
        if not comptes:
            transaction.set_rollback(True)
            return False
        message.destinataires = public.phrase[:200]
        message.nombre = len(comptes)
        message.envoi, _lines = mailings.open_mailing(
            Mailing.Mail.MESSAGE, comptes, recipients=f"{message.objet}, {message.destinataires}", by=par, now=now
        )
        message.save(update_fields=["destinataires", "nombre", "envoi"])
        send_messages.using(run_after=message.depart).enqueue(message.envoi.pk)
    journal.event("message_sent", user=par, message=message.pk, mails=len(comptes))
    return True


def rappeler(message: Message, *, par: int) -> bool:
    """Call back this message before its mails leave, for the agent `par` (primary key): it is a draft again, to be
    corrected, and nothing is left of its sending. False when they are on their way already, or when somebody called it
    back before. What sends them (`tasks.send_messages`) updates the same row first: only one of the two does.
    """
    with transaction.atomic():
        if not Message.objects.filter(pk=message.pk).exclude(depart=None).update(depart=None, envoye_le=None):
            return False
        Mailing.objects.filter(message=message.pk).delete()
        message.refresh_from_db()
        message.destinataires, message.nombre = "", 0
        message.save(update_fields=["destinataires", "nombre"])
    journal.event("message_called_back", user=par, message=message.pk)
    return True


def essayer(message: Message, user: User) -> bool:
    """Send this message to the agent who writes it, as families will read it. False, and nothing is sent, when the
    agent has no e-mail address.
    """
    if not user.email:
        return False
    send_message_test.enqueue(message.pk, user.pk)
    return True


def retirer(actualite: Actualite, *, now: datetime) -> bool:
    """Take this news off the families' home page. Whether it was still there: False when somebody took
    it off before.
    """
    return Actualite.objects.filter(pk=actualite.pk, retiree_le=None).update(retiree_le=now) == 1
