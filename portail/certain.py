"""What the type of a value leaves open, and a constraint or the lines above have settled."""

from __future__ import annotations


def certain[T](valeur: T | None) -> T:
    """This value, known not to be None; raises LookupError when it is None all the same, with python -O too. Never for
    what data can reach: that is refused in a sentence."""
    if valeur is None:
        raise LookupError("a value is missing that its caller is certain of")
    return valeur
