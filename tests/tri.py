"""What a test asks of the column that sorts names."""

from django.apps import apps

from portail.lettres import cle_tri
from portail.tri import SortedByName


def unsorted_rows() -> list[str]:
    """The rows whose sort key is not that of their names."""
    return [
        f"{row!r}: {row.tri}"
        for model in apps.get_models()
        if issubclass(model, SortedByName) and not model._meta.proxy
        for row in model._base_manager.all()
        if row.tri != cle_tri(row.names_to_sort())
    ]
