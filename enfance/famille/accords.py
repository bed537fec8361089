"""Whether the canteen may know that a child has an allergy or a PAI: a family's free choice; its only writer.

Health leaves the town hall by an explicit agreement alone (GDPR, article 9-2-a). Either parent gives it or takes it
back, and each other adult with access is told, in a mail that names no health.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from enfance.famille.tasks import tell_accord
from enfance.models import Enfant


def choisir(enfant: Enfant, auteur: User, accord: bool, *, now: datetime) -> bool:
    """Give (`accord`) or take back the agreement by which the canteen knows that this child has an allergy or a PAI.
    Returns False when nothing changes, or when it is given for a child who has neither.
    """
    dossiers: Any = Enfant.objects.filter(pk=enfant.pk, pai_cantine=not accord)
    if accord:
        dossiers = dossiers.filter(Q(pai=True) | ~Q(consigne=""))
    with transaction.atomic():
        changed: int = dossiers.update(pai_cantine=accord, pai_cantine_le=now, pai_cantine_par=auteur)
        if changed:
            tell_accord.enqueue(enfant.pk, auteur.pk)
    return changed > 0
