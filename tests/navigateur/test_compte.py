"""What a parent does to be sure that it counted: the calendar, the reminder, their own data."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from urllib.request import urlopen

import pytest
from icalendar import Calendar

from accounts.worker import enqueue_daily
from portail.dates import PARIS
from tests.factories import PASSWORD
from tests.navigateur.famille import make_famille
from tests.navigateur.gestes import press
from tests.navigateur.site import Site

pytestmark = pytest.mark.navigateur


def test_feed_is_copied_then_read_by_a_calendar(site: Site):
    famille = make_famille()
    famille.enregistrer("Léa, 8, soir")
    page = famille.open(site, "/compte/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    press(page, "Obtenir le lien pour mon calendrier")
    page.get_by_role("button", name="Copier").click()
    page.get_by_role("status").filter(has_text="Lien copié.").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")

    assert copied == page.get_by_label("Lien pour votre calendrier").input_value()
    path = re.search(r"/agenda/.*", copied)[0]
    with urlopen(site.url + path) as answer:  # as a calendar does: no cookie
        [event] = Calendar.from_ical(answer.read()).events
    assert (event["summary"], event.start) == (
        "Garderie du soir\u00a0: Léa",
        datetime(2026, 12, 8, 16, 30, tzinfo=PARIS),
    )


def test_feed_address_can_be_read_without_script(site: Site):
    page = make_famille().open(site, "/compte/", javascript=False)
    press(page, "Obtenir le lien pour mon calendrier")
    assert "/agenda/" in page.get_by_label("Lien pour votre calendrier").input_value()
    assert page.get_by_role("button", name="Copier").count() == 0


@pytest.mark.parametrize("javascript", [True, False])
def test_reminder_is_asked_for_received_once_and_stopped_from_the_mail(site: Site, javascript: bool):
    famille = make_famille()
    famille.enregistrer("Léa, 7, soir")
    site.run_tasks()
    page = famille.open(site, "/compte/", javascript)
    page.get_by_role("checkbox", name="Me rappeler ce qui est prévu").check()
    press(page, "Enregistrer le rappel")

    site.mails.clear()
    for _ in range(2):  # two passages of the worker in the evening: one reminder
        enqueue_daily(now=datetime(2026, 12, 3, 20, 41, tzinfo=PARIS))
        site.run_tasks()
    [mail] = site.mails
    assert mail.subject.startswith("Garderie du lundi 7\u00a0: à modifier avant")

    stranger = site.open(re.search(r"/rappel/\S+", mail.body)[0], javascript=javascript)  # logged in nowhere
    press(stranger, "Arrêter le rappel")
    assert stranger.get_by_role("heading", name="C’est arrêté").count() == 1
    famille.camille.refresh_from_db()
    assert famille.camille.rappel is False


@pytest.mark.parametrize("javascript", [True, False])
def test_own_data_are_downloaded(site: Site, javascript: bool):
    famille = make_famille()
    page = famille.open(site, "/compte/", javascript)
    page.locator("#donnees_password").fill(PASSWORD)

    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger mes données").click()

    told = json.loads(download.value.path().read_text("utf-8"))
    assert [enfant["prénom"] for enfant in told["enfants"]] == ["Léa", "Tom"]
    assert download.value.suggested_filename == f"mes-donnees-{date(2026, 12, 3)}.json"
