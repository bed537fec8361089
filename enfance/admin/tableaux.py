"""Tables out of the admin, CSV or XLSX, never in: files from elsewhere have readers of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import batched
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import capfirst

from accounts.confirmation import password_asked
from accounts.exports import send
from accounts.listes import TownHallList
from accounts.site import TownHallAdmin
from enfance.mairie.ecoles import ecoles_offered
from enfance.mairie.extraction import Parcours, load_foyers
from enfance.models import Enfant, Inscription, Pointage, Responsable
from enfance.seances import presence_du_jour
from portail.francais import milliers
from portail.tableur import FORMATS, XLSX_MAX, TableSortante

ECOLE = "École"
LOT = 2_000  # rows read at a time
TOO_LONG = (
    "Ce tableau a {}\u00a0lignes, et un fichier xlsx en tient {} au plus\u00a0: choisissez csv, ou moins de jours."
)
NOT_YET = "Votre tableau n’est pas encore sorti\u00a0: exportez-le de nouveau."


class TableForm(forms.Form):
    format = forms.ChoiceField(
        label="Format du fichier", choices=[("", "---"), *((forme, forme) for forme in FORMATS)], initial="xlsx"
    )


class TableExportee:
    """The columns of a table: what is not named here does not go out; the school, where there are several."""

    colonnes: ClassVar[tuple[str, ...]]

    def __init__(self, *, par_ecole: bool) -> None:
        self.par_ecole = par_ecole

    @property
    def titres(self) -> list[str]:
        """The heads of the columns; « École » only in a town of several schools."""
        return [titre for titre in self.colonnes if self.par_ecole or titre != ECOLE]

    def cellules(self, lignes: QuerySet[Any]) -> Iterable[list[Any]]:
        """The cells of each row, in the order of the titles: dates and times as such, the rest as text."""
        raise NotImplementedError

    def places_of(self, parcours: Parcours, enfant: int, jour: date) -> list[str]:
        """The cells that say where the child (primary key) was on that day: its school, in a town of several, and its
        class; empty texts where it had none.
        """
        ecole, classe = parcours.of(enfant, jour)
        return [ecole, classe] if self.par_ecole else [classe]


class WholeList(TownHallList):
    """A list that goes out, whatever its page: none is read."""

    def get_results(self, request: HttpRequest) -> None:
        """Reads no page: the whole list is exported, row by row."""
        pass


class ExportAdmin(TownHallAdmin):
    """A list that goes out as a table, as it is filtered: by a right of its own and a password just typed (ADM-05)."""

    change_list_template = "admin/liste_exportable.html"
    export_template = "admin/exporter.html"
    table: ClassVar[type[TableExportee]]

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whether the agent has the right to export this list, one of its own."""
        return request.user.has_perm(f"{self.opts.app_label}.export_{self.opts.model_name}")

    @property
    def export_name(self) -> str:
        """The name of the URL that exports this list."""
        return f"{self.opts.app_label}_{self.opts.model_name}_export"

    def get_urls(self) -> list[URLPattern]:
        """Adds the page that exports the list."""
        export = path("export/", self.admin_site.admin_view(self.export_view), name=self.export_name)
        return [export, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """For the export, the list without pages, which has the same columns, filters and search."""
        match = request.resolver_match
        return WholeList if match and match.url_name == self.export_name else super().get_changelist(request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, with a link to its export for an agent who may."""
        may_export = {"has_export_permission": self.has_export_permission(request)}
        return super().changelist_view(request, {**may_export, **(extra_context or {})})

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """The export of the list, narrowed as it is on the screen: asks the agent's password (ADM-05), then the format,
        then answers with the file; the format is asked again when XLSX cannot hold so many rows. Raises
        PermissionDenied without the right to export, BadRequest for an unknown filter.
        """
        if not self.has_export_permission(request):
            raise PermissionDenied
        if answer := password_asked(request, back=request.get_full_path()):
            if request.method == "POST":
                self.message_user(request, NOT_YET, messages.WARNING)
            return answer
        try:
            lignes = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            raise BadRequest("No such filter.") from None
        table = self.table(par_ecole=bool(ecoles_offered(request)))
        form = TableForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            forme, nombre = form.cleaned_data["format"], lignes.order_by().count()
            if forme == "csv" or nombre <= XLSX_MAX:
                nom, feuille = f"{self.model.__name__}-{timezone.localdate()}", capfirst(self.opts.verbose_name_plural)
                sortante = TableSortante(nom, feuille, table.titres, table.cellules(lignes), nombre)
                return send(request, str(self.opts.model_name), sortante, forme)
            form.add_error("format", TOO_LONG.format(milliers(nombre), milliers(XLSX_MAX)))
        return TemplateResponse(request, self.export_template, self.export_context(request, form, table.titres))

    def export_context(self, request: HttpRequest, form: forms.Form, titres: list[str]) -> dict[str, Any]:
        """The context of the page that asks for the format of the export."""
        site = self.admin_site.each_context(request)
        return {
            **site,
            "title": f"Exporter les {self.opts.verbose_name_plural}",
            "form": form,
            "opts": self.opts,
            "colonnes": titres,
        }


class EnfantTable(TableExportee):
    """No health here: it stays on the child's page."""

    colonnes = (
        "Nom de famille",
        "Nom d’usage",
        "Prénom",
        "Date de naissance",
        "Sexe",
        "INE",
        "Année scolaire",
        "Niveau",
        ECOLE,
        "Classe",
        "Parti le",
    )

    def cellules(self, lignes: QuerySet[Enfant]) -> Iterator[list[Any]]:
        """The cells of each child, with the year, niveau, school and class that the list shows. Empty texts for a child
        without a place there.
        """
        for enfant in lignes:
            qui = [enfant.nom, enfant.nom_usage, enfant.prenom, enfant.date_naissance, enfant.get_sexe_display()]
            for montree in enfant.montrees[:1]:  # the child's year that the list shows
                places = [str(montree.ecole), str(montree.classe or "")][0 if self.par_ecole else 1 :]
                yield [*qui, enfant.ine, str(montree.annee), montree.niveau, *places, montree.depart]
            if not enfant.montrees:
                yield [*qui, enfant.ine] + [""] * (len(self.titres) - 6)


class ResponsableTable(TableExportee):
    colonnes = (
        "Identifiant",
        "Civilité",
        "Nom",
        "Prénom",
        "E-mail",
        "Téléphone portable",
        "Téléphone du domicile",
        "Téléphone du travail",
        "Adresse",
        "Code postal",
        "Commune",
    )

    def cellules(self, lignes: QuerySet[Responsable]) -> Iterator[list[Any]]:
        """The cells of each adult: identifiant, name, e-mail, phones, address."""
        for adulte in lignes:
            user, foyer = adulte.user, adulte.foyer
            qui = [user.identifiant, adulte.get_civilite_display(), user.last_name, user.first_name, user.email]
            numeros = [adulte.telephone, adulte.telephone_domicile, adulte.telephone_travail]
            yield [*qui, *numeros, foyer.adresse, foyer.code_postal, foyer.commune]


class InscriptionTable(TableExportee):
    """What was booked and what became of it; the numbers tell namesakes apart, and stay when a name changes."""

    colonnes = (
        "Jour",
        "Créneau",
        "N° de l’enfant",
        "Nom de l’enfant",
        "Prénom de l’enfant",
        ECOLE,
        "Classe",
        "État",
        "Origine",
        "Présence",
        "N° du foyer",
        "Foyer qui paie",
    )

    def cellules(self, lignes: QuerySet[Inscription]) -> Iterator[list[Any]]:
        """The cells of each inscription, read from the database 2,000 rows at a time."""
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
                qui = [jour, creneau, str(enfant), nom, prenom, *self.places_of(parcours, enfant, jour)]
                yield [*qui, etats[etat], origines[origine], presence, str(foyer or ""), foyers.get(foyer, "")]


class PointageTable(TableExportee):
    """Who came, and when; hours to the minute, as on the sheet."""

    colonnes = (
        "Jour",
        "Créneau",
        "Nom de l’enfant",
        "Prénom de l’enfant",
        ECOLE,
        "Classe",
        "Présent",
        "Arrivée",
        "Départ",
    )

    def cellules(self, lignes: QuerySet[Pointage]) -> Iterator[list[Any]]:
        """The cells of each presence, read from the database 2,000 rows at a time; hours in Paris time,
        to the minute.
        """
        parcours = Parcours(date.min, date.max)
        valeurs = lignes.values_list(
            "jour", "creneau__nom", "enfant", "enfant__nom", "enfant__prenom", "present", "arrivee", "depart"
        )
        for jour, creneau, enfant, nom, prenom, present, arrivee, depart in valeurs.iterator(chunk_size=LOT):
            qui = [jour, creneau, nom, prenom, *self.places_of(parcours, enfant, jour)]
            yield [*qui, "oui" if present else "non", heure(arrivee), heure(depart)]


def heure(instant: datetime | None) -> time | None:
    """The hour in Paris of this instant (aware), to the minute; None without one."""
    return timezone.localtime(instant).time().replace(second=0, microsecond=0) if instant else None
