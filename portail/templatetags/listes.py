"""What the lists of the admin site show above their rows."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("admin/date_hierarchy.html")
def dates_of(cl: Any) -> dict[str, Any]:
    """Draw the links to the years, months and days of the list `cl` of the admin."""
    dates: dict[str, Any] = cl.dates()
    return dates
