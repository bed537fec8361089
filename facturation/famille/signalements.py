"""« Signaler une erreur »: what a parent says of an invoice, or of a day of it; the town hall answers elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms

from facturation.models import Prestation, SignalementFacture
from facturation.papiers.facture import TOUTE, FactureLue, jours_to_tell
from portail.dates import jour_long
from portail.formulaires import WholeForm
from portail.signes import validate_texte


class SignalementForm(WholeForm):
    """Which day, and what is wrong."""

    ligne = forms.ChoiceField(
        label="Quel jour\u202f?",
        widget=forms.Select(attrs={"class": "saisie"}),
        error_messages={"invalid_choice": "Choisissez un jour de cette facture.", "required": "Choisissez un jour."},
    )
    message = forms.CharField(
        label="Ce qui ne va pas",
        max_length=1000,
        validators=[validate_texte],
        widget=forms.Textarea(attrs={"class": "saisie", "rows": 3}),
        error_messages={
            "required": "Écrivez ce qui ne va pas, même en quelques mots.",
            "max_length": "C’est trop long\u00a0: 1000 signes au plus.",
        },
    )

    def __init__(self, *args: Any, lue: FactureLue, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "erreur_%s"} | kwargs)
        self.fields["ligne"].choices = jours_to_tell(lue)  # type: ignore[attr-defined]

    def ligne_of(self, lue: FactureLue) -> Prestation | None:
        """The line of this invoice that the parent says is wrong, from the valid form; None for the whole invoice."""
        cle = self.cleaned_data["ligne"]
        return None if cle == TOUTE else lue.lignes_by_key[cle]


def signaler(lue: FactureLue, ligne: Prestation | None, texte: str, par: int, *, now: datetime) -> SignalementFacture:
    """Keep what a parent says is wrong on this invoice, or on this line of it, in the name of their account `par`
    (primary key); the town hall finds it in its list.
    """
    return SignalementFacture.objects.create(
        facture=lue.facture, prestation=ligne, texte=texte, dit_le=now, dit_par_id=par
    )


def load_signalements(lue: FactureLue) -> list[tuple[SignalementFacture, str]]:
    """What parents said was wrong on this invoice, the oldest first, each with what it is about in words: « Léa,
    vendredi 27 novembre », « toute la facture ». One query.
    """
    dits: Iterable[SignalementFacture] = lue.facture.signalements.select_related("dit_par").order_by("dit_le", "pk")
    par_pk = {ligne.pk: ligne for ligne in lue.lignes}
    return [(dit, _de_quoi(lue, par_pk.get(dit.prestation_id or 0))) for dit in dits]


def _de_quoi(lue: FactureLue, ligne: Prestation | None) -> str:
    if ligne is None:
        return "toute la facture"
    prenom = lue.prenoms_by_key.get(ligne.cle_enfant, "")
    return f"{prenom}, {jour_long(ligne.jour)}" if prenom else jour_long(ligne.jour)
