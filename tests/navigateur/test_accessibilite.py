"""Every page in every state, opened once: its rules, reflow, targets, keyboard and HTML (juge.py).

The pages of the sample are judged by test_arbres.py, which opens them too.
"""

from __future__ import annotations

import pytest

from tests.courriels.chacun import html_part, send_each
from tests.navigateur.controles import DISPLAYS, HtmlChecker, violations
from tests.navigateur.echantillon import SAMPLE
from tests.navigateur.etats import ETATS, Etat
from tests.navigateur.juge import faults, faults_without_script
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur


@pytest.mark.parametrize("etat", [etat for etat in ETATS if etat not in SAMPLE], ids=lambda etat: etat.name)
def test_state_has_no_fault(site: Site, w3c: HtmlChecker | None, etat: Etat):  # RGA-10, RGA-13
    page = etat.open(site)
    by_gesture = site.was_led_by_a_gesture(page)

    found = faults(site, page, etat, w3c)
    if by_gesture:
        found += faults_without_script(site, etat, w3c)

    assert found == []


def test_every_mail_has_no_violation(site: Site):  # RGA-13
    mails = send_each(site)
    page = site.open()
    found = []

    for mail in mails:
        page.set_content(html_part(mail))
        found += [f"{mail.subject}, {problem}" for problem in violations(page, DISPLAYS)]

    assert found == []
