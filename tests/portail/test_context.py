"""What every page says of the commune."""

from portail.context import commune


def test_hours_never_break_across_lines(settings):
    settings.COMMUNE_HORAIRES = "du lundi au vendredi, de 8 h 30 à 12 h"
    assert commune(None)["commune_horaires"] == "du lundi au vendredi, de 8\u00a0h\u00a030 à 12\u00a0h"
