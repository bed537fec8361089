"""What the lists of people are narrowed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.site import TownHallAdmin
from enfance.mairie import bureau, partis
from enfance.mairie.ecoles import ECOLE, creneau_et_ecoles, du_jour, ecole_demandee, ecoles_offered
from enfance.models import AnneeScolaire, Classe, Creneau, Ecole, Enfant, ecole_du_jour
from portail.formulaires import is_key


def annee_courante(today: date) -> AnneeScolaire | None:
    """The last school year that has begun by `today`, even if it is over; None when none has."""
    return AnneeScolaire.objects.filter(debut__lte=today).order_by("-debut").first()


ANNEE = "scolarites__annee__id__exact"  # the parameter of Django's own filter on the years of the children


def annee_demandee(query: Mapping[str, str]) -> int | None:
    """The school year (primary key) to which the query of an address narrows a list of children, by a filter on the
    year or on a class; None without either.
    """
    annee, classe = query.get(ANNEE, ""), query.get(ClasseFilter.parameter_name, "")
    if is_key(classe):
        return Classe.objects.filter(pk=classe).values_list("annee", flat=True).first()
    return int(annee) if is_key(annee) else None


class EcoleFilter(admin.SimpleListFilter):
    """One of the schools, where there are several: else it is not there."""

    title = "école"
    parameter_name = ECOLE

    def lookups(self, request: HttpRequest, model_admin: ParEcoleAdmin) -> list[tuple[str, str]]:
        """The schools; nothing, so no filter, in a town of one school."""
        self.model_admin = model_admin
        return [(ecole.code, ecole.nom) for ecole in ecoles_offered(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the school that the address names, as the list itself says which ones those are (`rows_of`). All
        of them when it names none.
        """
        ecole = ecole_demandee(request)
        return self.model_admin.rows_of(queryset, ecole, request) if ecole else queryset


class CreneauFilter(admin.RelatedFieldListFilter):
    """One of the créneaux, with its schools where there are several: they may all be called « Matin »."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        """The créneaux, each with its schools in a town of several."""
        if not ecoles_offered(request):
            return super().field_choices(field, request, model_admin)
        creneaux = Creneau.objects.prefetch_related("ecoles")
        return [(str(creneau.pk), creneau_et_ecoles(creneau)) for creneau in creneaux]


class ParEcoleAdmin(TownHallAdmin):
    """A list that may be narrowed to a school; its rows name theirs in a column « école », where there are several."""

    names_ecole = True

    def rows_of(self, queryset: QuerySet[Any], ecole: Ecole, request: HttpRequest) -> QuerySet[Any]:
        """The rows of this list that are of this school; each list says how."""
        raise NotImplementedError

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Adds the filter by school, which shows only in a town of several schools."""
        return [EcoleFilter, *super().get_list_filter(request)]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Adds the column « école » in a town of several schools, unless `names_ecole` is False."""
        colonnes = list(super().get_list_display(request))
        return [*colonnes, "ecole"] if self.names_ecole and ecoles_offered(request) else colonnes


class ParJourAdmin(ParEcoleAdmin):
    """The same of rows of a child and a day: the school is that of the child on that day."""

    def rows_of(self, queryset: QuerySet[Any], ecole: Ecole, request: HttpRequest) -> QuerySet[Any]:
        """The rows whose child is a pupil of this school on the day of the row."""
        return queryset.filter(du_jour(ecole))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """In a town of several schools, each row also has `nom_ecole`: the child's school on the day of the row."""
        lignes = super().get_queryset(request)
        return lignes.annotate(nom_ecole=ecole_du_jour()) if ecoles_offered(request) else lignes

    @admin.display(description="école", empty_value="")
    def ecole(self, ligne: Any) -> str | None:
        """The name of the child's school on the day of the row; None when it had none."""
        nom: str | None = ligne.nom_ecole
        return nom


