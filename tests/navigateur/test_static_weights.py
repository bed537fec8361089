"""What a phone downloads, as `gzip -9` packs it. No browser is needed to weigh it."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from enfance.models import Enfant
from portail.statiques import lighten
from tests.factories import AnneeFactory, StaffFactory, make_creneaux
from tests.navigateur.etats_famille import MOIS, lived_in
from tests.navigateur.etats_repas import at_the_canteen
from tests.navigateur.telephones import HEURE

KB = 1024
CSS, FONT = "css/portail.css", "polices/nunito-sans-fr.woff2"
FOUR = ("Léa", "Tom", "Jules", "Maximilienne")


def packed(content: bytes) -> int:
    return len(gzip.compress(content, 9))


def weight(path: str) -> int:
    """Of a file of `static/`, as it is collected. A font is packed already."""
    content = Path(finders.find(path)).read_bytes()
    if path.endswith(".js"):
        content = lighten(content.decode()).encode()
    return len(content) if path.endswith(".woff2") else packed(content)


def assets(html: bytes) -> set[str]:
    """The static files that a page loads: the icon of a home screen is for who puts it there."""
    page = re.sub(r'<link rel="apple-touch-icon"[^>]*>', "", html.decode())
    return set(re.findall(r'(?:href|src)="/static/([^"]+)"', page))


AT_ONCE = re.compile(r"(?:from |^const \w+ = import\()'\./(.+?)'", re.MULTILINE)  # not what waits for a gesture


def scripts(html: bytes) -> set[str]:
    """The scripts that a page loads, and those that they ask for at once."""
    found, asked = set[str](), {path for path in assets(html) if path.endswith(".js")}
    while asked:
        found |= asked
        sources = [Path(finders.find(path)).read_text() for path in asked]
        asked = {f"js/{name}" for source in sources for name in AT_ONCE.findall(source)} - found
    return found


@pytest.fixture
def parent(db, clock) -> Client:
    """A parent of four children, in a lived-in month."""
    client = Client()
    client.force_login(lived_in(*FOUR).camille.user)
    return client


@pytest.mark.parametrize(
    ("path", "budget"),
    [
        (CSS, 10 * KB),
        ("css/famille.css", 1 * KB),
        ("css/facturation.css", 4 * KB),
        ("css/appel.css", 2.5 * KB),
        ("css/porte.css", 1.5 * KB),
        ("css/papier.css", 1 * KB),
        ("css/decor.css", 1 * KB),
        ("js/planning.js", 4.25 * KB),
        ("js/cases.js", 5.25 * KB),
        ("js/parent.js", 3 * KB),
        ("js/reprise.js", 2.75 * KB),
        ("js/motdepasse.js", 3 * KB),
        ("js/compte.js", 1 * KB),
        ("js/feuille.js", 2 * KB),
        ("js/gestes.js", 2.25 * KB),
        ("js/lignes.js", 1.75 * KB),
        ("js/demandes.js", 1.75 * KB),
        ("js/annonce.js", 1 * KB),
        ("js/garde.js", 1.25 * KB),
        ("js/attente.js", 2.5 * KB),
        ("js/bandeau.js", 2 * KB),
        ("js/cloture.js", 1.75 * KB),
        ("js/collegues.js", 1 * KB),
        ("js/comptes.js", 2 * KB),
        ("js/chercher.js", 1.5 * KB),
        ("js/fiche.js", 1 * KB),
        ("js/journee.js", 1 * KB),
        ("js/sortie.js", 0.5 * KB),
        ("js/deconnexion.js", 1 * KB),
        ("js/travail.js", 2 * KB),
        (FONT, 20 * KB),
    ],
)
def test_static_file_stays_light(path, budget):
    assert weight(path) <= budget


@pytest.mark.parametrize(
    ("path", "budget"),
    [
        ("/equipe/2026-12-10/?creneau=soir", 19 * KB),
        ("/equipe/2026-12-10/imprimer/", 5.5 * KB),
        ("/compte/", 7 * KB),
    ],
)
def test_scripts_of_a_page_of_the_team_stay_light(client, db, clock, path, budget):
    clock.move_to(HEURE)
    AnneeFactory()
    make_creneaux()
    client.force_login(StaffFactory())

    html = client.get(path).content

    assert "js/attente.js" in scripts(html)
    assert sum(map(weight, scripts(html))) <= budget


@pytest.mark.parametrize(
    "path",
    [
        "/connexion/",
        "/mot-de-passe-oublie/",
        "/identifiant-oublie/",
        "/accessibilite/",
        "/mentions-legales/",
        "/plan-du-site/",
    ],
)
def test_page_open_to_all_stays_light(client, db, path):
    assert packed(client.get(path).content) <= 4.5 * KB


def test_page_of_personal_data_stays_light_with_each_delay_that_it_tells(client, db):
    assert packed(client.get("/donnees-personnelles/").content) <= 5.5 * KB


@pytest.mark.parametrize(
    ("path", "budget"),
    [
        ("/", 4.5 * KB),
        ("/jour/2026-12-10/", 4.5 * KB),
        ("/historique/", 4.5 * KB),
        ("/compte/", 4.5 * KB),
        ("/semaine-type/", 4.5 * KB),
        (MOIS, 8 * KB),
    ],
)
def test_page_of_four_children_stays_light(parent, path, budget):
    response = parent.get(path)

    assert response.status_code == 200
    assert packed(response.content) <= budget


@pytest.mark.parametrize(("path", "budget"), [("/", 4.5 * KB), ("/jour/2026-12-08/", 4.5 * KB), (MOIS, 8 * KB)])
def test_page_of_four_children_who_eat_stays_light(client, db, clock, path, budget):
    client.force_login(at_the_canteen(*FOUR).camille.user)

    assert packed(client.get(path).content) <= budget


def test_file_of_a_child_stays_light(parent):
    child = Enfant.objects.order_by("pk").first()
    for n in range(5):
        child.personnes_autorisees.create(nom=f"Personne {n}", lien="sa voisine", telephone="06 39 98 00 85")

    assert packed(parent.get(f"/enfants/{child.pk}/").content) <= 4.5 * KB


@pytest.mark.parametrize(("path", "budget"), [("/connexion/", 33 * KB), (MOIS, 40 * KB)])
def test_first_visit_stays_light(request, client, db, path, budget):
    reader = client if path == "/connexion/" else request.getfixturevalue("parent")

    html = reader.get(path).content

    assert {CSS, FONT} < assets(html)
    assert packed(html) + sum(map(weight, assets(html))) <= budget
    assert 1 + len(assets(html)) <= 6


def rare_letters() -> set[int]:
    """What makes a browser ask for another font than that of French, as the sheet says it."""
    sheet = Path("styles/portail/jetons.css").read_text("utf-8")
    parts = re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", " ".join(re.findall(r"unicode-range:(.+);", sheet)))
    return {code for first, last in parts for code in range(int(first, 16), int(last or first, 16) + 1)}


def test_login_page_asks_for_no_font_of_rare_letters(client, db):
    """`css/decor.css` writes the Romanian name of Romanian in a font of the device."""
    html = client.get("/connexion/").content.decode()
    shown = re.sub(r'<a lang="ro".+?</a>', "", html)

    assert '.langues [lang="ro"]' in Path("static/css/decor.css").read_text("utf-8")
    assert shown != html
    assert {letter for letter in shown if ord(letter) in rare_letters()} == set()
