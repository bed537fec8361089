"""Which rows were made one: whoever erases one erases the other in an archive where they were still two."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Model

from conservation.models import Reunion


def note(double: Model, reste: Model) -> None:
    """Record that the row `double` was merged into the row `reste` of the same model. Call it in the transaction that
    merges them.
    """
    Reunion.objects.create(modele=reste._meta.label, double=double.pk, reste=reste.pk)


def doubles_of(modele: str, cles: Collection[int]) -> set[int]:
    """The keys of the rows that were merged into these rows of this model (as « enfance.Enfant »), directly or through
    another merged row.
    """
    found: set[int] = set()
    wanted = set(cles)
    while wanted:
        rows = Reunion.objects.filter(modele=modele, reste__in=wanted).values_list("double", flat=True)
        wanted = set(rows) - found
        found |= wanted
    return found


def forget(modele: str, cles: Collection[int]) -> None:
    """Delete the records of what was merged into these rows, which are erased: the `Effacement` of each merged key
    tells it from now on.
    """
    Reunion.objects.filter(modele=modele, reste__in=cles).delete()
