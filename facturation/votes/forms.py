"""Forms of what the council voted: a délibération, a tariff beside its grid, the copy of a year's, a price to try."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Any

from django import forms

from enfance.mairie.ecoles import creneau_et_ecoles
from enfance.models import Creneau
from facturation.models import Deliberation, Supplement, Tarif
from facturation.montants import euros_csv
from facturation.prix.tarifs import LIEUX
from facturation.quotients.saisie import QuotientField
from facturation.votes.forms_grilles import PRIX, TAUX, PrixField
from facturation.votes.regles import PorteePrix, last_closed_day, refus_du_jour, refus_du_supplement, tarif_du_jour
from facturation.votes.simulations import Essai
from portail.dates import jour_annee
from portail.formulaires import RowsField, WholeModelForm

DEUX = "Choisissez des créneaux, ou un moment\u00a0: l’un des deux."
SAISIE = {"class": "saisie", "autocomplete": "off"}


def date_widget() -> forms.DateInput:
    """The widget of a form field that takes a day."""
    return forms.DateInput({"class": "saisie saisie--date", "type": "date"}, "%Y-%m-%d")


def validate_siecle(jour: date) -> None:
    """ValidationError unless this day is from 2000 to 2100: another century is a slip of the pen."""
    if not 2000 <= jour.year <= 2100:
        raise forms.ValidationError("Écrivez un jour de 2000 à 2100.", code="siecle")


class VoteForm(WholeModelForm):
    """A row of what was voted, whose days are of this century."""

    marks_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for champ in self.fields.values():
            if isinstance(champ, forms.DateField):
                champ.validators.append(validate_siecle)


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
        """The créneau's name with its schools."""
        return creneau_et_ecoles(obj)


def check_scope(form: forms.BaseForm, *, needed: bool) -> None:
    """Add an error to this form when it names both créneaux and a moment or, where one is `needed`, neither."""
    creneaux, moment = form.cleaned_data.get("creneaux"), form.cleaned_data.get("moment")
    if creneaux and moment:
        form.add_error("moment", DEUX)
    elif needed and not creneaux and not moment and not form.errors.get("creneaux"):
        form.add_error("creneaux", DEUX)


def check_debut(form: forms.BaseForm, field: str = "debut") -> None:
    """Add an error to this field of the form when its day is before the one that the vote applies from, or in a closed
    month.
    """
    deliberation, debut = form.cleaned_data.get("deliberation"), form.cleaned_data.get(field)
    if deliberation is None or debut is None:
        return
    if debut < deliberation.applicable_le:
        form.add_error(field, f"Cette délibération s’applique dès le {jour_annee(deliberation.applicable_le)}.")
        return
    if refus := refus_du_jour(debut):
        form.add_error(field, refus)


class DeliberationForm(VoteForm):
    class Meta:
        model = Deliberation
        fields = ["numero", "votee_le", "applicable_le", "objet"]
        widgets = {
            "numero": forms.TextInput(SAISIE),
            "votee_le": date_widget(),
            "applicable_le": date_widget(),
            "objet": forms.TextInput(SAISIE),
        }
        error_messages = {"numero": {"unique": "Une autre délibération porte déjà ce numéro."}}

    def clean(self) -> dict[str, Any] | None:
        """A vote must not apply before it was voted, nor after one of its prices begins."""
        cleaned = super().clean()
        votee, applicable = self.cleaned_data.get("votee_le"), self.cleaned_data.get("applicable_le")
        if votee and applicable and applicable < votee:
            self.add_error("applicable_le", "Une délibération ne s’applique pas avant son vote.")
        vote = self.instance
        prix = [] if vote.pk is None else [*vote.tarifs.all(), *vote.supplements.all()]
        if applicable and (premier := min((un.debut for un in prix), default=applicable)) < applicable:
            self.add_error("applicable_le", f"Elle a un prix dès le {jour_annee(premier)}, avant ce jour.")
        return cleaned


class TarifForm(VoteForm):
    """A tariff without its grid. `genre` says whether the grid has prices or rates."""

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
            "debut": date_widget(),
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
        """Check what the tariff is of, its first day, that its options go with its unit, and that no other tariff of
        the same créneaux begins on that day.
        """
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
        portee = PorteePrix(frozenset(creneau.pk for creneau in creneaux), moment)
        if debut and not self.errors and (deja := tarif_du_jour(portee, debut, self.instance.pk)):
            self.add_error("debut", f"«\u00a0{deja.nom}\u00a0» est déjà le tarif de ce créneau à partir de ce jour.")
        return cleaned


def article_of(text: str) -> str:
    """The article of a vote as it is kept: « article 5 » for a number alone; a longer text stays as it is typed."""
    return f"article {text}" if text[:1].isdigit() else text


