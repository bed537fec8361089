"""The HTML of the mails is valid by the W3C's checker; that of every page in every state: juge.py."""

from __future__ import annotations

import pytest

from tests.courriels.chacun import html_part, send_each
from tests.navigateur.controles import HtmlChecker
from tests.navigateur.site import Site

pytestmark = [pytest.mark.navigateur, pytest.mark.java]


def test_checker_sees_an_error(checker: HtmlChecker):
    said = checker.said_of('<!doctype html><html lang="fr"><title>Page</title><p><div></p>')

    assert "Unclosed element" in said


def test_mails_are_valid(site: Site, checker: HtmlChecker):  # RGA-13
    mails = [html_part(mail) for mail in send_each(site)]

    assert len(mails) > 5
    assert [said for mail in mails if (said := checker.said_of(mail))] == []
