"""Forms of what the council voted: a délibération, a tariff beside its grid, the copy of a year's, a price to try."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Any, cast

from django import forms

from enfance.mairie.ecoles import creneau_et_ecoles
from enfance.models import Creneau
from facturation.arrete.contextes import load_tarifs
from facturation.models import Deliberation, Plafond, Supplement, Tarif
from facturation.montants import euros_csv
from facturation.payeurs.lieux import load_noms
from facturation.prix.contradictions import contradictions_of, contradictions_of_plafond
from facturation.prix.tarifs import (
    AxeTarif,
    GrilleTarif,
    LigneGrille,
    PeriodePlafond,
    PlafondVote,
    PorteurPlafond,
    UniteTarif,
    tarif_of,
)
from facturation.quotients.saisie import QuotientField
from facturation.votes.forms_grilles import PRIX, TAUX, PrixField
from facturation.votes.regles import (
    PorteePrix,
    last_closed_day,
    refus_du_jour,
    refus_du_plafond,
    refus_du_supplement,
    tarif_du_jour,
)
from facturation.votes.simulations import Essai
from portail.dates import jour_annee
from portail.formulaires import RowsField, WholeModelForm

COMPLEMENTS = ("axe", "tolerance", "jours", "prorata")  # what only some towns vote
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
        prix = [] if vote.pk is None else [*vote.tarifs.all(), *vote.supplements.all(), *vote.plafonds.all()]
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
            *COMPLEMENTS,
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
            "axe": forms.Select({"class": "saisie"}),
            "tolerance": forms.NumberInput({**SAISIE, "min": 0, "max": 599}),
            "jours": forms.NumberInput({**SAISIE, "min": 1, "max": 6}),
        }
        labels = {
            "moment": "Ou tous les créneaux d’un moment",
            "unite": "Le prix est celui de",
            "base": "On facture",
            "minutes": "Minutes d’une durée",
            "tranches_absent": "Durées dues par un inscrit qui n’est pas venu",
            "par_jour": "Un seul prix par jour, pour tous ces créneaux",
            "fratrie": "Le prix d’un rang est celui de toute la fratrie",
            "arrondi": "Arrondi d’un taux, en centimes",
            "axe": "Les colonnes de la grille sont",
            "tolerance": "Minutes de tolérance",
            "jours": "Abonnement\u00a0: jours par semaine",
            "prorata": "Abonnement\u00a0: un mois coupé par une fermeture se compte par jours",
        }
        help_texts = {
            "minutes": "Seulement pour un prix à la durée commencée\u00a0: 30 pour une demi-heure.",
            "tranches_absent": "Seulement pour un prix à la durée commencée.",
            "par_jour": "Seulement pour un prix à la séance.",
            "fratrie": "Ce prix est partagé entre les frères et sœurs d’une même séance.",
            "axe": "Le rang d’un enfant parmi ceux que le mois facture, ou le nombre d’enfants que la mairie a noté.",
            "tolerance": "Une durée commencée depuis si peu de temps ne compte pas\u202f; la première compte toujours.",
            "jours": "Seulement pour un abonnement. Un jour de plus dans la semaine se paie à part.",
            "prorata": "Sinon, un mois où l’enfant est inscrit au moins un jour est dû entier.",
        }

    lignes: tuple[LigneGrille, ...] = ()  # of the grid beside, once it is understood

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
        if unite in {Tarif.Unite.MOIS, Tarif.Unite.FORFAIT} and debut and debut.day != 1:
            quoi = "Un prix au mois" if unite == Tarif.Unite.MOIS else "Un abonnement"
            self.add_error("debut", f"{quoi} commence le premier d’un mois.")
        if unite == Tarif.Unite.TRANCHE:
            if any(creneau.moment == Creneau.Moment.MIDI for creneau in creneaux):
                self.add_error("creneaux", "La pause méridienne se paie à la séance ou au mois.")
            if donnees.get("fratrie"):
                self.add_error("fratrie", "Le prix d’une fratrie est à la séance ou au mois.")
        self._check_contradictions()
        portee = PorteePrix(frozenset(creneau.pk for creneau in creneaux), moment)
        if debut and not self.errors and (deja := tarif_du_jour(portee, debut, self.instance.pk)):
            self.add_error("debut", f"«\u00a0{deja.nom}\u00a0» est déjà le tarif de ce créneau à partir de ce jour.")
        return cleaned

    def _check_contradictions(self) -> None:
        """Add an error to the field of each thing that cannot be true beside the others, the grid's included."""
        donnees = self.cleaned_data
        if not donnees.get("unite"):
            return
        grille = GrilleTarif(
            cle=0,
            nom="",
            debut=date.min,
            unite=UniteTarif(donnees["unite"]),
            minutes=donnees.get("minutes"),
            par_jour=bool(donnees.get("par_jour")),
            fratrie=bool(donnees.get("fratrie")),
            lignes=self.lignes,
            axe=AxeTarif(donnees.get("axe") or AxeTarif.RANG),
            tolerance=donnees.get("tolerance") or 0,
            jours=donnees.get("jours"),
            prorata=bool(donnees.get("prorata")),
        )
        for dite in contradictions_of(grille):
            if dite.champ not in self.errors:
                self.add_error(dite.champ or None, dite)

    @property
    def is_plain(self) -> bool:
        """Whether nothing that only some towns vote is typed here."""
        return not any(
            self[nom].errors or str(self[nom].value() or "") not in {"", "0", "False", AxeTarif.RANG}
            for nom in COMPLEMENTS
        )


