"""Fields of the town hall's forms: classes, under the names of their schools where there are several; the schools."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, cast

from django import forms
from django.forms.models import ModelChoiceIterator

from enfance.mairie.ecoles import TOUTES, creneau_et_ecoles, load_ecoles
from enfance.models import (
    Classe,
    Creneau,
    Ecole,
)
from portail.formulaires import RowsField

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


class ClasseField(forms.ModelChoiceField):
    """One of the classes of the years that are not over."""

    iterator = ParEcole

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Classe")
        kwargs.setdefault("empty_label", "Toutes les classes")
        super().__init__(Classe.objects.none(), required=False, **kwargs)

    def label_from_instance(self, obj: Classe) -> str:
        """The class with its school year: « CE1-CE2 Mme Sorbier (2026-2027) »."""
        return f"{obj} ({obj.annee})"


class ClasseAnneeField(ClasseField):
    """One of the classes of one year, which the page names."""

    def label_from_instance(self, obj: Classe) -> str:
        """The class without its school year, which the page names."""
        return str(obj)


class ClassesField(RowsField):
    """Boxes to tick, one a class of some years."""

    iterator = ParEcole

    def __init__(self, **kwargs: Any) -> None:
        queryset = Classe.objects.select_related("annee", "ecole")
        super().__init__(queryset, label="Classes", required=False, widget=forms.CheckboxSelectMultiple, **kwargs)

    def label_from_instance(self, obj: Classe) -> str:
        """The class with its school year: « CE1-CE2 Mme Sorbier (2026-2027) »."""
        return f"{obj} ({obj.annee})"


def offer_classes(form: forms.BaseForm, name: str, since: date) -> None:
    """Let the field `name` of this form, a choice of classes, offer the classes of the school years that are not over
    on the day `since`.
    """
    champ = cast(ClasseField | ClassesField, form.fields[name])
    champ.queryset = Classe.objects.filter(annee__fin__gte=since).select_related("annee", "ecole")


class EcoleField(forms.ModelChoiceField):
    """One of the schools, known in addresses by their codes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("empty_label", TOUTES.capitalize())
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
