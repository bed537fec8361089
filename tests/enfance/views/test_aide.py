"""« Aide »: the town's own guide and its pictures, for those whose work it is."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts import groups
from tests.clients import Client
from tests.factories import EcoleFactory, StaffFactory
from tests.portail.guides import OURS, PNG, write

pytestmark = pytest.mark.django_db


def agent_of(groupe: str) -> Client:
    groups.sync()
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name=groupe))
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def equipe() -> Client:
    return agent_of("Équipe")


@pytest.mark.parametrize(("groupe", "address"), [("Équipe", "/aide/equipe/"), ("Cantine", "/aide/cantine/")])
def test_guide_of_agents_says_nothing_of_several_schools_to_a_town_of_one(groupe, address):
    client = agent_of(groupe)
    said = client.get(address).text
    EcoleFactory()

    assert "école" in said
    assert "lusieurs écoles" not in said
    assert "plusieurs-ecoles" not in said
    assert '<h2 id="plusieurs-ecoles">Plusieurs écoles</h2>' in client.get(address).text


def test_guide_of_the_town_is_shown_whole(equipe, town):
    write(town, "# Un\n\n## Plusieurs écoles\n\nLa nôtre.\n")
    assert "La nôtre." in equipe.get("/aide/equipe/").text


def test_page_shows_the_guide_of_the_town_and_its_picture(equipe, town):
    write(town, "# L’équipe de Saint-Sauveur\n\n![La porte](captures/portail-vert.png)\n")

    page = equipe.get("/aide/equipe/")
    image = equipe.get("/aide/equipe/captures/portail-vert.png")

    assert "<h1>L’équipe de Saint-Sauveur</h1>" in page.text
    assert "Voici le guide du logiciel" not in page.text
    assert (image.status_code, image["Content-Type"], image.content) == (200, "image/png", PNG)
    assert image["X-Content-Type-Options"] == "nosniff"


def test_page_of_a_broken_guide_says_it_and_shows_ours(equipe, town):
    write(town, "# Un\n\n<b>deux</b>\n\n> <script>\n")

    page = equipe.get("/aide/equipe/").text

    assert f"<h1>{OURS}</h1>" in page
    assert "celui de la commune ne peut pas être montré, car il contient ce qu’une page d’aide ne montre pas" in page


@pytest.mark.parametrize("image", ["absente.png", "..%2F..%2Fportail.sqlite3", "essai.md"])
def test_picture_that_is_not_there_is_404(equipe, town, image):
    assert equipe.get(f"/aide/equipe/captures/{image}").status_code == 404


def test_picture_that_does_not_open_is_404(equipe, town, monkeypatch):
    (town / "captures" / "prise.png").symlink_to("/proc/self/mem")
    assert equipe.get("/aide/equipe/captures/prise.png").status_code == 404
