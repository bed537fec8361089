"""The HTML of every page in every state, and of the mails, is valid: one run of the W3C's checker for all."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from tests.navigateur.conftest import JEUDI_SOIR
from tests.navigateur.controles import check
from tests.navigateur.courriels import html_of, send_each
from tests.navigateur.etats import ETATS
from tests.navigateur.site import Site

pytestmark = [pytest.mark.navigateur, pytest.mark.java]


def test_checker_sees_an_error(tmp_path):
    (tmp_path / "page.html").write_text('<!doctype html><html lang="fr"><title>Page</title><p><div></p>')

    assert "page.html" in check(tmp_path)


def test_pages_and_mails_are_valid(site: Site, tmp_path):  # RGA-13
    statuses = {}
    for etat in ETATS:
        call_command("flush", interactive=False, verbosity=0)
        site.clock.move_to(JEUDI_SOIR)
        site.fails = False
        page = etat.open(site, javascript=False)
        statuses[etat.name] = site.status(page)
        (tmp_path / f"{etat.name}.html").write_text(site.source(page))
        site.close()
    call_command("flush", interactive=False, verbosity=0)
    site.clock.move_to(JEUDI_SOIR)
    site.mails.clear()
    for number, mail in enumerate(send_each(site)):
        (tmp_path / f"mail-{number}.html").write_text(html_of(mail))

    assert statuses == {etat.name: etat.status for etat in ETATS}
    assert check(tmp_path) == ""
