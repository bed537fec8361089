"""A day and an hour are written one way: in Django's own lists and histories as on our pages."""

from datetime import UTC, date, datetime, time

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import formats, timezone

from enfance.models import Fermeture
from portail.dates import instant_annee, said
from tests.factories import AnneeFactory, StaffFactory
from tests.reading import plain, words_of


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 12, 1), "1er décembre 2026"),
        (date(2026, 12, 21), "21 décembre 2026"),
        (datetime(2026, 12, 1, 8, 40, tzinfo=UTC), "1er décembre 2026 à 9 h 40"),  # Paris
        (datetime(2026, 12, 3, 11, 0, tzinfo=UTC), "3 décembre 2026 à 12 h"),
        (datetime(2026, 12, 2, 23, 0, tzinfo=UTC), "3 décembre 2026 à minuit"),
        (time(7, 30), "7 h 30"),
        (time(20, 0), "20 h"),
        (time(0, 30), "0 h 30"),
    ],
)
def test_formats_write_as_the_portal_does(value, words):
    local = timezone.localtime(value) if isinstance(value, datetime) else value

    assert plain(said(formats.localize(local))) == words


@pytest.mark.django_db
def test_list_and_history_of_the_admin_say_days_as_our_pages_do(client):
    AnneeFactory()
    client.force_login(StaffFactory())
    fermeture = Fermeture.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 4), motif="grève")
    client.post(
        reverse("admin:enfance_fermeture_change", args=[fermeture.pk]), {"motif": "grève des agents", "_save": "1"}
    )

    liste = words_of(client.get(reverse("admin:enfance_fermeture_changelist")))
    historique = words_of(client.get(reverse("admin:enfance_fermeture_history", args=[fermeture.pk])))

    assert "1er décembre 2026 4 décembre 2026 " in liste
    assert plain(instant_annee(LogEntry.objects.get().action_time)) in historique
