"""The order of names in one column, the same on both databases, whatever their collation. Searches look into it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models.lookups import Contains, IContains

from portail.lettres import cle_tri


class TriField(models.CharField):
    """The names of a row as lists sort them, written at each save."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 700, "default": "", "editable": False, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Work out the key that sorts the row, from its names, before it is written."""
        if isinstance(model_instance, SortedByName):
            model_instance.tri = cle_tri(model_instance.names_to_sort())
        return super().pre_save(model_instance, add)


@TriField.register_lookup
class HoldsLetters(IContains):
    """Whether names hold these letters, in the way they are compared: « tri__icontains ». Both are in small letters, so
    no case is folded row by row.
    """

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """The SQL of a search that folds no case: both texts are in lower case."""
        return Contains(self.lhs, self.rhs).as_sql(compiler, connection)

    def get_prep_lookup(self) -> Any:
        """The text that is looked for, as the column of keys holds names."""
        if not isinstance(self.rhs, str):
            return super().get_prep_lookup()
        return cle_tri(self.rhs.split(" ")) or self.rhs  # a sign alone is in no name


class SortedQuerySet[Ligne: models.Model](models.QuerySet[Ligne]):
    def update(self, **kwargs: Any) -> int:
        """Update these rows, and the column `tri`, which sorts them, when a name changes; how many rows."""
        if not {*getattr(self.model, "NOMS", ())} & kwargs.keys():
            return super().update(**kwargs)
        with transaction.atomic(using=self.db):
            pks = list(self.values_list("pk", flat=True))
            changed = super().update(**kwargs)
            for row in self.model._base_manager.using(self.db).filter(pk__in=pks):
                row.save(update_fields=["tri"])
        return changed


class SortedByName(models.Model):
    """A row that lists sort by its names: `tri` is written whenever a field of `NOMS` is."""

    NOMS: ClassVar[tuple[str, ...]]
    tri = TriField("clé de tri")

    class Meta:
        abstract = True

    def save(self, *, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save the row; with `update_fields`, the key that sorts it is written too when a name is."""
        if update_fields is not None and set(self.NOMS) & set(update_fields := list(update_fields)):
            update_fields = [*update_fields, "tri"]
        super().save(update_fields=update_fields, **kwargs)

    def names_to_sort(self) -> Iterable[str]:
        """The names from which the key that sorts this row is made: the first sorts first, the last may only be
        searched."""
        return [getattr(self, nom) for nom in self.NOMS]
