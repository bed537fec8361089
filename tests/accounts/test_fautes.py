"""What a form of the admin refuses, gathered above it."""

import pytest

from tests.factories import AnneeFactory, StaffFactory, make_creneaux

pytestmark = pytest.mark.django_db


def test_faults_lead_to_their_fields(client):
    client.force_login(StaffFactory())
    response = client.post("/admin/enfance/classe/add/", {"nom": ""})
    page = response.text
    assert "<title>Erreur\u00a0: Ajouter une classe" in page
    assert '<a href="#id_nom">Nom\u00a0: ' in page
    assert response.text.count("errornote") == 1


def test_faults_of_rows_say_which_row(client):
    client.force_login(StaffFactory())
    annee, _ = AnneeFactory(), make_creneaux()
    page = f"/admin/enfance/anneescolaire/{annee.pk}/change/"
    form = client.get(page).context["inline_admin_formsets"][0].formset
    prefix = form.prefix
    conge = form.forms[0].instance
    response = client.post(
        page,
        {
            "debut": annee.debut,
            "fin": annee.fin,
            f"{prefix}-TOTAL_FORMS": 1,
            f"{prefix}-INITIAL_FORMS": 1,
            f"{prefix}-0-id": conge.pk,
            f"{prefix}-0-annee": annee.pk,
            f"{prefix}-0-nom": "",
        },
    )
    champs = {faute.champ: str(faute) for faute in response.context["fautes"]}
    assert champs[f"id_{prefix}-0-nom"].startswith("Nom, ligne\u00a01\u00a0: ")


def test_page_just_opened_has_no_fault(client):
    client.force_login(StaffFactory())
    assert client.get("/admin/enfance/classe/add/").context["fautes"] == []


def test_only_inscriptions_are_added_one_after_another(client):
    client.force_login(StaffFactory())
    assert "_addanother" in client.get("/admin/enfance/inscription/add/").text
    assert "_addanother" not in client.get("/admin/enfance/classe/add/").text
