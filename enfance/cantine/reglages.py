"""The association's own choice; its only writer."""

from __future__ import annotations

from datetime import time

from django.db import transaction

from enfance.cantine.matin import load_reglage
from enfance.cantine.tasks import plan_cantine
from enfance.cantines import Adresse
from enfance.models import ReglageCantine


def choisir_heure(heure: time | None, user_id: int | None, adresse: Adresse | None = None) -> None:
    """Set the hour (Paris) at which the canteen mail leaves each school morning to this address, by default the town's;
    None: no mail. It holds for today too, unless today's mail has left. `user_id`: who chose.
    """
    with transaction.atomic():
        reglage = load_reglage(adresse or Adresse(""))
        ReglageCantine.objects.update_or_create(
            pk=reglage.pk,
            defaults={"heure_courriel": heure, "choisie_par_id": user_id, "ecole_id": reglage.ecole_id},
        )
        plan_cantine.enqueue()
