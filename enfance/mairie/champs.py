"""Fields of the town hall's forms: classes, under the names of their schools where there are several; the schools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundWidget
from django.forms.models import ModelChoiceIterator

from enfance.mairie.ecoles import TOUTES, creneau_et_ecoles, load_ecoles
from enfance.models import (
    AnneeScolaire,
    Classe,
    Creneau,
    Ecole,
)
from portail.formulaires import Champ, RowsField

JOUR_ATTRS = {"type": "date", "class": "saisie"}  # of a native date field


class ParEcole(ModelChoiceIterator):
    """The choices of a field of classes: under the name of their school, where they are of several."""

    def __iter__(self) -> Iterator[Any]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        groupes: dict[Ecole, list[Any]] = {}
        for classe in self.queryset.iterator():
            groupes.setdefault(classe.ecole, []).append(self.choice(classe))
        if len(groupes) < 2:
            yield from (choix for siens in groupes.values() for choix in siens)
        else:
            ranges = sorted(groupes, key=lambda ecole: (ecole.ordre, ecole.nom))
            yield from ((ecole.nom, groupes[ecole]) for ecole in ranges)


class ChampClasses(Champ):
    """How classes are offered: those of the current year first, those of other years only to who asks for them."""

    field: ClasseField | ClassesField

    @property
    def annees(self) -> list[tuple[AnneeScolaire, list[tuple[str, list[BoundWidget]]], bool]]:
        """The boxes of each year, the current one first: the year, its boxes by school, whether one of them is
        ticked. Empty for a list, which shows one year.
        """
        if isinstance(self.field, ClasseField):
            return []
        par_annee: dict[AnneeScolaire, list[tuple[str, list[BoundWidget]]]] = {annee: [] for annee in self.field.annees}
        for ecole, boites in self.groupes:
            for annee, siens in par_annee.items():
                if siennes := [boite for boite in boites if boite.data["value"].instance.annee_id == annee.pk]:
                    siens.append((ecole, siennes))
        return [
            (annee, siens, any(boite.data["selected"] for _, boites in siens for boite in boites))
            for annee, siens in par_annee.items()
            if siens
        ]

    @property
    def autres_annees(self) -> Sequence[AnneeScolaire]:
        """The years whose classes a list offers at another address of its page (`?annee=2027`)."""
        return self.field.annees[1:] if isinstance(self.field, ClasseField) else ()


class ClasseField(forms.ModelChoiceField):
    """One of the classes of one year, which the page names."""

    iterator = ParEcole
    annees: Sequence[AnneeScolaire] = ()  # that of the list, then those that it may be asked

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Classe")
        kwargs.setdefault("empty_label", "Toutes les classes")
        kwargs.setdefault("widget", forms.Select({"class": "saisie"}))
        super().__init__(Classe.objects.none(), required=False, **kwargs)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> ChampClasses:
        """The field as the page shows it, which knows of other years."""
        return ChampClasses(form, self, field_name)


class ClassesField(RowsField):
    """Boxes to tick, one a class; those of other years than the current one stand folded."""

    iterator = ParEcole
    annees: Sequence[AnneeScolaire] = ()  # the current one first

    def __init__(self, **kwargs: Any) -> None:
        queryset = Classe.objects.select_related("annee", "ecole")
        super().__init__(queryset, label="Classes", required=False, widget=forms.CheckboxSelectMultiple, **kwargs)

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> ChampClasses:
        """The field as the page shows it, year by year."""
        return ChampClasses(form, self, field_name)


def offer_classes(form: forms.BaseForm, name: str, *, today: date, since: date | None = None, annee: str = "") -> None:
    """Let the field `name` of this form, a choice of classes, offer those of the current year: the school year of
    `today` or, between two, the one that comes. Boxes show apart those of the other years that are not over on `since`
    (by default `today`); a list offers one year, the current one or that which begins in `annee` (« 2027 »).
    """
    champ = cast(ClasseField | ClassesField, form.fields[name])
    annees = list(AnneeScolaire.objects.filter(fin__gte=since or today).order_by("debut"))
    courante = next((une for une in annees if une.fin >= today), None)
    if isinstance(champ, ClasseField):
        courante = next((une for une in annees if str(une.debut.year) == annee), courante)
    champ.annees = [*([courante] if courante else []), *(une for une in annees if une != courante)]
    siennes = champ.annees[:1] if isinstance(champ, ClasseField) else champ.annees
    champ.queryset = Classe.objects.filter(annee__in=siennes).select_related("annee", "ecole")
    if courante:
        champ.label = f"{champ.label} de {courante}"


class EcoleField(forms.ModelChoiceField):
    """One of the schools, known in addresses by their codes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", TOUTES.capitalize())
        kwargs.setdefault("widget", forms.Select({"class": "saisie"}))
        super().__init__(Ecole.objects.all(), label="École", required=False, **kwargs)


class EcolesField(RowsField):
    """Boxes to tick, one a school."""

    def __init__(self, **kwargs: Any) -> None:
        queryset = Ecole.objects.all()
        super().__init__(queryset, label="Écoles", required=False, widget=forms.CheckboxSelectMultiple, **kwargs)


def drop_alone(form: forms.BaseForm, name: str) -> None:
    """Delete the field `name` (a choice of schools) from the form when the town has a single school."""
    if not load_ecoles():
        del form.fields[name]


def check_ecole(form: forms.BaseForm, *, wanted: bool = False) -> None:
    """Add an error to this form when its class is not of the school that was chosen: together they would stand for
    nobody, in silence. With `wanted`, also when neither a class nor a school was chosen, where the form asks for a
    school.
    """
    classe, ecole = form.cleaned_data.get("classe"), form.cleaned_data.get("ecole")
    if classe and ecole and classe.ecole_id != ecole.pk:
        form.add_error("classe", f"Cette classe n’est pas de cette école\u00a0: {classe.ecole}.")
    if wanted and "ecole" in form.fields and not (classe or ecole or form.errors):
        form.add_error("ecole", "Choisissez une école, ou une classe.")


def name_ecoles(champ: forms.ModelChoiceField[Any]) -> None:
    """Let this field of créneaux name the schools of each one: « Soir (École du Hameau) », for several may be called «
    Soir ».
    """
    champ.queryset = Creneau.objects.prefetch_related("ecoles")
    champ.label_from_instance = creneau_et_ecoles  # type: ignore[method-assign, assignment]
