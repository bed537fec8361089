"""Signs that show nothing, and may make one name look like another: refused in all that is typed or read (VAL-09).

Who types such a sign has pasted it without seeing it: it is said, and never taken away in silence. Accents typed apart,
as a Mac sends them, and every alphabet are welcome.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from django.core.exceptions import ValidationError

# Letters, marks and symbols that are drawn as nothing, or change nothing that is seen of the sign before them: no
# category tells them, their names in Unicode do (filler, blank, joiner, selector, modifier of a drawing).
DRAWN_AS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u2d7f\u3164\ufe00-\ufe0f\uffa0\ufffc\U0001107f\U00013441"
    "\U00013442\U00016fe4\U0001bc9d\U0001bc9e\U0001d159\U0001da9b-\U0001daaf\U000e0100-\U000e01ef]"
)
OF_EMOJI = "\u200d\ufe0e\ufe0f"  # they join two drawings, or choose how one is drawn
# Controls but line breaks and tabs; what turns the order of reading.
REFUSED_IN_TEXT = re.compile("[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def invisibles(text: str) -> Iterator[str]:
    """The signs of this text that show nothing on the screen, line breaks and tabs among them; spaces are not."""
    if text.isprintable() and not DRAWN_AS_NOTHING.search(text):
        return  # most of them, and a school's file has thousands
    for sign in text:
        category = unicodedata.category(sign)
        if category[0] == "C" or category in {"Zl", "Zp"} or DRAWN_AS_NOTHING.match(sign):
            yield sign


def validate_nom(text: str) -> None:
    """Raise ValidationError for a name with a sign that shows nothing."""
    if any(invisibles(text)):
        raise ValidationError("Ce nom contient un signe invisible\u00a0: effacez-le et retapez-le.", code="invisible")


def validate_ligne(text: str) -> None:
    """Raise ValidationError for a line of text with a sign that shows nothing, other than those that emoji are made
    of."""
    if any(sign not in OF_EMOJI for sign in invisibles(text)):
        raise ValidationError(
            "Cette ligne contient un signe invisible\u00a0: effacez-la et retapez-la.", code="invisible"
        )


def validate_texte(text: str) -> None:
    """Raise ValidationError for a text of several lines with a control character, or one that changes the direction of
    reading; the message says where it is."""
    if found := REFUSED_IN_TEXT.search(text):
        before = " ".join(text[: found.start()].split()[-3:])
        place = f"après «\u00a0{before[-40:]}\u00a0»" if before else "au début"
        raise ValidationError(
            f"Ce texte contient un signe invisible, {place}\u00a0: effacez ces mots et retapez-les.", code="invisible"
        )
