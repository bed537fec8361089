"""The cells of the admin's lists: RGAA 1.3 and 5.7."""

from __future__ import annotations

import pytest
from django.contrib.admin.templatetags.admin_list import _boolean_icon
from django.utils.html import format_html

from portail.templatetags.cellules import cellule


def test_head_of_row_has_its_scope():
    assert cellule(format_html('<th class="field-nom">{}</th>', "<th")) == (
        '<th scope="row" class="field-nom">&lt;th</th>'
    )


def test_other_cell_stays_as_it_is():
    cell = format_html("<td>{}</td>", '.svg" alt="True">')

    assert cellule(cell) == cell


@pytest.mark.parametrize(("value", "french"), [(True, "oui"), (False, "non"), (None, "inconnu")])
def test_picture_of_a_boolean_speaks_french(value, french):
    cell = format_html("<td>{}</td>", _boolean_icon(value))

    assert f'alt=""> {french}</td>' in cellule(cell)
