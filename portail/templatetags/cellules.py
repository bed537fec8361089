"""The cells of Django's lists, as a screen reader has to have them: heads of row that say so, pictures in French."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from portail.dates import said

register = template.Library()
PICTURES = {"True": "oui", "False": "non", "None": "inconnu"}  # what Django says of a boolean, in no language


@register.filter
def is_head(cell: SafeString) -> bool:
    """Whether this cell of a list, drawn by Django, is the head of its row."""
    return cell.startswith("<th")


@register.filter
def cellule(cell: SafeString) -> SafeString:
    """This cell of a list, drawn by Django, made right: a head of row has its scope, the picture of a boolean its
    French word beside it, a date is said as everywhere else.

    Only what Django draws itself is touched: in a text of ours a quotation mark is escaped.
    """
    drawn = said(str(cell))
    if is_head(cell):
        drawn = drawn.replace("<th", '<th scope="row"', 1)
    for shown, french in PICTURES.items():
        drawn = drawn.replace(f'.svg" alt="{shown}">', f'.svg" alt=""> {french}')
    return mark_safe(drawn)  # noqa: S308
