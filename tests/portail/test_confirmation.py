"""What the page of confirmation sends again."""

import pytest
from django.db import connection
from django.http import HttpResponse

from enfance.models import Creneau
from portail.confirmation import CONFIRM, asks_always, asks_at_once, asks_first, hidden_of
from tests.factories import CreneauFactory


def test_form_is_sent_again_whole_but_for_the_answer_and_the_token(rf):
    sent = {"classes": ["1", "2"], "motif": "", "csrfmiddlewaretoken": "x", "confirmer": "1", "empreinte": "y"}
    assert hidden_of(rf.post("/", sent)) == [("classes", "1"), ("classes", "2"), ("motif", "")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("asks", "method", "held"),
    [
        *[(asks_first, "get", False), (asks_always, "get", False), (asks_at_once, "get", True)],
        *[(asks, "post", True) for asks in (asks_first, asks_always, asks_at_once)],
    ],
)
def test_page_only_read_holds_no_transaction(rf, asks, method, held):
    """On SQLite a transaction takes the one lock for writing: whoever reads would wait for whoever writes."""
    seen = []
    asks(lambda request: seen.append(connection.in_atomic_block) or HttpResponse())(getattr(rf, method)("/"))
    assert seen == [held]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("asks", [asks_always, asks_at_once])
def test_what_is_still_to_be_asked_is_not_kept(rf, asks):
    """What answers the question is."""
    creneaux = asks(lambda request: CreneauFactory() and HttpResponse())

    creneaux(rf.post("/"))
    assert Creneau.objects.count() == 0
    creneaux(rf.post("/", {CONFIRM: "1"}))
    assert Creneau.objects.count() == 1
