"""Work outside the request: the mails that a save causes. Arguments are identifiers only."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.tasks import task
from django.utils import timezone

from accounts import journal, mailings
from accounts.emails import RETRY_AFTER, NotDelivered, deliver, is_last, record_undelivered, send, subject_of
from accounts.models import MailingLine, User
from enfance import avis, avis_garde, destinataires, emails, matin, personnes, rappels
from enfance.models import Enfant, Enregistrement, ImportOnde, Message, PersonneAutorisee, Responsable


@task()
def send_confirmation(enregistrement_pk: int, user_pk: int, attempt: int = 0) -> None:
    """Tell one account what a save changed; without an address, nothing: the page gave the reference."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    if enregistrement is None or user is None:
        return
    now = timezone.now()
    name, context = avis.mail_of(enregistrement, user, now=now)
    if context:
        args = [enregistrement_pk, user_pk]
        deliver(name, user, context, again=send_confirmation, args=args, attempt=attempt, now=now)


@task()
def tell_family(enregistrement_pk: int) -> None:
    """Tell each adult with access what the town hall changed, one mail an address."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    if enregistrement is None:
        return
    with transaction.atomic():
        for user in avis.recipients(enregistrement):
            send_confirmation.enqueue(enregistrement_pk, user.pk)


@task()
def send_garde(user_pk: int, enfants: list[int], enregistrement_pk: int | None, attempt: int = 0) -> None:
    """Tell one adult what the town hall changed in the garde of these children, and what it cancelled with it."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    if user is None:
        return
    now, args = timezone.now(), [user_pk, enfants, enregistrement_pk]
    context = avis_garde.garde_context(user, enfants, enregistrement_pk, today=timezone.localdate(now))
    if context:
        deliver("garde", user, context, again=send_garde, args=args, attempt=attempt, now=now)


@task()
def tell_cantine(enregistrement_pk: int, attempt: int = 0) -> None:
    """Tell the association which children a closure takes from the lunch break, or gives back to it.

    What cannot leave joins the town hall's list, on the account of the agent who closed.
    """
    enregistrement = Enregistrement.objects.select_related("auteur").filter(pk=enregistrement_pk).first()
    context = avis.cantine_context(enregistrement) if enregistrement else None
    if enregistrement is None or context is None or not settings.CANTINE_COURRIEL:
        return
    now, name = timezone.now(), "fermeture_cantine"
    try:
        send(name, settings.CANTINE_COURRIEL, context)
    except NotDelivered as failure:
        journal.event("mail_failed", result=failure.reason.value, mail=name, attempt=attempt)
        if attempt < len(RETRY_AFTER):
            tell_cantine.using(run_after=now + RETRY_AFTER[attempt]).enqueue(enregistrement_pk, attempt=attempt + 1)
        elif enregistrement.auteur:
            record_undelivered(subject_of(name, context), enregistrement.auteur, failure.reason, now=now)
    else:
        journal.event("mail_sent", mail=name, attempt=attempt)


@task()
def plan_cantine() -> None:
    """Once a day before the first hour that may be chosen, and whenever another is: the mail of the morning."""
    now = timezone.now()
    depart = matin.depart(now=now)
    if depart:
        send_cantine.using(run_after=depart).enqueue(timezone.localdate(now).isoformat())


@task()
def send_cantine(jour_iso: str, depuis_iso: str | None = None, attempt: int = 0) -> None:
    """Tell the association who has lunch today. The first attempt takes the mail of the day; the others are its own,
    and none is left for the afternoon. What cannot leave joins the town hall's list, on the account of who chose.
    """
    now, jour, name = timezone.now(), date.fromisoformat(jour_iso), "cantine"
    depuis = datetime.fromisoformat(depuis_iso) if depuis_iso else None
    envoi = matin.Envoi(jour, depuis) if attempt else matin.take(jour, now=now)
    if envoi is None:
        return
    if not settings.CANTINE_COURRIEL or not matin.is_morning(jour, now=now):  # nobody worked between two attempts
        matin.give_back(envoi)
        return
    context = matin.matin_context(envoi, now=now)
    try:
        send(name, settings.CANTINE_COURRIEL, context)
    except NotDelivered as failure:
        journal.event("mail_failed", result=failure.reason.value, mail=name, attempt=attempt)
        again = now + RETRY_AFTER[attempt] if attempt < len(RETRY_AFTER) else now + timedelta(days=1)
        if matin.is_morning(jour, now=again):
            depuis_iso = envoi.depuis.isoformat() if envoi.depuis else None
            send_cantine.using(run_after=again).enqueue(jour_iso, depuis_iso, attempt=attempt + 1)
            return
        matin.give_back(envoi)
        if auteur := matin.load_reglage().choisie_par:
            record_undelivered(subject_of(name, context), auteur, failure.reason, now=now)
    else:
        journal.event("mail_sent", mail=name, attempt=attempt)


