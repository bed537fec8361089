"""Forms about families: finding one, choosing between two files, an adult who goes to another home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Self, cast
from urllib.parse import urlencode

from django import forms
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from accounts.identifiants import canonical
from accounts.models import User
from accounts.search import keep_search, kept_search
from enfance.famille.forms import JourField
from enfance.mairie.familles.lecture import find_familles
from enfance.mairie.familles.separation import Depart, SuiteSeparation
from enfance.models import (
    Enfant,
    Foyer,
    Garde,
    Responsable,
)
from portail.formulaires import WholeForm
from portail.signes import validate_ligne, validate_nom

SAISIE = {"class": "saisie", "autocomplete": "off"}


class DepartForm(WholeForm):
    """Where to, from which day on, and for each child where it lives then."""

    adresse = forms.CharField(
        label="Nouvelle adresse",
        max_length=200,
        required=False,
        help_text="Obligatoire, sauf pour un foyer déjà connu.",
        validators=[validate_ligne],
        widget=forms.TextInput(SAISIE),
    )
    code_postal = forms.CharField(
        label="Code postal (facultatif)",
        max_length=10,
        required=False,
        validators=[validate_ligne],
        widget=forms.TextInput(SAISIE),
    )
    commune = forms.CharField(
        label="Commune (facultatif)",
        max_length=100,
        required=False,
        validators=[validate_nom],
        widget=forms.TextInput(SAISIE),
    )
    chercher = forms.CharField(
        label="ou un foyer déjà connu",
        max_length=100,
        required=False,
        help_text="Un nom ou un identifiant. Obligatoire sans adresse.",
        widget=forms.TextInput(SAISIE),
    )
    foyer = forms.ModelChoiceField(
        Foyer.objects.none(),
        label="Lequel",
        required=False,
        widget=forms.RadioSelect,
        empty_label="Aucun de ceux-ci",
    )
    le = JourField("À partir du")
    semaine = JourField("En alternance, un jour de la première semaine dans l’autre foyer (facultatif)")
    passage = forms.ChoiceField(
        label="En alternance, changement de foyer",
        choices=Garde.Passage,
        required=False,
        widget=forms.Select({"class": "saisie"}),
    )

    def __init__(self, data: Any, enfants: list[Enfant]) -> None:
        super().__init__(data, initial={"le": timezone.localdate(), "passage": Garde.Passage.LUNDI})
        trouves, _ = find_familles((data or {}).get("chercher", ""), today=timezone.localdate())
        self.trouves = [famille.foyer.pk for famille in trouves]
        cast("forms.ModelChoiceField[Any]", self.fields["foyer"]).queryset = Foyer.objects.filter(
            pk__in=self.trouves
        ).prefetch_related("responsables__user")
        self.fields["le"].required = True
        for enfant in enfants:
            self.fields[f"enfant-{enfant.pk}"] = forms.ChoiceField(
                label=f"Garde de {enfant}", choices=SuiteSeparation, widget=forms.RadioSelect
            )
        self.enfants = enfants

    def clean(self) -> dict[str, Any]:
        """Refuse a form that gives neither a new address nor a home that is known already."""
        cleaned = super().clean() or {}
        if not cleaned.get("foyer") and not cleaned.get("adresse") and not self.errors:
            if self.trouves:
                self.add_error("foyer", "Choisissez le foyer, ou écrivez une adresse.")
            else:
                self.add_error("adresse", "Écrivez une adresse, ou cherchez un foyer déjà connu.")
        return cleaned

    @property
    def vers(self) -> Foyer:
        """The home where the adult goes: the known one that was chosen, else a new one, not saved, at the address
        typed.
        """
        saisi = self.cleaned_data
        return saisi["foyer"] or Foyer(**{champ: saisi[champ] for champ in ("adresse", "code_postal", "commune")})

    def depart(self, adulte: int) -> Depart:
        """The departure of this adult (primary key) that a valid form describes: from which day, and where each child
        lives then.
        """
        saisi = self.cleaned_data
        suites = {enfant.pk: SuiteSeparation(saisi[f"enfant-{enfant.pk}"]) for enfant in self.enfants}
        return Depart(adulte, saisi["le"], suites, saisi["semaine"], saisi["passage"] or Garde.Passage.LUNDI)

    @property
    def lieu(self) -> list[forms.BoundField]:
        """The fields that say where the adult goes and from which day on, for the template."""
        champs = ["adresse", "code_postal", "commune", "chercher", *(["foyer"] if self.trouves else []), "le"]
        return [self[champ] for champ in champs]

    @property
    def garde(self) -> list[forms.BoundField]:
        """The fields that say where each child lives then, and how weeks alternate, for the template."""
        return [*(self[f"enfant-{enfant.pk}"] for enfant in self.enfants), self["semaine"], self["passage"]]


@dataclass(frozen=True)
class Ligne:
    """What each of two files says (`dits`); with `champ`, one of them has to be chosen where they differ, or one of
    `autres` (value, words). `defaut` is chosen at first.
    """

    libelle: str
    dits: Sequence[str]
    champ: str = ""
    _: KW_ONLY
    defaut: str = "reste"
    question: str = ""
    autres: tuple[tuple[str, str], ...] = ()

    @property
    def choix(self) -> list[tuple[str, str]]:
        """The values between which the agent chooses, each with its words: « reste », « double », then `autres`. Empty
        when there is nothing to choose: the line has no `champ`, only one file says something, or the two say the same
        and there are no `autres`. Where neither says anything, `autres` alone.
        """
        ici, la = self.dits
        if not self.champ or bool(ici) != bool(la) or (ici == la and not self.autres):
            return []
        return [*((("reste", ici), ("double", la)) if ici else ()), *self.autres]


class ChoixForm(WholeForm):
    """What stays, line by line."""

    def __init__(self, data: Any, lignes: list[Ligne]) -> None:
        super().__init__(data)
        for ligne in lignes:
            if ligne.choix:
                self.fields[ligne.champ] = forms.ChoiceField(
                    label=ligne.question or ligne.libelle,
                    choices=ligne.choix,
                    initial=ligne.defaut,
                    widget=forms.RadioSelect,
                    error_messages={"required": "Choisissez."},
                )


class EffacerForm(WholeForm):
    """Which family is meant, copied by hand: a page open by mistake erases nobody."""

    identifiant = forms.CharField(
        label="Identifiant d’un adulte de ce foyer",
        max_length=20,
        help_text="Recopiez-le de la page de la famille\u00a0: c’est ce qui fait foi.",
        error_messages={"required": "Recopiez l’identifiant d’un adulte de ce foyer."},
        widget=forms.TextInput(SAISIE | {"inputmode": "numeric"}),
    )
    compte: User

    def __init__(self, data: Any, adultes: Sequence[Responsable]) -> None:
        super().__init__(data)
        self.adultes = adultes

    def clean_identifiant(self) -> str:
        """Refuse an identifiant that is none of an adult of this home; the account that has it is kept in `compte`."""
        identifiant = canonical(self.cleaned_data["identifiant"])
        for adulte in self.adultes:
            if adulte.user.identifiant == identifiant:
                self.compte = adulte.user
                return identifiant
        raise ValidationError("Ce n’est pas l’identifiant d’un adulte de ce foyer\u00a0: vérifiez sur sa page.")


class RechercheForm(forms.Form):
    """What is typed of a family. It is sent by POST, and its answer is a page to come back to."""

    famille = forms.CharField(
        label="Nom, prénom, identifiant, e-mail ou téléphone d’un adulte ou d’un enfant",
        max_length=100,
        widget=forms.TextInput({"type": "search", "class": "saisie", "autocomplete": "off"}),
        error_messages={
            "required": "Écrivez un nom, un prénom, un identifiant, un e-mail ou un téléphone.",
            "max_length": "C’est trop long\u00a0: un nom, un e-mail ou un numéro suffisent.",
        },
    )

    @classmethod
    def kept(cls, request: HttpRequest) -> Self:
        """The form filled with the search that the session keeps under the key given in the address; an empty form when
        the address gives none.
        """
        typed = kept_search(request.session, request.GET.get(SEARCH_VAR, ""))
        return cls(use_required_attribute=False) if typed is None else cls({"famille": typed})

    @classmethod
    def keep(cls, request: HttpRequest) -> HttpResponse:
        """Keep in the session the search that was posted, and answer 303 to the page that shows what it finds: nothing
        typed stands in the address.
        """
        word = keep_search(request.session, request.POST.get("famille", ""))
        return HttpResponseRedirect(f"{request.path}?{urlencode({SEARCH_VAR: word})}", status=303)
