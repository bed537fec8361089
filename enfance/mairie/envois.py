"""The only writer of what the town hall sends to many families: their credentials, its messages.

Seen before it is sent. One task a mail, enqueued with the line that follows it (`accounts.mailings`), in one
transaction: what is asked twice, by a double click or by two agents, leaves once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import journal, mailings, passwords
from accounts.emails import record_undelivered
from accounts.models import Mailing, UndeliveredMail, User
from accounts.passwords import Sending
from enfance.mairie.destinataires import Courrier, Public
from enfance.mairie.tasks import send_message, send_message_test
from enfance.models import Actualite, Message, Responsable


@dataclass(frozen=True)
class BilanEnvoi:
    """What a sending of credentials does, or would do. Without `envoi`, nothing was sent."""

    adultes: tuple[Responsable, ...]
    connectes: int
    par_suite: dict[Sending, list[User]]
    envoi: Mailing | None

    @property
    def envoyes(self) -> list[User]:
        return self.par_suite[Sending.ASKED]

    @property
    def sans_courriel(self) -> list[Responsable]:
        sans = {user.pk for user in self.par_suite[Sending.NO_ADDRESS]}
        return [adulte for adulte in self.adultes if adulte.user_id in sans]

    @property
    def encore_valables(self) -> list[User]:
        return self.par_suite[Sending.STILL_VALID]

    @property
    def en_route(self) -> list[User]:
        return self.par_suite[Sending.WAITING]


def envoyer_identifiants(
    public: Public, *, connectes: bool, now: datetime, par: int | None = None, simuler: bool = False
) -> BilanEnvoi:
    """Send each adult of these families who never came in their identifiant and a temporary password.

    `connectes` sends to the others as well. Those without e-mail are told of: a letter is for them.
    """
    adultes = tuple(public.responsables(today=timezone.localdate(now)))
    voulus = [adulte for adulte in adultes if connectes or adulte.user.last_login is None]
    envoi, par_suite = passwords.send_temporary_passwords(
        [adulte.user for adulte in voulus], recipients=public.phrase, by=par, now=now, simulate=simuler
    )
    return BilanEnvoi(tuple(voulus), len(adultes) - len(voulus), par_suite, envoi)


def public_of(message: Message) -> Public:
    return Public(tuple(message.classes.all()), message.creneau, message.jour, tuple(message.ecoles.all()))


def envoyer(message: Message, *, par: int, now: datetime) -> bool:
    """Send this draft, one mail an address; False when it was sent already, or when nobody can receive it.

    The first of two clicks takes it, by a conditional UPDATE.
    """
    with transaction.atomic():
        brouillon = Message.objects.filter(pk=message.pk, envoye_le=None)
        if not brouillon.update(envoye_le=now, auteur=par):
            return False
        message.refresh_from_db()
        courrier = Courrier.of(public_of(message), today=timezone.localdate(now))
        comptes = courrier.comptes
        if not comptes:
            transaction.set_rollback(True)
            return False
        message.destinataires = public_of(message).phrase[:200]
        message.nombre = len(comptes)
        message.envoi, lines = mailings.open_mailing(
            Mailing.Mail.MESSAGE, comptes, recipients=f"{message.objet}, {message.destinataires}", by=par, now=now
        )
        message.save(update_fields=["destinataires", "nombre", "envoi"])
        for line in lines:
            send_message.enqueue(message.pk, line.pk)
        for adulte in courrier.refuses:
            record_undelivered(message.objet, adulte.user, UndeliveredMail.Reason.STOPPED, now=now)
    journal.event("message_sent", user=par, message=message.pk, mails=len(comptes))
    return True


def essayer(message: Message, user: User) -> bool:
    """Send the message to the agent who writes it, as families will read it; False without an address."""
    if not user.email:
        return False
    send_message_test.enqueue(message.pk, user.pk)
    return True


def retirer(actualite: Actualite, *, now: datetime) -> bool:
    """Take this news off the families' home page; whether it was still there to be taken."""
    return Actualite.objects.filter(pk=actualite.pk, retiree_le=None).update(retiree_le=now) == 1
