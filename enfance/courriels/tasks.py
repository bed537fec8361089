"""Work outside the request: the mails that a save causes. Arguments are identifiers only."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.emails import deliver, subject_of, try_address
from accounts.models import User
from accounts.outbox import Posting, Recipient, fan_task, mail_task
from accounts.rebonds.marks import record_undelivered
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
def send_confirmation(posting: Posting, enregistrement_pk: int, user_pk: int) -> None:
    """Send this account the mail that tells what a save changed; nothing when the account has no address (the page gave
    the reference).
    """
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    user = User.objects.addressee(pk=user_pk)
    if enregistrement and user:
        name, context = fermeture.mail_of(enregistrement, user, now=posting.now)
        deliver(posting, name, user, context)


@mail_task("Inscriptions enregistrées par un parent", AUTEUR, asked=True)
def send_enregistrements(posting: Posting, premier_pk: int) -> None:
    """Send a parent the one mail that tells what is left of their saves of five minutes, of which `premier_pk` is the
    first; nothing without an address (the page gave the references).
    """
    ensemble = Enregistrement.objects.filter(Q(pk=premier_pk) | Q(dit_avec=premier_pk))
    enregistrements = list(ensemble.order_by("pk"))
    if user := User.objects.addressee(enregistrements__pk=premier_pk):
        name, context = confirmation.mail_of_several(enregistrements, user, now=posting.now)
        deliver(posting, name, user, context)


@fan_task("Inscriptions changées par la mairie")
def tell_family(enregistrement_pk: int) -> None:
    """Enqueue a mail to each adult who may see the children that the town hall's save changed, one an address."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    if enregistrement is None:
        return
    with transaction.atomic():
        for user in fermeture.recipients(enregistrement):
            send_confirmation.enqueue(enregistrement_pk, user.pk)


@fan_task("Changements d’école")
def tell_ecole(enregistrement_pk: int) -> None:
    """Enqueue a mail to each adult who may see the children of this save, on what a change of school made of their
    inscriptions, one an address.
    """
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    if enregistrement is None:
        return
    with transaction.atomic():
        for user in fermeture.recipients(enregistrement):
            send_ecole.enqueue(user.pk, enregistrement_pk)


@mail_task("Changement d’école")
def send_ecole(posting: Posting, user_pk: int, enregistrement_pk: int) -> None:
    """Send one adult the mail that tells what a change of school moved and cancelled."""
    enregistrement = Enregistrement.objects.filter(pk=enregistrement_pk).first()
    user = User.objects.addressee(pk=user_pk)
    if enregistrement and user:
        deliver(posting, "ecole", user, ecole.ecole_context(enregistrement, user))


@mail_task("Garde changée")
def send_garde(posting: Posting, user_pk: int, enfants: list[int], enregistrement_pk: int | None) -> None:
    """Send one adult the mail that tells where these children live from now on, as the town hall changed it, and what
    was cancelled with the change.
    """
    if user := User.objects.addressee(pk=user_pk):
        today = timezone.localdate(posting.now)
        deliver(posting, "garde", user, garde.garde_context(user, enfants, enregistrement_pk, today=today))


def named(adresse: Adresse) -> dict[str, int]:
    """The arguments that name this address in a canteen task: its first school as `ecole_pk`, or nothing for the town's
    address.
    """
    return {} if adresse.cle is None else {"ecole_pk": adresse.cle}


def tell_cantines(enregistrement_pk: int) -> None:
    """Enqueue the mail of a closure, or of its opening again, to each address of the canteens."""
    for adresse in load_adresses():
        if adresse.courriel:
            tell_cantine.enqueue(enregistrement_pk, **named(adresse))


@mail_task("Fermeture, pour la cantine", CANTINE)
def tell_cantine(posting: Posting, enregistrement_pk: int, ecole_pk: int | None = None) -> None:
    """Send the association, at the address of this school or at the town's, the children whose lunch break a closure
    takes away or gives back; nothing when there is no such child.

    If it cannot leave, it joins the town hall's list of undelivered mails, under the name of the agent who made the
    closure.
    """
    enregistrement = Enregistrement.objects.select_related("auteur").filter(pk=enregistrement_pk).first()
    adresse = load_adresse(ecole_pk)
    if enregistrement is None or adresse is None or not adresse.courriel:
        return
    context = fermeture.cantine_context(enregistrement, adresse.ecoles)
    if context is None:
        return
    name = "fermeture_cantine"
    reason = try_address(posting, name, adresse.courriel, context)
    if reason and not posting.retry() and enregistrement.auteur:
        record_undelivered(enregistrement.auteur, subject_of(name, context), reason, now=posting.now)


@mail_task("Repas sans pause méridienne")
def send_repas(posting: Posting, user_pk: int) -> None:
    """Send one adult the mail about the meals of their children that lack the lunch break; nothing if none lacks it any
    more.
    """
    user = User.objects.addressee(pk=user_pk)
    responsable = Responsable.objects.select_related("foyer").filter(user=user).first() if user else None
    if user and responsable:
        deliver(posting, "repas", user, confirmation.repas_context(responsable, now=posting.now))


@fan_task("Rappels du soir")
def send_rappels() -> None:
    """Enqueue a reminder, to each adult who asked for them, of the days whose deadline is near: run each evening, or
    the morning after when the evening was missed.
    """
    jours = [jour.isoformat() for jour in rappel.jours_a_rappeler(now=timezone.now())]
    if jours:
        with transaction.atomic():
            for responsable in rappel.destinataires():
                send_rappel.enqueue(responsable.pk, jours)


@mail_task("Rappel du soir", RESPONSABLE)
def send_rappel(posting: Posting, responsable_pk: int, jours_iso: list[str]) -> None:
    """Send one adult the reminder of these days, if they may still change something; a day already reminded of is left
    out. A second attempt sends the days that the first has noted.
    """
    responsable = Responsable.objects.with_rappel().filter(pk=responsable_pk).first()
    if responsable is None:
        return
    now = posting.now
    jours = rappel.build_rappel(responsable, [date.fromisoformat(jour) for jour in jours_iso], now=now)
    if posting.attempt == 0:
        nouveaux = rappel.retenir(responsable, [jour.jour for jour in jours], now=now)
        jours = [jour for jour in jours if jour.jour in nouveaux]
    if jours:
        context = rappel.rappel_context(jours, responsable)
        deliver(
            posting.of(responsable_pk, [jour.jour.isoformat() for jour in jours]),
            "rappel",
            responsable.user,
            context,
            headers={
                "List-Unsubscribe": f"<{context['stop_url']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # RFC 8058
            },
        )
