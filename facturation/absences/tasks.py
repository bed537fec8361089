"""The mail that tells a family what the town hall answered for an absence, outside the request. Identifiers only."""

from __future__ import annotations

from django.utils import timezone

from accounts.emails import deliver
from accounts.models import User
from accounts.outbox import mail_task
from facturation.absences.courriels import load_reponses_dites, reponse_context


@mail_task("Réponse à une absence")
def send_reponse_absence(user_pk: int, reponses: list[int], attempt: int = 0) -> None:
    """Tell one adult what the town hall answered for an absence; nothing when a later answer has taken its place."""
    user = User.objects.filter(pk=user_pk, is_active=True).exclude(email="").first()
    lues = load_reponses_dites(reponses)
    if user is None or not lues:
        return
    context = reponse_context(lues, user)
    if context:
        args = [user_pk, reponses]
        deliver(
            "reponse_absence", user, context, again=send_reponse_absence, args=args, attempt=attempt, now=timezone.now()
        )
