"""Why a child was away, as its family says it: a choice in a list, for the absences that its foyer pays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from enfance.models import Enfant
from enfance.regles import Acteur
from facturation.absences.ecriture import absences_a_expliquer, absences_of
from facturation.models import Justification, ReponseAbsence
from facturation.papiers.prenoms import prenoms_vivants
from portail.accueil import Affaire
from portail.dates import date_heure, jour_long
from portail.formulaires import WholeForm
from portail.francais import de, et

MONTREES = 2  # lines of the home: the page has them all


@dataclass(frozen=True)
class AbsenceFamille:
    """A child's day: the moments that were missed, the reason that was chosen, what the town hall answered of each."""

    enfant: Enfant
    prenom: str
    jour: date
    moments: list[str]
    vus: list[str]  # of these, those that no parent told: the team noted that nobody came
    raison: Justification | None
    reponses: list[ReponseAbsence]

    @property
    def cle(self) -> str:
        """« 12-2026-11-27 », child and day: what names this absence within the page."""
        return f"{self.enfant.pk}-{self.jour.isoformat()}"

    @property
    def titre(self) -> str:
        """The child's first name and the day, in French: « Léa, vendredi 27 novembre »."""
        return f"{self.prenom}, {jour_long(self.jour)}"

    @property
    def noms(self) -> str:
        """The moments that were missed, as a French list: « matin et soir »."""
        return et(self.moments)

    @property
    def vue(self) -> str:
        """That the team noted nobody, for the moments that no parent told: « l’équipe n’a noté aucune présence »; empty
        when a parent told all of them.
        """
        if not self.vus:
            return ""
        quand = "" if self.vus == self.moments else f" ({et(self.vus)})"
        return f"l’équipe n’a noté aucune présence{quand}"

    @property
    def attend(self) -> bool:
        """Whether at least one of the missed moments has no answer of the town hall yet: the reason may still be
        chosen.
        """
        return len(self.reponses) < len(self.moments)

    @property
    def dits(self) -> list[str]:
        """What the town hall answered, each different answer once: « Excusée le jeudi 12 novembre à 9 h 05 : certificat
        reçu »; empty without an answer.
        """
        phrases = [
            f"{reponse.get_reponse_display().capitalize()} {date_heure(reponse.repondue_le)}\u00a0: {reponse.motif}"
            for reponse in self.reponses
        ]
        return list(dict.fromkeys(phrases))


def load_absences(acteur: Acteur, now: datetime) -> list[AbsenceFamille]:
    """The absences that are this actor's to explain, a line for each child and day, from 31 days before `now` to 31
    days after; the latest first. Three queries.
    """
    lignes = absences_of(acteur, now).select_related("enfant", "creneau")
    groupes: dict[tuple[int, date], list[Any]] = {}
    for ligne in lignes.order_by("-jour", "enfant__date_naissance", "enfant", "creneau__ordre"):
        groupes.setdefault((ligne.enfant_id, ligne.jour), []).append(ligne)
    which = {"enfant__in": {enfant for enfant, _ in groupes}, "jour__in": {jour for _, jour in groupes}}
    raisons = {(j.enfant_id, j.jour): j for j in Justification.objects.filter(**which)}
    prenoms, dernieres = prenoms_vivants({siennes[0].enfant for siennes in groupes.values()}), {}
    for reponse in ReponseAbsence.objects.filter(**which).order_by("repondue_le", "pk"):
        dernieres[reponse.enfant_id, reponse.jour, reponse.creneau_id] = reponse
    return [
        AbsenceFamille(
            siennes[0].enfant,
            prenoms[cle[0]],
            cle[1],
            [ligne.creneau.nom_court for ligne in siennes],
            [ligne.creneau.nom_court for ligne in siennes if not ligne.dite],
            raisons.get(cle),
            [dernieres[*cle, ligne.creneau_id] for ligne in siennes if (*cle, ligne.creneau_id) in dernieres],
        )
        for cle, siennes in groupes.items()
    ]


class RaisonForm(WholeForm):
    """The reason of one absence: which child, which day, which of the reasons."""

    enfant = forms.IntegerField(min_value=1, max_value=2**62)
    jour = forms.DateField(input_formats=["%Y-%m-%d"])
    raison = forms.ChoiceField(
        choices=Justification.Raison.choices,
        error_messages={"required": "Choisissez une raison.", "invalid_choice": "Choisissez une raison de la liste."},
    )


def affaires(request: HttpRequest, now: datetime) -> Iterable[Affaire]:
    """What the family's home says of absences: the days that this family told of and that no reason explains yet, at
    most `MONTREES` lines. Nothing for an account that is no parent's. One query.
    """
    responsable = getattr(request.user, "responsable", None)
    if responsable is None:
        return
    jours: dict[date, list[str]] = {}
    for jour, prenom in absences_a_expliquer(responsable, now):
        if prenom not in jours.setdefault(jour, []):
            jours[jour].append(prenom)
    adresse = reverse("facturation:absences")
    for jour, prenoms in list(jours.items())[:MONTREES]:
        de_qui = et([de(prenom) for prenom in prenoms])
        yield Affaire(f"Absence {de_qui}, {jour_long(jour)}\u00a0: la mairie peut l’excuser.", "Dire pourquoi", adresse)
