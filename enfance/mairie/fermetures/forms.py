"""The forms of a closure, what it covers and its reason; and of a trip, or of a teacher away: who leaves, never what
closes.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, cast

from django import forms
from django.utils import timezone

from enfance.mairie.champs import (
    JOUR_ATTRS,
    ClassesField,
    EcoleField,
    EcolesField,
    drop_alone,
    name_ecoles,
    offer_classes,
)
from enfance.mairie.ecoles import creneau_et_ecoles
from enfance.mairie.fermetures.ecriture import Portee, rien_a_fermer
from enfance.models import (
    AnneeScolaire,
    Classe,
    Creneau,
    Ecole,
    Enfant,
    Fermeture,
    Niveau,
    Scolarite,
    load_calendrier,
)
from enfance.natures import NatureFermeture
from portail.formulaires import RowsField, WholeModelForm

UN_AN = timedelta(days=365)
NATURES = [
    (NatureFermeture.SORTIE.value, "Une sortie"),
    (NatureFermeture.ENSEIGNANT.value, "Un enseignant absent"),
]
MANQUES = (Creneau.Moment.MIDI, Creneau.Moment.SOIR)  # of a day away: it begins after the morning


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
        today = timezone.localdate()
        offer_classes(self, "classes", today=today, since=today - UN_AN)
        drop_alone(self, "ecoles")
        if "ecoles" in self.fields:
            name_ecoles(cast(RowsField, self.fields["creneaux"]))

    def clean(self) -> dict[str, Any] | None:
        """Refuse a closure that would close nothing, in silence: days outside every school year, a class of another
        year, a class or a créneau of none of the schools chosen, days without garderie.
        """
        cleaned = super().clean()
        debut, fin = self.cleaned_data.get("debut"), self.cleaned_data.get("fin")
        _check_annee(self)
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


def _check_annee(form: forms.BaseForm) -> None:
    """Add an error to this form on a day outside every school year, and on a class that is of another year."""
    calendrier = load_calendrier()
    debut, fin = form.cleaned_data.get("debut"), form.cleaned_data.get("fin")
    for champ, jour in (("debut", debut), ("fin", fin)):
        if jour and calendrier.annee(jour) is None:
            form.add_error(champ, "Indiquez un jour d’une année scolaire déjà préparée.")
    if debut and fin:
        autres = [c for c in form.cleaned_data.get("classes", ()) if c.annee.fin < debut or c.annee.debut > fin]
        if autres:
            noms = ", ".join(f"{classe} ({classe.annee})" for classe in autres)
            form.add_error("classes", f"Pas dans l’année de ces dates\u00a0: {noms}.")


class ClassesAnneeField(ClassesField):
    """The same of one year, which needs not be said."""

    def label_from_instance(self, obj: Classe) -> str:
        """The class without its school year."""
        return str(obj)


class SortieForm(WholeModelForm):
    """Who leaves, when, and where they go; then, on the preview, who among them stays. Everybody else is received.

    The levels and the classes are those of the school year of today, else of the next one. `ecoles`: the schools that
    the agent may choose; all of them by default. A town of several schools is asked which one leaves.

    The preview sends back the children that it proposed (`proposes`), and those that are still ticked (`partent`).
    """

    marks_optional = True
    nature = forms.ChoiceField(label="C’est", choices=NATURES, widget=forms.RadioSelect, initial=NATURES[0][0])
    fin = forms.DateField(
        label="Dernier jour, s’il y en a plusieurs",
        required=False,
        widget=forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
    )
    creneaux = RowsField(
        Creneau.objects.all(),
        label="Moments où ils ne sont pas là",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un moment."},
    )
    ecole = EcoleField(empty_label="Choisissez une école")
    niveaux = forms.MultipleChoiceField(
        label="Des niveaux",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Dans toutes leurs classes\u00a0: un niveau peut être dans plusieurs.",
    )
    classes = ClassesAnneeField()
    proposes = RowsField(Enfant.objects.all(), required=False, widget=forms.MultipleHiddenInput)
    partent = RowsField(Enfant.objects.all(), required=False, widget=forms.MultipleHiddenInput)

    class Meta:
        model = Fermeture
        fields = ["debut", "fin", "motif"]
        labels = {"debut": "Jour", "motif": "Où, ou pourquoi"}
        help_texts = {"motif": "Les parents le lisent\u00a0: «\u00a0musée de la Résistance, retour à 18\u00a0h\u00a0»."}
        widgets = {
            "debut": forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"),
            "motif": forms.TextInput({"class": "saisie", "autocomplete": "off"}),
        }

    field_order = ["nature", "debut", "fin", "creneaux", "motif", "ecole", "niveaux", "classes"]

    def __init__(self, *args: Any, ecoles: Collection[Ecole] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        champs = cast(dict[str, Any], self.fields)
        champs["classes"].label = "Ou des classes entières"
        annee = AnneeScolaire.objects.filter(fin__gte=timezone.localdate()).order_by("debut").first()
        classes, places = Classe.objects.filter(annee=annee), Scolarite.objects.filter(annee=annee)
        creneaux = Creneau.objects.prefetch_related("ecoles")
        toutes = list(Ecole.objects.all())
        offertes = toutes if ecoles is None else [ecole for ecole in toutes if ecole in ecoles]
        self.seule = offertes[0] if len(offertes) == 1 < len(toutes) else None
        if len(offertes) < len(toutes):
            champs["ecole"].queryset = Ecole.objects.filter(pk__in=[ecole.pk for ecole in offertes])
            classes, places = classes.filter(ecole__in=offertes), places.filter(ecole__in=offertes)
            creneaux = creneaux.held_by([ecole.pk for ecole in offertes])
        champs["classes"].queryset = classes.select_related("annee", "ecole")
        champs["creneaux"].queryset = creneaux
        connus = set(places.order_by().values_list("niveau", flat=True).distinct())
        champs["niveaux"].choices = [(n.value, n.label) for n in Niveau if n in connus or not connus]
        self.initial.setdefault("creneaux", [creneau.pk for creneau in creneaux if creneau.moment in MANQUES])
        if len(offertes) < 2:
            champs["creneaux"].label_from_instance = attrgetter("titre")
            del self.fields["ecole"]
            return
        champs["creneaux"].label_from_instance = creneau_et_ecoles
        champs["ecole"].required = True
        champs["ecole"].error_messages["required"] = "Choisissez l’école."

    def clean_fin(self) -> date | None:
        """The last day; the first one where it is left empty."""
        fin: date | None = self.cleaned_data["fin"]
        return fin or self.cleaned_data.get("debut")

    def clean(self) -> dict[str, Any] | None:
        """Refuse a trip of nobody, on days without garderie or outside every school year, of a class or at a moment of
        another school.
        """
        cleaned = super().clean()
        _check_annee(self)
        data, ecole = self.cleaned_data, self._ecole()
        if not (data.get("niveaux") or data.get("classes")) and not {"niveaux", "classes"} & self.errors.keys():
            self.add_error("niveaux", "Choisissez au moins un niveau, ou une classe entière.")
        if ecole and (autres := [classe for classe in data.get("classes", ()) if classe.ecole != ecole]):
            noms = ", ".join(f"{classe} ({classe.ecole})" for classe in autres)
            self.add_error("classes", f"Pas dans cette école\u00a0: {noms}.")
        if ecole and data.get("creneaux") and not self._tenus():
            self.add_error("creneaux", "Aucun de ces moments n’est celui de cette école.")
        debut, fin = data.get("debut"), data.get("fin")
        if not self.errors and debut and fin and debut <= fin and (refus := rien_a_fermer(self.portee)):
            self.add_error("debut", refus)
        return cleaned

    def _ecole(self) -> Ecole | None:
        """The school that leaves; None where the town has a single one, or while none is chosen."""
        return self.cleaned_data.get("ecole") or self.seule

    def _tenus(self) -> tuple[Creneau, ...]:
        """The moments chosen that the school has: those of the others are ticked with them before it is chosen."""
        ecole = self._ecole()
        tenus = [(creneau, set(creneau.ecoles.all())) for creneau in self.cleaned_data["creneaux"]]
        return tuple(creneau for creneau, ecoles in tenus if ecole is None or not ecoles or ecole in ecoles)

    @property
    def restent(self) -> list[Enfant]:
        """The children of a valid form that the preview proposed, and that are no longer ticked."""
        partent = set(self.cleaned_data["partent"])
        return [enfant for enfant in self.cleaned_data["proposes"] if enfant not in partent]

    @property
    def portee(self) -> Portee:
        """The trip that a valid form asks for."""
        asked, ecole = self.cleaned_data, self._ecole()
        return Portee(
            asked["debut"],
            asked["fin"],
            asked["motif"],
            self._tenus(),
            tuple(asked["classes"]),
            (ecole,) if ecole else (),
            NatureFermeture(asked["nature"]),
            tuple(niveau.value for niveau in Niveau if niveau in asked["niveaux"]),
            tuple(self.restent),
        )
