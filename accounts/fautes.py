"""What a form of the admin refuses, gathered above it: one line a fault, with a link to its field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django import forms
from django.contrib.admin.helpers import InlineAdminFormSet


@dataclass(frozen=True)
class Faute:
    """A sentence, and the identifier of the field that it is about; nothing where it is about the whole form."""

    texte: str
    champ: str = ""

    def __str__(self) -> str:
        return self.texte


def fautes_of(form: forms.BaseForm, lignes: Iterable[InlineAdminFormSet] = ()) -> list[Faute]:
    """The errors of a form and of the rows of its inline forms, in the order of the page; none before the form is
    sent."""
    return [*_of(form), *(faute for groupe in lignes for faute in _of_lignes(groupe))]


def _of(form: forms.BaseForm, rang: int | None = None) -> Iterator[Faute]:
    ligne = "" if rang is None else f", ligne\u00a0{rang}"
    for texte in form.non_field_errors():
        yield Faute(str(texte))
    for field in form:
        nom = str(field.label).rstrip(": \u00a0")
        champ = "" if field.is_hidden else field.id_for_label or str(field.auto_id)
        for texte in field.errors:
            yield Faute(f"{nom}{ligne}\u00a0: {texte}", champ)


def _of_lignes(groupe: InlineAdminFormSet) -> Iterator[Faute]:
    for texte in groupe.formset.non_form_errors():
        yield Faute(str(texte))
    for rang, form in enumerate(groupe.formset.forms, start=1):
        yield from _of(form, rang)
