"""Which rows were made one: whoever erases one erases the other in an archive where they were still two."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Model

from conservation.models import Reunion


def note(double: Model, reste: Model) -> None:
    """Keep that `double` is `reste` from now on. Call it in the transaction that makes them one."""
    Reunion.objects.create(modele=reste._meta.label, double=double.pk, reste=reste.pk)


def doubles_of(modele: str, cles: Collection[int]) -> set[int]:
    """The keys that these rows had besides, those of doubles of doubles too."""
    found: set[int] = set()
    wanted = set(cles)
    while wanted:
        rows = Reunion.objects.filter(modele=modele, reste__in=wanted).values_list("double", flat=True)
        wanted = set(rows) - found
        found |= wanted
    return found


def forget(modele: str, cles: Collection[int]) -> None:
    """Their keys are told elsewhere: what was erased keeps each of them."""
    Reunion.objects.filter(modele=modele, reste__in=cles).delete()
