"""What a chosen password must be, each refusal in one sentence (AUT-01 to AUT-03)."""

from __future__ import annotations

import gzip
import re
import unicodedata
from functools import cache, cached_property
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator as DjangoCommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import temporary
from accounts.models import User

MAX_BYTES = 4096
FRENCH_LIST = Path(__file__).parent / "mots_de_passe_courants.txt"
SERVICE_WORDS = (
    "mairie commune ecole maternelle primaire elementaire garderie cantine periscolaire portail famille "
    "secretaire secretariat"
)
LOOK_ALIKES = str.maketrans("l1!034@5$", "iiioeaass")
# First ranks of Django's list whose words are refused with any digits too: docs/decisions/2026-11-26-mots-de-passe.md.
WITH_DIGITS = 5000
NBSP = "\u00a0"


def min_length_for(user: User | None) -> int:
    """The fewest characters that the password of this account must have: more for an agent than for a parent."""
    return settings.STAFF_PASSWORD_MIN_LENGTH if user is not None and user.is_staff else settings.PASSWORD_MIN_LENGTH


class LengthValidator:
    """8 characters or more, 14 for staff. The upper bound is against floods only: a sentence never reaches it."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for a password with too few characters for this account, or of more than 4096 bytes."""
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
        """Raise ValidationError for a password that lacks an upper-case letter, a lower-case one or a digit."""
        missing = [name for name, is_kind in self.kinds if not any(map(is_kind, password))]
        if missing:
            raise ValidationError(
                [ValidationError(f"Ajoutez {name}.", code="password_kind_missing") for name in missing]
            )

    def get_help_text(self) -> str:
        return "une majuscule, une minuscule, un chiffre"


class TemporaryPasswordValidator:
    """Refuses a password that has the form of a temporary one, whatever its capitals and spaces (TMP-08)."""

    shape = re.compile(r"[0-9a-f]{32}")

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for the temporary password of this account, or for any text that holds 32 hexadecimal
        digits."""
        is_live = user is not None and user.pk and temporary.accept(user, password, now=timezone.now())
        if is_live or self.shape.search("".join(password.lower().split())):
            raise ValidationError(
                "Choisissez un mot de passe différent du mot de passe temporaire.", code="password_temporary"
            )

    def get_help_text(self) -> str:
        return "différent du mot de passe temporaire"


class SimilarityValidator:
    """Neither the identifiant, nor little more than a name, or than the e-mail or a part of it."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for a password that holds the identifiant of this account, or little more than its
        names or e-mail."""
        if user is None:
            return
        if user.identifiant and any(_unmask(user.identifiant) in _unmask(reading) for reading in _readings(password)):
            raise ValidationError("Évitez votre identifiant dans le mot de passe.", code="password_too_similar")
        if is_little_more_than(password, self.names_of(user)):
            raise ValidationError(
                "Évitez votre nom et votre adresse e-mail dans le mot de passe.", code="password_too_similar"
            )

    def names_of(self, user: User) -> set[str]:
        """The words of the name and of the e-mail address of this account, and each of the two in one piece; the ending
        of the address, as « fr » or « com », is left out."""
        local = _fold(user.email.partition("@")[0])
        pieces = re.findall(r"[^\W_]{3,}", f"{local} {_signs(local)}")  # « jd38400 » has no word
        address = words(user.email.rpartition(".")[0])
        return {user.email, *pieces, *address, *names_in(user.first_name, user.last_name)}

    def get_help_text(self) -> str:
        return "loin de votre nom, de votre identifiant et de votre adresse"


class CommonPasswordValidator(DjangoCommonPasswordValidator):
    """Not one that thousands have: Django's 20 000, known words with any digits, the words of the service; nor one of
    the spellings that everybody knows (« P@ssw0rd1 »), nor a piece too short by itself, said up to four times."""

    repeated = re.compile(r"(.{1,7})\1{1,3}", re.DOTALL)

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for a password that is too common."""
        super().validate(password, user)
        folded = _fold(password)
        if (
            len(set(folded)) < 4
            or self.repeated.fullmatch(folded)
            or _unmask(folded) in self._django_passwords
            or _letters(folded) in words(password) & _french_words()  # of three letters, spelled out: « Été-2026 »
            or self._is_known_word(password)
            or is_little_more_than(password, words(f"{SERVICE_WORDS} {settings.COMMUNE_NOM}"))
        ):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    @cached_property
    def _django_passwords(self) -> frozenset[str]:
        return frozenset(map(_unmask, self.passwords))

    @cached_property
    def _known_words(self) -> frozenset[str]:
        """Common words, unmasked: long enough that a draw of signs that look like letters hardly holds one."""
        with gzip.open(self.DEFAULT_PASSWORD_LIST_PATH, "rt", encoding="utf-8") as lines:
            ranked = [line.strip() for line in islice(lines, WITH_DIGITS)]
        english = {word for word in ranked if word.isalpha() and len(word) >= 6}
        french = {word for word in _french_words() if len(word) >= 4}
        return frozenset(map(_unmask, english | french))

    def _is_known_word(self, password: str) -> bool:
        """Whether no letter remains once one of the common words is taken out."""
        readings = [(reading, _unmask(reading)) for reading in _readings(password)]
        return any(
            word in unmasked and _letters_left(reading, unmasked, [word]) == 0
            for reading, unmasked in readings
            for word in self._known_words
        )

    def get_error_message(self) -> str:
        """The French sentence that refuses a common password."""
        return f"Ce mot de passe est trop courant{NBSP}: choisissez-en un autre."

    def get_help_text(self) -> str:
        return "ni un mot de passe courant, ni un mot de l’école"


