"""Why, asked with an absence that is told: the reason is kept with it, and goes with it; what is said of the bill."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django import forms

from enfance.extensions import SectionAbsence, SuiteAbsence
from enfance.models import Absence
from enfance.regles import Acteur
from facturation.absences.ecriture import justifier, oublier_raisons
from facturation.absences_dues import creneaux_factures
from facturation.famille.absences import AbsenceFamille, load_absences
from facturation.models import Justification
from portail.francais import NBSP, et, pluriel

TUE = "Je préfère ne pas le dire"
TUE_MAIRIE = "Ne pas dire"


class RaisonAbsence(SuiteAbsence):
    """The reason, from its list: asked where a tariff bills who is registered."""

    nom = "raison"

    def champ(self, acteur: Acteur, jour: date) -> forms.Field | None:
        """The optional field « Pourquoi ? » with the list of reasons; None when no tariff bills a registered child who
        does not come that day.
        """
        if not creneaux_factures(jour).exists():
            return None
        rien = TUE if acteur.responsable else TUE_MAIRIE
        choix = [("", rien), *((code, nom.capitalize()) for code, nom in Justification.Raison.choices)]
        return forms.ChoiceField(
            label="Pourquoi\u202f? (facultatif)",
            choices=choix,
            required=False,
            widget=forms.Select(attrs={"class": "saisie"}),
            error_messages={"invalid_choice": "Choisissez une raison de la liste."},
        )

    def dire(self, absences: Collection[Absence], acteur: Acteur, valeur: str, *, now: datetime) -> None:
        """Keep the reason that was chosen (`valeur`) for each of these absences that is still theirs to explain
        (`justifier`); nothing when none was chosen.
        """
        if valeur:
            for absence in absences:
                justifier(acteur, absence.enfant_id, absence.jour, valeur, now=now)

    def retirer(self, absences: Collection[Absence], *, now: datetime) -> None:
        """Delete the reasons of these absences, which were taken back, but where they still explain another
        (`oublier_raisons`).
        """
        oublier_raisons({absence.enfant_id for absence in absences}, {absence.jour for absence in absences}, now=now)

    def lire(
        self, acteur: Acteur, enfants: Collection[int], jours: Collection[date], *, now: datetime
    ) -> SectionAbsence | None:
        """The reason and the bill of the absences of these children (primary keys) on these days, as who acts reads
        them; None when none of them is theirs to explain.
        """
        lues = [
            absence for absence in load_absences(acteur, now) if absence.enfant.pk in enfants and absence.jour in jours
        ]
        if not lues:
            return None
        raisons = list(dict.fromkeys(lue.raison.get_raison_display() for lue in lues if lue.raison))
        mots = f"Raison{NBSP}: {et(raisons)}." if raisons else ""
        return SectionAbsence(mots, "Et la facture\u202f?", list(_phrases(lues)))

    def raison(self, absence: Absence) -> str:
        """The reason of the child's day, chosen in the list by a parent or by an agent."""
        dite = Justification.objects.filter(enfant=absence.enfant_id, jour=absence.jour).first()
        return dite.get_raison_display() if dite else ""


def _phrases(lues: Collection[AbsenceFamille]) -> list[str]:
    attendent = sum(len(lue.moments) - len(lue.reponses) for lue in lues)
    dits = list(dict.fromkeys(f"{dit}." for lue in lues for dit in lue.dits))
    if not attendent:
        return dits
    n = pluriel(attendent, "moment reste compté,moments restent comptés")
    lit = "La mairie lit la raison et répond" if any(lue.raison for lue in lues) else "La mairie répond"
    return [*dits, f"{lit}. Jusque-là, {n}. Un certificat peut être demandé."]
