"""Tables out of the admin, CSV or XLSX, never in: files from elsewhere have readers of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import batched
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.forms import ExportForm
from import_export.resources import Resource
from tablib import Dataset

from accounts import journal
from accounts.confirmation import password_asked
from accounts.site import TownHallAdmin
from enfance.mairie.ecoles import ecoles_offered
from enfance.mairie.extraction import Parcours, load_foyers
from enfance.models import Enfant, Inscription, Pointage, Scolarite
from enfance.seances import presence_du_jour
from portail.francais import milliers
from portail.tableur import XLSX_MAX, csv_blocks, to_csv, to_xlsx

ECOLE = "École"
LONG = 5_000  # rows
LOT = 2_000  # rows read at a time
TOO_LONG = (
    "Ce tableau a {}\u00a0lignes, et un fichier xlsx en tient {} au plus\u00a0: choisissez csv, ou moins de jours."
)
NOT_YET = "Votre tableau n’est pas encore sorti\u00a0: exportez-le de nouveau."


class TableCSV(CSV):
    def export_data(self, dataset: Dataset, **kwargs: Any) -> str:
        return to_csv(dataset.headers, dataset)

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"


class TableXLSX(XLSX):
    def export_data(self, dataset: Dataset, **kwargs: Any) -> bytes:
        return to_xlsx(dataset.title, dataset.headers, dataset)


class TableForm(ExportForm):
    def __init__(self, formats: Any, resources: Any, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].label = "Format du fichier"
        self.initial["format"] = formats.index(TableXLSX)


class ExportAdmin(ExportMixin, TownHallAdmin):
    """A list that goes out as a table, as it is filtered: by a right of its own and a password just typed (ADM-05)."""

    export_formats: ClassVar = [TableCSV, TableXLSX]
    export_form_class = TableForm
    import_export_change_list_template = "admin/liste_exportable.html"
    export_template_name = "admin/exporter.html"

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.export_{self.opts.model_name}")

    def export_action(self, request: HttpRequest) -> HttpResponseBase:
        if self.has_export_permission(request) and (answer := password_asked(request, back=request.get_full_path())):
            if request.method == "POST":
                self.message_user(request, NOT_YET, messages.WARNING)
            return answer
        if "export_items" in request.POST:  # a selection made by the package's own action, which we do not offer
            raise BadRequest("No selection here.")
        try:
            long = self.export_long(request) if self.has_export_permission(request) else None
            return long or super().export_action(request)
        except IncorrectLookupParameters:
            raise BadRequest("No such filter.") from None

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_export_resource_kwargs(request, **kwargs), "par_ecole": bool(ecoles_offered(request))}

    def export_long(self, request: HttpRequest) -> HttpResponseBase | None:
        """The answer to a form that asks for a table too long to be held; None for the others."""
        return None

    def get_data_for_export(self, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any) -> Dataset:
        dataset = super().get_data_for_export(request, queryset, **kwargs)
        dataset.title = capfirst(self.opts.verbose_name_plural)
        return dataset

    def get_export_data(self, file_format: Any, request: HttpRequest, queryset: QuerySet[Any], **kwargs: Any) -> Any:
        data = super().get_export_data(file_format, request, queryset, **kwargs)
        journal.event(
            "export", user=request.user.pk, request=request, model=self.opts.model_name, rows=queryset.count()
        )
        return data


class LongExportAdmin(ExportAdmin):
    """A list of a row a child, a day and a créneau. A long table goes out as CSV while it is read, a page at a time; a
    workbook holds so many rows and no more.
    """

    def export_long(self, request: HttpRequest) -> HttpResponseBase | None:
        sent = request.POST if request.method == "POST" else None
        form = TableForm(self.get_export_formats(), self.get_export_resource_classes(request), data=sent)
        if not form.is_valid():
            return None
        rows = super().get_export_queryset(request)  # without what a subquery a row tells
        if (number := rows.order_by().count()) <= LONG:
            return None
        if self.export_formats[int(form.cleaned_data["format"])] is TableCSV:
            table = self.resource_classes[0](**self.get_export_resource_kwargs(request))
            journal.event("export", user=request.user.pk, request=request, model=self.opts.model_name, rows=number)
            titres = [field.column_name for field in table.get_user_visible_fields()]
            blocs = csv_blocks(titres, table.cellules(rows))
            name = self.get_export_filename(request, rows, TableCSV())
            response = StreamingHttpResponse(blocs, content_type=TableCSV().get_content_type())
            response["Content-Disposition"] = f'attachment; filename="{name}"'
            return response
        if number <= XLSX_MAX:
            return None
        form.add_error("format", TOO_LONG.format(milliers(number), milliers(XLSX_MAX)))
        context = self.init_request_context_data(request, form)
        return TemplateResponse(request, [self.export_template_name], context)


class Colonne(Field):
    """Dates and times go out as such, the rest as text."""

    def export(self, instance: Any, **kwargs: Any) -> Any:
        value = self.get_value(instance)
        return value if isinstance(value, date | time) else super().export(instance, **kwargs)


class TableExportee(Resource):
    """The columns of a table: what is not named here does not go out; the school, where there are several."""

    def __init__(self, *, par_ecole: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not par_ecole:
            self.fields.pop("ecole", None)

    @classmethod
    def get_display_name(cls) -> str:
        return cls.__name__

    def places_of(self, parcours: Parcours, enfant: int, jour: date) -> tuple[str, ...]:
        """The cells that say where the child was that day: its school where there are several, its class."""
        ecole, classe = parcours.of(enfant, jour)
        return (ecole, classe) if "ecole" in self.fields else (classe,)


class EnfantTable(TableExportee):
    """No health here: it stays on the child's page."""

    nom = Colonne("nom", "Nom de famille")
    nom_usage = Colonne("nom_usage", "Nom d’usage")
    prenom = Colonne("prenom", "Prénom")
    date_naissance = Colonne("date_naissance", "Date de naissance")
    sexe = Colonne("get_sexe_display", "Sexe")
    ine = Colonne("ine", "INE")
    annee = Colonne(column_name="Année scolaire")
    niveau = Colonne(column_name="Niveau")
    ecole = Colonne(column_name=ECOLE)
    classe = Colonne(column_name="Classe")
    depart = Colonne(column_name="Parti le")

    def dehydrate_annee(self, enfant: Enfant) -> str:
        return "".join(str(scolarite.annee) for scolarite in self._montree(enfant))

    def dehydrate_niveau(self, enfant: Enfant) -> str:
        return "".join(scolarite.niveau for scolarite in self._montree(enfant))

    def dehydrate_ecole(self, enfant: Enfant) -> str:
        return "".join(str(scolarite.ecole) for scolarite in self._montree(enfant))

    def dehydrate_classe(self, enfant: Enfant) -> str:
        return "".join(str(scolarite.classe or "") for scolarite in self._montree(enfant))

    def dehydrate_depart(self, enfant: Enfant) -> date | None:
        return next((scolarite.depart for scolarite in self._montree(enfant)), None)

    def _montree(self, enfant: Enfant) -> list[Scolarite]:
        """The child's year that the list shows, if there is one."""
        return enfant.montrees[:1]


