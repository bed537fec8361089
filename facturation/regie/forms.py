"""Forms of the régisseur: one field that finds a payer, what is received, why a receipt is cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone

from facturation.models import Compte, Encaissement, Facture
from facturation.montants import centimes_of, euros, euros_csv
from facturation.regie.encaissements import PLAFOND
from facturation.regie.recherche import DuPayeur, remises_reached
from portail.dates import date_heure, instant, jour_annee
from portail.formulaires import WholeForm
from portail.francais import de, et, pluriel
from portail.signes import validate_ligne

Moyen = Encaissement.Moyen
MOYENS = [
    (Moyen.CHEQUE.value, "Chèque"),
    (Moyen.ESPECES.value, "Espèces"),
    (Moyen.CESU.value, "CESU"),
    (Moyen.VIREMENT.value, "Virement"),
]


class EurosField(forms.CharField):
    """An amount as people type it: « 12,4 », « 12.40 € ». In centimes; None where nothing is typed."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"class": "saisie saisie--m", "inputmode": "decimal", "autocomplete": "off"}
        super().__init__(max_length=20, **{"widget": forms.TextInput(attrs), **kwargs})

    def clean(self, value: Any) -> Any:
        """The amount typed, in centimes; None when nothing is typed. ValidationError for what is no amount."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return centimes_of(text)
        except ValueError as error:
            raise forms.ValidationError(str(error), code="euros") from None

    def prepare_value(self, value: Any) -> Any:
        """The amount as the field shows it, in euros « 12,40 », when the value is a number of centimes."""
        return euros_csv(value) if isinstance(value, int) else value

    def in_words(self, value: int) -> str:
        """This number of centimes as the history says it: « 12,40 € »."""
        return euros(value)


class ChercherPayeurForm(forms.Form):
    """What is typed of a payer. It is sent by POST: a name does not belong in an address."""

    q = forms.CharField(
        label="Payeur, enfant, n° de facture ou identifiant",
        max_length=100,
        widget=forms.TextInput({"class": "saisie", "type": "search", "autocomplete": "off"}),
        error_messages={
            "required": "Écrivez un nom, un numéro de facture ou un identifiant.",
            "max_length": "C’est trop long\u00a0: un nom ou un numéro suffisent.",
        },
    )


BEAUCOUP = 100_00  # centimes above twice what is owed
ESPECES = 300_00  # centimes in cash: above, a public accountant refuses them
ANCIEN = timedelta(days=60)


class SommeRecueForm(WholeForm):
    """A sum, by which means, when: what a receipt and its replacement ask."""

    moyen = forms.ChoiceField(label="Moyen", choices=MOYENS, widget=forms.RadioSelect, initial=Moyen.CHEQUE.value)
    montant = EurosField(
        label="Montant reçu, en euros", error_messages={"required": "Écrivez la somme reçue, par exemple 12,40."}
    )
    reference = forms.CharField(
        label="N° du chèque ou référence (facultatif)",
        required=False,
        max_length=60,
        validators=[validate_ligne],
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off"}),
    )
    titres = forms.IntegerField(
        label="Nombre de titres CESU",
        required=False,
        min_value=1,
        max_value=500,
        widget=forms.TextInput({"class": "saisie saisie--qf", "inputmode": "numeric", "autocomplete": "off"}),
    )
    part_famille = EurosField(
        label="Dont payé par la famille, en euros (facultatif)",
        required=False,
        help_text="Un employeur a payé le reste. Vide\u00a0: la famille ne sait pas.",
        widget=forms.TextInput({"class": "saisie saisie--qf", "inputmode": "decimal", "autocomplete": "off"}),
    )
    recu_le = forms.DateField(
        label="Reçu le (facultatif)",
        required=False,
        help_text="Vide\u00a0: maintenant. La date d’un virement est celle du relevé.",
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput({"class": "saisie saisie--date", "type": "date"}, "%Y-%m-%d"),
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["part_famille"].late = True  # type: ignore[attr-defined]

    def clean_montant(self) -> int:
        """The sum received, in centimes; ValidationError unless it is above 0."""
        montant: int = self.cleaned_data["montant"]
        if montant <= 0:
            raise forms.ValidationError("Une somme reçue est plus grande que zéro.")
        return montant

    def clean_recu_le(self) -> date | None:
        """The day when the money came; None when none is typed. ValidationError for a day to come, or before the year
        before this one.
        """
        jour: date | None = self.cleaned_data["recu_le"]
        today = timezone.localdate(self.now)
        if jour and not date(today.year - 1, 1, 1) <= jour <= today:
            raise forms.ValidationError("Choisissez aujourd’hui ou un jour passé, depuis moins de deux ans.")
        return jour

    def clean(self) -> dict[str, Any] | None:
        """The number of titles is asked for when the money is CESU; what the family paid of it is at most the sum, and
        is nothing for another means.
        """
        cleaned = super().clean()
        cesu = self.cleaned_data.get("moyen") == Moyen.CESU
        part, montant = self.cleaned_data.get("part_famille"), self.cleaned_data.get("montant")
        if not cesu:
            self.cleaned_data["part_famille"] = None
        elif part is not None and montant and not 0 <= part <= montant:
            self.add_error("part_famille", f"La part de la famille va de 0 à {euros(montant)}.")
        if cesu and "titres" not in self.errors and not self.cleaned_data.get("titres"):
            self.add_error("titres", "Écrivez combien de titres CESU vous recevez.")
        return cleaned

    @property
    def quand(self) -> datetime:
        """The instant when the money of this valid form came: now, or noon in Paris of another day that was chosen."""
        jour = self.cleaned_data["recu_le"]
        return self.now if jour in (None, timezone.localdate(self.now)) else instant(jour, time(12))


class EncaisserForm(SommeRecueForm):
    """What is received of one payer. `cle` comes with the page: the form that is sent twice is one receipt."""

    payeur = forms.IntegerField(widget=forms.HiddenInput)
    cle = forms.UUIDField(widget=forms.HiddenInput)
    factures = forms.ModelMultipleChoiceField(
        Facture.objects.none(),
        required=False,
        to_field_name="numero",
        label="Factures payées",
        widget=forms.CheckboxSelectMultiple,
    )

    relu = forms.BooleanField(required=False, label="C’est bien cela")
    tresorerie = forms.BooleanField(required=False, label="J’encaisse ici quand même, et je préviens la trésorerie")

    def __init__(self, *args: Any, compte: Compte, dus: Sequence[DuPayeur] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["factures"].queryset = Facture.objects.filter(compte=compte)  # type: ignore[attr-defined]
        self.compte, self.dus, self.du = compte, dus, sum(du.reste for du in dus)
        self.a_relire = False
        self.remises: list[DuPayeur] = []

    def clean(self) -> dict[str, Any] | None:
        """Ask for a second reading (`relu`) of a sum far above what is owed, as when two amounts are typed one into the
        other, or of a sum and reference received already; ask for `tresorerie` when the treasury collects an invoice
        that would be paid.

        A form that has written its receipt already is asked nothing more: it changed what is owed, and gives the same
        receipt.
        """
        cleaned = super().clean()
        cle = self.cleaned_data.get("cle")
        if cle and Encaissement.objects.filter(cle=cle).exists():
            return cleaned
        montant = self.cleaned_data.get("montant", 0)
        if 2 * self.du + BEAUCOUP < montant <= PLAFOND and not self.cleaned_data.get("relu"):
            self.a_relire = True
            doit = f"{euros(self.du)} sont dus" if self.du else "rien n’est dû"
            ecrit = f"Vous avez écrit {euros(montant)}, et {doit}"
            self.add_error("montant", f"{ecrit}\u00a0: corrigez, ou cochez la case.")
        if not self.cleaned_data.get("relu"):
            self._ask_again(montant)
        if not self.cleaned_data.get("relu") and (deja := self._deja()):
            self.a_relire = True
            autre = f" {de(deja.payeur)}" if deja.compte_id != self.compte.pk else ""
            recu = f"le reçu {deja.numero}{autre}, {date_heure(deja.recu_le)}"
            self.add_error(
                "reference", f"Déjà encaissé, même somme et même numéro\u00a0: {recu}. Corrigez, ou cochez la case."
            )
        self.remises = remises_reached(self.dus, self.numeros, montant)
        if self.remises and not self.cleaned_data.get("tresorerie"):
            numeros = et([du.numero for du in self.remises])
            self.add_error(
                "tresorerie", f"La trésorerie recouvre {numeros}\u00a0: encaissez le reste seul, ou cochez la case."
            )
        return cleaned

    def _ask_again(self, montant: int) -> None:
        """Ask for a second reading of much cash, and of a day long past or of another year."""
        if self.cleaned_data.get("moyen") == Moyen.ESPECES and montant > ESPECES:
            self.a_relire = True
            refuse = (
                f"Au-delà de {euros(ESPECES)}, la trésorerie refuse des espèces (code général des impôts, article 1680)"
            )
            self.add_error("montant", f"{refuse}\u00a0: demandez un chèque ou un virement, ou cochez la case.")
        jour, today = self.cleaned_data.get("recu_le"), timezone.localdate(self.now)
        if jour and (today - jour > ANCIEN or jour.year != today.year):
            self.a_relire = True
            il_y_a = pluriel((today - jour).days, "jour,jours")
            dit = f"C’était le {jour_annee(jour)}, il y a {il_y_a}"
            self.add_error("recu_le", f"{dit}\u00a0: corrigez, ou cochez la case.")

    def _deja(self) -> Encaissement | None:
        """The receipt that looks like this one: of this means, sum and number, and not cancelled since; of any payer
        for a cheque, whose number is its own, of this one for the rest.
        """
        dits = {nom: self.cleaned_data.get(nom) for nom in ("moyen", "montant", "reference")}
        if not all(dits.values()):
            return None
        recus = Encaissement.objects.standing().filter(**dits)
        if dits["moyen"] != Moyen.CHEQUE:
            recus = recus.filter(compte=self.compte)
        return recus.order_by("-recu_le", "-pk").first()

    @property
    def numeros(self) -> set[str]:
        """The numbers of the invoices that are ticked."""
        return set(map(str, self["factures"].value() or []))


def new_form(compte: Compte, dus: Sequence[DuPayeur], now: datetime) -> EncaisserForm:
    """The empty form of the counter for this payer, with what they pay proposed: all the dues, but for what the
    treasury collects unless nothing else is due. `dus`: what `load_dus` gave, of which a part is proposed.
    """
    dus = [du for du in dus if not du.remise_le] or dus
    total = sum(du.reste for du in dus)
    cle: UUID = uuid4()
    initial = {
        "payeur": compte.pk,
        "cle": cle,
        "montant": total or None,
        "factures": [du.numero for du in dus if du.numero],
    }
    return EncaisserForm(initial=initial, compte=compte, now=now)


class CorrigerForm(SommeRecueForm):
    """Why a receipt is cancelled, and what takes its place; `seul`: nothing does."""

    motif = forms.CharField(
        label="Raison, gardée dans le journal",
        max_length=200,
        validators=[validate_ligne],
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off"}),
        error_messages={"required": "Écrivez la raison, par exemple\u00a0: chèque non signé, rendu."},
    )
    cle = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("motif", "moyen", "montant")

    def __init__(self, *args: Any, seul: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seul = seul
        if seul:
            for nom in ("montant", "moyen", "reference", "titres", "part_famille", "recu_le"):
                self.fields[nom].disabled = True
                self.fields[nom].required = False

    def clean_montant(self) -> int:
        """The sum of the receipt that replaces, in centimes; 0 when nothing replaces it."""
        return 0 if self.seul else super().clean_montant()


class ImpayeForm(WholeForm):
    """Why a cheque that was brought to the treasury is not paid."""

    motif = forms.CharField(
        label="Raison, gardée dans le journal",
        max_length=200,
        validators=[validate_ligne],
        initial="chèque rejeté par la banque",
        widget=forms.TextInput({"class": "saisie", "autocomplete": "off"}),
        error_messages={"required": "Écrivez la raison, par exemple\u00a0: chèque rejeté par la banque."},
    )
