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
    """The year that has begun last."""
    return AnneeScolaire.objects.filter(debut__lte=today).order_by("-debut").first()


ANNEE = "scolarites__annee__id__exact"  # the parameter of Django's own filter on the years of the children


def annee_demandee(query: Mapping[str, str]) -> int | None:
    """The year (primary key) to which this query narrows a list of children, by itself or by one of its classes."""
    annee, classe = query.get(ANNEE, ""), query.get(ClasseFilter.parameter_name, "")
    if is_key(classe):
        return Classe.objects.filter(pk=classe).values_list("annee", flat=True).first()
    return int(annee) if is_key(annee) else None


class EcoleFilter(admin.SimpleListFilter):
    """One of the schools, where there are several: else it is not there."""

    title = "école"
    parameter_name = ECOLE

    def lookups(self, request: HttpRequest, model_admin: ParEcoleAdmin) -> list[tuple[str, str]]:
        self.model_admin = model_admin
        return [(ecole.code, ecole.nom) for ecole in ecoles_offered(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        ecole = ecole_demandee(request)
        return self.model_admin.rows_of(queryset, ecole, request) if ecole else queryset


class CreneauFilter(admin.RelatedFieldListFilter):
    """One of the créneaux, with its schools where there are several: they may all be called « Matin »."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, str]]:
        if not ecoles_offered(request):
            return super().field_choices(field, request, model_admin)
        creneaux = Creneau.objects.prefetch_related("ecoles")
        return [(str(creneau.pk), creneau_et_ecoles(creneau)) for creneau in creneaux]


class ParEcoleAdmin(TownHallAdmin):
    """A list that may be narrowed to a school; its rows name theirs in a column « école », where there are several."""

    names_ecole = True

    def rows_of(self, queryset: QuerySet[Any], ecole: Ecole, request: HttpRequest) -> QuerySet[Any]:
        """Those of this school."""
        raise NotImplementedError

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [EcoleFilter, *super().get_list_filter(request)]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        colonnes = list(super().get_list_display(request))
        return [*colonnes, "ecole"] if self.names_ecole and ecoles_offered(request) else colonnes


class ParJourAdmin(ParEcoleAdmin):
    """The same of rows of a child and a day: the school is that of the child on that day."""

    def rows_of(self, queryset: QuerySet[Any], ecole: Ecole, request: HttpRequest) -> QuerySet[Any]:
        return queryset.filter(du_jour(ecole))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        lignes = super().get_queryset(request)
        return lignes.annotate(nom_ecole=ecole_du_jour()) if ecoles_offered(request) else lignes

    @admin.display(description="école", empty_value="")
    def ecole(self, ligne: Any) -> str | None:
        nom: str | None = ligne.nom_ecole
        return nom


class ClasseFilter(admin.SimpleListFilter):
    """The classes of the last two years that have begun, and of those to come: more of them would fill the screen."""

    title = "classe"
    parameter_name = "classe"
    path = ""  # from the row to the child

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
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
        return queryset.filter(**{f"{self.path}scolarites__classe": self.value()}) if self._is_offered() else queryset

    def _is_offered(self) -> bool:
        return self.value() in {pk for pk, _ in self.lookup_choices}


class DepartFilter(admin.SimpleListFilter):
    title = "présence à l’école"
    parameter_name = "presence"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("presents", "à l’école cette année"), ("partis", "partis")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Enfant]) -> QuerySet[Enfant]:
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
        return [(code, nom) for code, (nom, _) in self.choix.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        _, a_traiter = self.choix.get(self.value() or "", ("", None))
        if a_traiter is None:
            return queryset
        return queryset.filter(pk__in=a_traiter(timezone.localdate()).order_by().values("pk"))


class EnfantATraiterFilter(ATraiterFilter):
    choix: ClassVar = {
        "sans_classe": ("sans classe", bureau.sans_classe),
        "partis": ("partis depuis 30\u00a0jours", bureau.partis),
        "a_effacer": ("partis, à effacer cette année", partis.a_effacer),
        "pai": ("PAI fini ou bientôt fini", bureau.pai_a_revoir),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        offered = super().lookups(request, model_admin)
        return [choix for choix in offered if choix[0] != "pai" or request.user.has_perm("enfance.view_sante")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Health is filtered on by who may see it (ADM-03)."""
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
