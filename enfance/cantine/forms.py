"""The association's own forms. Its list is looked at before it is imported: what the preview was made of comes back
with the confirmation, signed, so that what is imported is what was seen, and nothing is kept of what is not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms

from enfance.cantine.bilan_repas import BilanRepas
from enfance.cantine.liste_repas import lire
from enfance.cantine.repas import importer
from enfance.famille.forms import JourField
from enfance.models import Ecole
from portail.classeurs import en_csv
from portail.dates import heure_texte
from portail.empreintes import ListeSignee
from portail.formulaires import RowsField, WholeForm
from portail.tables import Fichier, ImportRefuse, LigneRefusee

APERCU_MAX = 900_000  # characters, below DATA_UPLOAD_MAX_MEMORY_SIZE
LAISSER = "Personne\u00a0: laisser de côté"
PERIODE_MAX = timedelta(days=366)
PREMIERE_HEURE, DERNIERE_HEURE = 5, 11  # of the mail: from the worker's first look on, before the meal
HEURES = [
    ("", "Pas d’e-mail"),
    *(
        (f"{heure:02}:{minute:02}", heure_texte(time(heure, minute)))
        for heure in range(PREMIERE_HEURE, DERNIERE_HEURE)
        for minute in (0, 30)
    ),
]


class ListeForm(forms.Form):
    """The association's file, and its days where it does not say them all; its schools, where there is a choice."""

    fichier = forms.FileField(
        label="Fichier XLSX ou CSV",
        help_text="Nom, prénom, classe (facultative), date du repas\u202f; une ligne par repas.",
        widget=forms.ClearableFileInput(attrs={"class": "saisie", "accept": ".xlsx,.csv,text/csv"}),
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide.",
            "max_length": "Le nom de ce fichier est trop long.",
        },
        max_length=200,
    )
    debut = JourField("Premier jour (facultatif)")
    fin = JourField("Dernier jour (facultatif)")
    field_order = ("fichier", "ecoles")
    ecoles = RowsField(
        Ecole.objects.none(),
        label="De quelles écoles est cette liste\u202f?",
        help_text="Elle remplace les repas de leurs enfants, et d’eux seuls.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Cochez au moins une école.",
            "invalid_choice": "Choisissez parmi les écoles proposées.",
            "invalid_pk_value": "Choisissez parmi les écoles proposées.",
            "invalid_list": "Choisissez parmi les écoles proposées.",
        },
    )

    def __init__(self, *args: Any, siennes: Sequence[Ecole] = (), **kwargs: Any) -> None:
        """`siennes`: the schools of the agent, none where the town has one. A choice is there between several."""
        super().__init__(*args, **kwargs)
        self.siennes = siennes
        if len(siennes) > 1:
            cast(RowsField, self.fields["ecoles"]).queryset = Ecole.objects.filter(
                pk__in=[ecole.pk for ecole in siennes]
            )
        else:
            del self.fields["ecoles"]
        self.fields["debut"].help_text = "Vide\u00a0: le premier du fichier."
        self.fields["fin"].help_text = "Vide\u00a0: le dernier du fichier."

    def clean(self) -> dict[str, Any]:
        """Check that the last day is not before the first, and set the schools of the list to the agent's when there is
        no choice.
        """
        data = self.cleaned_data
        if data.get("debut") and data.get("fin") and data["fin"] < data["debut"]:
            self.add_error("fin", "Le dernier jour est avant le premier.")
        data.setdefault("ecoles", self.siennes)
        return data


class ConfirmationForm(ListeSignee):
    """What the preview was made of."""

    sel = "enfance.repas"


