"""Fields that a parent and the secretary both type: a quotient and where it is read."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from facturation.models import Quotient
from facturation.quotients.ecriture import MAXIMUM

SOURCES = [choix for choix in Quotient.Source.choices if choix[0] != Quotient.Source.API]


class QuotientField(forms.CharField):
    """A whole number from 0, as people type it: « 742 », « 1 140 ». None where nothing is typed."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "saisie saisie--qf", "inputmode": "numeric", "autocomplete": "off"}
        super().__init__(max_length=20, **{"label": "Quotient", "widget": forms.TextInput(attrs), **kwargs})

    def clean(self, value: Any) -> Any:
        """The quotient as a whole number from 0 to 99 999, spaces aside; None when nothing is typed. ValidationError
        for anything else.
        """
        text = super().clean(value)
        if not text:
            return None
        digits = re.sub(r"[\s\u00a0\u202f]", "", text)
        if not re.fullmatch(r"[0-9]{1,9}", digits) or int(digits) > MAXIMUM:
            raise forms.ValidationError(
                "Un quotient est un nombre entier, de 0 à 99\u202f999, par exemple 742.", code="quotient"
            )
        return int(digits)
