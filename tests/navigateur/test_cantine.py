"""The association's morning: its list, what does not agree, the table, the mail; every other door is shut."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import override_settings
from playwright.sync_api import expect

from enfance.cantine.tasks import plan_cantine
from enfance.models import Repas
from portail.dates import PARIS
from tests.factories import StaffFactory
from tests.navigateur.etats_cantine import LISTE
from tests.navigateur.famille import make_famille
from tests.navigateur.gestes import press
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur
ADRESSE = "cantine@courriel.example"
SHUT = [
    "/",
    "/planning/",
    "/historique/",
    "/enfants/1/",
    "/equipe/",
    "/admin/",
    "/admin/enfance/enfant/",
    "/aide/mairie/",
]


@pytest.fixture
def association(site: Site):
    call_command("sync_groups", stdout=io.StringIO())
    association = StaffFactory(is_superuser=False, first_name="Camille", last_name="Association")
    association.groups.add(Group.objects.get(name="Cantine"))
    return association


@override_settings(CANTINE_COURRIEL=ADRESSE)
@pytest.mark.parametrize(
    ("size", "javascript"), [(PHONE, True), (DESKTOP, False)], ids=["phone", "desktop without JavaScript"]
)
def test_morning_of_the_association(site: Site, association, javascript, size):
    make_famille().enregistrer("Léa, 8, midi")
    site.clock.move_to(datetime(2026, 12, 7, 17, tzinfo=PARIS))
    page = site.open("/cantine/importer/", user=association, javascript=javascript, size=size)

    file = {"name": "repas.csv", "mimeType": "text/csv", "buffer": LISTE.encode()}
    page.locator("input[type=file]").set_input_files(file)
    press(page, "Voir ce que la liste change")
    expect(page.get_by_role("main")).to_contain_text("Zoé")
    assert not Repas.objects.exists()
    press(page, "Importer cette liste")
    assert sorted(Repas.objects.values_list("enfant__prenom", "jour__day")) == [("Léa", 10), ("Tom", 8)]

    page.goto("/cantine/2026-12-08/")
    expect(page.get_by_role("heading", name="Écarts à régler (2)")).to_be_visible()
    expect(page.get_by_role("row", name="MOREL Tom")).to_contain_text("mange, pas inscrit")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger (CSV)").click()
    titres, *lignes = download.value.path().read_text("utf-8-sig").splitlines()
    assert titres.startswith("Date;Nom;Prénom;Classe;Repas;Pause méridienne")
    assert [ligne.split(";")[2:7:4] for ligne in lignes] == [
        ["Léa", "inscrit, pas de repas"],
        ["Tom", "mange, pas inscrit"],
    ]

    for path in SHUT:
        page.goto(path)
        assert site.status(page) in {403, 404}, path

    page.goto("/cantine/reglages/")
    page.locator("select").select_option("08:00")
    press(page, "Enregistrer")
    site.clock.move_to(datetime(2026, 12, 8, 8, 1, tzinfo=PARIS))
    plan_cantine.enqueue()
    site.run_tasks()
    (mail,) = [mail for mail in site.mails if mail.to == [ADRESSE]]
    assert "Tom" in mail.body
