"""What each adult of a child is told of the choices of another, outside the request. Arguments are identifiers only."""

from __future__ import annotations

from django.db import transaction

from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import Posting, fan_task, mail_task
from enfance.famille.absences.tasks import send_absences, tell_absences  # noqa: F401  as they wait in the queue
from enfance.famille.personnes import accord_context, mail_context, recipients
from enfance.models import Enfant, PersonneAutorisee


@fan_task("Personne autorisée ou retirée")
def tell_autorisation(personnes: list[int], auteur_pk: int, retiree: bool) -> None:
    """Enqueue the mail that tells each other adult with access that a person may fetch children from now on, or no more
    (`retiree`). `personnes`: primary keys of the rows, one a child. Nothing once the rows or the author's account are
    gone.
    """
    lues, auteur = load_personnes(personnes), User.objects.filter(pk=auteur_pk).first()
    if not lues or auteur is None:
        return
    with transaction.atomic():
        for user in recipients({personne.enfant_id for personne in lues}, auteur):
            send_autorisation.enqueue(personnes, user.pk, auteur_pk, retiree)


@mail_task("Personne autorisée ou retirée")
def send_autorisation(posting: Posting, personnes: list[int], user_pk: int, auteur_pk: int, retiree: bool) -> None:
    """Send one adult the mail that says that a person may fetch children from now on, or no more (`retiree`), only of
    the children that they may see, in words that never name the other home. Nothing once the rows or the author's
    account are gone.
    """
    lues = load_personnes(personnes)
    auteur = User.objects.select_related("responsable").filter(pk=auteur_pk).first()
    if not lues or auteur is None:
        return
    for user in recipients({personne.enfant_id for personne in lues}, auteur):  # again: a right may be gone since
        if user.pk == user_pk:
            deliver(posting, "autorisation", user, mail_context(lues, auteur, user, retiree=retiree))


def load_personnes(personnes: list[int] | int) -> list[PersonneAutorisee]:
    """The rows of these primary keys, the eldest child's first. A single key, not in a list, comes from a task that the
    previous version of the program enqueued.
    """
    pks = personnes if isinstance(personnes, list) else [personnes]
    lues = PersonneAutorisee.objects.filter(pk__in=pks).select_related("enfant")
    return list(lues.order_by("enfant__date_naissance", "enfant__prenom", "enfant"))


@fan_task("Santé montrée à la cantine, ou non")
def tell_accord(enfant_pk: int, auteur_pk: int) -> None:
    """Enqueue the mail that tells each other adult with access that what the canteen sees of this child has changed.
    Nothing once the author's account is gone.
    """
    auteur = User.objects.filter(pk=auteur_pk).first()
    if auteur:
        with transaction.atomic():
            for user in recipients([enfant_pk], auteur):
                send_accord.enqueue(enfant_pk, user.pk, auteur_pk)


@mail_task("Santé montrée à la cantine, ou non")
def send_accord(posting: Posting, enfant_pk: int, user_pk: int, auteur_pk: int) -> None:
    """Send one adult the mail that says that what the canteen sees of this child has changed, without a word
    of health.
    """
    enfant = Enfant.objects.filter(pk=enfant_pk).first()
    auteur = User.objects.select_related("responsable").filter(pk=auteur_pk).first()
    if enfant is None or auteur is None:
        return
    for user in recipients([enfant_pk], auteur):  # asked again: a right may be gone since
        if user.pk == user_pk:
            deliver(posting, "accord_cantine", user, accord_context(enfant, auteur, user))