def _fold(text: str) -> str:
    """Lower case without accents: « Été » and « ete » are one word."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def words(text: str) -> set[str]:
    """The words of at least three letters of a text, in lower case without accents: « Saint-Sauveur » → saint,
    sauveur."""
    return set(re.findall(r"[^\W\d_]{3,}", _fold(text)))


def _unmask(folded: str) -> str:
    """Signs that look alike as one, so that two texts are compared: « p@ssw0rd » and « password » are one word."""
    return folded.translate(LOOK_ALIKES)


def _letters(folded: str) -> str:
    """The letters alone: « soleil2026! » → « soleil », « m0n mot » → « mnmot »."""
    return "".join(filter(str.isalpha, folded))


def _signs(folded: str) -> str:
    """The letters and digits alone: « jo.du-38 » → « jodu38 »."""
    return "".join(filter(str.isalnum, folded))


def names_in(*parts: str) -> set[str]:
    """The words that these parts of a name hold, and the whole name in one piece, in either order: « Jo », « Du » →
    jodu, dujo. In lower case without accents, three letters at least."""
    pieces = [_letters(_fold(part)) for part in parts]
    return words(" ".join([*parts, "".join(pieces), "".join(reversed(pieces))]))


def _readings(password: str) -> set[str]:
    """What a password may say without its ornaments: its letters; its letters and digits; these and the signs that look
    like some. Signs are kept as typed, for `_unmask` to compare; a digit is an ornament or a letter, not each in turn,
    or signs scattered in a draw would spell a word by chance."""
    text = _fold(password)
    return {_letters(text), _signs(text), "".join(sign for sign in text if _unmask(sign).isalnum())}


def _letters_left(reading: str, unmasked: str, names: list[str]) -> int | None:
    """How many letters remain of a reading once these names are taken out; none if none was there."""
    rest = unmasked
    for name in names:
        rest = rest.replace(name, "\0" * len(name))
    if rest == unmasked:
        return None
    return sum(sign.isalpha() for sign, left in zip(reading, rest, strict=True) if left != "\0")


def is_little_more_than(password: str, names: set[str]) -> bool:
    """Whether this password holds one of these names and, besides them, fewer than four letters."""
    unmasked = sorted({_unmask(_signs(_fold(name))) for name in names} - {""}, key=len, reverse=True)
    left = (_letters_left(reading, _unmask(reading), unmasked) for reading in _readings(password))
    return any(letters is not None and letters < 4 for letters in left)


@cache
def _french_words() -> frozenset[str]:
    return frozenset(words(" ".join(FRENCH_LIST.read_text(encoding="utf-8").split())))
