"""A payment on line, whatever it pays: what is asked of it, where it goes on."""

from __future__ import annotations

from django import forms
from django.http import HttpResponseRedirect
from django.urls import reverse

from facturation.models import EssaiPaiement
from portail.formulaires import WholeForm
from portail.signes import validate_ligne


class PayerForm(WholeForm):
    """Where PayFiP sends its ticket."""

    mel = forms.EmailField(
        label="Adresse e-mail pour le ticket de paiement",
        min_length=6,
        max_length=80,
        validators=[validate_ligne],
        error_messages={
            "required": "Indiquez l’adresse où PayFiP enverra son ticket.",
            "invalid": "Écrivez une adresse complète, comme prenom.nom@courriel.example.",
        },
        widget=forms.EmailInput({"class": "saisie", "autocomplete": "email"}),
    )


def redirect_to(essai: EssaiPaiement, query: str = "") -> HttpResponseRedirect:
    """A redirection (303: what follows a POST is a GET) to the page of this attempt to pay; `query` is added to the
    address.
    """
    url = reverse("facturation:essai_paiement", args=[essai.facture.numero, essai.pk])
    return HttpResponseRedirect(url + query, status=303)
