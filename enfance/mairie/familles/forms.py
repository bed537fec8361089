"""Forms about families: finding one, choosing between two files, an adult who goes to another home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
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
from enfance.calendrier import UN_JOUR
from enfance.famille.forms import JourField
from enfance.mairie.familles.lecture import find_familles
from enfance.mairie.familles.separation import Depart, SuiteSeparation
from enfance.models import (
    Enfant,
    Foyer,
    Garde,
    Responsable,
)
from enfance.planning.forms import SemaineTypeForm
from portail.dates import quantieme_annee
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


class SemaineGuichetForm(SemaineTypeForm):
    """A child's weekly pattern at the counter: from which day on, until when; what becomes of the days that a hand
    chose; on its preview, the list of the full moments, and what a reason passes over.

    A reason passes over a deadline or the number of places, of the moments that are named; a day at the other home and
    an ordered meal are changed on the planning, one by one.
    """

    PASSABLES = (("limite", "la date limite"), ("complet", "le nombre de places"))

    main = forms.ChoiceField(
        label="Les jours que la famille a choisis à la main",
        choices=[("garder", "Les garder"), ("remplacer", "Les remplacer aussi")],
        initial="garder",
        required=False,
    )
    passer = forms.MultipleChoiceField(choices=PASSABLES, required=False)
    motif = forms.CharField(
        label="Motif",
        required=False,
        max_length=200,
        validators=[validate_ligne],
        help_text="Gardé avec le changement, pour la mairie seule\u00a0: la famille ne le lit pas.",
        widget=forms.TextInput(SAISIE | {"form": "confirmation"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["du"].label = "À partir du"
        self.fields["au"].label = "Date de fin"

    def clean(self) -> dict[str, Any]:
        """Refuse also a first day that is missing or past the last one, and a rule passed over without a reason."""
        data = super().clean()
        du, fin = data.get("du"), self.choisie
        if fin and "du" not in self.errors:
            if du is None:
                self.add_error("du", "Indiquez la date de début.")
            elif du > fin.fin:
                self.add_error("du", f"La date de début doit être avant le {quantieme_annee(fin.fin)}.")
        if data.get("passer") and not data.get("motif") and "motif" not in self.errors:
            self.add_error("motif", "Pour passer outre, écrivez pourquoi, puis enregistrez de nouveau.")
        return data

    @property
    def attente(self) -> bool:
        """Whether full moments join the waiting list: yes, unless the preview (which sends `vu`) was told otherwise."""
        return "vu" not in self.data or bool(self.cleaned_data["avec_attente"])

    @property
    def passes(self) -> frozenset[str]:
        """The rules that the reason passes over; none without a reason."""
        return frozenset(self.cleaned_data["passer"] if self.cleaned_data.get("motif") else ())

    @property
    def vides(self) -> frozenset[int]:
        """All the children of the form: its preview says what an empty week removes."""
        return frozenset(self.enfants)

    @property
    def repris(self) -> frozenset[tuple[int, bool]]:
        """Of the child, what a hand added and removed, where it is to be replaced."""
        signes = (True, False) if self.cleaned_data["main"] == "remplacer" else ()
        return frozenset((pk, ajoute) for pk in self.enfants for ajoute in signes)

    @property
    def periode(self) -> tuple[date, date]:
        """The first and the last day of the pattern, both included; today is changed on the planning."""
        du, au = self.cleaned_data["du"], self.cleaned_data["au"]
        fin = self.choisie
        return max(du, self.today + UN_JOUR, *([fin.debut] if fin else [])), fin.fin if fin else au