class ResponsableTable(TableExportee):
    identifiant = Colonne("user__identifiant", "Identifiant")
    civilite = Colonne("get_civilite_display", "Civilité")
    nom = Colonne("user__last_name", "Nom")
    prenom = Colonne("user__first_name", "Prénom")
    email = Colonne("user__email", "E-mail")
    telephone = Colonne("telephone", "Téléphone portable")
    telephone_domicile = Colonne("telephone_domicile", "Téléphone du domicile")
    telephone_travail = Colonne("telephone_travail", "Téléphone du travail")
    adresse = Colonne("foyer__adresse", "Adresse")
    code_postal = Colonne("foyer__code_postal", "Code postal")
    commune = Colonne("foyer__commune", "Commune")


class InscriptionTable(TableExportee):
    """What was booked and what became of it; the numbers tell namesakes apart, and stay when a name changes."""

    jour = Colonne("jour", "Jour")
    creneau = Colonne("creneau__nom", "Créneau")
    enfant = Colonne("enfant_id", "N° de l’enfant")
    nom = Colonne("enfant__nom", "Nom de l’enfant")
    prenom = Colonne("enfant__prenom", "Prénom de l’enfant")
    ecole = Colonne("nom_ecole", ECOLE)
    classe = Colonne("classe", "Classe")
    etat = Colonne("get_etat_display", "État")
    origine = Colonne("get_origine_display", "Origine")
    presence = Colonne("presence", "Présence")
    numero_foyer = Colonne("foyer_id", "N° du foyer")
    foyer = Colonne("foyer", "Foyer qui paie")

    def cellules(self, lignes: QuerySet[Inscription]) -> Iterator[list[Any]]:
        """The same cells of each row, read as plain values."""
        etats, origines = dict(Inscription.Etat.choices), dict(Inscription.Origine.choices)
        parcours, foyers = Parcours(date.min, date.max), dict[int | None, str]()
        valeurs = lignes.annotate(presence=presence_du_jour()).values_list(
            "jour",
            "creneau__nom",
            "enfant",
            "enfant__nom",
            "enfant__prenom",
            "etat",
            "origine",
            "presence",
            "foyer",
        )
        for lot in batched(valeurs.iterator(chunk_size=LOT), LOT):
            foyers |= load_foyers({ligne[-1] for ligne in lot if ligne[-1]} - foyers.keys())
            for jour, creneau, enfant, nom, prenom, etat, origine, presence, foyer in lot:
                qui = [jour, creneau, enfant, nom, prenom, *self.places_of(parcours, enfant, jour)]
                yield [*qui, etats[etat], origines[origine], presence, foyer, foyers.get(foyer, "")]


