"""The page of personal data says what money keeps and who reads it; the agents' history never says a quotient."""

from __future__ import annotations

import pytest

from accounts.extensions import AccountsExtension
from facturation.registres.vie_privee import MENTIONS
from tests.clients import Client

pytestmark = pytest.mark.ci


@pytest.mark.django_db
def test_page_says_what_money_keeps_who_reads_it_and_how_long():  # RGP-02, RGP-06, RGP-15
    page = Client().get("/donnees-personnelles/").text
    assert [mention.texte for mention in MENTIONS if mention.texte not in page] == []
    for phrase in ("10\u00a0ans après l’année de leur émission", "l’année scolaire où ils comptent, puis 1\u00a0an"):
        assert phrase in page


def test_value_of_a_quotient_is_never_kept_in_the_history():  # RGP-15, ADM-04
    assert {"valeur", "source"} <= set(AccountsExtension.installed().hidden["facturation.quotient"])
