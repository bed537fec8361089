"""Forms of what the council voted: a délibération, a tariff beside its grid, the copy of a year's, a price to try."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from django import forms

from enfance.mairie.ecoles import creneau_et_ecoles
from enfance.models import Creneau
from facturation.arrete.preparation import fin_de, mois_nom
from facturation.models import Deliberation, Mois, Supplement, Tarif
from facturation.montants import euros_csv
from facturation.prix.tarifs import LIEUX
from facturation.quotients.saisie import QuotientField
from facturation.views.mairie.forms_grilles import PRIX, TAUX, PrixField
from facturation.votes.ecriture import tarif_du_jour
from facturation.votes.simulations import Essai
from portail.dates import jour_annee
from portail.formulaires import RowsField, WholeForm, WholeModelForm
from portail.francais import de

DEUX = "Choisissez des créneaux, ou un moment\u00a0: l’un des deux."
SAISIE = {"class": "saisie", "autocomplete": "off"}


def _date_widget() -> forms.DateInput:
    return forms.DateInput({"class": "saisie saisie--date", "type": "date"}, "%Y-%m-%d")


class CreneauxField(RowsField):
    """Créneaux by their names and their schools: three evenings are all called « Soir »."""

    def __init__(self, **kwargs: Any) -> None:
        known: dict[str, Any] = {
            "queryset": Creneau.objects.prefetch_related("ecoles"),
            "required": False,
            "widget": forms.CheckboxSelectMultiple,
            "label": "Créneaux",
        }
        super().__init__(**{**known, **kwargs})

    def label_from_instance(self, obj: Any) -> str:
        return creneau_et_ecoles(obj)


def check_scope(form: forms.BaseForm, *, needed: bool) -> None:
    """Créneaux or a moment, not both; one of them where it is `needed`."""
    creneaux, moment = form.cleaned_data.get("creneaux"), form.cleaned_data.get("moment")
    if creneaux and moment:
        form.add_error("moment", DEUX)
    elif needed and not creneaux and not moment and not form.errors.get("creneaux"):
        form.add_error("creneaux", DEUX)


def check_debut(form: forms.BaseForm, field: str = "debut") -> None:
    """No earlier than the vote says, nor in a month that is closed."""
    deliberation, debut = form.cleaned_data.get("deliberation"), form.cleaned_data.get(field)
    if deliberation is None or debut is None:
        return
    if debut < deliberation.applicable_le:
        form.add_error(field, f"Cette délibération s’applique dès le {jour_annee(deliberation.applicable_le)}.")
        return
    clos = last_closed_day()
    if clos and debut <= clos:
        form.add_error(field, f"Le mois {de(mois_nom(clos))} est arrêté\u00a0: rien n’y change plus de prix.")


def last_closed_day() -> date | None:
    """The last day of the last closed month."""
    dernier = Mois.objects.order_by("-premier").values_list("premier", flat=True).first()
    return fin_de(dernier) if dernier else None


class DeliberationForm(WholeModelForm):
    marks_optional = True

    class Meta:
        model = Deliberation
        fields = ["numero", "votee_le", "applicable_le", "objet"]
        widgets = {
            "numero": forms.TextInput(SAISIE),
            "votee_le": _date_widget(),
            "applicable_le": _date_widget(),
            "objet": forms.TextInput(SAISIE),
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        votee, applicable = self.cleaned_data.get("votee_le"), self.cleaned_data.get("applicable_le")
        if votee and applicable and applicable < votee:
            self.add_error("applicable_le", "Une délibération ne s’applique pas avant son vote.")
        return cleaned


class TarifForm(WholeModelForm):
    """A tariff without its grid. `genre` says whether the grid has prices or rates."""

    marks_optional = True

    creneaux = CreneauxField(help_text="Un tarif qui nomme un créneau l’emporte sur celui de son moment.")
    genre = forms.ChoiceField(choices=[(PRIX, PRIX), (TAUX, TAUX)], widget=forms.HiddenInput, initial=PRIX)

    class Meta:
        model = Tarif
        fields = [
            "nom",
            "deliberation",
            "debut",
            "creneaux",
            "moment",
            "unite",
            "minutes",
            "base",
            "tranches_absent",
            "par_jour",
            "fratrie",
            "arrondi",
        ]
        widgets = {
            "nom": forms.TextInput(SAISIE),
            "deliberation": forms.Select({"class": "saisie"}),
            "debut": _date_widget(),
            "moment": forms.Select({"class": "saisie"}),
            "unite": forms.Select({"class": "saisie"}),
            "minutes": forms.NumberInput({**SAISIE, "min": 1, "max": 600}),
            "base": forms.Select({"class": "saisie"}),
            "tranches_absent": forms.NumberInput({**SAISIE, "min": 0, "max": 20}),
            "arrondi": forms.Select({"class": "saisie"}),
        }
        labels = {
            "moment": "Ou tous les créneaux d’un moment",
            "unite": "Le prix est celui de",
            "base": "On facture",
            "minutes": "Minutes d’une tranche",
            "tranches_absent": "Tranches dues par un inscrit qui n’est pas venu",
            "par_jour": "Un seul prix par jour, pour tous ces créneaux",
            "fratrie": "Le prix d’un rang est celui de toute la fratrie",
            "arrondi": "Arrondi d’un taux, en centimes",
        }
        help_texts = {
            "minutes": "Seulement pour un prix à la tranche de temps commencée\u00a0: 30 pour une demi-heure.",
            "tranches_absent": "Seulement pour un prix à la tranche.",
            "par_jour": "Seulement pour un prix à la séance.",
            "fratrie": "Ce prix est partagé entre les frères et sœurs d’une même séance.",
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        donnees = self.cleaned_data
        check_scope(self, needed=True)
        check_debut(self)
        debut, unite, moment = donnees.get("debut"), donnees.get("unite"), donnees.get("moment") or ""
        creneaux = list(donnees.get("creneaux") or ())
        if unite == Tarif.Unite.MOIS and debut and debut.day != 1:
            self.add_error("debut", "Un prix au mois commence le premier d’un mois.")
        if unite == Tarif.Unite.TRANCHE:
            if any(creneau.moment == Creneau.Moment.MIDI for creneau in creneaux):
                self.add_error("creneaux", "La pause méridienne se paie à la séance ou au mois.")
            if donnees.get("fratrie"):
                self.add_error("fratrie", "Le prix d’une fratrie est à la séance ou au mois.")
        if donnees.get("par_jour") and unite != Tarif.Unite.SEANCE:
            self.add_error("par_jour", "Un prix par jour est à la séance.")
        if (
            debut
            and not self.errors
            and (deja := tarif_du_jour([c.pk for c in creneaux], moment, debut, self.instance.pk))
        ):
            self.add_error("debut", f"«\u00a0{deja.nom}\u00a0» est déjà le tarif de ce créneau à partir de ce jour.")
        return cleaned


class RecopieForm(WholeForm):
    """Which tariffs to copy, from which day on, under which vote."""

    obligatoires = "obligatoires"

    tarifs = RowsField(
        label="Tarifs à recopier",
        queryset=Tarif.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un tarif."},
    )
    deliberation = forms.ModelChoiceField(
        label="Délibération", queryset=Deliberation.objects.all(), widget=forms.Select({"class": "saisie"})
    )
    debut = forms.DateField(label="À partir du", widget=_date_widget())

    def __init__(self, *args: Any, tarifs: list[Tarif], **kwargs: Any) -> None:
        cles = [tarif.pk for tarif in tarifs]
        kwargs["initial"] = {"tarifs": cles}
        super().__init__(*args, **kwargs)
        self.fields["tarifs"].queryset = Tarif.objects.filter(pk__in=cles)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        check_debut(self)
        debut = self.cleaned_data.get("debut")
        for tarif in self.cleaned_data.get("tarifs") or ():
            creneaux = [creneau.pk for creneau in tarif.creneaux.all()]
            if debut and tarif.unite == Tarif.Unite.MOIS and debut.day != 1:
                self.add_error(
                    "debut", f"«\u00a0{tarif.nom}\u00a0» est au mois\u00a0: il commence le premier d’un mois."
                )
            if debut and (deja := tarif_du_jour(creneaux, tarif.moment, debut)):
                self.add_error("debut", f"«\u00a0{deja.nom}\u00a0» commence déjà ce jour-là.")
        return cleaned


class SupplementForm(WholeModelForm):
    """A supplement: a price in euros, or per cent of the séance's."""

    marks_optional = True

    creneaux = CreneauxField(help_text="Ni créneau ni moment\u00a0: tous.")
    prix = PrixField(label="Prix, en euros", help_text="Ou un pourcentage.")

    class Meta:
        model = Supplement
        fields = [
            "genre",
            "deliberation",
            "article",
            "debut",
            "fin",
            "creneaux",
            "moment",
            "prix",
            "pourcentage",
            "tolerance",
        ]
        widgets = {
            "genre": forms.Select({"class": "saisie"}),
            "deliberation": forms.Select({"class": "saisie"}),
            "article": forms.TextInput(SAISIE),
            "debut": _date_widget(),
            "fin": _date_widget(),
            "moment": forms.Select({"class": "saisie"}),
            "pourcentage": forms.NumberInput({**SAISIE, "min": 1, "max": 500}),
            "tolerance": forms.NumberInput({**SAISIE, "min": 0, "max": 120}),
        }
        labels = {"moment": "Ou tous les créneaux d’un moment"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.prix is not None:
            self.initial["prix"] = euros_csv(self.instance.prix)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        check_scope(self, needed=False)
        check_debut(self)
        prix, pourcentage = self.cleaned_data.get("prix"), self.cleaned_data.get("pourcentage")
        if not self.errors and (prix is None) == (pourcentage is None):
            self.add_error("prix", "Écrivez un prix ou un pourcentage\u00a0: l’un des deux.")
        return cleaned


class FinForm(WholeModelForm):
    """The last day of a supplement that was used."""

    marks_optional = True

    class Meta:
        model = Supplement
        fields = ["fin"]
        widgets = {"fin": _date_widget()}

    def clean_fin(self) -> date | None:
        fin: date | None = self.cleaned_data["fin"]
        clos = last_closed_day()
        if fin is not None and clos is not None and fin < clos:
            raise forms.ValidationError(f"Il a servi jusqu’au {jour_annee(clos)}, dernier jour d’un mois arrêté.")
        return fin


class EssaiForm(forms.Form):
    """A price to try: who, how many children, how many times, how long."""

    marks_optional = True

    residence = forms.ChoiceField(
        label="Résidence", choices=[(code, nom.lower()) for code, nom in LIEUX.items()], required=False
    )
    qf = QuotientField(label="Quotient", required=False, help_text="Vide\u00a0: inconnu.")
    enfants = forms.IntegerField(label="Enfants", min_value=1, max_value=6, required=False)
    fois = forms.IntegerField(label="Séances", min_value=1, max_value=31, required=False)
    duree = forms.CharField(
        label="Minutes, ou heure",
        required=False,
        max_length=10,
        help_text="45, ou 17 h 15\u00a0: celle du départ, le matin celle de l’arrivée.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, prefix="essai")
        for champ in self.fields.values():
            champ.widget.attrs["class"] = "saisie"

    def clean_duree(self) -> int | time | None:
        """Minutes, an hour, or None for the whole créneau."""
        text = re.sub(r"[\s\u00a0\u202f]", "", self.cleaned_data["duree"].lower())
        if not text:
            return None
        if lu := re.fullmatch(r"([0-9]{1,3})(?:m|mn|min|minutes)?", text):
            return int(lu[1])
        if (lu := re.fullmatch(r"([0-9]{1,2})[h:]([0-9]{2})?", text)) and int(lu[1]) < 24 and int(lu[2] or 0) < 60:
            return time(int(lu[1]), int(lu[2] or 0))
        raise forms.ValidationError("Écrivez des minutes, par exemple 45, ou une heure, par exemple 17 h 15.")

    @property
    def essai(self) -> Essai:
        """What this valid form asks to try."""
        donnees = self.cleaned_data
        return Essai(
            donnees["residence"] or "commune",
            donnees["qf"],
            donnees["enfants"] or 1,
            donnees["fois"] or 1,
            donnees["duree"],
        )


def default_debut(deliberations: list[Deliberation], today: date) -> date:
    """From which day a new tariff would hold: as the latest vote says, if that is still to come."""
    return max([today, *(d.applicable_le for d in deliberations[:1])])
