"""The secretary imports ONDE: two files, one question answered, the import, its report on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from enfance.models import Enfant, ImportOnde, Responsable
from tests.enfance.onde.ecole import run
from tests.enfance.onde.exemples import ADULTES, NADIA, change, texte_eleves, texte_responsables
from tests.factories import AnneeFactory, StaffFactory
from tests.navigateur.etats_rentree import AILLEURS, DOUBLE
from tests.navigateur.gestes import go, press
from tests.navigateur.site import DESKTOP, PHONE, Site

pytestmark = pytest.mark.navigateur


def lay_down(page: Page) -> None:
    for champ, texte in (
        ("eleves", texte_eleves()),
        ("responsables", texte_responsables(change(ADULTES, NADIA, **AILLEURS))),
    ):
        fichier = {"name": f"CSVExtraction-{champ}.csv", "mimeType": "text/csv", "buffer": texte.encode("cp1252")}
        page.set_input_files(f"[name={champ}]", fichier)
    press(page, "Voir l’aperçu")


@pytest.mark.parametrize(
    ("size", "javascript"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone without JavaScript"]
)
def test_onde_is_imported_with_a_question_answered(site: Site, size, javascript):
    annee = AnneeFactory()
    run(annee, adultes=[*ADULTES, DOUBLE])
    nadia = Responsable.objects.get(user__email=NADIA.courriel)
    page = site.open("/admin/enfance/importonde/", user=StaffFactory(), size=size, javascript=javascript)

    go(page.get_by_role("link", name="Importer ONDE").first)
    lay_down(page)
    question = page.get_by_role("group", name="Qui est Nadia BERGER")
    question.get_by_label(f"identifiant {nadia.user.identifiant}").check()
    press(page, "Voir l’aperçu avec ces réponses")
    expect(page.get_by_text("Nadia BERGER : e-mail")).to_contain_text("troisieme@courriel.example")
    press(page, "Importer")

    expect(page.locator(".msg--ok")).to_contain_text("Import fait.")
    nadia.user.refresh_from_db()
    assert nadia.user.email == "troisieme@courriel.example"
    depot = ImportOnde.objects.get()
    assert (bytes(depot.eleves), Enfant.objects.count()) == (b"", 12)
    with page.expect_download() as attente:
        page.get_by_role("link", name="Télécharger ce bilan").click()
    assert attente.value.suggested_filename == "import-onde-2026-12-03.txt"
