"""The form in which a rule is tried: what, over which months, with which limit, amount or grid. Sent by GET: nothing is
written, and the address of a result is the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from typing import Any

from django import forms

from enfance.delais import Delai, Genre
from enfance.models import Creneau
from facturation.arrete.contextes import load_tarifs
from facturation.arrete.preparation import mois_nom
from facturation.essai_regle.lecture import dernier_trimestre
from facturation.essai_regle.regle import Gestes, MontantEssaye, Quoi, RegleEssayee
from facturation.models import Tarif
from facturation.regie.forms import EurosField
from portail.formulaires import RowsField, WholeForm

SAISIE = {"class": "saisie"}
EUROS = {"class": "saisie saisie--court", "inputmode": "decimal", "autocomplete": "off"}
COURT = {"class": "saisie saisie--court"}
SOMME, POUR_CENT, ENTIER = "somme", "pour_cent", "entier"
MAXIMUM = 999_99  # centimes
COMPTES = [(genre.value, genre.label) for genre in (Genre.JOURS_OUVRES, Genre.JOURS_ECOLE, Genre.JOURS)]
HEURES = ["%H:%M", "%Hh%M", "%H h %M", "%Hh", "%H h"]
CINQ_EUROS, MIDI = 500, time(12)


class TarifsField(RowsField):
    """Tariffs by their names and first days: three years have a « Soir »."""

    def label_from_instance(self, obj: Any) -> str:
        """« Soir, à partir du 1er septembre 2026 »."""
        return str(obj)


def _nombre(libelle: str, **kwargs: Any) -> forms.IntegerField:
    attrs = {**COURT, "inputmode": "numeric"}
    return forms.IntegerField(label=libelle, required=False, widget=forms.NumberInput(attrs), **kwargs)


def _compte(libelle: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=libelle, choices=COMPTES, required=False, widget=forms.Select(SAISIE))


def _heure(libelle: str) -> forms.TimeField:
    widget = forms.TimeInput({**COURT, "autocomplete": "off"}, "%H:%M")
    return forms.TimeField(label=libelle, required=False, widget=widget, input_formats=HEURES, help_text="12:00")


class RegleForm(WholeForm):
    """What is tried. Only the fields that the rule asks for are read, the others may hold anything valid."""

    quoi = forms.ChoiceField(label="Essayer", choices=Quoi.choices(), widget=forms.Select(SAISIE))
    moment = forms.ChoiceField(
        label="Pour",
        required=False,
        choices=[("", "tous les moments"), *Creneau.Moment.choices()],
        widget=forms.Select(SAISIE),
    )
    jours = _nombre("Jours avant", min_value=0, max_value=60, help_text="0\u00a0: le jour même.")
    compte = _compte("Comptés en")
    heure = _heure("Heure")
    gestes = forms.ChoiceField(label="Elle vaut", choices=Gestes.choices(), required=False, widget=forms.Select(SAISIE))
    jours_derniers = _nombre("Jours avant", min_value=0, max_value=60, help_text="Vide\u00a0: pas de dernière limite.")
    compte_derniers = _compte("Comptés en")
    heure_derniere = _heure("Heure")
    forme = forms.ChoiceField(
        label="Le supplément est",
        choices=[(SOMME, "une somme"), (POUR_CENT, "un % du prix"), (ENTIER, "un prix entier")],
        required=False,
        widget=forms.RadioSelect,
    )
    somme = EurosField(label="Somme, en euros", required=False, widget=forms.TextInput(EUROS))
    pourcentage = _nombre("Pour cent du prix de la séance", min_value=1, max_value=500)
    tolerance = _nombre("Minutes de tolérance", min_value=0, max_value=240)
    tarifs = TarifsField(
        label="Les grilles à essayer",
        queryset=Tarif.objects.select_related("deliberation").order_by("-debut", "nom", "pk"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Un tarif déjà saisi, voté ou non encore applicable.",
    )
    de = forms.ChoiceField(label="Du mois de", widget=forms.Select(SAISIE))
    a = forms.ChoiceField(label="au mois de", widget=forms.Select(SAISIE))

    def __init__(self, data: Any = None, *, arretes: Sequence[date]) -> None:
        super().__init__(data, initial=_initial(arretes))
        self.arretes = arretes
        self.regle: RegleEssayee | None = None
        self.premiers: tuple[date, ...] = ()
        mois = [(f"{premier:%Y-%m}", mois_nom(premier)) for premier in arretes]
        for nom in ("de", "a"):
            champ = self.fields[nom]
            assert isinstance(champ, forms.ChoiceField)  # noqa: S101 (for the types)
            champ.choices = mois

    def clean(self) -> dict[str, Any] | None:
        """Ask what the rule needs, and keep it as `regle`, its months as `premiers`."""
        cleaned = super().clean()
        if self.errors:
            return cleaned
        dits = self.cleaned_data
        quoi = Quoi(dits["quoi"])
        self.premiers = tuple(p for p in self.arretes if dits["de"] <= f"{p:%Y-%m}" <= dits["a"])
        if not self.premiers:
            self.add_error("a", "Le dernier mois suit le premier, ou c’est le même.")
        premiere = derniere = None
        if quoi.reads_history:
            premiere = self._delai("jours", "compte", "heure", needed=True)
        if quoi == Quoi.TARDIVE:
            derniere = self._delai("jours_derniers", "compte_derniers", "heure_derniere", needed=False)
        montant = self._montant() if quoi.is_supplement else MontantEssaye(0)
        if quoi == Quoi.GRILLE and not dits["tarifs"]:
            self.add_error("tarifs", "Choisissez une grille au moins.")
        if not self.errors:
            voulus = [tarif.pk for tarif in dits["tarifs"]]
            self.regle = RegleEssayee(
                quoi=quoi,
                moment="" if quoi == Quoi.GRILLE else dits["moment"],
                premiere=premiere,
                derniere=derniere,
                gestes=Gestes(dits["gestes"] or Gestes.DEUX),
                montant=montant,
                tolerance=dits["tolerance"] or 0,
                grilles=tuple(load_tarifs(voulus)) if quoi == Quoi.GRILLE else (),
            )
        return cleaned

    def _delai(self, jours: str, compte: str, heure: str, *, needed: bool) -> Delai | None:
        dits = self.cleaned_data
        nombre = dits[jours]
        if nombre is None:
            if needed:
                self.add_error(jours, "Dites combien de jours avant\u00a0; 0 pour le jour même.")
            return None
        genre = Genre.JOURS if nombre == 0 else Genre(dits[compte] or Genre.JOURS_OUVRES)
        return Delai(genre, dits[heure] or MIDI, nombre)

    def _montant(self) -> MontantEssaye:
        dits = self.cleaned_data
        if dits["forme"] == ENTIER:
            return MontantEssaye(pourcentage=100)
        champ = "pourcentage" if dits["forme"] == POUR_CENT else "somme"
        combien = dits[champ]
        if combien is None:
            self.add_error(champ, "Dites combien le supplément demande.")
        elif champ == "somme" and not 0 <= combien <= MAXIMUM:
            self.add_error(champ, "Une somme va de 0 à 999,99\u202f€.")
        return MontantEssaye(pourcentage=combien) if champ == "pourcentage" else MontantEssaye(combien)


def _initial(arretes: Sequence[date]) -> dict[str, Any]:
    """The question of most councils, over the last three closed months."""
    trimestre = dernier_trimestre(arretes)
    return {
        "quoi": Quoi.TARDIVE.value,
        "jours": 2,
        "compte": Genre.JOURS_OUVRES.value,
        "heure": MIDI,
        "gestes": Gestes.DEUX.value,
        "compte_derniers": Genre.JOURS_OUVRES.value,
        "forme": SOMME,
        "somme": CINQ_EUROS,
        "tolerance": 5,
        "de": f"{trimestre[0]:%Y-%m}" if trimestre else "",
        "a": f"{trimestre[-1]:%Y-%m}" if trimestre else "",
    }