class PlafondForm(VoteForm):
    """What a day or a month costs at most. A cap below the dearest single price asks to be confirmed."""

    field_order = ("deliberation", "somme", "periode", "porteur", "debut", "fin")
    creneaux = CreneauxField(help_text="Ni créneau ni moment\u00a0: tous, ensemble.")
    somme = PrixField(
        label="Au plus, en euros", required=True, error_messages={"required": "Écrivez une somme en euros."}
    )

    class Meta:
        model = Plafond
        fields = [
            "deliberation",
            "debut",
            "fin",
            "periode",
            "porteur",
            "creneaux",
            "moment",
            "supplements",
            "voulu",
        ]
        widgets = {
            "deliberation": forms.Select({"class": "saisie"}),
            "debut": date_widget(),
            "fin": date_widget(),
            "periode": forms.Select({"class": "saisie"}),
            "porteur": forms.Select({"class": "saisie"}),
            "moment": forms.Select({"class": "saisie"}),
        }
        labels = {
            "periode": "Ce qui est plafonné",
            "porteur": "Pour qui",
            "moment": "Ou tous les créneaux d’un moment",
            "supplements": "Les suppléments comptent dans le plafond",
            "voulu": "Ce plafond est sous le prix d’une seule séance, et c’est voulu",
        }
        help_texts = {"voulu": "À cocher seulement si la page vous le demande."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["somme"] = euros_csv(self.instance.montant)

    def clean(self) -> dict[str, Any] | None:
        """Check what the cap is of, its first day, that it says nothing that cannot be true beside the tariffs of that
        day, and that no other of the same créneaux begins on it.
        """
        cleaned = super().clean()
        check_scope(self, needed=False)
        check_debut(self)
        if self.errors:
            return cleaned
        donnees = self.cleaned_data
        creneaux = frozenset(creneau.pk for creneau in donnees["creneaux"])
        plafond = PlafondVote(
            cle=0,
            montant=donnees["somme"],
            periode=PeriodePlafond(donnees["periode"]),
            porteur=PorteurPlafond(donnees["porteur"]),
            debut=donnees["debut"],
            fin=donnees["fin"],
            creneaux=creneaux,
            moment=donnees["moment"],
        )
        moments = list(Creneau.objects.order_by().values_list("pk", "moment"))
        tarifs = load_tarifs()
        tenus = {
            trouve.cle: trouve
            for creneau, moment in moments
            if (trouve := tarif_of(tarifs, creneau, moment, donnees["debut"])) is not None
        }
        for dite in contradictions_of_plafond(plafond, list(tenus.values()), moments, voulu=donnees["voulu"]):
            self.add_error("somme" if dite.champ == "montant" else dite.champ, dite)
        portee = PorteePrix(creneaux, donnees["moment"])
        if not self.errors and (
            refus := refus_du_plafond(
                donnees["periode"], donnees["porteur"], portee, donnees["debut"], self.instance.pk
            )
        ):
            self.add_error("debut", refus)
        self.instance.montant = donnees["somme"]
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
            "en_tout",
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
        if not self.errors and self.cleaned_data["en_tout"]:
            self._check_en_tout()
        donnees = self.cleaned_data
        if not self.errors:
            portee = PorteePrix(frozenset(creneau.pk for creneau in donnees["creneaux"]), donnees["moment"])
            champ, refus = refus_du_supplement(
                donnees["genre"], portee, donnees["debut"], donnees["fin"], self.instance.pk
            )
            if refus:
                self.add_error(champ, refus)
        return cleaned

    def _check_en_tout(self) -> None:
        """A whole price is a price, of what is booked late or not booked."""
        if self.cleaned_data["prix"] is None:
            self.add_error("en_tout", "Un prix en tout s’écrit en euros\u00a0: décochez, ou écrivez-le.")
        elif self.cleaned_data["genre"] not in {Supplement.Genre.TARDIVE, Supplement.Genre.SANS_INSCRIPTION}:
            self.add_error("en_tout", "Un retard ou une absence s’ajoute au prix de la séance\u00a0: décochez.")


class FinPlafondForm(VoteForm):
    """The last day of a cap that was used."""

    class Meta:
        model = Plafond
        fields = ["fin"]
        widgets = {"fin": date_widget()}

    def clean_fin(self) -> date | None:
        """The last day of a cap that was used, or None; ValidationError when it would change a closed month."""
        fin: date | None = self.cleaned_data["fin"]
        clos, avant = last_closed_day(), self.initial["fin"]
        passe = clos is not None and fin != avant and any(jour is not None and jour < clos for jour in (fin, avant))
        if passe and clos is not None:
            raise forms.ValidationError(f"Il a servi jusqu’au {jour_annee(clos)}, dernier jour d’un mois arrêté.")
        return fin


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

    residence = forms.ChoiceField(label="Résidence")
    qf = QuotientField(label="Quotient", required=False, help_text="Vide\u00a0: inconnu.")
    enfants = forms.IntegerField(label="Enfants", min_value=1, max_value=6, initial=1)
    fois = forms.IntegerField(label="Séances", min_value=1, max_value=31, initial=1)
    duree = forms.CharField(
        label="Minutes, ou heure",
        required=False,
        max_length=10,
        help_text="45, ou 17 h 15\u00a0: celle du départ, le matin celle de l’arrivée. Vide\u00a0: tout le créneau.",
    )

    def __init__(self, data: Any = None, *, typed: Any = None, lieux: Mapping[str, str] | None = None) -> None:
        """`typed`: what another button sent, shown again and not judged. `lieux`: the residences of the town, code and
        name, where they are known already.
        """
        known = {name: typed[f"essai-{name}"] for name in self.base_fields if f"essai-{name}" in (typed or {})}
        super().__init__(data, prefix="essai", initial=known)
        self.lieux = load_noms() if lieux is None else lieux
        choix = [(code, f"{nom[:1].lower()}{nom[1:]}") for code, nom in self.lieux.items()]
        cast(forms.ChoiceField, self.fields["residence"]).choices = choix
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
