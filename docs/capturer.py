"""Makes docs/captures/*.png from a demonstration that is running.

Run `make demo` in one terminal: it prints the identifiant and the password. In another:
.venv/bin/python docs/capturer.py IDENTIFIANT MOT_DE_PASSE
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CAPTURES = Path(__file__).resolve().parent / "captures"
PHONE, DESKTOP = (390, 844), (1280, 900)


def open_page(browser: Browser, url: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2 if size == PHONE else 1,
        locale="fr-FR",
        reduced_motion="reduce",
    )
    return context.new_page()


def capture(page: Page, path: str, name: str) -> None:
    page.goto(path)
    shoot(page, name)


def shoot(page: Page, name: str) -> None:
    page.evaluate("document.fonts.ready")
    page.screenshot(path=CAPTURES / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description="Refait les images de docs/captures/ depuis une démonstration.")
    parser.add_argument("identifiant")
    parser.add_argument("mot_de_passe")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    options = parser.parse_args()
    CAPTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        capture(open_page(browser, options.url, DESKTOP), "/connexion/", "connexion-1280")
        page = open_page(browser, options.url, PHONE)
        page.goto("/connexion/")
        page.get_by_label("Identifiant", exact=True).fill(options.identifiant)
        page.get_by_label("Mot de passe", exact=True).fill(options.mot_de_passe)
        page.get_by_role("button", name="Connexion", exact=True).click()
        page.wait_for_url(f"{options.url}/")
        capture(page, "/", "accueil-390")
        page.goto("/planning/")
        page.locator(".mois a").last.click()  # the month to come: all its weeks are open
        page.locator("section.semaine").first.evaluate("week => week.scrollIntoView()")
        shoot(page, "planning-390")
        browser.close()


if __name__ == "__main__":
    main()
