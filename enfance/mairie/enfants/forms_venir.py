"""The forms of who may fetch a child, or must not: said of the child, and of its brothers and sisters if it is ticked.

What there is to ask depends on what is typed. A form sent without having shown it comes back with the question, and
nothing of it is saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from enfance.famille.forms import JourField
from enfance.famille.fratries import noms_dits
from enfance.mairie.enfants.forms import SAISIE
from enfance.mairie.enfants.questions_venir import QuestionFratrie, avis_of, questions_of, questions_retrait
from enfance.mairie.enfants.venir import DIT, load_connus
from enfance.models import Enfant, PersonneAutorisee
from portail.empreintes import fingerprint_of
from portail.formulaires import WholeForm, WholeModelForm
from portail.francais import NBSP

RELIRE = f"Rien n’est encore enregistré{NBSP}: relisez ce qui est dit ici, puis recommencez."
INTERDITE = f"Ses frères et sœurs. Décochez ceux que cela ne touche pas{NBSP}: leur fiche le rappellera."
AUTORISEE = "Ses frères et sœurs. Cochez ceux pour qui vous dites la même chose."
RETIREE = "Ses frères et sœurs. Cochez ceux dont la liste change aussi."


class _PourFratrie(forms.Form):
    """The boxes of the brothers and sisters. `avis`: what to read again of the child itself; `dites`: of those who have
    no box; `pour`: those who are ticked.
    """

    fratrie: Sequence[Enfant] = ()
    avis: Sequence[str] = ()
    dites: Sequence[str] = ()
    pour: Sequence[Enfant] = ()

    def ask(self, questions: Sequence[QuestionFratrie], avis: Sequence[str], aide: str, sorte: str) -> None:
        """Put in the form these questions about the brothers and sisters, and the warnings `avis` about the child
        itself. A form sent without having shown them gets an error, so that the page comes back with them; otherwise
        `pour` holds the children ticked.

        `aide` is the help text of the boxes; `sorte` says what is asked: « autorisee », « interdite » or « retrait ».
        """
        cases = [question for question in questions if question.case]
        self.avis = avis
        self.dites = [f"{q.nom}{NBSP}: {q.note}." for q in questions if not q.case]
        champ = cast(forms.MultipleChoiceField, self.fields["aussi"])
        champ.choices = [(str(question.pk), _label(question)) for question in cases]
        self["aussi"].help_text = aide
        jeton = f"{sorte}:{fingerprint_of((questions, avis))}" if questions or avis else ""
        self.initial = {**self.initial, "aussi": [str(q.pk) for q in cases if q.coche], "vu": jeton}
        if not self.is_bound:
            pass
        elif jeton and self.cleaned_data["vu"] != jeton:
            self._ask_again(cases, jeton, known=self.cleaned_data["vu"].partition(":")[0] == sorte)
        else:
            coches = {pk for pk in self.cleaned_data["aussi"] if pk in dict(champ.choices)}
            self.pour = [enfant for enfant in self.fratrie if str(enfant.pk) in coches]
        if not cases:
            del self.fields["aussi"]

    def _ask_again(self, cases: Sequence[QuestionFratrie], jeton: str, *, known: bool) -> None:
        """A box with something to read is as before anybody answers, and so are all the boxes of another question."""
        coches = [
            str(q.pk) for q in cases if (q.coche if q.note or not known else str(q.pk) in self.cleaned_data["aussi"])
        ]
        data = cast(QueryDict, self.data).copy()
        data.setlist("aussi", coches)
        data["vu"] = jeton
        self.data = data
        self.add_error("aussi" if cases else "nom", ValidationError(RELIRE, code="relire"))

    def offer(self, fratrie: Sequence[Enfant]) -> None:
        """Offer a box for each of these brothers and sisters, before it is known what has to be asked about them."""
        self.fratrie = fratrie
        champ = cast(forms.MultipleChoiceField, self.fields["aussi"])
        champ.choices = [(str(pk), nom) for pk, nom in noms_dits(fratrie).items()]
        if not fratrie:
            champ.widget = forms.MultipleHiddenInput()


def _label(question: QuestionFratrie) -> str | SafeString:
    return format_html("{} <small>{}</small>", question.nom, question.note) if question.note else question.nom


def _vu() -> forms.CharField:
    """What the page asked, as a token."""
    return forms.CharField(required=False, widget=forms.HiddenInput)


def _field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label="Aussi pour", required=False, widget=forms.CheckboxSelectMultiple)


class VenirForm(_PourFratrie, WholeModelForm):
    """Somebody who may fetch the child, or must not."""

    marks_optional = True
    debut = JourField("À partir du")
    fin = JourField("Jusqu’au")
    aussi = _field()
    vu = _vu()

    class Meta:
        model = PersonneAutorisee
        fields = DIT
        widgets = {nom: forms.TextInput(SAISIE) for nom in ("nom", "lien")} | {
            "telephone": forms.TextInput(SAISIE | {"type": "tel"})
        }

    def __init__(self, *args: Any, fratrie: Sequence[Enfant], today: date, interdire: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.avant = copy(self.instance) if self.instance.pk else None
        if interdire and not self.avant:
            self.initial["interdite"] = True
        self.offer(fratrie)
        if not self.is_bound:
            self._ask_of({"interdite": self.initial["interdite"]})

    def clean(self) -> dict[str, Any] | None:
        """Once the fields are right, ask about the brothers and sisters, and warn of near names, before anything is
        saved.
        """
        cleaned = super().clean()
        if not self.errors:
            self._ask_of(self.cleaned_data)
        return cleaned

    def _ask_of(self, dit: dict[str, Any]) -> None:
        personne = copy(self.instance)
        for champ in DIT:
            setattr(personne, champ, dit.get(champ, getattr(personne, champ)))
        questions = questions_of(personne, self.avant, self.fratrie, self.today)
        connus = load_connus([personne.enfant], self.today)[personne.enfant_id]
        avis = avis_of(personne, self.avant, connus) if personne.nom else []
        self.ask(questions, avis, *((INTERDITE, "interdite") if personne.interdite else (AUTORISEE, "autorisee")))


class RetraitVenirForm(_PourFratrie, WholeForm):
    """Somebody to take off the list of the child, and of those of its brothers and sisters of whom the same is said."""

    retrait = True
    aussi = _field()
    vu = _vu()

    def __init__(
        self, *args: Any, personne: PersonneAutorisee, fratrie: Sequence[Enfant], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.personne, self.today = personne, today
        self.offer(fratrie)

    def clean(self) -> dict[str, Any] | None:
        """Ask, before anything is saved, from which brothers' and sisters' lists the person is taken off as well."""
        cleaned = super().clean()
        if not self.errors:
            self.ask(questions_retrait(self.personne, self.fratrie, self.today), (), RETIREE, "retrait")
        return cleaned
