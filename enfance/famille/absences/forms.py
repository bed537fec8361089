"""The forms of an absence that is told. They parse; the writer decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from enfance.famille.absences.ecriture import AbsencesJour
from enfance.famille.forms import EnfantsField
from enfance.models import Creneau
from enfance.planning.cases import EnfantVu
from enfance.regles import cles
from portail.dates import jour_long
from portail.formulaires import INCOMPLETE, WholeForm


class MomentsField(EnfantsField):
    """Créneaux of children, « 12:matin », from a repeated field."""

    def clean(self, value: Any) -> list[Any]:
        """The créneaux sent, as pairs of child (primary key) and code; ValidationError when one is malformed, or for
        more than 50.
        """
        lus = [cles.parse_key(str(texte), cles.pk, cles.code) for texte in value or []]
        if None in lus or len(lus) > self.MAX:
            raise ValidationError(INCOMPLETE)
        return lus


@dataclass(frozen=True)
class LigneAbsence:
    """A child of the form, ticked or not, and of each of its moments whether it is."""

    enfant: EnfantVu
    coche: bool
    moments: list[tuple[Creneau, bool]]


class AbsencesForm(WholeForm):
    """The children who do not come that day (`absent`), to which moments, until which day (`jusqua`), and what other
    parts ask (`champs`). `page`: the children that it offers, with their moments, and the days that follow.
    """

    absent = EnfantsField()
    moment = MomentsField()

    def __init__(self, *args: Any, page: AbsencesJour, champs: Mapping[str, forms.Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.page, self.champs = page, champs
        if page.suites:
            seul = "Aujourd’hui seulement" if page.aujourdhui else "Ce jour seulement"
            choix = [("", seul), *((jour.isoformat(), f"Jusqu’à {jour_long(jour)}") for jour in page.suites)]
            self.fields["jusqua"] = forms.TypedChoiceField(
                label="Jusqu’à quand\u202f?",
                help_text="Les jours suivants le sont en entier. Un jour que vous pouvez encore annuler n’est pas "
                "signalé\u00a0: la page suivante vous y mène.",
                choices=choix,
                coerce=date.fromisoformat,
                empty_value=None,
                required=False,
                widget=forms.Select(attrs={"class": "saisie"}),
                error_messages={"invalid_choice": "Choisissez un jour de la liste."},
            )
        self.fields.update(champs)

    def clean(self) -> dict[str, Any]:
        """Refuse the form when no child is ticked, or when a ticked child that the page offers has no moment ticked;
        then gather the codes of the moments by child, as `demandes`.
        """
        cleaned = super().clean() or self.cleaned_data
        absents, coches = cleaned.get("absent"), cleaned.get("moment")
        if absents is None or coches is None:
            return cleaned
        if not absents:
            raise ValidationError("Personne n’est coché\u00a0: rien n’a changé. Cochez qui est absent.")
        demandes: dict[int, list[str]] = {pk: [code for enfant, code in coches if enfant == pk] for pk in absents}
        for attendu in self.page.a_signaler:
            if demandes.get(attendu.enfant.pk) == []:
                nom = attendu.enfant.nom
                raise ValidationError(f"Aucun moment n’est coché pour {nom}\u00a0: rien n’a changé. Cochez-en un.")
        return cleaned | {"demandes": demandes}

    @property
    def valeurs(self) -> dict[str, str]:
        """The answers to the questions that other apps add to the form, by name of the field."""
        return {nom: self.cleaned_data[nom] for nom in self.champs}

    def lignes(self, choisi: int | None) -> list[LigneAbsence]:
        """The children to show in the form, each ticked or not, with its moments: as they were sent, else all moments
        ticked, and only one child: the only one there is, or `choisi` (primary key).
        """
        seul = self.page.a_signaler[0].enfant.pk if len(self.page.a_signaler) == 1 else choisi
        absents = set(self["absent"].value()) if self.is_bound else {str(seul)}
        moments = set(self["moment"].value()) if self.is_bound else None
        return [
            LigneAbsence(
                attendu.enfant,
                str(attendu.enfant.pk) in absents,
                [(c, moments is None or f"{attendu.enfant.pk}:{c.code}" in moments) for c in attendu.moments],
            )
            for attendu in self.page.a_signaler
        ]


class JusquaForm(forms.Form):
    """The day until which an absence was asked, of the page's address. A value that means nothing is none."""

    jusqua = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def jour(self) -> date | None:
        """The day until which the absence was asked; None when the address says none, or no day."""
        self.is_valid()
        return self.cleaned_data.get("jusqua")


class VientForm(WholeForm):
    """The child who comes after all."""

    vient = EnfantsField()
