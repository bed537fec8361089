"""What is not deleted, as a closure names it: without it, that closure would be of the whole town. Nor what a row of an
app above names, for the same reason.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.text import capfirst

from enfance.mairie.filtres import ParEcoleAdmin
from enfance.models import Fermeture


class NommeParFermeturesAdmin(ParEcoleAdmin):
    """Rows that a closure may name, in its field `nommes`; none named means all of them."""

    nommes = ""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Forbids to delete a row that a closure, or a row of another app, names. The links that only say which schools
        have the row are not shown among what would be deleted.
        """
        gone, counts, perms, kept = super().get_deleted_objects(objs, request)
        fermetures = Fermeture.objects.filter(**{f"{self.nommes}__in": list(objs)}).distinct()
        kept = [*kept, *(f"Fermeture\u00a0: {fermeture}" for fermeture in fermetures), *self._named_above(objs)]
        liens = {lien.remote_field.through._meta.verbose_name_plural for lien in self.model._meta.many_to_many}
        counts = {name: count for name, count in counts.items() if name not in liens}
        return [row for row in gone if not isinstance(row, list)] if len(counts) == 1 else gone, counts, perms, kept

    def _named_above(self, objs: Any) -> list[str]:
        """The rows of the apps above that name some of these among several, in words."""
        return [
            f"{capfirst(str(lien.related_model._meta.verbose_name))}\u00a0: {row}"
            for lien in self.model._meta.related_objects
            if lien.many_to_many and lien.related_model._meta.app_label != self.opts.app_label
            for row in lien.related_model._base_manager.filter(**{f"{lien.field.name}__in": list(objs)}).distinct()
        ]
