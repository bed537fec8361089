"""The list of absences that were told, and one written after a call."""

from django.urls import reverse

from enfance.models import Absence
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI


def test_absence_told_by_a_parent_is_listed(mairie, lea):
    parent = lea.responsables.get().user
    Absence.objects.create(enfant=lea, jour=LUNDI, signalee_par=parent, signalee_le=JEUDI_SOIR)
    page = mairie.get(reverse("admin:enfance_absence_changelist")).text
    assert (str(lea) in page, str(parent) in page) == (True, True)


def test_absence_told_by_phone_is_written_with_who_took_the_call(mairie, agente, lea):
    response = mairie.post(reverse("admin:enfance_absence_add"), {"enfant": lea.pk, "jour": "2026-12-07"})
    assert response.status_code == 302
    absence = Absence.objects.get()
    assert (absence.jour, absence.signalee_par) == (LUNDI, agente)


def test_absence_told_twice_is_refused_in_french(mairie, lea):
    Absence.objects.create(enfant=lea, jour=LUNDI)
    page = mairie.post(reverse("admin:enfance_absence_add"), {"enfant": lea.pk, "jour": "2026-12-07"})
    assert "Cette absence est déjà signalée." in page.text
