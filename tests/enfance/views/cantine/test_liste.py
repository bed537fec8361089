"""What the preview of the association's list asks, and the last list undone."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from enfance.models import ListeRepas, Repas
from portail.tableur import to_xlsx
from tests.enfance.views.cantine.gestes import IMPORTER, apercu, confirme, manger
from tests.factories import make_enfant
from tests.reading import html_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def mangeurs(parent):
    """Léa and Tom eat on Tuesday."""
    lea, tom = make_enfant(parent), make_enfant(parent, prenom="Tom")
    manger(lea)
    manger(tom)
    return lea, tom


def test_meals_taken_away_wait_for_a_yes(cantine, mangeurs):
    page = apercu(cantine, "Morel;Léa;08/12/2026")
    question = "1 repas serait retiré (mardi 8 décembre), sur 2 connus à ces dates. Est-ce voulu ?"
    assert question in html_of(page)

    page = confirme(cantine, page)
    assert "Cochez la case si c’est voulu, ou choisissez un autre fichier." in html_of(page)
    assert Repas.objects.count() == 2

    liste = page.context["apercu"].confirmation.data["liste"]
    response = cantine.post(IMPORTER, {"liste": liste, "confirmer": "1", "retirer": "on"}, follow=True)
    assert "Repas : 0 ajouté, 1 retiré, 1 inchangé." in html_of(response)
    assert Repas.objects.count() == 1


def test_name_almost_known_is_asked_then_shown_then_imported(cantine, mangeurs):
    lea, _ = mangeurs
    page = apercu(cantine, "Morell;Léa;08/12/2026", "Morel;Tom;08/12/2026")
    assert "« Léa Morell » (1 ligne), vouliez-vous dire…" in html_of(page)
    reponse = {"confirmer": "1", "nom-morell_lea": lea.pk}

    page = cantine.post(IMPORTER, reponse | {"liste": page.context["apercu"].confirmation.data["liste"]})
    assert "Ces noms sont comptés. Relisez, puis importez." in html_of(page)
    assert "Repas : 0 ajouté, 0 retiré, 2 inchangés." in html_of(page)
    assert ListeRepas.objects.count() == 1

    liste = page.context["apercu"].confirmation.data["liste"]
    page = html_of(cantine.post(IMPORTER, reponse | {"liste": liste}, follow=True))
    assert "Noms que vous avez reconnus (1) : Léa Morell est Léa Morel, CE1-CE2 Mme Sorbier" in page
    assert ListeRepas.objects.count() == 2


def test_workbook_is_imported_as_it_was_seen(cantine, parent):
    make_enfant(parent)
    contenu = to_xlsx("Repas", ["Nom", "Prénom", "Date"], [["Morel", "Léa", date(2026, 12, 8)]])
    page = cantine.post(IMPORTER, {"fichier": SimpleUploadedFile("repas.xlsx", contenu)})
    assert "Repas : 1 ajouté" in html_of(confirme(cantine, page))
    assert Repas.objects.get().jour == date(2026, 12, 8)


def test_last_import_is_undone_after_a_look(cantine, agent, parent, journal):
    make_enfant(parent)
    confirme(cantine, apercu(cantine, "Morel;Léa;08/12/2026"))
    liste = ListeRepas.objects.get()
    adresse = f"/cantine/importer/{liste.pk}/annuler/"
    assert adresse in html_of(cantine.get(IMPORTER))

    page = html_of(cantine.get(adresse))
    assert "Repas retirés (1 enfant)</h2><ul><li>Léa Morel : mardi 8 décembre</li>" in page
    assert Repas.objects.count() == 1

    assert "import annulé. Repas : 0 rendu, 1 retiré." in html_of(
        cantine.post(adresse, {"confirmer": "1"}, follow=True)
    )
    assert (Repas.objects.count(), ListeRepas.objects.count()) == (0, 0)
    trace = LogEntry.objects.get()
    assert (trace.user, trace.object_id, trace.is_deletion()) == (agent, str(liste.pk), True)
    assert [event["list"] for event in journal.events if event["event"] == "meals_import_undone"] == [liste.pk]
    assert cantine.get(adresse).status_code == 404


def test_list_that_is_not_the_last_one_has_its_sentence(cantine, parent):
    make_enfant(parent)
    confirme(cantine, apercu(cantine, "Morel;Léa;08/12/2026"))
    premiere = ListeRepas.objects.get()
    confirme(cantine, apercu(cantine, "Morel;Léa;10/12/2026"))
    page = html_of(cantine.post(f"/cantine/importer/{premiere.pk}/annuler/", {"confirmer": "1"}))
    assert "Cette liste n’est plus la dernière : rien à annuler." in page
    assert Repas.objects.count() == 2