class SuiteForm(forms.Form):
    """What a preview asks: who is meant by each name almost known, and whether many meals are to be taken away."""

    def __init__(self, bilan: BilanRepas, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for inconnu in bilan.inconnus:
            if inconnu.propositions:
                mot = "ligne" if inconnu.lignes == 1 else "lignes"
                self.fields[f"nom-{inconnu.cle}"] = forms.TypedChoiceField(
                    label=f"«\u00a0{inconnu.dit}\u00a0» ({inconnu.lignes}\u00a0{mot}), vouliez-vous dire…",
                    help_text="\u202f; ".join(p.nom for p in inconnu.propositions),
                    choices=[
                        ("", LAISSER),
                        *((p.pk, p.nom) for p in inconnu.propositions),
                    ],
                    initial=inconnu.choisi or "",
                    coerce=int,
                    empty_value=None,
                    required=False,
                    widget=forms.Select(attrs={"class": "saisie"}),
                )
        if bilan.question:
            self.fields["retirer"] = forms.BooleanField(
                label="Oui, retirer ces repas",
                error_messages={"required": "Cochez la case si c’est voulu, ou choisissez un autre fichier."},
            )

    @property
    def noms(self) -> list[forms.BoundField]:
        """The form fields that ask which child is meant by a name."""
        return [field for field in self if field.name != "retirer"]

    @property
    def choix(self) -> dict[str, int]:
        """The child (primary key) chosen for each unknown name, by the key of this name; a name left aside is not in
        it.
        """
        noms = ((name, self.cleaned_data.get(name)) for name in self.fields if name != "retirer")
        return {name.removeprefix("nom-"): pk for name, pk in noms if pk is not None}


@dataclass(frozen=True)
class ApercuListe:
    """What a list would do, what it asks, and the form that confirms it. `relire`: answers have changed it since."""

    bilan: BilanRepas
    confirmation: ConfirmationForm
    suite: SuiteForm
    relire: bool = False


def preview(form: ListeForm, *, now: datetime) -> ApercuListe:
    """What the list of meals of this valid form would do, without writing it, and what must be answered first. Raises
    ImportRefuse when the file cannot be imported.
    """
    donnees = form.cleaned_data
    fichier = en_csv(Fichier.received(donnees["fichier"]))
    garde: dict[str, Any] = {nom: donnees[nom].isoformat() for nom in ("debut", "fin") if donnees[nom]}
    garde |= {"nom": fichier.nom, "texte": fichier.decode()}
    if donnees["ecoles"]:
        garde["ecoles"] = [ecole.pk for ecole in donnees["ecoles"]]
    bilan = _importer(garde, now=now, simuler=True)
    return _apercu(garde | {"apres": bilan.precedente}, bilan)


def confirm(
    confirmation: ConfirmationForm,
    reponses: Mapping[str, Any],
    *,
    user_id: int | None,
    now: datetime,
    siennes: Collection[Ecole] = (),
) -> BilanRepas | ApercuListe:
    """Import the list of meals that this valid form confirms, with the answers (`reponses`) to what its preview asked;
    confirming twice imports once.

    Returns another preview, and writes nothing, when a question has no answer, or when the names recognised are not
    those of the preview. Raises ImportRefuse when the list can no longer be imported: the school, the known lists or
    the agent's schools (`siennes`) may have changed since.
    """
    garde = confirmation.cleaned_data["liste"]
    if not {ecole.pk for ecole in siennes}.issuperset(garde.get("ecoles", ())) or bool(siennes) != ("ecoles" in garde):
        raison = "vos écoles ont changé depuis cet aperçu\u00a0: choisissez le fichier à nouveau."
        raise ImportRefuse(LigneRefusee(garde["nom"], None, raison))
    bilan = _importer(garde, now=now, simuler=True)
    suite = SuiteForm(bilan, reponses)
    whole = suite.is_valid()
    if suite.choix != garde.get("choix", {}):
        garde["choix"] = suite.choix
        return _apercu(garde, _importer(garde, now=now, simuler=True), relire=True)
    if not whole:
        return ApercuListe(bilan, confirmation, suite)
    return _importer(garde, now=now, user_id=user_id, retirer="retirer" in suite.fields)


def _importer(garde: Mapping[str, Any], **options: Any) -> BilanRepas:
    debut, fin = (date.fromisoformat(garde[nom]) if nom in garde else None for nom in ("debut", "fin"))
    fichier = Fichier(garde["nom"], garde["texte"].encode())
    options |= {"apres": garde.get("apres"), "choix": garde.get("choix")}
    if pks := garde.get("ecoles"):
        options["ecoles"] = list(Ecole.objects.filter(pk__in=pks))
    return importer(lire(fichier), debut=debut, fin=fin, **options)


def _apercu(garde: dict[str, Any], bilan: BilanRepas, *, relire: bool = False) -> ApercuListe:
    confirmation = ConfirmationForm.of(garde)
    if len(confirmation.data["liste"]) > APERCU_MAX:
        raison = "cette liste est trop longue pour cet écran\u00a0: importez-la par la commande importer_repas."
        raise ImportRefuse(LigneRefusee(garde["nom"], None, raison))
    return ApercuListe(bilan, confirmation, SuiteForm(bilan), relire)


class PeriodeForm(forms.Form):
    """The days of a table, both included."""

    obligatoires = "jours-obligatoires"
    du = JourField("Du")
    au = JourField("Au")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True
            field.error_messages["required"] = "Indiquez une date."

    def clean(self) -> dict[str, Any]:
        """Check that the last day is not before the first, and that they span a year at most."""
        data = self.cleaned_data
        if data.get("du") and data.get("au"):
            if data["au"] < data["du"]:
                self.add_error("au", "Le dernier jour est avant le premier.")
            elif data["au"] - data["du"] >= PERIODE_MAX:
                self.add_error("au", "Demandez une année au plus.")
        return data


class HeureForm(WholeForm):
    """When the mail of each school morning leaves, by half-hours; none without an hour."""

    heure = forms.TypedChoiceField(
        label="Heure de l’e-mail du matin",
        required=False,
        choices=HEURES,
        empty_value=None,
        coerce=time.fromisoformat,
        widget=forms.Select(attrs={"class": "saisie"}),
        error_messages={"invalid_choice": "Choisissez une heure de la liste."},
    )
