"""What the town hall's pages show of a child's health, to whom, and what is kept of each reading."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db.models import FileField
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from accounts.log import FieldChange, read_changes
from enfance.models import Enfant
from tests.enfance.mairie.conftest import JEUDI_SOIR
from tests.enfance.mairie.enfants.fiche import change, opened, sujet_of
from tests.factories import make_enfant

ENFANTS = "/admin/enfance/enfant/"
READER = ["view_enfant", "change_enfant", "view_foyer", "view_sante"]


@pytest.fixture
def tom(lea) -> Enfant:
    """Léa's brother, of whom something is noted; of Léa, nothing is."""
    return make_enfant(lea.responsables.get(), prenom="Tom", pai=True, consigne="Arachide")


def reading(journal) -> list[int]:
    return [line["child"] for line in journal.events if line["event"] == "health_read"]


def pages(tom) -> list[str]:
    foyer = tom.gardes.get().foyer_id
    return [f"{ENFANTS}{tom.pk}/change/", ENFANTS, reverse("admin:enfance_foyer_famille", args=[foyer])]


@pytest.mark.parametrize("page", range(3))
def test_health_is_shown_to_the_right_and_its_reading_kept(agent_with, tom, journal, page):  # ADM-03, LOG-01
    reader = agent_with(*READER)

    assert "PAI" in reader.get(pages(tom)[page]).text

    assert reading(journal) == [tom.pk]
    line = next(line for line in journal.events if line["event"] == "health_read")
    assert set(line) == {"time", "event", "result", "user", "child", "address"}
    assert "rachide" not in journal.text


@pytest.mark.parametrize("page", range(3))
def test_health_is_hidden_without_the_right(agent_with, tom, journal, page):  # ADM-03
    response = agent_with(*READER[:-1]).get(pages(tom)[page])

    assert response.status_code == 200
    assert "rachide" not in response.text
    assert ">PAI" not in response.text
    assert reading(journal) == []


def test_child_of_whom_nothing_is_noted_leaves_no_line(agent_with, lea, journal):
    agent_with(*READER).get(f"{ENFANTS}{lea.pk}/change/")

    assert reading(journal) == []


def test_health_is_not_written_without_the_right(agent_with, tom):  # ADM-03, ACC-04
    client = agent_with("view_enfant", "change_enfant")
    address = sujet_of(tom, "identite")

    assert client.get(sujet_of(tom, "sante")).status_code == 403
    assert client.post(sujet_of(tom, "sante"), {"consigne": "rien"}).status_code == 403
    client.post(address, opened(client, address) | {"consigne": "rien", "pai": ""})
    assert Enfant.objects.filter(pk=tom.pk, pai=True, consigne="Arachide").exists()


def save(client, enfant, **changes):
    """Send the subject of health with these changes."""
    assert change(client, enfant, "sante", **changes).context["form"] is None


def test_trace_of_a_change_names_the_field_and_never_what_it_says(agent_with, tom):  # ADM-03, ADM-04
    save(agent_with(*READER), tom, consigne="Lait de vache")

    entry = LogEntry.objects.get()
    assert entry.get_change_message() == "Modification de Consigne pour l’équipe."
    assert read_changes(entry) == [("", FieldChange("Consigne pour l’équipe", None, None))]
    assert "Lait" not in entry.change_message + entry.object_repr


def test_agreement_at_the_counter_is_written_as_that_of_a_parent(agent_with, tom):
    client = agent_with(*READER)

    save(client, tom, pai_cantine="on")

    tom.refresh_from_db()
    assert (tom.pai_cantine, tom.pai_cantine_le) == (True, JEUDI_SOIR)
    assert str(tom.pai_cantine_par_id) == client.session["_auth_user_id"]
    assert [row.task_path for row in DBTaskResult.objects.all()] == ["enfance.famille.tasks.tell_accord"]
    save(client, tom, consigne="Lait")
    assert Enfant.objects.get(pk=tom.pk).pai_cantine


def test_agreement_about_nothing_is_refused(agent_with, lea):
    save(agent_with(*READER), lea, pai_cantine="on")

    assert not Enfant.objects.get(pk=lea.pk).pai_cantine


def test_portal_has_no_place_for_the_document_of_a_pai():
    # RGP-05
    files = [field for model in apps.get_models() for field in model._meta.get_fields() if isinstance(field, FileField)]
    sante = {field.name: field for field in Enfant._meta.get_fields() if field.name in {"pai", "pai_fin", "consigne"}}

    assert files == []
    assert {nom: type(field).__name__ for nom, field in sante.items()} == {
        "pai": "BooleanField",
        "pai_fin": "DateField",
        "consigne": "CharField",
    }
    assert sante["consigne"].max_length <= 300
