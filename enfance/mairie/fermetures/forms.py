"""The form of a closure: what it covers, and its reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone

from enfance.mairie.champs import (
    JOUR_ATTRS,
    ClassesField,
    EcolesField,
    drop_alone,
    name_ecoles,
    offer_classes,
)
from enfance.mairie.ecoles import creneau_et_ecoles
from enfance.mairie.fermetures.ecriture import Portee, rien_a_fermer
from enfance.models import (
    Creneau,
    Ecole,
    Fermeture,
    load_calendrier,
)
from portail.formulaires import RowsField, WholeModelForm

UN_AN = timedelta(days=365)


class FermetureForm(WholeModelForm):
    """What a closure covers, and its reason. Boxes to tick, for the classes of years not long over."""

    obligatoires = "obligatoires"
    ecoles = EcolesField(help_text="Aucune\u00a0: toutes.")
    creneaux = RowsField(
        Creneau.objects.all(),
        label="Créneaux",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Aucun\u00a0: tous.",
    )
    classes = ClassesField(help_text="Aucune\u00a0: toutes.")

    class Meta:
        model = Fermeture
        fields = ["debut", "fin", "motif", "ecoles", "creneaux", "classes"]
        widgets = {
            "debut": forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
            "fin": forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
            "motif": forms.TextInput({"class": "saisie", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_classes(self, "classes", timezone.localdate() - UN_AN)
        drop_alone(self, "ecoles")
        if "ecoles" in self.fields:
            name_ecoles(cast(RowsField, self.fields["creneaux"]))

    def clean(self) -> dict[str, Any] | None:
        """Refuse a closure that would close nothing, in silence: days outside every school year, a class of another
        year, a class or a créneau of none of the schools chosen, days without garderie.
        """
        cleaned = super().clean()
        debut, fin = self.cleaned_data.get("debut"), self.cleaned_data.get("fin")
        calendrier = load_calendrier()
        for champ, jour in (("debut", debut), ("fin", fin)):
            if jour and calendrier.annee(jour) is None:
                self.add_error(champ, "Indiquez un jour d’une année scolaire déjà préparée.")
        if debut and fin:
            autres = [c for c in self.cleaned_data.get("classes", ()) if c.annee.fin < debut or c.annee.debut > fin]
            if autres:
                noms = ", ".join(f"{classe} ({classe.annee})" for classe in autres)
                self.add_error("classes", f"Pas dans l’année de ces dates\u00a0: {noms}.")
        if ecoles := set(self.cleaned_data.get("ecoles", ())):
            self._check_ecoles(ecoles)
        if not self.errors and debut and fin and debut <= fin and (refus := rien_a_fermer(self.portee)):
            self.add_error("debut", refus)
        return cleaned

    def _check_ecoles(self, ecoles: set[Ecole]) -> None:
        """A class or a créneau that none of the schools chosen has would close nothing, in silence."""
        autres = [classe for classe in self.cleaned_data.get("classes", ()) if classe.ecole not in ecoles]
        if autres:
            noms = ", ".join(f"{classe} ({classe.ecole})" for classe in autres)
            self.add_error("classes", f"Pas dans ces écoles\u00a0: {noms}.")
        creneaux = self.cleaned_data.get("creneaux", ())
        if hors := [c for c in creneaux if (tenu := set(c.ecoles.all())) and not tenu & ecoles]:
            self.add_error("creneaux", f"Pas dans ces écoles\u00a0: {', '.join(map(creneau_et_ecoles, hors))}.")

    @property
    def jours(self) -> list[forms.BoundField]:
        """The fields of the first and of the last day, for the template."""
        return [self["debut"], self["fin"]]

    @property
    def choix_ecoles(self) -> list[forms.BoundField]:
        """The field of the schools in a list, for the template; an empty list where the town has a single school."""
        return [self["ecoles"]] if "ecoles" in self.fields else []

    @property
    def portee(self) -> Portee:
        """The closure that a valid form asks for: its days, reason, créneaux, classes and schools."""
        asked = self.cleaned_data
        creneaux, classes, ecoles = tuple(asked["creneaux"]), tuple(asked["classes"]), tuple(asked.get("ecoles", ()))
        return Portee(asked["debut"], asked["fin"], asked["motif"], creneaux, classes, ecoles)
