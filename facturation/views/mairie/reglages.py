"""What the town sets once for money: dates of reminders, whom to call, how cheques are made out, the IBAN."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.decorators import staff_page
from accounts.log import changes_of, log_change
from facturation.arrete.preparation import echeance_of
from facturation.iban import read_iban
from facturation.models import ReglageFacturation
from facturation.regie.forms import EurosField
from facturation.reglages import load_reglage
from portail.cles import telephone
from portail.dates import jour_long, mois_precedent
from portail.formulaires import WholeModelForm
from portail.vues import PAGE

CHANGE = "facturation.change_reglagefacturation"
PAGE_REGLAGES = "admin:facturation_reglages"
LIGNE = {"class": "saisie", "autocomplete": "off"}
NOMBRE = {"class": "saisie saisie--qf", "inputmode": "numeric", "autocomplete": "off"}


class ReglageForm(WholeModelForm):
    """The one row of settings."""

    marks_optional = True
    rappel_minimum = EurosField(
        label="Pas de rappel en dessous de, en euros",
        required=False,
        help_text="Par payeur, toutes ses factures en retard ensemble. Vide\u00a0: un rappel pour toute somme.",
    )

    class Meta:
        model = ReglageFacturation
        fields = [
            "jour_echeance",
            "rappel_1",
            "rappel_2",
            "rappel_minimum",
            "tresorerie",
            "ccas_telephone",
            "ordre_cheque",
            "regisseur",
            "tresorerie_nom",
            "iban",
        ]
        widgets = {
            **{nom: forms.TextInput(NOMBRE) for nom in ("jour_echeance", "rappel_1", "rappel_2", "tresorerie")},
            **{
                nom: forms.TextInput(LIGNE)
                for nom in ("ccas_telephone", "ordre_cheque", "regisseur", "tresorerie_nom", "iban")
            },
        }
        labels = {
            "jour_echeance": "À payer avant le (jour du mois d’après)",
            "rappel_1": "Premier rappel, jours après l’échéance",
            "rappel_2": "Deuxième rappel, jours après l’échéance",
            "tresorerie": "Liste pour la trésorerie, jours après l’échéance",
        }
        help_texts = {
            "jour_echeance": "",
            "ccas_telephone": "Donné aux familles dans les rappels.",
            "ordre_cheque": "Écrit sur les factures\u00a0: «\u00a0à l’ordre de…\u00a0».",
            "regisseur": "Signe les reçus et les attestations.",
            "iban": "Pour les virements. Vérifié chiffre par chiffre.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for champ in self.fields.values():
            if isinstance(champ, forms.IntegerField):
                champ.widget.attrs.pop("min", None)

    def clean_ccas_telephone(self) -> str:
        """The phone number to call when a month is hard, as the portal writes numbers."""
        return telephone(self.cleaned_data["ccas_telephone"])

    def clean_rappel_minimum(self) -> int:
        """The centimes under which a payer has no reminder; 0 where nothing is typed."""
        minimum: int = self.cleaned_data["rappel_minimum"] or 0
        if minimum < 0:
            raise forms.ValidationError("Écrivez une somme, ou laissez vide.")
        return minimum

    def clean_iban(self) -> str:
        """The IBAN by groups of four; empty without one. ValidationError for what is no IBAN."""
        text = self.cleaned_data["iban"]
        try:
            return read_iban(text) if text else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


@staff_page(CHANGE)
@require_http_methods(PAGE)
def reglages(request: HttpRequest) -> HttpResponse:
    """The page of the town's settings for money, with the day to pay that they give for last month's invoices; a change
    is logged with its values.
    """
    reglage = load_reglage()
    if request.method == "POST":
        form = ReglageForm(request.POST, instance=reglage)
        if form.is_valid():
            with transaction.atomic():
                ecrit = form.save()
                if changes := changes_of(form):
                    log_change(request, ecrit, "", changes)
            messages.success(request, "Les réglages sont enregistrés." if changes else "Rien n’a changé.")
            return HttpResponseRedirect(request.path, status=303)
    else:
        form = ReglageForm(instance=reglage)
    today = timezone.localdate()
    context = {
        "titre": "Réglages des factures",
        "form": form,
        "exemple": jour_long(echeance_of(mois_precedent(today), today)),
    }
    return render(request, "facturation/mairie/reglages.html", context)
