"""The régisseuse's evening: twenty cheques entered by the keyboard alone, then journal, files and slip, sums equal; and
a whole day of hers, by the pages.
"""

from __future__ import annotations

import csv
import io
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from accounts import groups
from accounts.models import User
from facturation.models import Encaissement, Regie, Versement
from facturation.montants import euros
from facturation.payeurs.comptes import soldes
from tests.factories import AnneeFactory, StaffFactory
from tests.facturation.caisse import check_balance, make_compte, make_facture
from tests.navigateur.gestes import go, press
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


def make_regisseuse() -> User:
    groups.sync()
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name="Régie"))
    AnneeFactory()
    return agent


def test_evening_of_twenty_cheques_by_keyboard(site: Site, tmp_path: Path, capsys):
    agent = make_regisseuse()
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
    bring_cheques(page, somme)
    assert Versement.objects.get().total == attendu


def bring_cheques(page: Page, somme: str) -> None:
    """Cheques chosen, counted again, brought; the slip says their sum."""
    page.goto("/admin/regie/journal/")
    go(page.get_by_role("link", name="Verser", exact=True))
    page.get_by_role("checkbox", name="Chèques").check()
    if page.get_by_role("checkbox", name="Espèces").count():
        page.get_by_role("checkbox", name="Espèces").uncheck()
    press(page, "Recompter")
    press(page, f"Verser {somme}, en chèques")
    expect(page.get_by_role("row", name="Versé", exact=False).last).to_contain_text(somme)


def receive(page: Page, nom: str, moyen: str, **fields: str) -> None:
    """A payer looked for by the name, what is due proposed, another means chosen."""
    page.goto("/admin/regie/")
    page.locator("#id_q").fill(nom)
    press(page, "Chercher")
    page.get_by_label(moyen, exact=True).check()
    for champ, valeur in fields.items():
        page.locator(f"[name={champ}]").fill(valeur)
    go(page.get_by_role("button", name="Encaisser"))


def test_day_of_a_regisseuse(site: Site):
    """Twenty cheques, cash, CESU, a versement of cheques alone, one that bounces, cash counted, a refund."""
    agent = make_regisseuse()
    Regie.objects.create(acte="arrêté 12", acte_du=date(2026, 1, 5), plafond_especes=30_000)
    comptes = {nom: make_compte(nom) for nom in [*NOMS, "Zoltan", "Yvon"]}
    for compte in comptes.values():
        make_facture(compte, 40_000 if compte == comptes["Yvon"] else 1500)
    page = site.open("/admin/regie/", user=agent, size=DESKTOP)
    for rang, nom in enumerate(NOMS):
        if nom != HOMONYME:
            enter_cheque(page, nom, f"{5512000 + rang}")
    receive(page, HOMONYME, "CESU", titres="2", part_famille="5,00")
    receive(page, "Zoltan", "Espèces", montant="25,00")  # of 15,00 €: the rest is a credit
    receive(page, "Yvon", "Espèces")
    expect(page.get_by_role("alert")).to_contain_text("article 1680")
    page.get_by_label("C’est bien cela").check()
    go(page.get_by_role("button", name="Encaisser"))

    # The ceiling of cash is reached, and said; the cheques leave alone.
    page.goto("/admin/")
    expect(page.get_by_role("link", name="plafond d’espèces atteint")).to_be_visible()
    cheques = sum(recu.montant for recu in Encaissement.objects.filter(moyen="cheque"))
    bring_cheques(page, euros(cheques))
    assert Versement.objects.get().total == cheques
    assert set(Encaissement.objects.filter(versement=None).values_list("moyen", flat=True)) == {"cesu", "especes"}

    # One of them bounces.
    rejete = Encaissement.objects.filter(moyen="cheque").order_by("pk").first()
    assert rejete
    page.goto(f"/admin/regie/recus/{rejete.numero}/")
    go(page.get_by_role("link", name="Chèque impayé"))
    press(page, "Noter le chèque impayé")
    assert soldes([rejete.compte]) == {rejete.compte_id: rejete.montant}

    # The cash is counted wrong, then right, and leaves with the CESU kept.
    page.goto("/admin/regie/versement/")
    for valeur, nombre in (("b100", "4"), ("b20", "1")):
        page.locator(f"[name={valeur}]").fill(nombre)
    press(page, "Recompter")
    expect(page.get_by_text("Il manque 5,00\u202f€")).to_be_visible()
    page.locator("[name=b5]").fill("1")
    press(page, "Recompter")
    expect(page.get_by_text("Égal aux 2\u00a0reçus d’espèces.")).to_be_visible()
    press(page, "Verser 425,00\u202f€, en espèces")
    assert Versement.objects.order_by("pk").last().total == 42_500

    # A régie de recettes gives nothing back itself: the treasury did.
    page.goto(f"/admin/regie/payeurs/{comptes['Zoltan'].pk}/rembourser/")
    expect(page.get_by_text("Une régie de recettes ne dépense pas")).to_be_visible()
    page.locator("[name=motif]").fill("la famille déménage")
    press(page, "Écrire le remboursement")
    expect(page.get_by_role("alert")).to_contain_text("une fois qu’elle a payé")
    page.locator("[name=reference]").fill("mandat 214")
    page.locator("[name=rendu_le]").fill(f"{timezone.localdate():%Y-%m-%d}")
    press(page, "Écrire le remboursement")
    assert soldes([comptes["Zoltan"]]) == {comptes["Zoltan"].pk: 0}
    check_balance()
