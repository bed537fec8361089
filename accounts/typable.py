"""Secrets that a person reads on paper and types: signs that no hand takes for another."""

from __future__ import annotations

import re
import secrets

from django.views.decorators.debug import sensitive_variables

SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # 31, so 4.95 bits each: neither i, l, o, nor 0, 1
BETWEEN = re.compile(r"[\s\u00ad\u2010-\u2015\u2212-]+")  # blanks and hyphens, as phones write them


def draw(length: int) -> str:
    """A random text of this many signs, drawn from 31 letters and digits that cannot be taken for one another."""
    return "".join(secrets.choice(SIGNS) for _ in range(length))


@sensitive_variables()
def plain(text: str) -> str:
    """What somebody typed of a drawn secret, in lower case, without blanks and hyphens, to be compared with what was
    drawn."""
    return BETWEEN.sub("", text).lower()


@sensitive_variables()
def in_groups(value: str, size: int) -> str:
    """This secret in groups of `size` signs, as it is shown: « abcd-efgh-jkmn »."""
    return "-".join(value[start : start + size] for start in range(0, len(value), size))