class ClasseFilter(admin.SimpleListFilter):
    """The classes of the last two years that have begun, and of those to come: more of them would fill the screen."""

    title = "classe"
    parameter_name = "classe"
    path = ""  # from the row to the child

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """The classes of the last two years begun and of those to come, of the school that the address names if it
        names one.
        """
        commencees = AnneeScolaire.objects.filter(debut__lte=timezone.localdate()).order_by("-debut")[:2]
        depuis = min((annee.debut for annee in commencees), default=date.min)
        classes = Classe.objects.filter(annee__debut__gte=depuis).select_related("annee", "ecole")
        ecoles, voulue = ecoles_offered(request), ecole_demandee(request)
        return [
            (str(classe.pk), f"{classe}, {classe.ecole} ({classe.annee})" if ecoles else f"{classe} ({classe.annee})")
            for classe in classes
            if voulue is None or classe.ecole_id == voulue.pk
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows whose child has a place in the class chosen; all of them when that class is not offered."""
        return queryset.filter(**{f"{self.path}scolarites__classe": self.value()}) if self._is_offered() else queryset

    def _is_offered(self) -> bool:
        return self.value() in {pk for pk, _ in self.lookup_choices}


class DepartFilter(admin.SimpleListFilter):
    title = "présence à l’école"
    parameter_name = "presence"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """« À l’école cette année », or « partis »."""
        return [("presents", "à l’école cette année"), ("partis", "partis")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Enfant]) -> QuerySet[Enfant]:
        """The children who are at school in the last year begun, or those who are not, even if they never were. All of
        them without a choice, or when no year has begun.
        """
        annee = annee_courante(timezone.localdate())
        if annee is None or self.value() not in {"presents", "partis"}:
            return queryset
        presents = Enfant.objects.with_scolarite(annee.pk).values("pk")
        return queryset.filter(pk__in=presents) if self.value() == "presents" else queryset.exclude(pk__in=presents)


class ATraiterFilter(admin.SimpleListFilter):
    """What the home page counts: the same querysets, so that a count and its list agree."""

    title = "à traiter"
    parameter_name = "a_traiter"
    choix: ClassVar[dict[str, tuple[str, Callable[[date], QuerySet[Any]]]]] = {}

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """What there is to deal with, as `choix` names it."""
        return [(code, nom) for code, (nom, _) in self.choix.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that are to be dealt with, by the queryset that also gives the count of the town hall's home. All of
        them without a choice.
        """
        _, a_traiter = self.choix.get(self.value() or "", ("", None))
        if a_traiter is None:
            return queryset
        return queryset.filter(pk__in=a_traiter(timezone.localdate()).order_by().values("pk"))


class EnfantATraiterFilter(ATraiterFilter):
    choix: ClassVar = {
        "sans_classe": ("sans classe", bureau.sans_classe),
        "garde": ("garde à régler", bureau.gardes_a_regler),
        "partis": ("partis depuis 30\u00a0jours", bureau.partis),
        "a_effacer": ("partis, à effacer cette année", partis.a_effacer),
        "pai": ("PAI fini ou bientôt fini", bureau.pai_a_revoir),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """What there is to deal with; health plans (PAI) only for an agent who may see health."""
        offered = super().lookups(request, model_admin)
        return [choix for choix in offered if choix[0] != "pai" or request.user.has_perm("enfance.view_sante")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Ignores a choice that is not offered: only an agent who may see health filters by health plan (ADM-03)."""
        return super().queryset(request, queryset) if self._is_offered() else queryset

    def _is_offered(self) -> bool:
        return self.value() in {code for code, _ in self.lookup_choices}


class ResponsableATraiterFilter(ATraiterFilter):
    choix: ClassVar = {
        "sans_courriel": ("sans adresse e-mail", bureau.sans_courriel),
        "revenus": ("dont les e-mails reviennent", bureau.courriels_revenus),
        "jamais_connectes": ("jamais connectés", bureau.jamais_connectes),
        "non_remis": ("courriel non remis, à régler", bureau.non_remis),
    }
