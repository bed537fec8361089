"""What the town hall types on the page of an adult: slips of the hand are refused.

Only a field that has changed is checked: what was there before never stands in the way of another correction.
"""

from __future__ import annotations

from enfance.famille.forms import clean_numero
from portail.formulaires import WholeModelForm


class ResponsableForm(WholeModelForm):
    def _clean_numero(self, champ: str) -> str:
        numero = self.cleaned_data[champ]
        return clean_numero(numero) if champ in self.changed_data else numero

    def clean_telephone(self) -> str:
        """The mobile number written in the usual way when it has changed; one that is no number is refused."""
        return self._clean_numero("telephone")

    def clean_telephone_domicile(self) -> str:
        """The home number written in the usual way when it has changed; one that is no number is refused."""
        return self._clean_numero("telephone_domicile")

    def clean_telephone_travail(self) -> str:
        """The work number written in the usual way when it has changed; one that is no number is refused."""
        return self._clean_numero("telephone_travail")
