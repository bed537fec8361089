"""The association's own choice; its only writer."""

from __future__ import annotations

from datetime import time

from django.db import transaction

from enfance.cantine.matin import UNIQUE
from enfance.cantine.tasks import plan_cantine
from enfance.models import ReglageCantine


def choisir_heure(heure: time | None, user_id: int | None) -> None:
    """From now on the mail of the morning leaves at this hour, today's too unless it has left; none without an hour."""
    with transaction.atomic():
        ReglageCantine.objects.update_or_create(
            pk=UNIQUE, defaults={"heure_courriel": heure, "choisie_par_id": user_id}
        )
        plan_cantine.enqueue()
