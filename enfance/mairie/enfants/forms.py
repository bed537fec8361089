"""Forms of a child's file, one a subject: slips of the hand are refused.

Only a field that has changed is checked: what was there before never stands in the way of another correction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from enfance.famille.forms import JourField
from enfance.mairie.champs import ClasseField, EcoleField, check_ecole, drop_alone
from enfance.mairie.enfants.departs import depart_of, hors_annee
from enfance.mairie.enfants.gardes import ChoixGarde
from enfance.models import (
    AnneeScolaire,
    Ecole,
    Enfant,
    Garde,
    Niveau,
    Responsabilite,
    Responsable,
    Scolarite,
)
from portail.dates import quantieme_annee
from portail.formulaires import WholeForm, WholeModelForm
from portail.signes import validate_ligne

AGE_MAX = 20
ALTERNEE = Garde.Rythme.ALTERNEE
SAISIE = {"class": "saisie", "autocomplete": "off"}


def clean_naissance(jour: date) -> date:
    """This birth date of a pupil, once checked. Raises ValidationError for a day to come, or a child of more than 20
    years.
    """
    today = timezone.localdate()
    if jour > today:
        raise ValidationError("Indiquez une date de naissance passée.")
    if (today.year - jour.year, today.month, today.day) > (AGE_MAX, jour.month, jour.day):
        raise ValidationError(f"Vérifiez l’année\u00a0: cet enfant aurait plus de {AGE_MAX}\u00a0ans.")
    return jour


class EnfantForm(WholeModelForm):
    """Who the child is."""

    class Meta:
        model = Enfant
        fields = ("prenom", "nom", "nom_usage", "date_naissance", "sexe", "ine")

    def clean_date_naissance(self) -> date:
        """Refuse a birth date to come, or of more than 20 years ago, when it has changed."""
        jour = self.cleaned_data["date_naissance"]
        return clean_naissance(jour) if "date_naissance" in self.changed_data else jour


class IdentiteForm(EnfantForm):
    marks_optional = True
    date_naissance = JourField("Date de naissance")

    class Meta(EnfantForm.Meta):
        widgets = {nom: forms.TextInput(SAISIE) for nom in ("prenom", "nom", "nom_usage", "ine")} | {
            "sexe": forms.Select({"class": "saisie"})
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date_naissance"].required = True


class ClasseForm(WholeForm):
    """The place of the child in a year, and the day on which it leaves the school."""

    niveau = forms.ChoiceField(label="Niveau", choices=Niveau.choices, widget=forms.Select(SAISIE))
    ecole = EcoleField(empty_label="Celle de la classe", widget=forms.Select(SAISIE))
    classe = ClasseField(empty_label="Pas encore de classe", widget=forms.Select(SAISIE))
    depart = JourField("Parti le")

    def __init__(
        self, *args: Any, annee: AnneeScolaire, annees: Sequence[Scolarite], today: date, **kwargs: Any
    ) -> None:
        self.annees, self.today = annees, today
        self.scolarite = next((s for s in reversed(annees) if s.annee == annee), None) or Scolarite(annee=annee)
        super().__init__(*args, **kwargs)
        self.initial = {
            "niveau": self.scolarite.niveau,
            "classe": self.scolarite.classe_id,
            "depart": depart_of(annees, today),
        }
        classes = annee.classes.select_related("ecole")
        if self.scolarite.pk:  # who changes school does it by a page of its own
            del self.fields["ecole"]
            classes = classes.filter(ecole=self.scolarite.ecole_id)
        else:
            drop_alone(self, "ecole")
        cast("forms.ModelChoiceField[Any]", self.fields["classe"]).queryset = classes
        self.fields["depart"].help_text = "Vide\u00a0: l’enfant reste à l’école."
        if not self.scolarite.niveau:
            cast(forms.ChoiceField, self.fields["niveau"]).choices = [("", "Choisissez"), *Niveau.choices]

    def clean(self) -> dict[str, Any] | None:
        """Refuse a class that is not of the school chosen, and a new place of which neither school nor
        class is said.
        """
        check_ecole(self, wanted=True)
        return super().clean()

    @property
    def nouvelle_ecole(self) -> Ecole | None:
        """The school of the place that a valid form writes: that of the class chosen, else the school chosen; None
        where the form asks for neither.
        """
        classe = self.cleaned_data["classe"]
        return classe.ecole if classe else self.cleaned_data.get("ecole")

    def clean_depart(self) -> date | None:
        """Refuse a day of departure, when it has changed, that is not in one of the child's school years: it would
        cancel every inscription, or none, in silence.
        """
        depart: date | None = self.cleaned_data["depart"]
        annees = self.annees if self.scolarite.pk else [*self.annees, self.scolarite]
        if depart and "depart" in self.changed_data and (phrase := hors_annee(annees, depart, self.today)):
            raise ValidationError(phrase)
        return depart


class ChangementEcoleForm(WholeForm):
    """The school to which the child goes, and from which day on."""

    ecole = forms.ModelChoiceField(
        Ecole.objects.none(), label="Nouvelle école", empty_label="Choisissez", widget=forms.Select(SAISIE)
    )
    jour = JourField("À partir du")

    def __init__(self, *args: Any, place: Scolarite, today: date, **kwargs: Any) -> None:
        self.place = place
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Any]", self.fields["ecole"]).queryset = Ecole.objects.exclude(pk=place.ecole_id)
        self.fields["jour"].required = True
        self.initial = {"jour": max(today, place.annee.debut)}

    def clean_jour(self) -> date:
        """Refuse a day that is before the child's present place, or after the end of its school year."""
        jour, annee = self.cleaned_data["jour"], self.place.annee
        premier = self.place.debut or annee.debut
        if not premier <= jour <= annee.fin:
            raise ValidationError(f"Indiquez un jour du {quantieme_annee(premier)} au {quantieme_annee(annee.fin)}.")
        return cast(date, jour)


