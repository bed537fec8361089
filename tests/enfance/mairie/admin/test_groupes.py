"""The secretary's work by the rights of her group alone, and what a right that goes takes with it (ADM-02, ACC-06)."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import groups
from accounts.models import User
from enfance.models import Enfant, Fermeture, Inscription, Repas, Responsable
from tests.clients import Client
from tests.enfance.mairie.conftest import LUNDI
from tests.factories import FoyerFactory, StaffFactory, UserFactory


@pytest.fixture
def agent(db) -> User:
    groups.sync()
    user = StaffFactory(is_superuser=False)
    user.groups.add(Group.objects.get(name="Secrétariat"))
    return user


@pytest.fixture
def secretariat(agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


# --- A day of the secretary -----------------------------------------------------------------------------------------


def test_secretary_registers_with_a_reason(secretariat, lea, creneaux):  # ADM-02
    data = {"enfant": lea.pk, "jour": "2026-12-04", "creneau": creneaux["soir"].pk, "motif": "appel"}

    assert secretariat.post("/admin/enfance/inscription/add/", data).status_code == 302

    assert Inscription.objects.get().etat == "inscrit"


def test_secretary_closes_and_opens_again(secretariat, inscription):  # ADM-02
    secretariat.agree("/admin/enfance/fermeture/add/", {"debut": LUNDI, "fin": LUNDI, "motif": "grève"})
    pk = Fermeture.objects.get().pk
    assert "Rouvrir" in secretariat.get(f"/admin/enfance/fermeture/{pk}/change/").text

    secretariat.agree(f"/admin/enfance/fermeture/{pk}/rouvrir/")

    inscription.refresh_from_db()
    assert (inscription.etat, Fermeture.objects.count()) == ("inscrit", 0)


def test_secretary_imports_meals_and_tells_the_families(secretariat, lea, creneaux):  # ADM-02
    fichier = SimpleUploadedFile("repas.csv", "nom;prénom;date\nMorel;Léa;07/12/2026\n".encode())
    page = secretariat.post("/admin/enfance/listerepas/add/", {"fichier": fichier})
    liste = page.context["apercu"].confirmation.data["liste"]
    secretariat.post("/admin/enfance/listerepas/add/", {"liste": liste, "confirmer": ""})
    repas = Repas.objects.get()
    apercu = secretariat.post("/admin/enfance/repas/", {"action": "prevenir", "_selected_action": [repas.pk]})
    response = secretariat.confirm_preview(apercu)

    assert "e-mail envoyé" in response.text


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("responsabilite", ["enfant", "responsable"]),
        ("garde", ["foyer"]),
        ("responsable", ["user", "foyer"]),
        ("scolarite", ["annee", "classe"]),
        ("fermeture", ["creneaux", "classes"]),
        ("absence", ["enfant"]),
        ("inscription", ["enfant", "creneau"]),
        ("classe", ["annee"]),
    ],
)
def test_secretary_is_offered_suggestions(secretariat, inscription, model, fields):  # ADM-02
    for field in fields:
        query = {"app_label": "enfance", "model_name": model, "field_name": field}
        assert secretariat.post(reverse("admin:autocomplete"), query).json()["results"] != []


@pytest.mark.parametrize("model", [Enfant, Responsable, Inscription])
def test_secretary_takes_tables_away(secretariat, inscription, model):  # ADM-02, ADM-05
    liste = reverse(f"admin:enfance_{model._meta.model_name}_changelist")

    assert "Exporter" in secretariat.get(liste).text
    assert secretariat.post(f"{liste}export/", {"format": "0", "resource": "0"}).status_code == 200


def test_secretary_sees_the_rows_beside_a_child(secretariat, agent, lea):  # ADM-02
    page = secretariat.get(reverse("admin:enfance_enfant_change", args=[lea.pk]))

    subjects = {"identite", "classe", "responsables", "garde", "sante", "venir"}
    assert (page.context["vus"], page.context["changeables"]) == (subjects, subjects)
    may = {f"{what}_{name}" for what in ("add", "change") for name in ("scolarite", "responsabilite", "garde")}
    assert agent.has_perms(f"enfance.{right}" for right in [*may, "add_personneautorisee", "change_personneautorisee"])
    assert "Santé" in page.text


def test_secretary_reads_what_was_done_and_touches_none_of_it(secretariat, lea):  # ADM-04
    parent = lea.responsables.get()
    secretariat.post(f"/admin/enfance/foyer/{parent.foyer_id}/famille/", {"debloquer": parent.user_id})
    entry = LogEntry.objects.get()
    page = reverse("admin:admin_logentry_change", args=[entry.pk])

    assert secretariat.get(page).status_code == 200
    assert secretariat.post(page, {"object_repr": "autre"}).status_code == 403
    assert secretariat.post(reverse("admin:admin_logentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    assert LogEntry.objects.get().object_repr == entry.object_repr


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=lambda model: model._meta.label))
def test_no_list_offers_to_delete_in_bulk(mairie, model, rf):  # ADM-05
    request = rf.get("/")
    request.user = User.objects.get(is_superuser=True)

    assert "delete_selected" not in admin.site.get_model_admin(model).get_actions(request)


# --- Rights that go -------------------------------------------------------------------------------------------------


def test_group_taken_away_acts_at_the_next_request(secretariat, agent, lea):  # ACC-06
    pages = ["/admin/", "/admin/enfance/enfant/", "/cantine/", "/equipe/"]
    assert {secretariat.get(page).status_code for page in pages} == {200, 302}

    agent.groups.clear()

    for page in pages:
        login = "/admin/login/" if page == "/admin/" else "/connexion/"
        assert secretariat.get(page)["Location"] == f"{login}?next={page}"  # SES-04


def test_right_taken_from_the_group_acts_at_the_next_request(secretariat, lea):  # ACC-06
    page = reverse("admin:enfance_enfant_change", args=[lea.pk])
    assert "Santé" in secretariat.get(page).text

    Group.objects.get(name="Secrétariat").permissions.remove(Permission.objects.get(codename="view_sante"))

    assert "Santé" not in secretariat.get(page).text


def test_agent_no_more_is_out_at_the_next_request(secretariat, agent):  # ACC-06
    User.objects.filter(pk=agent.pk).update(is_staff=False)

    assert secretariat.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


# --- An agent is nobody's parent -------------------------------------------------------------------------------------


def test_agent_is_not_made_a_parent(mairie, agent):  # ADM-02
    foyer = FoyerFactory()
    data = {"foyer": foyer.pk, "civilite": "", "telephone": "", "telephone_domicile": "", "telephone_travail": ""}
    page = "/admin/enfance/responsable/add/"

    refused = mairie.post(page, data | {"user": agent.pk})

    assert refused.status_code == 200
    assert "user" in refused.context["adminform"].form.errors
    assert mairie.post(page, data | {"user": UserFactory().pk}).status_code == 302
    assert Responsable.objects.get().user.is_staff is False


def test_agent_is_not_suggested_as_a_parent(mairie, agent):
    UserFactory(last_name="Sorbier")
    query = {"app_label": "enfance", "model_name": "responsable", "field_name": "user", "term": "Sorbier"}
    StaffFactory(last_name="Sorbier")

    results = mairie.post(reverse("admin:autocomplete"), query).json()["results"]

    assert len(results) == 1


def test_parent_is_not_made_an_agent(mairie, lea):
    parent = lea.responsables.get().user
    data = {"first_name": "Camille", "last_name": "Morel", "email": "", "is_active": "on", "is_staff": "on"}
    inlines = ["temporary_passwords", "undelivered_mails"]
    management = {f"{name}-{total}": "0" for name in inlines for total in ["TOTAL_FORMS", "INITIAL_FORMS"]}

    mairie.post(reverse("admin:accounts_user_change", args=[parent.pk]), data | management)

    parent.refresh_from_db()
    assert (parent.email, parent.is_staff) == ("", False)
