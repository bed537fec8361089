"""The association's own forms. Its list is looked at before it is imported: what the preview was made of comes back
with the confirmation, signed, so that what is imported is what was seen, and nothing is kept of what is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core import signing

from enfance.cantine.liste_repas import lire
from enfance.cantine.repas import BilanRepas, importer
from enfance.famille.forms import JourField
from portail.dates import heure_texte
from portail.formulaires import WholeForm
from portail.tables import Fichier

SEL = "enfance.repas"
GARDE = 3600  # seconds between the preview and its confirmation
APERCU_MAX = 900_000  # characters, below DATA_UPLOAD_MAX_MEMORY_SIZE
PERIODE_MAX = timedelta(days=366)
PREMIERE_HEURE, DERNIERE_HEURE = 5, 11  # of the mail: from the worker's first look on, before the meal
HEURES = [
    ("", "Pas d’e-mail"),
    *(
        (f"{heure:02}:{minute:02}", heure_texte(time(heure, minute)))
        for heure in range(PREMIERE_HEURE, DERNIERE_HEURE)
        for minute in (0, 30)
    ),
]


class ListeForm(forms.Form):
    """The association's file, and its days where it does not say them all."""

    fichier = forms.FileField(
        label="Fichier CSV",
        help_text="Nom, prénom, classe (facultative), date du repas\u202f; une ligne par repas.",
        widget=forms.ClearableFileInput(attrs={"class": "saisie", "accept": ".csv,text/csv"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
            "max_length": "Le nom de ce fichier est trop long.",
        },
        max_length=200,
    )
    debut = JourField("Premier jour (facultatif)")
    fin = JourField("Dernier jour (facultatif)")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["debut"].help_text = "Vide\u00a0: le premier du fichier."
        self.fields["fin"].help_text = "Vide\u00a0: le dernier du fichier."

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("debut") and data.get("fin") and data["fin"] < data["debut"]:
            self.add_error("fin", "Le dernier jour est avant le premier.")
        return data


class ConfirmationForm(forms.Form):
    """What the preview was made of."""

    liste = forms.CharField(widget=forms.HiddenInput)

    def clean_liste(self) -> dict[str, Any]:
        try:
            return signing.loads(self.cleaned_data["liste"], salt=SEL, max_age=GARDE)
        except signing.BadSignature:
            raise forms.ValidationError("L’aperçu n’est plus valable\u00a0: choisissez le fichier à nouveau.") from None


@dataclass(frozen=True)
class Apercu:
    """What a list would do, and the form that confirms it."""

    bilan: BilanRepas
    confirmation: ConfirmationForm


def preview(form: ListeForm, *, now: datetime) -> Apercu:
    """What the list of this valid form would do. Raises ImportRefuse."""
    debut, fin = form.cleaned_data["debut"], form.cleaned_data["fin"]
    fichier = Fichier(form.cleaned_data["fichier"].name, form.cleaned_data["fichier"].read())
    bilan = importer(lire(fichier), now=now, simuler=True, debut=debut, fin=fin)
    jours = {nom: jour.isoformat() for nom, jour in (("debut", debut), ("fin", fin)) if jour}
    garde = {"nom": fichier.nom, "texte": fichier.decode(), "apres": bilan.precedente, **jours}
    liste = signing.dumps(garde, salt=SEL, compress=True)
    if len(liste) > APERCU_MAX:
        raise fichier.refuse(
            "cette liste est trop longue pour cet écran\u00a0: importez-la par la commande importer_repas."
        )
    return Apercu(bilan, ConfirmationForm({"liste": liste}))


def confirm(confirmation: ConfirmationForm, *, user_id: int | None, now: datetime) -> BilanRepas:
    """Import the list that this valid form confirms; twice is once. Raises ImportRefuse: the school, or the lists that
    are known, may have changed since the preview.
    """
    garde = confirmation.cleaned_data["liste"]
    debut, fin = (date.fromisoformat(garde[nom]) if nom in garde else None for nom in ("debut", "fin"))
    fichier = Fichier(garde["nom"], garde["texte"].encode())
    return importer(lire(fichier), now=now, user_id=user_id, debut=debut, fin=fin, apres=garde["apres"])


class PeriodeForm(forms.Form):
    """The days of a table, both included."""

    du = JourField("Du")
    au = JourField("Au")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True
            field.error_messages["required"] = "Indiquez une date."

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("du") and data.get("au"):
            if data["au"] < data["du"]:
                self.add_error("au", "Le dernier jour est avant le premier.")
            elif data["au"] - data["du"] >= PERIODE_MAX:
                self.add_error("au", "Demandez une année au plus.")
        return data


class HeureForm(WholeForm):
    """When the mail of each school morning leaves, by half-hours; none without an hour."""

    heure = forms.TypedChoiceField(
        label="Heure de l’e-mail du matin",
        required=False,
        choices=HEURES,
        empty_value=None,
        coerce=time.fromisoformat,
        widget=forms.Select(attrs={"class": "saisie"}),
        error_messages={"invalid_choice": "Choisissez une heure de la liste."},
    )