class ResponsablesForm(WholeForm):
    """Who answers for the child: what each of them sees, and one more adult."""

    ACCES = (
        ("ouvert", "voit l’enfant sur le portail"),
        ("suspendu", "suspendu par un juge"),
        ("retire", "n’est pas responsable : retirer"),
    )

    identifiant = forms.CharField(
        label="Ajouter un adulte qui a déjà un compte",
        required=False,
        max_length=20,
        validators=[validate_ligne],
        help_text="Son identifiant, sur la page de sa famille.",
        widget=forms.TextInput(SAISIE | {"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, liens: Sequence[Responsabilite], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.liens = liens
        for lien in liens:
            self.fields[f"acces-{lien.pk}"] = forms.ChoiceField(
                label=str(lien.responsable),
                choices=self.ACCES,
                initial="suspendu" if lien.suspendue else "ouvert",
                widget=forms.Select(SAISIE),
            )
        self.order_fields([*(f"acces-{lien.pk}" for lien in liens), "identifiant"])

    def clean_identifiant(self) -> Responsable | None:
        """The adult who has this identifiant, None when nothing was typed; refuse one that no parent has, or whose
        adult answers for the child already.
        """
        identifiant = self.cleaned_data["identifiant"]
        if not identifiant:
            return None
        adulte = Responsable.objects.select_related("user").filter(user__identifiant=identifiant).first()
        if adulte is None:
            raise ValidationError("Aucun parent n’a cet identifiant. Cherchez sa famille par son nom.")
        if any(lien.responsable_id == adulte.pk for lien in self.liens):
            raise ValidationError(f"{adulte} est déjà responsable de cet enfant.")
        return adulte


class GardeForm(WholeForm):
    """Custody in words, from a day on."""

    rythme = forms.ChoiceField(label="Désormais", widget=forms.RadioSelect)
    debut = JourField("À partir du")

    def __init__(
        self, *args: Any, foyers: Mapping[int, str], gardes: Sequence[Garde], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.foyers = foyers
        debut = today + timedelta(days=7 - today.weekday())
        actives = [garde for garde in gardes if (not garde.debut or garde.debut <= debut) and not garde.fin]
        paires = list(combinations(sorted(foyers), 2))
        alternees = []
        for a, b in paires:
            lesquels = f", {foyers[a]} et {foyers[b]}" if len(paires) > 1 else ""
            alternees.append((f"{ALTERNEE}-{a}-{b}", f"Une semaine sur deux{lesquels}"))
        seuls = [(f"seul-{pk}", f"Tous les jours chez {nom}") for pk, nom in foyers.items()]
        deux = [("tous", "Dans tous ces foyers, sans rythme noté")] if paires else []
        choix = [*alternees, *seuls, *deux, ("aucun", "Dans aucun foyer")]
        cast(forms.ChoiceField, self.fields["rythme"]).choices = choix
        if len(paires) > 1:  # the radios of three homes would fill the screen
            self.fields["rythme"].widget = forms.Select(SAISIE, choices=choix)
        self.fields["debut"].required = True
        self.fields["rythme"].initial = _rythme(actives)
        self.fields["debut"].initial = debut
        if paires:
            self.fields["debut"].help_text = "Un lundi, si les semaines alternent."
            premiers = [
                (f"{pk}-{passage}", f"{nom}, changement {quand}")
                for passage, quand in Garde.Passage.choices
                for pk, nom in foyers.items()
            ]
            self.fields["premier"] = forms.ChoiceField(
                label="Cette semaine-là chez",
                choices=premiers,
                initial=next((f"{g.foyer_id}-{g.passage}" for g in actives if g.depuis and g.holds(debut)), None)
                or premiers[0][0],
                help_text="Pour une semaine sur deux.",
                widget=forms.Select(SAISIE),
            )

    def clean(self) -> dict[str, Any] | None:
        """For weeks that alternate, refuse a first day that is no Monday, and a first home that is not
        one of the two.
        """
        cleaned = super().clean()
        rythme, debut = self.cleaned_data.get("rythme", ""), self.cleaned_data.get("debut")
        if not rythme.startswith(ALTERNEE):
            return cleaned
        if debut and debut.weekday():
            autre = debut - timedelta(days=debut.weekday())
            suivant = autre + timedelta(weeks=1)
            self.add_error(
                "debut", f"Choisissez un lundi\u00a0: le {quantieme_annee(autre)}, ou le {quantieme_annee(suivant)}."
            )
        premier = self.cleaned_data.get("premier", "").partition("-")[0]
        if premier and premier not in rythme.split("-")[1:]:
            self.add_error("premier", "Choisissez l’un des deux foyers.")
        return cleaned

    @property
    def choix(self) -> ChoixGarde:
        """The custody that a valid form asks for: the homes, from which day on, and how weeks alternate. No home for «
        Dans aucun foyer ».
        """
        debut = self.cleaned_data["debut"]
        rythme, *pks = self.cleaned_data["rythme"].split("-")
        if rythme == ALTERNEE:
            premier, _, passage = self.cleaned_data["premier"].partition("-")
            return ChoixGarde(debut, tuple(map(int, pks)), int(premier), passage)
        foyers = self.foyers if rythme == "tous" else map(int, pks)
        return ChoixGarde(debut, tuple(foyers))


def _rythme(actives: Sequence[Garde]) -> str | None:
    """The value that says what these gardes say; None when no choice does."""
    foyers = sorted(garde.foyer_id for garde in actives)
    if len(foyers) == 2 and all(garde.depuis for garde in actives):
        return f"{ALTERNEE}-{foyers[0]}-{foyers[1]}"
    if any(garde.depuis for garde in actives):
        return None
    return f"seul-{foyers[0]}" if len(foyers) == 1 else "tous" if foyers else None


class SanteForm(WholeModelForm):
    """No medical document, ever: yes or no, an end, a short instruction for the team."""

    pai_fin = JourField("PAI valable jusqu’au")

    class Meta:
        model = Enfant
        fields = ("pai", "pai_fin", "consigne", "pai_cantine")
        widgets = {"consigne": forms.Textarea(SAISIE | {"rows": 3})}

    def clean_pai_fin(self) -> date | None:
        """Refuse an end of the health plan (PAI) that is past, when it has changed."""
        jour: date | None = self.cleaned_data["pai_fin"]
        if jour and "pai_fin" in self.changed_data and jour < timezone.localdate():
            raise ValidationError("Indiquez une date à venir, ou décochez «\u00a0PAI\u00a0» s’il est fini.")
        return jour
