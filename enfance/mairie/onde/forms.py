"""The form of an import of ONDE: the year, the two files, then the answers to what they leave open."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone

from enfance.ecoles import plusieurs
from enfance.models import AnneeScolaire, Ecole, ImportOnde
from enfance.onde import depots
from enfance.onde.lecture import lire_eleves, lire_responsables
from portail.francais import pluriel
from portail.tables import Fichier, ImportRefuse

MONTRES = 20  # bad lines of a file that stay on the screen
CHOIX = re.compile(r"q-([0-9a-f]{20})")
VALEUR = re.compile(r"[-0-9a-z]{1,40}")
FICHIER = {"class": "saisie", "accept": ".csv,text/csv"}


class DepotForm(forms.Form):
    """The year and the two files. One that could be read is kept, and not asked again."""

    obligatoires = "obligatoires"
    annee = forms.ModelChoiceField(
        AnneeScolaire.objects.none(),
        label="Année scolaire",
        empty_label=None,
        widget=forms.Select({"class": "saisie"}),
    )
    eleves = forms.FileField(label="Fichier des élèves", allow_empty_file=True, widget=forms.FileInput(FICHIER))
    responsables = forms.FileField(
        label="Fichier des responsables", allow_empty_file=True, widget=forms.FileInput(FICHIER)
    )

    def __init__(self, *args: Any, depot: ImportOnde | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if plusieurs():
            ecole = forms.ModelChoiceField(
                Ecole.objects.all(), label="École", empty_label="Choisissez", widget=forms.Select({"class": "saisie"})
            )
            self.fields = {"ecole": ecole, **self.fields}
            if depot:
                self.initial.setdefault("ecole", depot.ecole_id)
        annees = cast("forms.ModelChoiceField[Any]", self.fields["annee"])
        annees.queryset = AnneeScolaire.objects.filter(fin__gte=timezone.localdate()).order_by("debut")
        for nom in ("eleves", "responsables"):
            if depot and getattr(depot, nom):
                self.fields[nom].required = False
                self.fields[nom].help_text = f"Déjà là\u00a0: {getattr(depot, f'nom_{nom}')}. Vide\u00a0: il est gardé."

    def ask_ecole(self, doute: str) -> None:
        """Add to the form a box to tick, « C’est bien cette école », and beside the school an error: `doute` says why
        the files may be those of another one.
        """
        self.fields["confirmer_ecole"] = forms.BooleanField(label="C’est bien cette école", required=False)
        self.add_error("ecole", doute)

    def ask_paire(self, doute: str) -> None:
        """Add to the form a box to tick that says that the two files go together, and beside the second an error:
        `doute` says why they may not.
        """
        label = "Ces deux fichiers vont bien ensemble"
        self.fields["confirmer_paire"] = forms.BooleanField(label=label, required=False)
        self.add_error("responsables", doute)

    def clean_eleves(self) -> Fichier | None:
        """The pupils' file, None when none was sent; refuse one that cannot be read to the end, with each of its bad
        lines.
        """
        return self._read("eleves", lire_eleves)

    def clean_responsables(self) -> Fichier | None:
        """The file of the adults, None when none was sent; refuse one that cannot be read to the end, with its bad
        lines.
        """
        return self._read("responsables", lire_responsables)

    def _read(self, nom: str, lire: Any) -> Fichier | None:
        """The file as it is, once it has been read to the end; the reader's own sentences when it cannot be."""
        recu = self.cleaned_data[nom]
        if recu is None:
            return None
        try:
            fichier = Fichier.received(recu)
            lire(fichier)
        except ImportRefuse as error:
            raise forms.ValidationError(phrases(error)) from None
        return fichier


def phrases(error: ImportRefuse) -> list[str]:
    """Why this file was refused, a sentence for each bad line: the first twenty, then how many more there are."""
    lignes = [str(refus) for refus in error.refus[:MONTRES]]
    reste = len(error.refus) - len(lignes)
    return [*lignes, f"… et {pluriel(reste, 'autre ligne,autres lignes')}."] if reste else lignes


def choix_of(data: QueryDict) -> dict[str, str]:
    """The answers to the questions of an import of ONDE that this form sends, by key of the question; a malformed key
    or answer is left out. « retours » is among them, as « oui », when its box is ticked.
    """
    envoyes = {m[1]: str(valeur) for nom, valeur in data.items() if (m := CHOIX.fullmatch(nom))}
    choix = {cle: valeur for cle, valeur in envoyes.items() if VALEUR.fullmatch(valeur)}
    return choix | ({depots.RETOURS: "oui"} if depots.RETOURS in data else {})