class SupplementForm(VoteForm):
    """A supplement: a price in euros, or per cent of the séance's."""

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
            "debut": date_widget(),
            "fin": date_widget(),
            "moment": forms.Select({"class": "saisie"}),
            "pourcentage": forms.NumberInput({**SAISIE, "min": 1, "max": 500}),
            "tolerance": forms.NumberInput({**SAISIE, "min": 0, "max": 120}),
        }
        labels = {"moment": "Ou tous les créneaux d’un moment"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.prix is not None:
            self.initial["prix"] = euros_csv(self.instance.prix)

    def clean_article(self) -> str:
        """The article as `article_of` writes it."""
        return article_of(self.cleaned_data["article"])

    def clean(self) -> dict[str, Any] | None:
        """Check what the supplement is of, its first day, that it has either a price or a percentage, and that no other
        of its kind holds at the same time.
        """
        cleaned = super().clean()
        check_scope(self, needed=False)
        check_debut(self)
        prix, pourcentage = self.cleaned_data.get("prix"), self.cleaned_data.get("pourcentage")
        if not self.errors and (prix is None) == (pourcentage is None):
            self.add_error("prix", "Écrivez un prix ou un pourcentage\u00a0: l’un des deux.")
        donnees = self.cleaned_data
        if not self.errors:
            portee = PorteePrix(frozenset(creneau.pk for creneau in donnees["creneaux"]), donnees["moment"])
            champ, refus = refus_du_supplement(
                donnees["genre"], portee, donnees["debut"], donnees["fin"], self.instance.pk
            )
            if refus:
                self.add_error(champ, refus)
        return cleaned


class FinForm(VoteForm):
    """The last day of a supplement that was used."""

    class Meta:
        model = Supplement
        fields = ["fin"]
        widgets = {"fin": date_widget()}

    def clean_fin(self) -> date | None:
        """The last day of a supplement that was used, or None; ValidationError when it would change a closed month, or
        meet another supplement of the same kind.
        """
        fin: date | None = self.cleaned_data["fin"]
        clos = last_closed_day()
        avant: date | None = self.initial["fin"]
        if clos is not None and avant is not None and avant < clos and fin != avant:
            raise forms.ValidationError(
                f"Il s’arrête le {jour_annee(avant)}, dans un mois arrêté\u00a0: rien n’y change plus de prix. "
                "Faites-en un autre, à partir d’un mois ouvert."
            )
        if fin is not None and clos is not None and fin < clos and fin != avant:
            raise forms.ValidationError(f"Il a servi jusqu’au {jour_annee(clos)}, dernier jour d’un mois arrêté.")
        vu = self.instance
        champ, refus = refus_du_supplement(vu.genre, PorteePrix.of(vu), vu.debut, fin, vu.pk)
        if champ == "fin":
            raise forms.ValidationError(refus)
        return fin


class EssaiForm(forms.Form):
    """A price to try: who, how many children, how many times, how long."""

    marks_optional = True

    residence = forms.ChoiceField(label="Résidence", choices=[(code, nom.lower()) for code, nom in LIEUX.items()])
    qf = QuotientField(label="Quotient", required=False, help_text="Vide\u00a0: inconnu.")
    enfants = forms.IntegerField(label="Enfants", min_value=1, max_value=6, initial=1)
    fois = forms.IntegerField(label="Séances", min_value=1, max_value=31, initial=1)
    duree = forms.CharField(
        label="Minutes, ou heure",
        required=False,
        max_length=10,
        help_text="45, ou 17 h 15\u00a0: celle du départ, le matin celle de l’arrivée. Vide\u00a0: tout le créneau.",
    )

    def __init__(self, data: Any = None, *, typed: Any = None) -> None:
        """`typed`: what another button sent, shown again and not judged."""
        known = {name: typed[f"essai-{name}"] for name in self.base_fields if f"essai-{name}" in (typed or {})}
        super().__init__(data, prefix="essai", initial=known)
        for champ in self.fields.values():
            champ.widget.attrs["class"] = "saisie"

    def clean_duree(self) -> int | time | None:
        """The length of the séances to try: minutes as an int, the hour of the departure (of the arrival in the
        morning) as a time, or None for the whole créneau. ValidationError for anything else.
        """
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
        """The trial that this valid form asks for: the family, how many séances, how long."""
        donnees = self.cleaned_data
        return Essai(
            donnees["residence"],
            donnees["qf"],
            donnees["enfants"],
            donnees["fois"],
            donnees["duree"],
        )


def default_debut(deliberations: list[Deliberation], today: date) -> date:
    """The day proposed as the first of a new tariff: the one from which the first of these votes applies if that is to
    come, else `today`.
    """
    return max([today, *(d.applicable_le for d in deliberations[:1])])
