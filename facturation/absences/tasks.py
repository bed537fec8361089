"""The mail that tells a family what the town hall answered for an absence, outside the request. Identifiers only."""

from __future__ import annotations

from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import Posting, mail_task
from facturation.absences.courriels import load_reponses_dites, reponse_context


@mail_task("Réponse à une absence")
def send_reponse_absence(posting: Posting, user_pk: int, reponses: list[int]) -> None:
    """Task: mail one adult (primary key of the account) what the town hall answered for the absences
    of one decision, but those for which a later answer has taken its place.
    """
    user = User.objects.addressee(pk=user_pk)
    lues = load_reponses_dites(reponses)
    if user and lues:
        deliver(posting, "reponse_absence", user, reponse_context(lues, user))
