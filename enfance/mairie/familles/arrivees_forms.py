"""The forms of a family, or of one more of a home, typed at the counter before ONDE has them."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms

from enfance.famille.forms import JourField, TelephoneField
from enfance.mairie.champs import ClasseField, EcoleField, check_ecole, drop_alone
from enfance.mairie.enfants.forms import clean_naissance
from enfance.mairie.familles.arrivees import Homonyme, NouvelAdulte, NouvelEnfant, homonymes
from enfance.models import AnneeScolaire, Classe, Enfant, Foyer, Niveau, Responsable
from portail.formulaires import RowsField, WholeForm, WholeModelForm
from portail.signes import validate_ligne, validate_nom


def style(form: forms.BaseForm) -> None:
    """Give every field of this form, boxes to tick aside, the portal's own look, and forbid the browser to fill it with
    what it remembers of the agent.
    """
    for champ in form.fields.values():
        if not isinstance(champ.widget, forms.CheckboxSelectMultiple):
            champ.widget.attrs |= {"class": "saisie", "autocomplete": "off"}


class FoyerForm(WholeModelForm):
    class Meta:
        model = Foyer
        fields = ["adresse", "code_postal", "commune"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        style(self)


class AdulteForm(WholeForm):
    prenom = forms.CharField(label="Prénom", max_length=100, validators=[validate_nom])
    nom = forms.CharField(label="Nom", max_length=100, validators=[validate_nom])
    civilite = forms.ChoiceField(
        label="Civilité", choices=[("", "---------"), *Responsable.Civilite.choices], required=False
    )
    courriel = forms.EmailField(label="E-mail", required=False, validators=[validate_ligne])
    telephone = TelephoneField("Téléphone portable")

    def __init__(self, *args: Any, connus: list[Enfant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if connus:
            self.fields["enfants"] = RowsField(
                Enfant.objects.filter(pk__in=[enfant.pk for enfant in connus]),
                label="Responsable de",
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        style(self)

    @property
    def valeur(self) -> NouvelAdulte:
        """The adult that a valid form describes, not written yet."""
        saisi = self.cleaned_data
        enfants = tuple(enfant.pk for enfant in saisi.get("enfants", ()))
        return NouvelAdulte(
            saisi["prenom"], saisi["nom"], saisi["courriel"], saisi["civilite"], saisi["telephone"], enfants
        )


class EnfantArriveForm(WholeForm):
    prenom = forms.CharField(label="Prénom", max_length=100, validators=[validate_nom])
    nom = forms.CharField(label="Nom de famille", max_length=100, validators=[validate_nom])
    date_naissance = JourField("Date de naissance")
    niveau = forms.ChoiceField(label="Niveau", choices=[("", "---------"), *Niveau.choices])
    ecole = EcoleField(empty_label="Celle de la classe")
    classe = ClasseField(empty_label="Pas encore de classe")

    def __init__(self, *args: Any, connus: list[Responsable], annee: AnneeScolaire | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date_naissance"].required = True
        classes = Classe.objects.filter(annee=annee).select_related("ecole")
        cast("forms.ModelChoiceField[Any]", self.fields["classe"]).queryset = classes
        drop_alone(self, "ecole")
        if connus:
            self.fields["responsables"] = RowsField(
                Responsable.objects.filter(pk__in=[adulte.pk for adulte in connus]).select_related("user"),
                label="Ses responsables",
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        style(self)

    def clean(self) -> dict[str, Any] | None:
        """Refuse a class that is not of the school chosen, and a child of whom neither school nor class is said."""
        check_ecole(self, wanted=True)
        return super().clean()

    def clean_date_naissance(self) -> date:
        """Refuse a birth date to come, or of more than 20 years ago."""
        return clean_naissance(self.cleaned_data["date_naissance"])

    @property
    def valeur(self) -> NouvelEnfant:
        """The child that a valid form describes, not written yet; its school is that of its class when it has one."""
        saisi = self.cleaned_data
        return NouvelEnfant(
            saisi["prenom"],
            saisi["nom"],
            saisi["date_naissance"],
            saisi["niveau"],
            saisi["classe"],
            tuple(adulte.pk for adulte in saisi.get("responsables", ())),
            saisi["classe"].ecole if saisi["classe"] else saisi.get("ecole"),
        )


class CertainForm(forms.Form):
    certain = forms.BooleanField(label="Ce sont d’autres personnes\u00a0: ajouter quand même", required=False)


class Dossier:
    """All that the page asks, as one: the home, adults, children; what is left empty is nobody."""

    def __init__(self, data: Any, foyer: Foyer, annee: AnneeScolaire | None) -> None:
        self.connu = foyer.pk is not None
        adultes = list(foyer.responsables.select_related("user")) if self.connu else []
        enfants = list(Enfant.objects.filter(gardes__foyer=foyer).distinct()) if self.connu else []
        self.foyer = FoyerForm(data, instance=foyer, prefix="foyer", use_required_attribute=False)
        lots = 1 if self.connu else 2
        self.adultes = [
            AdulteForm(data, prefix=f"adulte-{n}", connus=enfants, empty_permitted=True, use_required_attribute=False)
            for n in range(lots)
        ]
        self.enfants = [
            EnfantArriveForm(
                data,
                prefix=f"enfant-{n}",
                connus=adultes,
                annee=annee,
                empty_permitted=True,
                use_required_attribute=False,
            )
            for n in range(lots + 1)
        ]
        self.certain = CertainForm(data)
        self.erreur = ""
        self.homonymes: list[Homonyme] = []

    @property
    def personnes(self) -> list[forms.Form]:
        """The forms of the page that describe a person: those of the adults, then those of the children."""
        return [*self.adultes, *self.enfants]

    def is_valid(self) -> bool:
        """Whether all may be written: each form is valid, there is at least one adult or child (one adult for a new
        home), and nobody known has the same name unless the agent has ticked that they are other people. Fills `erreur`
        and `homonymes`.
        """
        valides = [form.is_valid() for form in [*self.personnes, self.certain]]
        valides.append(self.connu or self.foyer.is_valid())
        if not any(form.has_changed() for form in self.personnes):
            self.erreur = "Écrivez au moins un adulte ou un enfant."
        elif not self.connu and not any(form.has_changed() for form in self.adultes):
            self.erreur = "Une nouvelle famille a au moins un adulte."
        if self.erreur or not all(valides):
            return False
        self.homonymes = homonymes(self.nouveaux_adultes, self.nouveaux_enfants)
        return not self.homonymes or self.certain.cleaned_data["certain"]

    @property
    def parties(self) -> list[tuple[str, forms.BaseForm]]:
        """The forms of the page, each with its title (« Foyer », « Adulte 1 », « Enfant 1 »…), in the order of the
        page; no « Foyer » for a home that is known already.
        """
        adultes = [(f"Adulte {n}", form) for n, form in enumerate(self.adultes, 1)]
        enfants = [(f"Enfant {n}", form) for n, form in enumerate(self.enfants, 1)]
        return [*([] if self.connu else [("Foyer", self.foyer)]), *adultes, *enfants]

    @property
    def points(self) -> list[tuple[str, str]]:
        """What the agent has to correct, each as the HTML id of the field (empty when it is of no single field) and a
        sentence.
        """
        points = [("", self.erreur)] if self.erreur else []
        for nom, form in self.parties:
            points += [("", f"{nom}\u00a0: {erreur}") for erreur in form.non_field_errors()]
            for champ in form:
                points += [(champ.id_for_label, f"{nom}, {champ.label}\u00a0: {erreur}") for erreur in champ.errors]
        if self.homonymes:
            points.append((self.certain["certain"].id_for_label, "Des fiches ressemblent à ce que vous avez écrit."))
        return points

    @property
    def nouveaux_adultes(self) -> list[NouvelAdulte]:
        """The adults that were typed, form by form; a form left empty is nobody."""
        return [form.valeur for form in self.adultes if form.has_changed()]

    @property
    def nouveaux_enfants(self) -> list[NouvelEnfant]:
        """The children that were typed, form by form; a form left empty is nobody."""
        return [form.valeur for form in self.enfants if form.has_changed()]
