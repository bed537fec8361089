"""What no page of ours would send: refused or ignored, never an error of the server (VAL-08)."""

from urllib.parse import parse_qsl

import pytest

pytestmark = pytest.mark.ci

HUGE = "9" * 22


@pytest.mark.parametrize(
    "path",
    [
        "inscription/?jour__year=abc",
        f"inscription/?jour__year={HUGE}",
        "inscription/?jour__year=2026&jour__month=13",
        f"inscription/?p={HUGE}",
        "inscription/?o=zz.-9",
        "inscription/?classe=abc",
        f"inscription/?classe={HUGE}",
        "inscription/?creneau__id__exact=abc",
        f"inscription/?creneau__id__exact={HUGE}",
        "inscription/?enfant=abc",
        "inscription/add/?enfant=abc&jour=x",
        "inscription/export/?jour__year=abc",
        "inscription/export/?creneau__id__exact=abc",
        "enfant/?presence=autre",
        f"enfant/{HUGE}/change/",
        "enfant/abc/change/",
        "evenement/?enfant=1&enfant=2",
    ],
)
def test_address_of_a_strange_hand(mairie, inscription, path):
    assert mairie.get(f"/admin/enfance/{path}").status_code < 500


@pytest.mark.parametrize("path", ["inscription/", "inscription/add/", "inscription/export/", "fermeture/add/"])
@pytest.mark.parametrize(
    "data",
    [
        {"action": "annuler", "_selected_action": ["abc"]},
        {"action": "annuler", "_selected_action": [HUGE]},
        {"action": "annuler", "_selected_action": ["1"], "index": "x"},
        {"action": "annuler"},
        {"enfant": "abc", "jour": "31/02/2026", "creneau": HUGE},
        {"debut": "x", "fin": "31/02/2026", "creneaux": ["abc", HUGE], "classes": "²"},
        {"format": "9"},
        {"format": "0", "export_items": ["x"]},
    ],
)
def test_form_of_a_strange_hand(mairie, inscription, path, data):
    assert mairie.post(f"/admin/enfance/{path}", data).status_code < 500


@pytest.mark.parametrize(
    "query",
    [
        "",
        "app_label=x&model_name=y&field_name=z",
        "app_label=enfance&model_name=enfant&field_name=nom",
        "app_label=accounts&model_name=temporarypassword&field_name=user&term=a",
    ],
)
def test_suggestions_of_a_strange_hand(mairie, query):
    assert mairie.post("/admin/autocomplete/", dict(parse_qsl(query))).status_code < 500
