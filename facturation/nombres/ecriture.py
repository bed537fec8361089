"""The only writer of numbers of children: a row is added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from facturation.models import NombreEnfants
from facturation.payeurs.comptes import lock_payeurs

MAXIMUM = 20


@transaction.atomic
def noter(nombres: Mapping[int, int], debut: date, *, par: int, now: datetime) -> list[NombreEnfants]:
    """Write that these foyers (primary keys) have so many children from the month that begins on `debut`; the rows that
    say something new. All of them or none. `par` is the agent (primary key).
    """
    comptes = lock_payeurs(nombres.keys())
    nouveaux = []
    for foyer, nombre in sorted(nombres.items()):
        compte = comptes[foyer]
        tenu = compte.nombres_enfants.filter(debut__lte=debut).first()
        if tenu is None or tenu.nombre != nombre:
            nouveaux.append(NombreEnfants(compte=compte, nombre=nombre, debut=debut, saisi_le=now, saisi_par_id=par))
    return NombreEnfants.objects.bulk_create(nouveaux)
