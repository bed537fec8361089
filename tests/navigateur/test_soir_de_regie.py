"""The régisseur's evening: twenty cheques entered by the keyboard alone, then journal, files and slip, sums equal."""

from __future__ import annotations

import csv
import io
import sys
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest
from django.contrib.auth.models import Group
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from accounts import groups
from facturation.models import Encaissement, Versement
from facturation.montants import euros
from facturation.payeurs.comptes import soldes
from tests.factories import AnneeFactory, StaffFactory
from tests.facturation.caisse import make_compte, make_facture
from tests.navigateur.gestes import press
from tests.navigateur.site import DESKTOP, Site

pytestmark = pytest.mark.navigateur

NOMS = ["Amrani", "Berthet", "Chollet", "Delmas", "Estève", "Fournier", "Giraud", "Henry", "Iborra", "Jacquet"]
NOMS += ["Kaya", "Lefort", "Martin", "Nguyen", "Ozanne", "Perrin", "Quéré", "Roche", "Savoie", "Vial"]
HOMONYME = "Fournier"
AUTREMENT = "Martin"  # gives more than what is due


def by_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def enter_cheque(page: Page, nom: str, reference: str) -> None:
    """A name, Enter, the sum that is proposed or another one, the number of the cheque, Enter."""
    expect(page.locator("#id_q")).to_be_focused()
    page.keyboard.type(nom)
    by_enter(page)
    if nom == HOMONYME:
        expect(page.get_by_role("link", name="Julie Fournier")).to_be_focused()
        by_enter(page)
    expect(page.locator("#id_montant")).to_be_focused()
    if nom == AUTREMENT:
        page.keyboard.type("30")  # in the place of the sum that is proposed
    page.keyboard.press("Tab")
    page.keyboard.type(reference)
    by_enter(page)


def enter_cheques(page: Page) -> float:
    """All of them; how many seconds each took, to be told and not judged."""
    debut = perf_counter()
    for rang, nom in enumerate(NOMS):
        enter_cheque(page, nom, f"{5512000 + rang}")
    return (perf_counter() - debut) / len(NOMS)


def downloaded(page: Page, name: str, path: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=name, exact=True).click()
    download.value.save_as(path / name)
    return (path / name).read_bytes()


def test_evening_of_twenty_cheques_by_keyboard(site: Site, tmp_path: Path, capsys):
    groups.sync()
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name="Régie"))
    AnneeFactory()
    comptes = {nom: make_compte(nom, user__first_name="Julie" if nom == HOMONYME else "Camille") for nom in NOMS}
    make_compte(HOMONYME, user__first_name="Sébastien")
    for rang, compte in enumerate(comptes.values()):
        make_facture(compte, 1205 + 315 * rang)
    attendu = sum(3000 if nom == AUTREMENT else 1205 + 315 * rang for rang, nom in enumerate(NOMS))
    page = site.open("/admin/regie/", user=agent, size=DESKTOP)

    secondes = enter_cheques(page)

    with capsys.disabled():
        sys.stdout.write(f"\n{len(NOMS)} cheques by keyboard: {secondes:.2f} s a cheque\n")
    recus = list(Encaissement.objects.order_by("rang"))
    assert [(recu.payeur, recu.moyen, recu.reference) for recu in recus] == [
        (f"{'Julie' if nom == HOMONYME else 'Camille'} {nom}", "cheque", f"{5512000 + rang}")
        for rang, nom in enumerate(NOMS)
    ]
    assert sum(recu.montant for recu in recus) == attendu
    assert {nom: solde for nom, solde in zip(NOMS, soldes(comptes.values()).values(), strict=True) if solde} == {
        AUTREMENT: 1205 + 315 * NOMS.index(AUTREMENT) - 3000
    }
    check_papers(page, attendu, tmp_path)


def check_papers(page: Page, attendu: int, path: Path) -> None:
    """The page of the journal, its two files and the slip of the versement say this sum."""
    somme = euros(attendu)
    page.goto("/admin/regie/journal/")
    expect(page.get_by_role("heading", name="Recettes")).to_have_text(f"Recettes\u00a0: {somme}")
    texte = downloaded(page, "CSV", path).decode("utf-8-sig")
    lignes = list(csv.DictReader(io.StringIO(texte), delimiter=";"))
    classeur = load_workbook(io.BytesIO(downloaded(page, "XLSX", path))).active
    titres, *rangees = list(classeur.values)
    assert sum(Decimal(ligne["Montant"].replace(",", ".")) for ligne in lignes) == Decimal(attendu) / 100
    colonne = titres.index("Montant")
    assert round(sum(rangee[colonne] for rangee in rangees) * 100) == attendu
    assert (len(lignes), len(rangees)) == (len(NOMS), len(NOMS))
    press(page, f"Verser {somme}")
    expect(page.get_by_role("row", name="Versé", exact=False).last).to_contain_text(somme)
    assert Versement.objects.get().total == attendu
