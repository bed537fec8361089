"""The form that copies the tariffs of a year, and the supplements that end, to another day."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.utils.text import capfirst

from facturation.models import Deliberation, Supplement, Tarif
from facturation.votes.forms import check_debut, date_widget, validate_siecle
from facturation.votes.regles import refus_de_recopie
from facturation.votes.vus import portee_dite, supplements_qui_finissent, tarifs_a_recopier
from portail.dates import jour_annee
from portail.formulaires import RowsField, WholeForm
from portail.francais import et


class SupplementsField(RowsField):
    """Supplements that end, each with what it is of and its last day."""

    def label_from_instance(self, obj: Any) -> str:
        """What a supplement is of, and its last day: « Retard, tous les soirs, finit le … »."""
        fin = f", finit le {jour_annee(obj.fin)}" if obj.fin else ""
        return capfirst(f"{obj.get_genre_display()}, {portee_dite(obj)}{fin}")


class RecopieForm(WholeForm):
    """Which tariffs and supplements to copy, from which day on, under which vote. Proposed: of each créneau, the last
    tariff; once the day is known, the one that holds on its eve.
    """

    obligatoires = "obligatoires"

    tarifs = RowsField(
        label="Tarifs à recopier",
        queryset=Tarif.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un tarif."},
    )
    supplements = SupplementsField(
        label="Suppléments à recopier",
        queryset=Supplement.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="Ceux qui ont une fin\u00a0: après elle, ils ne comptent plus. Leur copie n’a pas de fin.",
    )
    deliberation = forms.ModelChoiceField(
        label="Délibération", queryset=Deliberation.objects.all(), widget=forms.Select({"class": "saisie"})
    )
    debut = forms.DateField(label="À partir du", widget=date_widget(), validators=[validate_siecle])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        tarifs, supplements = tarifs_a_recopier(), supplements_qui_finissent()
        kwargs["initial"] = {"tarifs": [t.pk for t in tarifs], "supplements": [s.pk for s in supplements]}
        super().__init__(*args, **kwargs)
        self._offer(tarifs)
        if self.is_bound:  # judged once the day is known
            cast(RowsField, self.fields["tarifs"]).queryset = Tarif.objects.all()
        cles = [supplement.pk for supplement in supplements]
        cast(RowsField, self.fields["supplements"]).queryset = Supplement.objects.filter(pk__in=cles)
        if not supplements:
            del self.fields["supplements"]

    def clean(self) -> dict[str, Any] | None:
        """Check that each tariff that is ticked is the one in force on the eve of the day of copy, that nothing begins
        on that day already, and that a price of the month begins on a 1st. The list then offers the tariffs of that
        eve.
        """
        cleaned = super().clean()
        check_debut(self)
        debut = self.cleaned_data.get("debut")
        voulus = list(self.cleaned_data.get("tarifs") or ())
        proposes = tarifs_a_recopier(debut)
        self._offer(proposes)
        if debut is None:
            return cleaned
        if autres := [tarif for tarif in voulus if tarif not in proposes]:
            self.add_error("tarifs", _said_others(autres, debut))
            return cleaned
        if au_mois := [tarif.nom for tarif in voulus if tarif.unite == Tarif.Unite.MOIS and debut.day != 1]:
            noms = et([f"«\u00a0{nom}\u00a0»" for nom in au_mois])
            self.add_error("debut", f"Au mois\u00a0: {noms}. Un prix au mois commence le premier d’un mois.")
        if refus := refus_de_recopie(voulus, debut):
            self.add_error("debut", " ".join(refus))
        return cleaned

    @property
    def a_suivre(self) -> list[Supplement]:
        """The supplements that are ticked and over before the day of this valid form: they are copied."""
        return [s for s in self.cleaned_data.get("supplements", ()) if s.fin and s.fin < self.cleaned_data["debut"]]

    @property
    def courent(self) -> list[Supplement]:
        """The supplements that are ticked and still apply on the day of this valid form: they are not copied, since a
        copy would compete with them.
        """
        suivis = self.a_suivre
        return [s for s in self.cleaned_data.get("supplements", ()) if s not in suivis]

    def _offer(self, tarifs: list[Tarif]) -> None:
        """Let the page choose among these."""
        cles = [tarif.pk for tarif in tarifs]
        cast(RowsField, self.fields["tarifs"]).queryset = Tarif.objects.filter(pk__in=cles)


def _said_others(autres: list[Tarif], debut: date) -> str:
    """Why these are not to be copied to this day, and what to do."""
    dits = [
        f"«\u00a0{tarif.nom}\u00a0» ne commence que le {jour_annee(tarif.debut)}."
        if tarif.debut >= debut
        else f"«\u00a0{tarif.nom}\u00a0» est remplacé avant ce jour-là."
        for tarif in autres
    ]
    return " ".join([*dits, "La liste est maintenant celle des tarifs de la veille\u00a0: choisissez parmi eux."])
