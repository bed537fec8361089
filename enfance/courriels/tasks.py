"""Work outside the request: the mails that a save causes. Arguments are identifiers only."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import journal
from accounts.emails import RETRY_AFTER, NotDelivered, deliver, record_undelivered, send, subject_of
from accounts.models import User
from accounts.outbox import Recipient, again, fan_task, mail_task
from enfance.cantines import Adresse, load_adresse, load_adresses
from enfance.courriels import confirmation, ecole, fermeture, garde, rappel
from enfance.models import Enregistrement, Responsable

CANTINE = Recipient(
    "ecole_pk",
    lambda cles: {adresse.cle: adresse.courriel for adresse in load_adresses() if adresse.cle in cles},
)
AUTEUR = Recipient(
    "premier_pk",
    lambda pks: {e.pk: e.auteur for e in Enregistrement.objects.filter(pk__in=pks).select_related("auteur")},
)
RESPONSABLE = Recipient(
    "responsable_pk",
    lambda pks: {adulte.pk: adulte.user for adulte in Responsable.objects.filter(pk__in=pks).select_related("user")},
)


@mail_task("Inscriptions enregistrées ou changées")
def send_confirmation(enregistrement_pk: int, user_pk: int, attempt: int = 0) -> None:
    """Tell one account what a save changed; without an address, nothing: the page gave the reference."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    if enregistrement is None or user is None:
        return
    now = timezone.now()
    name, context = fermeture.mail_of(enregistrement, user, now=now)
    if context:
        args = [enregistrement_pk, user_pk]
        deliver(name, user, context, again=send_confirmation, args=args, attempt=attempt, now=now)


@mail_task("Inscriptions enregistrées par un parent", AUTEUR, asked=True)
def send_enregistrements(premier_pk: int, attempt: int = 0) -> None:
    """Tell a parent what is left of the saves of five minutes, of which this one is the first; without an address,
    nothing: the page gave the references.
    """
    ensemble = Enregistrement.objects.filter(Q(pk=premier_pk) | Q(dit_avec=premier_pk))
    enregistrements = list(ensemble.order_by("pk"))
    user = User.objects.filter(enregistrements__pk=premier_pk, is_active=True).exclude(email="").first()
    if user is None:
        return
    now = timezone.now()
    name, context = confirmation.mail_of_several(enregistrements, user, now=now)
    if context:
        deliver(name, user, context, again=send_enregistrements, args=[premier_pk], attempt=attempt, now=now)


@fan_task("Inscriptions changées par la mairie")
def tell_family(enregistrement_pk: int) -> None:
    """Tell each adult with access what the town hall changed, one mail an address."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    if enregistrement is None:
        return
    with transaction.atomic():
        for user in fermeture.recipients(enregistrement):
            send_confirmation.enqueue(enregistrement_pk, user.pk)


@fan_task("Changements d’école")
def tell_ecole(enregistrement_pk: int) -> None:
    """Tell each adult with access what a change of school made of the inscriptions of their children."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    if enregistrement is None:
        return
    with transaction.atomic():
        for user in fermeture.recipients(enregistrement):
            send_ecole.enqueue(user.pk, enregistrement_pk)


@mail_task("Changement d’école")
def send_ecole(user_pk: int, enregistrement_pk: int, attempt: int = 0) -> None:
    """Tell one adult what a change of school moved and cancelled."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    if enregistrement is None or user is None:
        return
    context = ecole.ecole_context(enregistrement, user)
    if context:
        args = [user_pk, enregistrement_pk]
        deliver("ecole", user, context, again=send_ecole, args=args, attempt=attempt, now=timezone.now())


@mail_task("Garde changée")
def send_garde(user_pk: int, enfants: list[int], enregistrement_pk: int | None, attempt: int = 0) -> None:
    """Tell one adult what the town hall changed in the garde of these children, and what it cancelled with it."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    if user is None:
        return
    now, args = timezone.now(), [user_pk, enfants, enregistrement_pk]
    context = garde.garde_context(user, enfants, enregistrement_pk, today=timezone.localdate(now))
    if context:
        deliver("garde", user, context, again=send_garde, args=args, attempt=attempt, now=now)


def named(adresse: Adresse) -> dict[str, int]:
    """What names this address among the arguments of a task: nothing names the town's."""
    return {} if adresse.cle is None else {"ecole_pk": adresse.cle}


def tell_cantines(enregistrement_pk: int) -> None:
    """Enqueue the mail of a closure, or of its opening again, to each address of the canteens."""
    for adresse in load_adresses():
        if adresse.courriel:
            tell_cantine.enqueue(enregistrement_pk, **named(adresse))


@mail_task("Fermeture, pour la cantine", CANTINE)
def tell_cantine(enregistrement_pk: int, attempt: int = 0, ecole_pk: int | None = None) -> None:
    """Tell the association, at the address of this school or at the town's, which of its children a closure takes from
    the lunch break, or gives back to it; nothing where that is nobody.

    What cannot leave joins the town hall's list, on the account of the agent who closed.
    """
    enregistrement = Enregistrement.objects.select_related("auteur").filter(pk=enregistrement_pk).first()
    adresse = load_adresse(ecole_pk)
    if enregistrement is None or adresse is None or not adresse.courriel:
        return
    context = fermeture.cantine_context(enregistrement, adresse.ecoles)
    if context is None:
        return
    now, name = timezone.now(), "fermeture_cantine"
    try:
        send(name, adresse.courriel, context)
    except NotDelivered as failure:
        journal.event("mail_failed", result=failure.reason.value, mail=name, attempt=attempt)
        if attempt < len(RETRY_AFTER):
            retry = again(tell_cantine, now + RETRY_AFTER[attempt])
            retry.enqueue(enregistrement_pk, attempt=attempt + 1, **named(adresse))
        elif enregistrement.auteur:
            record_undelivered(subject_of(name, context), enregistrement.auteur, failure.reason, now=now)
    else:
        journal.event("mail_sent", mail=name, attempt=attempt)


@mail_task("Repas sans pause méridienne")
def send_repas(user_pk: int, attempt: int = 0) -> None:
    """Tell one adult of the meals of their children that lack the lunch break, if there still are some."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    responsable = Responsable.objects.select_related("foyer").filter(user=user).first() if user else None
    if user is None or responsable is None:
        return
    now = timezone.now()
    context = confirmation.repas_context(responsable, now=now)
    if context:
        deliver("repas", user, context, again=send_repas, args=[user_pk], attempt=attempt, now=now)


@fan_task("Rappels du soir")
def send_rappels() -> None:
    """Each evening, or the morning after when nobody came by: remind who asked for it of the days that close soon."""
    jours = [jour.isoformat() for jour in rappel.jours_a_rappeler(now=timezone.now())]
    if jours:
        with transaction.atomic():
            for responsable in rappel.destinataires():
                send_rappel.enqueue(responsable.pk, jours)


@mail_task("Rappel du soir", RESPONSABLE)
def send_rappel(responsable_pk: int, jours_iso: list[str], attempt: int = 0) -> None:
    """Remind one adult, if there is still something to decide. A second attempt is of days that are noted already."""
    responsable = Responsable.objects.with_rappel().filter(pk=responsable_pk).first()
    if responsable is None:
        return
    now = timezone.now()
    jours = rappel.build_rappel(responsable, [date.fromisoformat(jour) for jour in jours_iso], now=now)
    if attempt == 0:
        nouveaux = rappel.retenir(responsable, [jour.jour for jour in jours], now=now)
        jours = [jour for jour in jours if jour.jour in nouveaux]
    if jours:
        context = rappel.rappel_context(jours, responsable)
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
