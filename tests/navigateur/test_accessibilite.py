"""Accessibility of every page in every state: rules, reflow, targets, keyboard.

Its text spaced: test_html.py; the rules, on the pages of the sample: test_arbres.py, which opens them too.
"""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.navigateur.controles import DISPLAYS, unseen_stops, violations
from tests.navigateur.courriels import bodies, html_of, send_each
from tests.navigateur.echantillon import SAMPLE
from tests.navigateur.etats import ETATS, Etat
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur

MAILS = settings.BASE_DIR / "templates" / "emails"


@pytest.mark.parametrize("etat", [etat for etat in ETATS if etat not in SAMPLE], ids=lambda etat: etat.name)
def test_page_has_no_violation_and_its_focus_is_always_seen(site: Site, etat: Etat):
    # RGA-10: both at once, as opening it is what takes long
    page = etat.open(site)
    assert site.status(page) == etat.status

    assert unseen_stops(page) == []
    assert violations(page, DISPLAYS) == []


def test_every_mail_has_no_violation(site: Site):  # RGA-13
    with bodies() as shown:
        mails = send_each(site)
    page = site.open()
    found = []

    for mail in mails:
        page.set_content(html_of(mail))
        found += [f"{mail.subject}, {problem}" for problem in violations(page, DISPLAYS)]

    assert shown == {path.name for path in MAILS.glob("*_body.html")}
    assert found == []
