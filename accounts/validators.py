"""What a chosen password must be, each refusal in one sentence (AUT-01 to AUT-03)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, cached_property
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator as DjangoCommonPasswordValidator
from django.core.exceptions import ValidationError

from accounts.models import User

MAX_BYTES = 4096
FRENCH_LIST = Path(__file__).parent / "mots_de_passe_courants.txt"
SERVICE_WORDS = "mairie commune ecole maternelle primaire elementaire garderie cantine periscolaire portail famille"
LOOK_ALIKES = str.maketrans("l1!034@5$", "iiioeaass")
AROUND = 8  # signs beside the first and the last letter that may stand for some: those farther are no letters
NBSP = "\u00a0"


def min_length_for(user: User | None) -> int:
    return settings.STAFF_PASSWORD_MIN_LENGTH if user is not None and user.is_staff else settings.PASSWORD_MIN_LENGTH


class LengthValidator:
    """8 characters or more, 14 for staff. The upper bound is against floods only: a sentence never reaches it."""

    def validate(self, password: str, user: User | None = None) -> None:
        minimum = min_length_for(user)
        missing = minimum - len(password)
        if missing > 0:
            characters = "caractères" if missing > 1 else "caractère"
            raise ValidationError(
                f"Il manque {missing}{NBSP}{characters}{NBSP}: {minimum} au minimum.", code="password_too_short"
            )
        if len(password.encode()) > MAX_BYTES:
            raise ValidationError(f"Il est trop long{NBSP}: choisissez-en un plus court.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"{settings.PASSWORD_MIN_LENGTH}{NBSP}caractères ou plus"


class CharacterKindsValidator:
    """An upper-case letter, a lower-case one and a digit, of any alphabet."""

    kinds = (("une majuscule", str.isupper), ("une minuscule", str.islower), ("un chiffre", str.isdecimal))

    def validate(self, password: str, user: User | None = None) -> None:
        missing = [name for name, is_kind in self.kinds if not any(map(is_kind, password))]
        if missing:
            raise ValidationError(
                [ValidationError(f"Ajoutez {name}.", code="password_kind_missing") for name in missing]
            )

    def get_help_text(self) -> str:
        return "une majuscule, une minuscule, un chiffre"


class TemporaryPasswordValidator:
    """A password chosen is not a temporary one, whatever its capitals and spaces (TMP-08)."""

    shape = re.compile(r"[0-9a-f]{32}")

    def validate(self, password: str, user: User | None = None) -> None:
        if self.shape.search("".join(password.lower().split())):
            raise ValidationError(
                "Choisissez un mot de passe différent du mot de passe temporaire.", code="password_temporary"
            )

    def get_help_text(self) -> str:
        return "différent du mot de passe temporaire"


class SimilarityValidator:
    """Neither the identifiant, nor little more than a name, or than the e-mail or a part of it."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None:
            return
        if user.identifiant and user.identifiant in "".join(password.split()):
            raise ValidationError("Évitez votre identifiant dans le mot de passe.", code="password_too_similar")
        if is_little_more_than(password, self.names_of(user)):
            raise ValidationError(
                "Évitez votre nom et votre adresse e-mail dans le mot de passe.", code="password_too_similar"
            )

    def names_of(self, user: User) -> set[str]:
        """The words of name and address, and the address in one piece; « fr » or « com » alone is no word of it."""
        return {user.email, *words(f"{user.first_name} {user.last_name} {user.email.rpartition('.')[0]}")}

    def get_help_text(self) -> str:
        return "loin de votre nom, de votre identifiant et de votre adresse"


class CommonPasswordValidator(DjangoCommonPasswordValidator):
    """Not one that thousands have: Django's 20 000, French ones with any digits, the words of the service; nor one of
    the spellings that everybody knows (« P@ssw0rd1 »)."""

    def validate(self, password: str, user: User | None = None) -> None:
        super().validate(password, user)
        if (
            len(set(password.lower())) < 4
            or _unmask(_fold(password)) in self._django_passwords
            or not _readings(password).isdisjoint(_french_passwords())
            or is_little_more_than(password, words(f"{SERVICE_WORDS} {settings.COMMUNE_NOM}"))
        ):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    @cached_property
    def _django_passwords(self) -> frozenset[str]:
        return frozenset(map(_unmask, self.passwords))

    def get_error_message(self) -> str:
        return f"Ce mot de passe est trop courant{NBSP}: choisissez-en un autre."

    def get_help_text(self) -> str:
        return "ni un mot de passe courant, ni un mot de l’école"


def _fold(text: str) -> str:
    """Lower case without accents: « Été » and « ete » are one word."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> set[str]:
    """The words of at least three letters of a text: « Saint-Sauveur » → saint, sauveur."""
    return set(re.findall(r"[^\W\d_]{3,}", _fold(text)))


def _unmask(folded: str) -> str:
    """Signs that look alike as one, so that two texts are compared: « p@ssw0rd » and « password » are one word."""
    return folded.translate(LOOK_ALIKES)


def _letters(folded: str) -> str:
    """The letters alone: « soleil2026! » → « soleil », « m0n mot » → « mnmot »."""
    return re.sub(r"[\W\d_]", "", folded)


def _readings(password: str) -> set[str]:
    """The words that a password may stand for, unmasked: its letters alone, or with the signs that stand for some.

    Signs before the first letter and after the last may stand for letters or for nothing: « 4zerty », « 4 Nuages ».
    """
    text = _fold(password)
    places = [match.start() for match in re.finditer(r"[^\W\d_]", text)] or [0]
    starts = range(max(0, places[0] - AROUND), places[0] + 1)
    ends = range(places[-1] + 1, min(len(text), places[-1] + 1 + AROUND) + 1)
    parts = {text[start:end] for start in starts for end in ends}
    return {_unmask(_letters(text)), *(_letters(_unmask(part)) for part in parts)}


def is_little_more_than(password: str, names: set[str]) -> bool:
    """Whether fewer than four letters remain once these names are taken out (and at least one was there)."""
    unmasked = {_unmask(_letters(_fold(name))) for name in names} - {""}
    for reading in _readings(password):
        rest = reading
        for name in sorted(unmasked, key=len, reverse=True):
            rest = rest.replace(name, "")
        if rest != reading and len(rest) < 4:
            return True
    return False


@cache
def _french_passwords() -> frozenset[str]:
    lines = FRENCH_LIST.read_text(encoding="utf-8").split("\n")
    return frozenset(_unmask(_letters(_fold(line))) for line in lines) - {""}
