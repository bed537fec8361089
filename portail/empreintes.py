"""What a page showed, as its form sends it back: a fingerprint, or the whole of it, signed.

Both are under the portal's key. What another key or another version made is refused, and its reader is asked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django import forms
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

GARDE = 3600  # seconds between a preview and its confirmation


def fingerprint_of(shown: object) -> str:
    """The keyed fingerprint, 64 hexadecimal signs, of the `repr` of this value: another value has another one, and
    nothing of the value can be read in it."""
    return salted_hmac("portail.empreintes", repr(shown), algorithm="sha256").hexdigest()


def is_still(sent: str, held: object) -> bool:
    """Whether the fingerprint `sent`, which a form sent back, is that of the value `held` now: nothing has changed
    since the page."""
    return constant_time_compare(sent, fingerprint_of(held))


class ListeSignee(forms.Form):
    """The list that a preview was made of, good for an hour: what is imported is what was seen, and nothing is kept of
    what is not. Each subject has its `sel`, so that no list serves for another.
    """

    sel: ClassVar[str]
    liste = forms.CharField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, garde: Mapping[str, Any]) -> Self:
        """The form that carries these values, signed, to be sent back."""
        return cls({"liste": signing.dumps(garde, salt=cls.sel, compress=True)})

    def clean_liste(self) -> dict[str, Any]:
        """The values that the form carries; refused when their signature is wrong or more than an hour old."""
        try:
            lue: dict[str, Any] = signing.loads(self.cleaned_data["liste"], salt=self.sel, max_age=GARDE)
        except signing.BadSignature:
            raise forms.ValidationError("L’aperçu n’est plus valable\u00a0: choisissez le fichier à nouveau.") from None
        return lue
