"""A form is believed whole: a field that did not come is not an empty one (VAL-10)."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import QueryDict
from django.urls import get_resolver

from accounts.suggestions import SuggestingFields
from portail.formulaires import INCOMPLETE, RowsField, WholeForm, WholeModelForm
from tests.factories import StaffFactory
from tests.portail.classes import subclasses


class Ficelle(WholeForm):
    nom = forms.CharField(required=False)
    jour = forms.ChoiceField(choices=[("", "-"), ("1", "lundi")], required=False)
    genre = forms.ChoiceField(choices=[("a", "a")], required=False, widget=forms.RadioSelect)
    cases = forms.MultipleChoiceField(choices=[("1", "1"), ("2", "2")], required=False)
    dite = forms.BooleanField(required=False)
    piece = forms.FileField(required=False)
    fixe = forms.CharField(disabled=True, required=False)


def errors(query: str, **options: object) -> list[str]:
    form = Ficelle(QueryDict(query), **options)
    form.is_valid()
    return form.non_field_errors()


@pytest.mark.parametrize("query", ["nom=&jour=", "nom=Léa&jour=1&cases=1&cases=2&dite=on&genre=a", "nom=a&nom=a&jour="])
def test_what_a_browser_sends_is_whole(query):
    """Boxes and radios that are not ticked are not sent, nor a file that is not chosen."""
    assert errors(query) == []


@pytest.mark.parametrize("query", ["", "x=1", "nom=Léa", "jour=1", "nom=Léa&nom=Tom&jour=1", "nom=&jour=&jour=1"])
def test_field_that_is_missing_or_twice_is_refused(query):  # VAL-10
    assert errors(query) == [INCOMPLETE]


def test_row_that_nobody_fills_in_may_be_left_out():
    assert errors("", empty_permitted=True, use_required_attribute=False) == []
    assert errors("nom=Léa", empty_permitted=True, use_required_attribute=False) == [INCOMPLETE]


@pytest.mark.parametrize("key", ["99999999999999999999", "-1", "x", "", "\u0661", "\u00b2", "1.0"])
def test_text_that_cannot_be_a_key_is_refused_before_the_database_is_asked(db, key):
    with pytest.raises(forms.ValidationError):
        RowsField(Group.objects.all()).clean([key])


OURS = ("accounts.", "enfance.", "facturation.")

# TO ADD A FORM with a field that may be empty: begin it with `WholeForm`; or say here what makes its absence harmless.
PARTIAL = {
    "enfance.mairie.enfants.pages_demandes.ReponseForm": "a button sends the one or the other; neither answers nothing",
    "enfance.cantine.forms.PeriodeForm": "reads an address",
    "enfance.cantine.forms.ListeForm": "its preview says the days, and the confirmation is signed",
    "enfance.mairie.envois.forms.LettresForm": "prints, and writes nothing",
    "enfance.equipe.forms.EnvoiForm": "a phone says its hour or not",
    "enfance.equipe.forms.AppelForm": "its view asks for what the page showed",
    "enfance.planning.forms.FiltreForm": "reads an address",
    "enfance.mairie.attente.pages.ChoixListeForm": "reads an address",
    "enfance.planning.forms.GuichetForm": "asks for what the page showed; no reason passes over no rule",
    "facturation.absences.forms.ChercherAbsenceForm": "looks for absences, and writes nothing",
    "facturation.votes.forms.EssaiForm": "tries a price, and writes nothing",
    "enfance.famille.absences.forms.JusquaForm": "reads the day of an address, which may have none",
    "enfance.mairie.familles.forms.AbsentJourForm": "reads the days of an address, which may have none",
    "enfance.planning.gardees.GardeesForm": "asks what became of boxes, and writes nothing",
    "enfance.planning.forms.SemaineTypeForm": "asks for the period, the rhythm and what becomes of the other days",
    "enfance.mairie.familles.semaine_type_forms.SemaineGuichetForm": "asks for as much, and is previewed",
}


def test_form_that_writes_is_whole():  # VAL-10
    assert get_resolver().url_patterns
    loose = set()
    for form in subclasses(forms.BaseForm):
        if not form.__module__.startswith(OURS) or issubclass(form, WholeForm | WholeModelForm):
            continue
        single = [
            field
            for field in form.base_fields.values()
            if not (field.required or isinstance(field, forms.BooleanField | forms.FileField))
            and not isinstance(field.widget, forms.MultipleHiddenInput | forms.SelectMultiple | forms.CheckboxInput)
        ]
        if single:
            loose.add(f"{form.__module__}.{form.__name__}")
    assert loose == PARTIAL.keys()


def test_rows_are_chosen_with_the_field_that_bounds_their_keys():
    """Django's own asks the database for a number of any size, and falls."""
    assert get_resolver().url_patterns
    loose = {
        f"{form.__module__}.{form.__name__}.{name}"
        for form in subclasses(forms.BaseForm)
        if form.__module__.startswith(OURS)
        for name, field in form.base_fields.items()
        if isinstance(field, forms.ModelMultipleChoiceField) and not isinstance(field, RowsField)
    }
    assert loose == {"facturation.regie.forms.EncaisserForm.factures"}  # by their numbers, which are texts


def test_pages_of_the_administration_bound_them_too(rf, db):
    request = rf.get("/")
    request.user = StaffFactory()
    loose = {
        field.name
        for model, page in admin.site._registry.items()
        for field in model._meta.many_to_many
        if isinstance(page, SuggestingFields) and field.remote_field.through._meta.auto_created
        if not isinstance(page.formfield_for_manytomany(field, request), RowsField)
    }
    assert loose == set()
