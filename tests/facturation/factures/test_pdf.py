"""Papers as files where WeasyPrint is installed; elsewhere the page that a browser prints. Both ways, here.

WeasyPrint itself is an extra: what is handed to it is tried, against the names that it has.
"""

import sys
from types import ModuleType

import pytest

from facturation import pdf
from facturation.models import Attestation
from facturation.papiers import feuille

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
ADRESSES = {
    "/factures/F-2026-0349/facture.pdf": "/factures/F-2026-0349/papier/",
    "/recus/R-2026-0322/recu.pdf": "/recus/R-2026-0322/",
    "/attestations/2025/attestation.pdf": "/attestations/2025/",
}


@pytest.fixture
def papiers_emis(facture):
    """What she was issued: an invoice, a receipt, a certificate of the year before."""
    compte = facture.compte
    payeur = {"nom": "Camille Morel", "adresse": ["12 chemin des Tilleuls", "38160 SAINT SAUVEUR"]}
    contenu = {"payeur": payeur, "enfants": [], "trop_grands": [], "depuis": None}
    fields = {"annee": 2026, "rang": 1, "numero": "A-2026-0001", "emise_le": facture.emise_le, "total": 0}
    return Attestation.objects.create(annee_payee=2025, compte=compte, contenu=contenu, **fields)


@pytest.fixture
def absent(monkeypatch):
    monkeypatch.setattr(pdf, "find_spec", lambda name: None)


@pytest.fixture
def weasyprint(monkeypatch):
    """A WeasyPrint that keeps what it is asked."""
    asked: dict[str, object] = {}

    class Html:
        def __init__(self, **kwargs):
            asked.update(kwargs)

        def write_pdf(self, **kwargs):
            asked.update(kwargs)
            return b"%PDF-1.7"

    modules = {name: ModuleType(name) for name in ("weasyprint", "weasyprint.text", "weasyprint.text.fonts")}
    modules["weasyprint.urls"] = ModuleType("weasyprint.urls")
    modules["weasyprint"].HTML = Html
    modules["weasyprint"].CSS = lambda **kwargs: kwargs["string"]
    modules["weasyprint.text.fonts"].FontConfiguration = object
    modules["weasyprint.urls"].URLFetcher = lambda **kwargs: kwargs
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(pdf, "find_spec", lambda name: object())
    return asked


@pytest.mark.parametrize(("fichier", "page"), ADRESSES.items())
def test_without_it_the_page_is_printed(connected, papiers_emis, absent, fichier, page):
    html = connected.get(page).text

    assert "data-imprimer hidden" in html
    assert "Télécharger (PDF)" not in html
    assert connected.get(fichier)["Location"] == page


@pytest.mark.parametrize(("fichier", "page"), ADRESSES.items())
def test_with_it_the_paper_is_a_tagged_file(connected, papiers_emis, weasyprint, fichier, page):
    assert f'href="{fichier}"' in connected.get(page).text

    answer = connected.get(fichier)

    assert (answer["Content-Type"], answer.content) == ("application/pdf", b"%PDF-1.7")
    assert answer["Content-Disposition"].startswith('attachment; filename="')
    assert weasyprint["pdf_variant"] == "pdf/ua-1"
    assert weasyprint["url_fetcher"] == {"allowed_protocols": ["file"]}
    assert '<html lang="fr">' in weasyprint["string"]
    assert "<script" not in weasyprint["string"]
    assert "12 chemin des Tilleuls" in weasyprint["string"]


def test_sheets_of_a_paper_name_files_of_this_machine_alone():
    rules = pdf.sheets()

    assert ".papier__net" in rules
    assert 'url("file:///' in rules
    assert 'url("../' not in rules
    assert "http" not in rules


def test_another_family_downloads_nothing(client, papiers_emis, sacha, weasyprint):
    client.force_login(sacha.user)

    assert [client.get(fichier).status_code for fichier in ADRESSES] == [404] * len(ADRESSES)


def test_files_are_not_made_without_end(connected, facture, weasyprint, monkeypatch):
    monkeypatch.setattr(feuille, "FICHIERS", ("1/h",))
    fichier = next(iter(ADRESSES))

    assert [connected.get(fichier).status_code for _ in range(2)] == [200, 429]
