"""Why a child was away, as its family says it: a choice in a list, for the absences that its foyer pays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from enfance.models import Creneau, Enfant, Responsable
from facturation.absences.ecriture import absences_a_expliquer, absences_of
from facturation.models import Justification, ReponseAbsence
from facturation.papiers.prenoms import prenoms_vivants
from portail.accueil import Affaire
from portail.dates import PARIS, date_heure, jour_long
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
    dite: bool
    raison: Justification | None
    reponses: list[ReponseAbsence]

    @property
    def cle(self) -> str:
        return f"{self.enfant.pk}-{self.jour.isoformat()}"

    @property
    def titre(self) -> str:
        """« Léa, vendredi 27 novembre »."""
        return f"{self.prenom}, {jour_long(self.jour)}"

    @property
    def noms(self) -> str:
        return et(self.moments)

    @property
    def attend(self) -> bool:
        """Whether some of it has no answer yet: the reason may still be chosen."""
        return len(self.reponses) < len(self.moments)

    @property
    def dits(self) -> list[str]:
        """« Excusée le jeudi 12 novembre à 9 h 05 : certificat reçu », once an answer."""
        phrases = [
            f"{reponse.get_reponse_display().capitalize()} {date_heure(reponse.repondue_le)}\u00a0: {reponse.motif}"
            for reponse in self.reponses
        ]
        return list(dict.fromkeys(phrases))


def load_absences(responsable: Responsable, today: date) -> list[AbsenceFamille]:
    """Those that this adult's foyer pays, of the last month and of days to come, the latest first. Three queries."""
    lignes = absences_of(responsable, today).select_related("enfant", "creneau")
    groupes: dict[tuple[int, date], list[Creneau]] = {}
    par_jour: dict[tuple[int, date], Any] = {}
    for ligne in lignes.order_by("-jour", "enfant__date_naissance", "enfant", "creneau__ordre"):
        cle = ligne.enfant_id, ligne.jour
        par_jour[cle] = ligne
        groupes.setdefault(cle, []).append(ligne.creneau)
    which = {"enfant__in": {enfant for enfant, _ in groupes}, "jour__in": {jour for _, jour in groupes}}
    raisons = {(j.enfant_id, j.jour): j for j in Justification.objects.filter(**which)}
    prenoms, dernieres = prenoms_vivants({ligne.enfant for ligne in par_jour.values()}), {}
    for reponse in ReponseAbsence.objects.filter(**which).order_by("repondue_le", "pk"):
        dernieres[reponse.enfant_id, reponse.jour, reponse.creneau_id] = reponse
    return [
        AbsenceFamille(
            par_jour[cle].enfant,
            prenoms[cle[0]],
            cle[1],
            [creneau.nom_court for creneau in creneaux],
            par_jour[cle].dite,
            raisons.get(cle),
            [dernieres[*cle, creneau.pk] for creneau in creneaux if (*cle, creneau.pk) in dernieres],
        )
        for cle, creneaux in groupes.items()
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
    """On the home: the absences that this family told of and that no reason explains yet. One query."""
    responsable = getattr(request.user, "responsable", None)
    if responsable is None:
        return
    today = now.astimezone(PARIS).date()
    jours: dict[date, list[str]] = {}
    for jour, prenom in absences_a_expliquer(responsable, today):
        if prenom not in jours.setdefault(jour, []):
            jours[jour].append(prenom)
    adresse = reverse("facturation:absences")
    for jour, prenoms in list(jours.items())[:MONTREES]:
        de_qui = et([de(prenom) for prenom in prenoms])
        yield Affaire(f"Absence {de_qui}, {jour_long(jour)}\u00a0: la mairie peut l’excuser.", "Dire pourquoi", adresse)
