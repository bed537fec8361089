"""The list of absences that were told, noted nowhere but on the page of a family."""

from django.urls import reverse

from enfance.models import Absence
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI


def test_absence_told_by_a_parent_is_listed(mairie, lea):
    parent = lea.responsables.get().user
    Absence.objects.create(enfant=lea, jour=LUNDI, signalee_par=parent, signalee_le=JEUDI_SOIR)
    page = mairie.get(reverse("admin:enfance_absence_changelist")).text
    assert (str(lea) in page, str(parent) in page) == (True, True)


def test_absence_is_noted_on_the_page_of_the_family_and_not_here(mairie, lea):
    page = mairie.get(reverse("admin:enfance_absence_changelist")).text
    assert "Ajouter" not in page
    assert mairie.get(reverse("admin:enfance_absence_add")).status_code == 403
