"""What a planning form sends: parsed here, judged by the rules. Nothing but ids and ticks is believed."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict

from enfance.inscriptions import Changement
from enfance.models import Inscription
from enfance.planning.cases import Saisie
from enfance.planning.periodes import Fin
from enfance.regles import REPAS, Cle, Situation, cles
from enfance.semaine_modele import Box, Modele
from portail.dates import quantieme_annee
from portail.formulaires import INCOMPLETE
from portail.signes import validate_ligne

MAX_CLES = 3000
JOUR_ATTRS = {"type": "date", "class": "saisie"}


def preuve_of(data: Mapping[str, str]) -> str:
    """The random word by which the browser's script marks this sending, to know later that it was saved; empty when
    there is none, or when it is malformed.
    """
    preuve = data.get("preuve", "")
    return preuve if re.fullmatch(r"[a-z0-9]{1,40}", preuve) else ""


class ClesField(forms.Field):
    """Planning keys, from one value with spaces or from a repeated field. What is not a key refuses the whole."""

    widget = forms.MultipleHiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> frozenset[Cle]:
        """The planning keys (child, day, créneau) sent; ValidationError when one is malformed, or for more
        than 3000.
        """
        textes = [texte for brut in value or [] for texte in str(brut).split()]
        if len(textes) > MAX_CLES:
            raise forms.ValidationError("Trop de cases à la fois : enregistrez en plusieurs fois.")
        lues = [Cle.parse(texte) for texte in textes]
        if None in lues:
            raise forms.ValidationError("Une case envoyée n’existe pas : rechargez la page et recommencez.")
        return frozenset(cle for cle in lues if cle)


class TardifsField(forms.Field):
    """The supplements that a page told before the ticks, by box: `enfant:date:creneau=+ 2,00 €`, repeated."""

    widget = forms.MultipleHiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: Any) -> dict[Cle, str]:
        """The words told, by box, of 3000 at most; what is no such pair tells nothing."""
        paires = [str(brut).partition("=") for brut in (value or [])[:MAX_CLES]]
        return {cle: mots for texte, _, mots in paires if mots and (cle := Cle.parse(texte))}


class MidiField(ClesField):
    """Meals, written `enfant:date` with spaces between, as keys: `Situation.box_of` says which lunch break is meant."""

    def clean(self, value: Any) -> frozenset[Cle]:
        """The meals sent as `enfant:date`, as planning keys; ValidationError when one is malformed."""
        return super().clean([f"{texte}:{REPAS}" for brut in value or [] for texte in str(brut).split()])


class RepasForm(forms.Form):
    """The buttons of a meal: `repas` registers for its lunch break, `annule` says that the family cancelled it."""

    repas = MidiField()
    annule = MidiField()


class PlanningForm(forms.Form):
    """Fields of the planning and of the day: boxes ticked at display (`avant`), ticked now (`r`, `attente`), and what
    was said of a late booking (`tardif`).
    """

    avant = ClesField()
    r = ClesField()
    attente = ClesField()
    tardif = TardifsField()

    def clean(self) -> dict[str, Any]:
        """Refuse a form without `avant`: a box that is not ticked could not be told from one that did not come."""
        if "avant" not in self.data:
            raise forms.ValidationError(INCOMPLETE)
        return self.cleaned_data

    @property
    def saisie(self) -> Saisie:
        """The boxes ticked when the page was shown, and those ticked now, waiting lists included."""
        data = self.cleaned_data
        return Saisie(data["avant"], data["r"] | data["attente"])

    def saisie_in(self, situation: Situation) -> Saisie:
        """The boxes ticked when the page was shown, and now, among all those of this situation."""
        return self.saisie

    def changements(self) -> list[Changement]:
        """The changes asked: only the boxes whose tick is not what it was when the page was shown."""
        data = self.cleaned_data
        coches = data["r"] | data["attente"]
        voulus = {cle: Inscription.Etat.ANNULEE for cle in data["avant"] - coches}
        voulus |= {cle: Inscription.Etat.ATTENTE for cle in data["attente"] - data["avant"]}
        voulus |= {cle: Inscription.Etat.INSCRIT for cle in data["r"] - data["avant"]}
        return [Changement(cle, voulu, tardif=data["tardif"].get(cle, "")) for cle, voulu in voulus.items()]


def count_changes(data: QueryDict) -> int:
    """How many boxes this form of a month or of a day would change; 0 when the form is not valid."""
    form = PlanningForm(data)
    return len(form.changements()) if form.is_valid() else 0


class LundisField(forms.Field):
    """Weeks, each by its Monday, from a repeated field."""

    widget = forms.MultipleHiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: Any) -> frozenset[date]:
        """The Mondays sent; ValidationError when one of them is no Monday."""
        keys = [cles.parse_key(str(texte), cles.jour) for texte in value or []]
        if not all(key and key[0].weekday() == 0 for key in keys):
            raise forms.ValidationError("Une semaine envoyée n’existe pas\u00a0: rechargez la page et recommencez.")
        return frozenset(key[0] for key in keys if key)


class GuichetForm(PlanningForm):
    """The planning's form at the town hall, with the reason for passing over a rule. `semaine`: the Mondays of the
    weeks that the page showed; none where it showed the whole month.
    """

    semaine = LundisField()
    motif = forms.CharField(
        label="Motif, s’il faut passer un délai, une garde, un repas ou le nombre de places (facultatif)",
        required=False,
        max_length=200,
        validators=[validate_ligne],
        help_text="Gardé avec le changement, pour la mairie seule\u00a0: la famille ne le lit pas.",
        widget=forms.TextInput(attrs={"class": "saisie", "autocomplete": "off"}),
    )

    def saisie_in(self, situation: Situation) -> Saisie:
        """The boxes ticked when the page was shown, and now: of the weeks that it did not show, as they are in this
        situation.
        """
        semaines = self.cleaned_data["semaine"]
        return self.saisie.within(semaines, situation) if semaines else self.saisie

    def changements(self) -> list[Changement]:
        """The changes asked; with a reason, a full box that was ticked asks for a place and not for the list."""
        changements = super().changements()
        if not self.cleaned_data.get("motif"):  # one that is too long passes over nothing
            return changements
        attente, inscrit = Inscription.Etat.ATTENTE, Inscription.Etat.INSCRIT
        return [Changement(un.cle, inscrit if un.voulu == attente else un.voulu) for un in changements]

    def ask_motif(self) -> None:
        """Add an error to the field `motif`: a written reason is all that the refused changes lack."""
        self.add_error(
            "motif", "Pour faire quand même ce qui est refusé, écrivez pourquoi, puis enregistrez de nouveau."
        )


class RemplissageForm(forms.Form):
    """« Remplir plus vite » : [Cocher] [Soir] [tous les lundis] pour [tous]."""

    q_action = forms.ChoiceField(choices=[("1", "Cocher"), ("0", "Décocher")])
    q_creneau = forms.RegexField(r"^[-a-zA-Z0-9_]{1,20}(\.[0-9]{1,3})?$")
    q_jour = forms.RegexField(r"^([0-6]|\*)$")
    q_enfant = forms.RegexField(r"^([0-9]{1,18}|\*)$")

    def valeurs(self) -> dict[str, Any]:
        """The arguments of `remplissage.rapide`; the weekday, sent as in JavaScript (Sunday is 0), becomes Python's
        (Monday is 0). « * » becomes None.
        """
        data = self.cleaned_data
        return {
            "coche": data["q_action"] == "1",
            "creneau": data["q_creneau"],
            "jour": None if data["q_jour"] == "*" else (int(data["q_jour"]) - 1) % 7,
            "enfant": None if data["q_enfant"] == "*" else int(data["q_enfant"]),
        }


def jour_du_bouton(data: QueryDict, nom: str) -> date | None:
    """The day in the value of the button called `nom` (`idem=2026-12-07`, a Monday); None when the button was not
    pressed, or has no date.
    """
    try:
        return date.fromisoformat(data.get(nom, ""))
    except ValueError:
        return None


class BoxesField(forms.Field):
    """The boxes of weekly patterns, `enfant:jour:creneau` with Monday as 1, by child, with Monday as 0."""

    widget = forms.MultipleHiddenInput
    MAX = 500

    def clean(self, value: Any) -> dict[int, frozenset[Box]]:
        """The boxes sent, by child (primary key): pairs of a weekday (Monday is 0) and the code of a créneau;
        ValidationError when one is malformed, or for more than 500.
        """
        keys = [cles.parse_key(str(texte), cles.pk, cles.jour_semaine, cles.code) for texte in value or []]
        if len(keys) > self.MAX or None in keys:
            raise forms.ValidationError("Une case envoyée n’existe pas\u00a0: rechargez la page et recommencez.")
        boxes: dict[int, frozenset[Box]] = {}
        for enfant, jour_semaine, creneau in filter(None, keys):
            boxes[enfant] = boxes.get(enfant, frozenset()) | {(jour_semaine, creneau)}
        return boxes


class EnfantsChoisisField(forms.Field):
    """Children (primary keys), from a repeated field or a button; what is not a key is none of theirs."""

    widget = forms.MultipleHiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def clean(self, value: Any) -> frozenset[int]:
        """The primary keys sent; what is no primary key is left out."""
        keys = [cles.parse_key(str(texte), cles.pk) for texte in value or []]
        return frozenset(key[0] for key in keys if key)


class LundiField(forms.Field):
    """Every week (`1`, None), or the Monday from which one week in two counts."""

    def clean(self, value: Any) -> date | None:
        """The Monday from which one week in two counts; None for every week. ValidationError for anything else."""
        if value in (None, "", "1"):
            return None
        try:
            jour = date.fromisoformat(value)
        except ValueError:
            jour = date.min
        if jour.weekday() or not date(2000, 1, 3) <= jour <= date(2100, 1, 4):
            raise forms.ValidationError("Choisissez un rythme de la liste.")
        return jour


class SemaineTypeForm(forms.Form):
    """A weekly pattern for the children `enfants`: boxes, until when, how often; and of whom what a hand changed
    follows it, taken away (`retirer`, unless `garder`) or added again (`ajouter`, unless `laisser`).

    `fins` are the periods offered. Children without a box are part of it: an empty pattern clears.
    """

    t = BoxesField()
    fin = forms.ChoiceField(label="Jusqu’à quand", required=False)
    du = forms.DateField(label="Du", required=False, widget=forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"))
    au = forms.DateField(label="Au (inclus)", required=False, widget=forms.DateInput(JOUR_ATTRS, "%Y-%m-%d"))
    rythme = LundiField(label="À quel rythme", required=False)
    avec_attente = forms.BooleanField(required=False)
    vide = EnfantsChoisisField()
    vider = EnfantsChoisisField()
    retirer = EnfantsChoisisField()
    garder = EnfantsChoisisField()
    ajouter = EnfantsChoisisField()
    laisser = EnfantsChoisisField()

    def __init__(
        self,
        data: QueryDict | None,
        *,
        fins: Sequence[Fin],
        enfants: Collection[int],
        creneaux: Collection[str],
        initial: dict[str, Any],
    ) -> None:
        super().__init__(data, initial=initial)
        self.fins, self.enfants, self.creneaux = fins, enfants, creneaux
        self.today = min(fin.debut for fin in fins)
        self.dernier = max(fin.fin for fin in fins)
        offered = [*((fin.code, fin.court) for fin in fins), ("dates", "Entre deux dates")]
        cast(forms.ChoiceField, self.fields["fin"]).choices = offered
        for name in ("du", "au"):
            self.fields[name].widget.attrs |= {"min": self.today.isoformat(), "max": self.dernier.isoformat()}

    def clean_t(self) -> dict[int, frozenset[Box]]:
        """The boxes sent, by child (primary key); ValidationError when a child or a créneau is not one of the
        page's.
        """
        boxes: dict[int, frozenset[Box]] = self.cleaned_data["t"]
        if set(boxes) - set(self.enfants) or {code for siens in boxes.values() for _, code in siens} - set(
            self.creneaux
        ):
            raise forms.ValidationError("Une case envoyée n’existe pas\u00a0: rechargez la page et recommencez.")
        return boxes

    def clean(self) -> dict[str, Any]:
        """Refuse a form sent without its period or its rhythm, and check both dates of « Entre deux dates »."""
        data = self.cleaned_data
        if not {"fin", "rythme"} <= self.data.keys():  # the page ticks one of each: none fills a whole year
            raise forms.ValidationError(INCOMPLETE)
        if data.get("fin") == "dates" and not {"du", "au"} & self.errors.keys():
            self._clean_dates(data.get("du"), data.get("au"))
        return data

    def _clean_dates(self, du: date | None, au: date | None) -> None:
        if du is None:
            self.add_error("du", "Indiquez la date de début.")
        elif du > self.dernier:
            self.add_error("du", f"La date de début doit être avant le {quantieme_annee(self.dernier)}.")
        if au is None:
            self.add_error("au", "Indiquez la date de fin.")
        elif du is not None and au <= max(du, self.today):
            self.add_error("au", f"La date de fin doit être après le {quantieme_annee(max(du, self.today))}.")
        elif au > self.dernier:
            self.add_error("au", f"La date de fin doit être au plus tard le {quantieme_annee(self.dernier)}.")

    @property
    def passes(self) -> frozenset[str]:
        """The rules (codes of obstacles) that a reason passes over: none for a parent."""
        return frozenset()

    @property
    def vides(self) -> frozenset[int]:
        """The children (primary keys) for whom « Vider le planning » was pressed, now or on an earlier page."""
        vides: frozenset[int] = self.cleaned_data["vide"] | self.cleaned_data["vider"]
        return vides

    @property
    def repris(self) -> frozenset[tuple[int, bool]]:
        """The children whose boxes changed by hand are to follow the pattern: pairs of a primary key and whether the
        boxes are added (True) or removed (False).
        """
        data = self.cleaned_data
        signes = ((data["retirer"] - data["garder"], False), (data["ajouter"] - data["laisser"], True))
        return frozenset((pk, ajoute) for enfants, ajoute in signes for pk in enfants if pk in self.enfants)

    @property
    def lisible(self) -> bool:
        """Whether the form was sent and its preview can be shown: it is valid, or wrong by its `motif` alone (the town
        hall's).
        """
        return self.is_bound and self.errors.keys() <= {"motif"}

    @property
    def choisie(self) -> Fin | None:
        """The period that was chosen among those offered; None for two dates."""
        return next((fin for fin in self.fins if fin.code == self.cleaned_data.get("fin")), None)

    @property
    def periode(self) -> tuple[date, date]:
        """The first and the last day of the pattern, both included; the first is never before today."""
        if self.cleaned_data["fin"] == "dates":
            return max(self.cleaned_data["du"], self.today), self.cleaned_data["au"]
        fin = self.choisie or self.fins[0]
        return fin.debut, fin.fin

    def modeles(self) -> list[Modele]:
        """The weekly pattern of each child of the form, an empty one included."""
        boxes, (debut, fin) = self.cleaned_data["t"], self.periode
        depuis = self.cleaned_data["rythme"]
        return [Modele(enfant, boxes.get(enfant, frozenset()), debut, fin, depuis) for enfant in self.enfants]


class FiltreForm(forms.Form):
    """The filters of a page's address. A value that means nothing filters nothing."""

    enfant = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    avant = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def choisi(self, noms: Container[int]) -> int | None:
        """The child (primary key) that the address asks for, if it is in `noms`; else None."""
        self.is_valid()
        pk = self.cleaned_data.get("enfant")
        return pk if pk in noms else None

    def reference(self) -> int | None:
        """The primary key of the save before which the history is asked for (`?avant=`); None for the latest."""
        self.is_valid()
        return self.cleaned_data.get("avant")
