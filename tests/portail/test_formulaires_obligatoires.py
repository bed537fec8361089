"""Which fields have to be filled in is said in the page, before it is sent (RGA-07, RGAA 11.10)."""

from __future__ import annotations

from django import forms
from django.urls import reverse

from tests.factories import ResponsableFactory, StaffFactory


class AllOfThem(forms.Form):
    obligatoires = "tous"

    un = forms.CharField()
    deux = forms.CharField(help_text="Une aide.")
    trois = forms.CharField(required=False)
    quatre = forms.CharField(widget=forms.TextInput({"aria-describedby": "autre"}))


class SomeOfThem(forms.Form):
    marks_optional = True

    nom = forms.CharField()
    surnom = forms.CharField(required=False)
    lien = forms.CharField(label="Lien (facultatif)", required=False)
    jour = forms.DateField(required=False, help_text="Obligatoire avec un créneau.")
    coche = forms.BooleanField(required=False)
    choix = forms.ChoiceField(required=False, widget=forms.RadioSelect)


def test_sentence_of_the_form_describes_each_field_it_is_about():
    form = AllOfThem({"trois": "x"})

    assert form["un"].aria_describedby == "tous id_un_error"
    assert form["deux"].aria_describedby == "tous id_deux_helptext id_deux_error"
    assert form["trois"].aria_describedby == ""
    assert 'aria-describedby="autre"' in str(form["quatre"])


def test_field_that_may_stay_empty_says_so():
    form = SomeOfThem()

    labels = [field.label for field in form]
    assert labels == ["Nom", "Surnom (facultatif)", "Lien (facultatif)", "Jour", "Coche", "Choix"]
    assert form.fields["surnom"].label is None  # what histories say of the field is unchanged


def test_form_of_the_administration_marks_what_may_stay_empty(client, db):
    responsable = ResponsableFactory()
    client.force_login(StaffFactory())

    page = client.get(reverse("admin:enfance_responsable_change", args=[responsable.pk])).text

    assert "Téléphone portable (facultatif)" in page


def test_sentence_stands_in_the_page_whose_fields_it_describes(client, db):
    page = client.get(reverse("accounts:login")).text

    assert page.count('id="obligatoires"') == 1
    assert page.count('aria-describedby="obligatoires') == 2
