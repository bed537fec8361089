"""The sums of a mail on a narrow screen: names wrap, amounts are never cut."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string

BODIES = settings.BASE_DIR / "templates" / "emails"
NUMBERS = "cantine_body.html"  # of meals, to the association


def test_amounts_are_in_rows_of_one_template():
    tables = {path.name for path in BODIES.glob("*.html") if "<td" in path.read_text("utf-8")}
    assert tables == {"_somme.html", NUMBERS}


def test_amount_is_whole_and_the_name_takes_the_rest_of_the_line():
    row = render_to_string("emails/_somme.html", {"nom": "Ada", "montant": "7,60\u00a0€"})
    name, amount = row.split("</th>")
    assert ("white-space:nowrap" in amount, "width:1%" in amount) == (True, True)
    assert "nowrap" not in name
