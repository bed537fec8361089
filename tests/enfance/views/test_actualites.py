"""The town hall's news on a parent's home page: between its days, escaped, for no query more."""

from datetime import date, datetime

import pytest

from enfance.models import Actualite, Fermeture
from portail.dates import PARIS
from tests.factories import AnneeFactory, ResponsableFactory, make_creneaux, make_enfant

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def _jeudi_3_decembre(time_machine):
    time_machine.move_to(NOW, tick=False)
    AnneeFactory()
    make_creneaux()


@pytest.fixture
def camille(client):
    camille = ResponsableFactory()
    client.force_login(camille.user)
    return camille


def home(client):
    return client.get("/").text


@pytest.mark.parametrize(
    ("debut", "fin", "shown"),
    [
        (TODAY, None, True),
        (TODAY, TODAY, True),
        (date(2026, 9, 1), None, True),
        (date(2026, 12, 4), None, False),
        (date(2026, 12, 1), date(2026, 12, 2), False),
    ],
)
def test_news_is_shown_between_its_days(client, camille, debut, fin, shown):
    make_enfant(camille)
    Actualite.objects.create(texte="Marché de Noël", debut=debut, fin=fin)

    assert ("Marché de Noël" in home(client)) is shown


def test_latest_news_comes_first_and_closures_stay(client, camille):
    make_enfant(camille)
    for jour, texte in [(1, "Ancienne"), (3, "Nouvelle")]:
        Actualite.objects.create(texte=texte, debut=date(2026, 12, jour))
    Fermeture.objects.create(debut=date(2026, 12, 8), fin=date(2026, 12, 8), motif="grève")

    html = home(client)

    assert html.index("Nouvelle") < html.index("Ancienne") < html.index("Mardi 8\u00a0décembre (grève)")


def test_news_is_text_and_an_address_a_link(client, camille):  # VAL-06
    Actualite.objects.create(texte="<b>Voir</b> https://commune.example/a?b=1&c=2", debut=TODAY)

    html = home(client)

    assert '&lt;b&gt;Voir&lt;/b&gt; <a href="https://commune.example/a?b=1&amp;c=2" rel="nofollow">' in html


def test_parent_without_child_reads_it_too(client, camille):
    Actualite.objects.create(texte="Marché de Noël", debut=TODAY)

    assert "Marché de Noël" in home(client)


@pytest.mark.parametrize("news", [0, 3])
def test_home_costs_the_same_queries_with_news(client, camille, django_assert_max_num_queries, news):
    make_enfant(camille)
    Actualite.objects.bulk_create(Actualite(texte=f"N° {n}", debut=TODAY) for n in range(news))
    client.get("/")

    with django_assert_max_num_queries(17):
        assert home(client).count("N° ") == news


def test_other_pages_say_nothing_of_it(client, camille):
    make_enfant(camille)
    Actualite.objects.create(texte="Marché de Noël", debut=TODAY)

    assert "Marché de Noël" not in client.get("/planning/2026-12/").text
