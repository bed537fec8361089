"""What the act of the régie says, and who is named."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.models import Permission
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from facturation.models import Nomination, Regie
from facturation.regie.forms import EurosField
from portail.formulaires import WholeModelForm

LIGNE = {"class": "saisie", "autocomplete": "off"}
FORMATS = ["%Y-%m-%d", "%d/%m/%Y"]


def jour_field(label: str, **kwargs: Any) -> forms.DateField:
    """A day, typed in the browser's own field or the French way."""
    widget = forms.DateInput({"class": "saisie saisie--date", "type": "date"}, "%Y-%m-%d")
    return forms.DateField(label=label, input_formats=FORMATS, widget=widget, **kwargs)


class RegieForm(WholeModelForm):
    """The one row of the act."""

    marks_optional = True
    acte_du = jour_field("Date de l’acte")
    plafond_especes = EurosField(
        label="Espèces en caisse, au plus, en euros",
        required=False,
        help_text="Au-delà, «\u00a0À traiter\u00a0» demande un versement. Vide\u00a0: sans plafond.",
    )

    class Meta:
        model = Regie
        fields = ["acte", "acte_du", "plafond_especes", "frequence", "avances"]
        widgets = {
            "acte": forms.TextInput(LIGNE),
            "frequence": forms.NumberInput({"class": "saisie saisie--court", "inputmode": "numeric", "min": 1}),
        }
        labels = {
            "acte": "Acte qui a créé la régie",
            "frequence": "Verser au moins tous les… jours",
            "avances": "C’est aussi une régie d’avances\u00a0: elle rend de l’argent",
        }
        help_texts = {
            "acte": "Par exemple «\u00a0Arrêté n°\u00a02026-12\u00a0». Les reçus le disent.",
            "frequence": "31 jours est la règle\u00a0: une fois par mois au moins.",
            "avances": "Sinon elle ne dépense pas\u00a0: un remboursement se demande à l’ordonnateur.",
        }

    def clean_acte_du(self) -> date:
        """The day of the act, which the receipts repeat: today or before, as an act to come has created nothing."""
        jour: date = self.cleaned_data["acte_du"]
        if jour > timezone.localdate():
            raise forms.ValidationError("Ce jour est à venir\u00a0: écrivez celui de l’acte.")
        return jour

    def clean_plafond_especes(self) -> int | None:
        """The most cash in hand, in centimes; None where nothing is typed."""
        plafond: int | None = self.cleaned_data["plafond_especes"]
        if plafond is not None and plafond <= 0:
            raise forms.ValidationError("Écrivez une somme plus grande que zéro, ou laissez vide.")
        return plafond


class CompteField(forms.ModelChoiceField[User]):
    """The account of who is named, by the agent's name."""

    def label_from_instance(self, obj: Any) -> str:
        """The name of the agent, with the account number."""
        return f"{obj.get_full_name()} ({obj.identifiant})"


def agents_de_regie() -> Any:
    """The active accounts whose groups keep the till, by name."""
    tenir = Permission.objects.filter(codename="tenir_regie", content_type__app_label="facturation")
    tiennent = Q(groups__permissions__in=tenir) | Q(user_permissions__in=tenir)
    return User.objects.filter(tiennent, is_active=True).order_by("last_name", "first_name", "pk").distinct()


class NominationForm(WholeModelForm):
    """Somebody named, from a day to another."""

    marks_optional = True
    debut = jour_field("À partir du")
    fin = jour_field("Jusqu’au", required=False, help_text="Compris. Vide\u00a0: toujours en fonction.")
    compte = CompteField(
        queryset=User.objects.none(),
        label="Son compte sur le portail",
        required=False,
        empty_label="Aucun",
        widget=forms.Select({"class": "saisie"}),
        help_text="Ce que ce compte encaisse dit «\u00a0reçu par\u00a0» ce nom.",
    )

    class Meta:
        model = Nomination
        fields = ["nom", "fonction", "debut", "fin", "compte"]
        widgets = {"nom": forms.TextInput(LIGNE), "fonction": forms.Select({"class": "saisie"})}
        labels = {"nom": "Prénom et nom", "fonction": "Fonction"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["compte"].queryset = agents_de_regie()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        """A nomination must end after it began, and one alone signs on a day."""
        cleaned = super().clean()
        debut, fin = self.cleaned_data.get("debut"), self.cleaned_data.get("fin")
        if debut and fin and fin < debut:
            self.add_error("fin", "Une nomination finit après avoir commencé.")
        elif debut and self.cleaned_data.get("fonction") == Nomination.Fonction.TITULAIRE:
            ensemble = Q(fin=None) | Q(fin__gte=debut)
            if fin:
                ensemble &= Q(debut__lte=fin)
            autres = Nomination.objects.filter(ensemble, fonction=Nomination.Fonction.TITULAIRE)
            if autre := autres.exclude(pk=self.instance.pk).first():
                self.add_error(
                    "debut", f"{autre.nom} est déjà titulaire à ces dates\u00a0: dites d’abord jusqu’à quand."
                )
        return cleaned