@task()
def send_repas(user_pk: int, attempt: int = 0) -> None:
    """Tell one adult of the meals of their children that lack the lunch break, if there still are some."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    responsable = Responsable.objects.select_related("foyer").filter(user=user).first() if user else None
    if user is None or responsable is None:
        return
    now = timezone.now()
    context = emails.repas_context(responsable, now=now)
    if context:
        deliver("repas", user, context, again=send_repas, args=[user_pk], attempt=attempt, now=now)


@task()
def send_rappels() -> None:
    """Each evening: remind who asked for it of the days that close tomorrow."""
    jours = [jour.isoformat() for jour in rappels.jours_a_rappeler(now=timezone.now())]
    if jours:
        with transaction.atomic():
            for responsable in rappels.destinataires():
                send_rappel.enqueue(responsable.pk, jours)


@task()
def send_rappel(responsable_pk: int, jours_iso: list[str], attempt: int = 0) -> None:
    """Remind one adult, if there is still something to decide. A second attempt is of days that are noted already."""
    responsable = Responsable.objects.with_rappel().filter(pk=responsable_pk).first()
    if responsable is None:
        return
    now = timezone.now()
    jours = rappels.build_rappel(responsable, [date.fromisoformat(jour) for jour in jours_iso], now=now)
    if attempt == 0:
        nouveaux = rappels.retenir(responsable, [jour.jour for jour in jours], now=now)
        jours = [jour for jour in jours if jour.jour in nouveaux]
    if jours:
        context = rappels.rappel_context(jours, responsable)
        deliver(
            "rappel",
            responsable.user,
            context,
            again=send_rappel,
            args=[responsable_pk, [jour.jour.isoformat() for jour in jours]],
            attempt=attempt,
            now=now,
            headers={
                "List-Unsubscribe": f"<{context['stop_url']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            },
        )


@task()
def tell_autorisation(personne_pk: int, auteur_pk: int, retiree: bool) -> None:
    """Tell each other adult with access that somebody may fetch the child from now on, or no more."""
    personne = PersonneAutorisee.objects.filter(pk=personne_pk).first()
    auteur = User.objects.filter(pk=auteur_pk).first()
    if personne is None or auteur is None:
        return
    with transaction.atomic():
        for user in personnes.recipients(personne.enfant_id, auteur):
            send_autorisation.enqueue(personne_pk, user.pk, auteur_pk, retiree)


@task()
def send_autorisation(personne_pk: int, user_pk: int, auteur_pk: int, retiree: bool, attempt: int = 0) -> None:
    """Tell one of them, in words that never name the other foyer."""
    personne = PersonneAutorisee.objects.select_related("enfant").filter(pk=personne_pk).first()
    auteur = User.objects.select_related("responsable").filter(pk=auteur_pk).first()
    if personne is None or auteur is None:
        return
    for user in personnes.recipients(personne.enfant_id, auteur):  # asked again: a right may be gone since
        if user.pk == user_pk:
            context = personnes.mail_context(personne, auteur, user, retiree=retiree)
            args = [personne_pk, user_pk, auteur_pk, retiree]
            again, now = send_autorisation, timezone.now()
            deliver("autorisation", user, context, again=again, args=args, attempt=attempt, now=now)


@task()
def send_message(message_pk: int, line_pk: int, attempt: int = 0) -> None:
    """Send the town hall's message to one account, unless its line says that this was done."""
    line = MailingLine.objects.filter(pk=line_pk, state=MailingLine.State.WAITING).select_related("user").first()
    message = Message.objects.filter(pk=message_pk).first()
    if line is None or message is None:
        return
    now = timezone.now()
    if not line.user.email or not line.user.is_active:  # changed since
        mailings.settle(line_pk, MailingLine.State.SKIPPED, now=now)
        return
    sent = deliver(
        "message",
        line.user,
        destinataires.message_context(message),
        again=send_message,
        args=[message_pk, line_pk],
        attempt=attempt,
        now=now,
        headers=destinataires.message_headers(),
    )
    if sent:
        mailings.settle(line_pk, MailingLine.State.SENT, now=timezone.now())
    elif is_last(attempt):
        mailings.settle(line_pk, MailingLine.State.FAILED, now=timezone.now())


@task()
def send_message_test(message_pk: int, user_pk: int, attempt: int = 0) -> None:
    """Send a message to the agent who writes it, and to nobody else."""
    message = Message.objects.filter(pk=message_pk).first()
    user = User.objects.filter(pk=user_pk, is_active=True, is_staff=True).exclude(email="").first()
    if message is None or user is None:
        return
    deliver(
        "message",
        user,
        destinataires.message_context(message),
        again=send_message_test,
        args=[message_pk, user_pk],
        attempt=attempt,
        now=timezone.now(),
        headers=destinataires.message_headers(),
    )


@task()
def purge_imports() -> None:
    """Each night: forget the imports of ONDE that nobody applied, and the files of the whole school that they hold;
    of the old ones, keep what was counted and no name.
    """
    now = timezone.now()
    ImportOnde.objects.abandonnes(now).delete()
    for ancien in ImportOnde.objects.filter(applique_le__lt=now - timedelta(days=settings.CONSERVATION_JOURNAL)):
        ImportOnde.objects.filter(pk=ancien.pk).update(bilan=ancien.bilan[:1])


@task()
def tell_accord(enfant_pk: int, auteur_pk: int) -> None:
    """Tell each other adult with access that what the canteen sees of the child has changed."""
    auteur = User.objects.filter(pk=auteur_pk).first()
    if auteur:
        with transaction.atomic():
            for user in personnes.recipients(enfant_pk, auteur):
                send_accord.enqueue(enfant_pk, user.pk, auteur_pk)


@task()
def send_accord(enfant_pk: int, user_pk: int, auteur_pk: int, attempt: int = 0) -> None:
    """Tell one of them, without a word of health."""
    enfant = Enfant.objects.filter(pk=enfant_pk).first()
    auteur = User.objects.select_related("responsable").filter(pk=auteur_pk).first()
    if enfant is None or auteur is None:
        return
    for user in personnes.recipients(enfant_pk, auteur):  # asked again: a right may be gone since
        if user.pk == user_pk:
            context, args = personnes.accord_context(enfant, auteur, user), [enfant_pk, user_pk, auteur_pk]
            deliver("accord_cantine", user, context, again=send_accord, args=args, attempt=attempt, now=timezone.now())
