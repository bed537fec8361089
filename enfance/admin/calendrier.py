"""The calendar of a year, corrected once it is known whom that touches."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts.site import RowFormSet, TownHallAdmin
from enfance.mairie.apercus import par_classe, premieres_inscriptions
from enfance.mairie.hors_ecole import HorsEcole, annuler, load_hors_ecole
from enfance.mairie.rentree import ouverture_hors
from enfance.models import AnneeScolaire, Conge
from portail.confirmation import Apercu, Suite, Tableau
from portail.formulaires import WholeModelForm


class AnneeForm(WholeModelForm):
    def clean(self) -> dict[str, Any] | None:
        """Refuse a school year that overlaps another one, for a day is of one year only, and a day from which parents
        may register that does not suit it.
        """
        cleaned = super().clean()
        debut, fin = self.cleaned_data.get("debut"), self.cleaned_data.get("fin")
        if debut and fin:
            autres = AnneeScolaire.objects.filter(debut__lte=fin, fin__gte=debut).exclude(pk=self.instance.pk)
            for autre in autres:
                self.add_error("debut", f"Ces dates recouvrent l’année {autre}.")
            ouverture = self.cleaned_data.get("ouverture")
            if ouverture and (phrase := ouverture_hors(debut, fin, ouverture)):
                self.add_error("ouverture", phrase)
        return cleaned


class CongesFormSet(RowFormSet):
    def clean(self) -> None:
        """Refuse holidays that are wholly outside the school year: they would change nothing, in silence. Public
        holidays, and rows left as they were, may be.
        """
        super().clean()
        for form in self.forms:
            debut, fin = (form.cleaned_data.get(champ) for champ in ("debut", "fin"))
            annee = self.instance
            hors = debut and fin and annee.debut and annee.fin and (fin < annee.debut or debut > annee.fin)
            if hors and form.has_changed() and form.cleaned_data.get("genre") == Conge.Genre.VACANCES:
                form.add_error("debut", "Ces jours sont hors de l’année scolaire.")


class CalendrierAdmin(TownHallAdmin):
    """The list of years."""

    form = AnneeForm

    def save_model(self, request: HttpRequest, obj: AnneeScolaire, form: forms.ModelForm, change: bool) -> None:
        """Notes, before the year is saved, which inscriptions stand on days without school already."""
        request.hors_ecole_avant = load_hors_ecole(now=timezone.now()).pks
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: forms.ModelForm, formsets: Any, change: bool) -> None:
        """When the change puts inscriptions to come on days without school, asks the agent first whether they are
        cancelled or left. A new year asks nothing.
        """
        super().save_related(request, form, formsets, change)
        hors_ecole = load_hors_ecole(now=timezone.now(), sauf=request.hors_ecole_avant)
        if change and hors_ecole.pks:
            self._decide_calendrier(request, form.instance, hors_ecole)

    def _decide_calendrier(self, request: HttpRequest, annee: AnneeScolaire, hors_ecole: HorsEcole) -> None:
        """Do what the town hall chose for the inscriptions that it was shown, if they are still the same."""
        suite = self.confirm_change(request, annee, _apercu(hors_ecole), hors_ecole=hors_ecole)
        if suite == "laisser":
            self.log_change(request, annee, f"Inscriptions laissées hors école\u00a0: {hors_ecole.touches.phrase}.")
            self.message_user(request, f"Laissées, sans prévenir personne\u00a0: {hors_ecole.touches.phrase}.")
            return
        resultat = annuler(hors_ecole, request.user.pk, now=timezone.now())
        self.log_change(request, annee, f"Inscriptions annulées\u00a0: {hors_ecole.touches.phrase}.")
        self.message_user(
            request,
            f"Inscriptions annulées par le changement de calendrier\u00a0: {len(resultat.evenements)}. "
            "Les familles sont prévenues par e-mail.",
        )


def _apercu(hors_ecole: HorsEcole) -> Apercu:
    """The confirmation of a change of the calendar: those that it leaves on days without school, cancelled or left."""
    touches = hors_ecole.touches
    jours = tuple((jour, str(nombre)) for jour, nombre in hors_ecole.jours)
    return Apercu(
        phrase=f"Ceci laisse {touches.de_familles} sur des jours sans école.",
        question="Que deviennent ces inscriptions\u00a0?",
        suites=(Suite("Enregistrer et les laisser", "laisser"), Suite("Enregistrer et les annuler", "annuler")),
        consequence="Annulées, elles ne sont pas facturées et chaque famille reçoit un e-mail. Laissées, personne "
        "n’est prévenu\u202f; le calendrier les signale jusqu’à ce que vous en décidiez.",
        tableaux=(
            Tableau("Par jour", ("Jour", "Inscriptions"), jours),
            *premieres_inscriptions(touches),
            *par_classe(touches),
        ),
        a_appeler=touches.injoignables,
        grave=True,
        marque=",".join(map(str, sorted(hors_ecole.pks))),
    )
