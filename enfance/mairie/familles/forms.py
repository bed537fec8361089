"""Forms about families: finding one, an absence that it tells by telephone, choosing between two files, an adult who
goes to another home.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from enfance.famille.absences.ecriture import HORIZON, SUITE
from enfance.famille.absences.forms import VientForm
from enfance.famille.forms import EnfantsField, JourField
from enfance.mairie.familles.absence import DemandeAbsence, Offre
from enfance.mairie.familles.lecture import find_familles
from enfance.mairie.familles.separation import Depart, SuiteSeparation
from enfance.models import (
    Enfant,
    Foyer,
    Garde,
    Responsable,
)
from enfance.planning.cases import EnfantVu
from portail.dates import jour_long
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
        label="Nom, identifiant, e-mail ou téléphone, ou le numéro d’une facture ou d’un reçu",
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


class AbsentForm(WholeForm):
    """Who does not come (`absent`), to which moment, from which day until which; what other parts ask (`champs`)."""

    absent = EnfantsField()
    moment = forms.ChoiceField(
        label="Moments",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez un moment de la liste."},
    )
    du = JourField("Du")
    jusqua = JourField("Jusqu’au (facultatif)")

    def __init__(self, data: Any, *, offre: Offre, champs: Mapping[str, forms.Field]) -> None:
        super().__init__(data, initial={"moment": "", "du": offre.jour})
        self.offre, self.champs = offre, champs
        noms = [(nom, f"{nom[:1].upper()}{nom[1:]}") for nom in offre.moments]
        cast(forms.ChoiceField, self.fields["moment"]).choices = [("", "Tous ceux du jour"), *noms]
        self.fields.update(champs)

    def clean_absent(self) -> list[int]:
        """Refuse when nobody is ticked, or a child whom the page does not offer."""
        absents: list[int] = self.cleaned_data["absent"]
        if not absents:
            raise ValidationError("Personne n’est coché\u00a0: rien n’est noté. Cochez qui est absent.")
        if not {enfant.pk for enfant in self.offre.enfants}.issuperset(absents):
            raise ValidationError("Un enfant coché n’est plus à l’école\u00a0: rien n’est noté.")
        return absents

    def clean_du(self) -> date:
        """Refuse a day that is past, of which the team has its sheet, or more than two months ahead."""
        du: date = self.cleaned_data["du"] or self.offre.jour
        if du < self.offre.today:
            raise ValidationError("Ce jour est passé\u00a0: choisissez aujourd’hui, ou un jour qui vient.")
        if du > self.offre.today + HORIZON:
            raise ValidationError("Une absence se note deux mois à l’avance au plus.")
        return du

    def clean_jusqua(self) -> date | None:
        """Refuse a last day before the first, or more than a fortnight after it."""
        jusqua: date | None = self.cleaned_data["jusqua"]
        if jusqua and (du := self.cleaned_data.get("du")):
            if jusqua < du:
                raise ValidationError("La fin est avant le début\u00a0: corrigez l’une des deux dates.")
            if jusqua > du + SUITE:
                raise ValidationError(f"Quinze jours au plus\u00a0: jusqu’au {jour_long(du + SUITE)}.")
        return jusqua

    @property
    def demande(self) -> DemandeAbsence:
        """The absence that a valid form asks for; of one day where no last day was written."""
        lu = self.cleaned_data
        codes = self.offre.moments[lu["moment"]] if lu["moment"] else self.offre.codes
        valeurs = {nom: lu[nom] for nom in self.champs}
        return DemandeAbsence(lu["absent"], codes, lu["du"], lu["jusqua"] or lu["du"], valeurs)

    @property
    def enfants(self) -> list[tuple[EnfantVu, bool]]:
        """The children to show, each ticked or not: as they were sent, else only one who is alone."""
        envoyes = set(self["absent"].value() or ()) if self.is_bound else None
        seul = len(self.offre.enfants) == 1
        return [(enfant, seul if envoyes is None else str(enfant.pk) in envoyes) for enfant in self.offre.enfants]

    @property
    def ligne(self) -> list[forms.BoundField]:
        """The fields of the last line: the days, and what other parts ask."""
        return [self[nom] for nom in ("du", "jusqua", *self.champs)]


class AbsentJourForm(forms.Form):
    """Of the page's address: the day whose absence was just noted (`absent`), the last day that was asked, and of which
    children. A value that means nothing is none.
    """

    absent = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    jusqua = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    enfants = EnfantsField()

    def jours(self, today: date) -> tuple[date | None, date | None]:
        """The day just noted, and the last one; None for what is not of the two months from `today` on."""
        self.is_valid()
        lus = [self.cleaned_data.get(nom) for nom in ("absent", "jusqua")]
        absent, jusqua = (jour if jour and today <= jour <= today + HORIZON + SUITE else None for jour in lus)
        return absent, jusqua


class RevientForm(VientForm):
    """Who comes after all, and on which day."""

    jour = forms.DateField(input_formats=["%Y-%m-%d"])
