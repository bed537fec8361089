"""The trace of who may fetch a child."""

from datetime import date

from django.contrib.admin.models import LogEntry
from django.urls import reverse

from enfance.models import PersonneAutorisee
from tests.enfance.mairie.conftest import JEUDI_SOIR
from tests.enfance.mairie.enfants.fiche import change


def test_trace_of_a_withdrawn_person_stays(mairie, lea):
    parent = lea.responsables.get().user
    PersonneAutorisee.objects.create(
        enfant=lea,
        nom="Odile Morel",
        ajoutee_par=parent,
        retiree_par=parent,
        retiree_le=JEUDI_SOIR,
        fin=date(2027, 7, 2),
    )
    page = mairie.get(reverse("admin:enfance_enfant_change", args=[lea.pk])).text
    assert f"retirée le 3\u00a0décembre 2026 par {parent}" in page


def test_person_added_by_the_town_hall_is_traced(mairie, agente, lea):
    change(mairie, lea, "venir", nom="Odile Morel")
    assert PersonneAutorisee.objects.get().ajoutee_par == agente
    assert LogEntry.objects.get().change_message == "Peut venir chercher\u00a0: Odile Morel, ajouté·e."
