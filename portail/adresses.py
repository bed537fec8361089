"""What addresses hold: dates (`2026-12-07`, `2026-12`; an impossible one is a 404), the secret of a calendar feed."""

import re
from datetime import date

from django.urls.converters import StringConverter


class JourConverter:
    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The day that this part of an address names (`2026-12-07`); ValueError, so a 404, when there is no such
        day."""
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        """This day as addresses write it: `2026-12-07`."""
        return value.isoformat()


class MoisConverter:
    """A month, as its first day. In the first and the last years that a date can hold, its weeks would not end."""

    regex = r"2[0-9]{3}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """The first day of the month that this text names (`2026-12`); ValueError, so a 404 in an address, when there
        is no such month or its year is not from 2000 to 2999."""
        if not re.fullmatch(self.regex, value):  # it may come from a query, which no address has filtered
            raise ValueError(value)
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date) -> str:
        """The month of this day as addresses write it: `2026-12`."""
        return f"{value:%Y-%m}"


class SecretConverter(StringConverter):
    """What `secrets.token_urlsafe(32)` draws."""

    regex = r"[-_a-zA-Z0-9]{43}"
