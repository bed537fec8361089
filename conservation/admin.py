"""What was erased, as a list: days, tables and keys, for who has to show that it was. No name."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin

from accounts.site import ReadOnlyAdmin
from conservation.models import Effacement
from portail.dates import date_heure


@admin.register(Effacement)
class EffacementAdmin(ReadOnlyAdmin):
    """The list of what was erased, read only. Each row is written by an erasure in its own transaction; `ecrit_le` is
    set once the folder of backups tells it too.
    """

    list_display = ["le", "quoi", "cle", "sauvegardes"]
    date_hierarchy = "le"
    search_fields = ["=cle"]
    search_help_text = "Numéro de l’enfant, de l’adulte, du foyer ou du compte"
    fields = ["le", "quoi", "cle", "sauvegardes"]
    readonly_fields = ["quoi", "sauvegardes"]

    @admin.display(description="effacé", ordering="modele")
    def quoi(self, effacement: Effacement) -> str:
        """The French name of the table of the row that was erased, as « enfant », « foyer », « compte »."""
        return str(apps.get_model(effacement.modele)._meta.verbose_name)

    @admin.display(description="écrit près des sauvegardes", ordering="ecrit_le")
    def sauvegardes(self, effacement: Effacement) -> str:
        """When this erasure was written into the list in the folder of backups, in French words, Paris time; « pas
        encore » until then.
        """
        return date_heure(effacement.ecrit_le) if effacement.ecrit_le else "pas encore"
