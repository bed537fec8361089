"""What an address may hold: the number of an invoice or of an avoir, of a receipt."""

from __future__ import annotations


class NumeroConverter:
    """« F-2026-0349 », « AV-2026-0003 »: as it is printed."""

    regex = r"(?:F|AV)-\d{4}-\d{4,9}"

    def to_python(self, value: str) -> str:
        """The number of the document as the address writes it, unchanged."""
        return value

    def to_url(self, value: str) -> str:
        """The number of the document as the address writes it, unchanged."""
        return value


class NumeroRecuConverter(NumeroConverter):
    """« R-2026-0370 »."""

    regex = r"R-\d{4}-\d{4,9}"