class PointageTable(TableExportee):
    """Who came, and when; hours to the minute, as on the sheet."""

    jour = Colonne("jour", "Jour")
    creneau = Colonne("creneau__nom", "Créneau")
    nom = Colonne("enfant__nom", "Nom de l’enfant")
    prenom = Colonne("enfant__prenom", "Prénom de l’enfant")
    ecole = Colonne("nom_ecole", ECOLE)
    classe = Colonne("classe", "Classe")
    present = Colonne(column_name="Présent")
    arrivee = Colonne(column_name="Arrivée")
    depart = Colonne(column_name="Départ")

    def cellules(self, lignes: QuerySet[Pointage]) -> Iterator[list[Any]]:
        """The same cells of each row, read as plain values."""
        parcours = Parcours(date.min, date.max)
        valeurs = lignes.values_list(
            "jour", "creneau__nom", "enfant", "enfant__nom", "enfant__prenom", "present", "arrivee", "depart"
        )
        for jour, creneau, enfant, nom, prenom, present, arrivee, depart in valeurs.iterator(chunk_size=LOT):
            qui = [jour, creneau, nom, prenom, *self.places_of(parcours, enfant, jour)]
            yield [*qui, "oui" if present else "non", heure(arrivee), heure(depart)]

    def dehydrate_present(self, pointage: Pointage) -> str:
        return "oui" if pointage.present else "non"

    def dehydrate_arrivee(self, pointage: Pointage) -> time | None:
        return heure(pointage.arrivee)

    def dehydrate_depart(self, pointage: Pointage) -> time | None:
        return heure(pointage.depart)


def heure(instant: datetime | None) -> time | None:
    return timezone.localtime(instant).time().replace(second=0, microsecond=0) if instant else None
