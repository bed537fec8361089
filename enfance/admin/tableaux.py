"""Tables out of the admin, CSV or XLSX, never in: files from elsewhere have readers of their own."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ExportForm
from import_export.resources import Resource
from tablib import Dataset

from accounts import journal, sessions
from accounts.site import TownHallAdmin
from enfance.models import Enfant
from enfance.tableur import defuse, to_csv


class TableCSV(CSV):
    def export_data(self, dataset: Dataset, **kwargs: Any) -> str:
        return to_csv(dataset.headers, dataset)

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"


class TableXLSX(XLSX):
    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        safe = [tuple(map(defuse, row)) for row in dataset]
        return super().export_data(Dataset(*safe, headers=dataset.headers), **kwargs)


class TableForm(ExportForm):
    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].label = "Format du fichier"


class ExportAdmin(ExportMixin, TownHallAdmin):
    """A list that goes out as a table, as it is filtered: by a right of its own and a password just typed (ADM-05)."""

    export_formats: ClassVar = [TableCSV, TableXLSX]
    export_form_class = TableForm
    import_export_change_list_template = "admin/liste_exportable.html"
    export_template_name = "admin/exporter.html"

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.export_{self.opts.model_name}")

    def export_action(self, request: HttpRequest) -> HttpResponse:
        if self.has_export_permission(request) and not sessions.is_fresh(request.session, now=timezone.now()):
            return redirect(reverse("accounts:confirm", query={"next": request.get_full_path()}))
        if "export_items" in request.POST:  # a selection made by the package's own action, which we do not offer
            raise BadRequest("No selection here.")
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            raise BadRequest("No such filter.") from None

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any) -> Any:
        data = super().get_export_data(file_format, request, queryset, **kwargs)
        journal.event(
            "export", user=request.user.pk, request=request, model=self.opts.model_name, rows=queryset.count()
        )
        return data


class Table(Resource):
    """The columns of a table: what is not named here does not go out."""

    @classmethod
    def get_display_name(cls) -> str:
        return cls.__name__


class EnfantTable(Table):
    """No health here: it stays on the child's page."""

    nom = Field("nom", "Nom de famille")
    nom_usage = Field("nom_usage", "Nom d’usage")
    prenom = Field("prenom", "Prénom")
    date_naissance = Field("date_naissance", "Date de naissance")
    sexe = Field("get_sexe_display", "Sexe")
    ine = Field("ine", "INE")
    annee = Field(column_name="Année scolaire")
    niveau = Field(column_name="Niveau")
    classe = Field(column_name="Classe")
    depart = Field(column_name="Parti le")

    def dehydrate_annee(self, enfant: Enfant) -> str:
        return self._derniere(enfant, "annee")

    def dehydrate_niveau(self, enfant: Enfant) -> str:
        return self._derniere(enfant, "niveau")

    def dehydrate_classe(self, enfant: Enfant) -> str:
        return self._derniere(enfant, "classe")

    def dehydrate_depart(self, enfant: Enfant) -> str:
        return self._derniere(enfant, "depart")

    def _derniere(self, enfant: Enfant, name: str) -> str:
        """What the child's last year in the school says, as text."""
        values = [getattr(scolarite, name) for scolarite in enfant.dernieres[:1]]
        return str(values[0]) if values and values[0] else ""


class ResponsableTable(Table):
    identifiant = Field("user__identifiant", "Identifiant")
    civilite = Field("get_civilite_display", "Civilité")
    nom = Field("user__last_name", "Nom")
    prenom = Field("user__first_name", "Prénom")
    email = Field("user__email", "E-mail")
    telephone = Field("telephone", "Téléphone portable")
    telephone_domicile = Field("telephone_domicile", "Téléphone du domicile")
    telephone_travail = Field("telephone_travail", "Téléphone du travail")
    adresse = Field("foyer__adresse", "Adresse")
    code_postal = Field("foyer__code_postal", "Code postal")
    commune = Field("foyer__commune", "Commune")


class InscriptionTable(Table):
    jour = Field("jour", "Jour")
    creneau = Field("creneau__nom", "Créneau")
    nom = Field("enfant__nom", "Nom de l’enfant")
    prenom = Field("enfant__prenom", "Prénom de l’enfant")
    etat = Field("get_etat_display", "État")
    origine = Field("get_origine_display", "Origine")
    foyer = Field("foyer", "Foyer qui paie")
