"""Makes docs/captures/*.png, those of the README and of the guides, from a demonstration that is running.

Run `make demo-neuve` in one terminal. In another: `.venv/bin/python docs/capturer.py`. It prepares the next school year
in that demonstration, and leaves nothing else behind.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CAPTURES = ROOT / "docs" / "captures"
PHONE, DESK = (390, 844), (1000, 900)  # one pixel for one: light files, at the size of the page that shows them
CONTENT = "main"
PARENT, FAMILLE = "3816238", "06 39 98 75 48"  # of the demonstration, as `make demo` prints them
MOTS_DE_PASSE = {
    PARENT: "Velo-nuage-7",
    "1000009": "Tampon-encrier-7",
    "1000017": "Marelle-goudron-4",
    "1000025": "Louche-compote-9",
    "1000058": "Cheque-tirelire-2",
}
AGENTS = {"mairie": "1000009", "equipe": "1000017", "cantine": "1000025", "regie": "1000058"}


def shoot(page: Page, name: str, of: str = "body", height: int = 560) -> None:
    """The top of what matters on the page, as the window shows it."""
    part = page.locator(of).first
    part.evaluate("node => node.scrollIntoView()")
    page.evaluate("document.fonts.ready")
    page.mouse.move(0, 0)
    box = part.bounding_box()
    page.screenshot(path=CAPTURES / f"{name}.png", clip={**box, "height": min(height, box["height"])})


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def log_in(page: Page, identifiant: str) -> None:
    page.goto("/connexion/")
    page.get_by_label("Identifiant", exact=True).fill(identifiant)
    page.get_by_label("Mot de passe", exact=True).fill(MOTS_DE_PASSE[identifiant])
    press(page, "Connexion")
    if identifiant != PARENT:
        page.locator("[name=code]").fill(code_of(identifiant))
        press(page, "Vérifier")


def code_of(identifiant: str) -> str:
    """The code that the phone of this agent would show, from the demonstration's own command."""
    command = [sys.executable, "-m", "portail.demo", "--code", identifiant]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603
    return re.match(r"\d{6}", said)[0]


# --- What each reader is shown ----------------------------------------------------------------------------------------


def readme(page: Page) -> None:
    page.goto("/planning/")
    page.locator(".mois a").last.click()  # the month to come: all its weeks are open
    shoot(page, "planning-390", "form[data-planning]", 844)


def mairie(page: Page) -> None:
    page.goto("/admin/")
    shoot(page, "mairie-accueil", height=500)
    page.get_by_label("Trouver une famille").fill(FAMILLE)
    press(page, "Trouver")
    shoot(page, "mairie-famille", CONTENT, 480)
    page.get_by_role("link", name="Tout le planning, mois par mois").click()
    page.locator(".mois a").last.click()
    shoot(page, "mairie-guichet", "form[data-planning] .pile", 500)
    page.goto("/admin/enfance/responsable/identifiants/")
    press(page, "Voir à qui")
    shoot(page, "mairie-identifiants", CONTENT)
    page.goto("/admin/enfance/responsable/lettres/")
    press(page, "Voir les lettres")
    shoot(page, "mairie-lettre", ".lettre", 700)
    page.goto("/admin/enfance/inscription/chiffres/")
    shoot(page, "mairie-chiffres", CONTENT, 490)
    argent(page)
    fermeture(page)
    message(page)
    rentree(page)
    onde(page)


def argent(page: Page) -> None:
    """The month that comes to its end, and a grid as it was voted."""
    page.goto("/admin/facturation/mois/")
    shoot(page, "mairie-mois", CONTENT, 620)
    page.goto("/admin/facturation/tarif/")
    page.locator("[aria-labelledby=t-tarifs] tbody a").first.click()
    page.wait_for_load_state()
    shoot(page, "mairie-tarif", CONTENT, 620)


def fermeture(page: Page) -> None:
    """Looked at, not made: the next day of school of the demonstration."""
    page.goto("/equipe/")
    jour = re.search(r"/equipe/(\d+)-(\d+)-(\d+)/", page.url)
    page.goto("/admin/enfance/fermeture/add/")
    for name in ("debut", "fin"):
        page.locator(f"[name={name}]").fill("-".join(jour.groups()))
    page.locator("[name=motif]").fill("grève")
    press(page, "Voir qui est touché")
    shoot(page, "mairie-fermeture", CONTENT)


def message(page: Page) -> None:
    """Written, not sent."""
    page.goto("/admin/enfance/message/add/")
    page.locator("[name=objet]").fill("Sortie au château vendredi")
    page.locator("[name=texte]").fill("Les enfants rentreront à 17 h. Prévoyez un goûter et un vêtement de pluie.")
    press(page, "Voir l’e-mail et qui le reçoit")
    shoot(page, "mairie-message", CONTENT)


def rentree(page: Page) -> None:
    page.goto("/admin/enfance/anneescolaire/rentree/")
    shoot(page, "mairie-rentree", CONTENT)
    bouton = page.locator("[name=preparer]")
    if bouton.count():
        bouton.click()


def onde(page: Page) -> None:
    """The second year of the demonstration's school, looked at and left."""
    page.goto("/admin/enfance/importonde/add/")
    page.locator("[name=annee]").select_option(label="2027-2028")
    for name in ("eleves", "responsables"):
        page.locator(f"[name={name}]").set_input_files(ROOT / "demo" / "rentree" / f"CSVExtraction-{name}.csv")
    press(page, "Voir l’aperçu")
    shoot(page, "mairie-onde", CONTENT, 520)
    press(page, "Abandonner")


def equipe(page: Page) -> None:
    """A sheet that has been used, of the last day of school that has a child with an instruction."""
    page.goto("/equipe/")
    fiche = page.get_by_role("link", name="voir la fiche")
    for _ in range(10):
        page.locator(".mois a").first.click()
        page.get_by_role("link", name="Midi").click()
        page.wait_for_load_state()
        if fiche.count():
            break
    consigne = fiche.first.get_attribute("href")
    shoot(page, "equipe-feuille-390", height=844)
    page.goto(f"{consigne}")
    shoot(page, "equipe-fiche-390", height=700)


def cantine(page: Page) -> None:
    page.goto("/cantine/")
    shoot(page, "cantine-jour")


def regie(page: Page) -> None:
    """A payer found, with what is due; nothing is written."""
    page.goto("/admin/regie/")
    page.locator("#id_q").fill("Morel")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    shoot(page, "regie-encaisser", CONTENT)


READERS: list[tuple[str, tuple[int, int], Callable[[Page], None]]] = [
    (PARENT, PHONE, readme),
    (AGENTS["mairie"], DESK, mairie),
    (AGENTS["equipe"], PHONE, equipe),
    (AGENTS["cantine"], DESK, cantine),
    (AGENTS["regie"], DESK, regie),
]


def open_page(browser: Browser, url: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        locale="fr-FR",
        reduced_motion="reduce",
        service_workers="block",
    )
    return context.new_page()


def main() -> None:
    parser = argparse.ArgumentParser(description="Refait les images de docs/captures/ depuis une démonstration neuve.")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    url = parser.parse_args().url
    CAPTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium-headless-shell") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        for identifiant, size, reader in READERS:
            page = open_page(browser, url, size)
            log_in(page, identifiant)
            reader(page)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
