"""Where to call: the town's number, the one of the child's school, or each school with its own."""

from datetime import date, datetime

import pytest

from enfance.ecoles import mots_garderie
from enfance.models import Appel, Ecole
from portail.dates import PARIS
from tests.enfance.villes import Ville, make_ville
from tests.factories import StaffFactory
from tests.reading import html_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)  # Friday 4 is past its limit
COMMUNE, BOURG, HAMEAU = "04 65 71 00 39", "04 65 71 00 52", "04 65 71 00 53"


@pytest.fixture
def ville(time_machine) -> Ville:
    time_machine.move_to(NOW, tick=False)
    return make_ville()


@pytest.mark.parametrize(
    ("bourg", "hameau", "mots"),
    [
        ("", "", {}),
        (HAMEAU, HAMEAU, {"garderie_telephone": HAMEAU}),
        ("", HAMEAU, {"garderies": [("École du Bourg", COMMUNE), ("École du Hameau", HAMEAU)]}),
    ],
)
def test_words_are_those_of_the_schools(ville, settings, bourg, hameau, mots):
    settings.GARDERIE_TELEPHONE = COMMUNE
    ville.bourg.telephone, ville.hameau.telephone = bourg, hameau

    dits = mots_garderie([ville.bourg, ville.hameau])

    if "garderies" in dits:
        dits = {"garderies": [(garderie.ecole, garderie.telephone) for garderie in dits["garderies"]]}
    assert dits == mots
    assert mots_garderie([]) == {}


def pages(client, ville) -> list[str]:
    client.force_login(ville.camille.user)
    adresses = ["/", "/jour/2026-12-04/", f"/enfants/{ville.tom.pk}/"]
    return [html_of(client.get(adresse)) for adresse in adresses]


def test_family_of_two_schools_has_both_numbers(client, ville):
    Ecole.objects.filter(pk=ville.bourg.pk).update(telephone=BOURG)
    Ecole.objects.filter(pk=ville.hameau.pk).update(telephone=HAMEAU)
    ville.lea.inscriptions.create(jour=date(2026, 12, 7), creneau=ville.bourg.creneaux.get(code="soir"))

    accueil, jour, _ = pages(client, ville)

    assert 'href="tel:+33465710052"' in accueil
    assert 'href="tel:+33465710053"' in accueil
    assert f"Appeler le {BOURG}" in jour
    assert f"Appeler le {HAMEAU}" in jour
    assert COMMUNE not in jour


def test_page_of_an_absence_has_the_number_of_its_school(client, ville):
    Ecole.objects.filter(pk=ville.hameau.pk).update(telephone=HAMEAU)
    soir = ville.hameau.creneaux.get(code="soir-hameau")
    ville.tom.inscriptions.create(jour=date(2026, 12, 4), creneau=soir)
    client.force_login(ville.camille.user)
    client.post("/jour/2026-12-04/absences/", {"absent": ville.tom.pk, "moment": f"{ville.tom.pk}:soir-hameau"})
    Appel.objects.create(jour=date(2026, 12, 4), creneau=soir)  # Tom may no more be said to come after all

    page = html_of(client.get("/jour/2026-12-04/absences/dites/"))

    assert f">{HAMEAU}</a>" in page
    assert COMMUNE not in page


def test_paper_has_the_numbers_of_the_schools(client, ville):
    Ecole.objects.filter(pk=ville.hameau.pk).update(telephone=HAMEAU)
    client.force_login(StaffFactory())

    page = client.get(f"/guichet/{ville.camille.foyer.pk}/planning/2026-12/papier/").text

    assert f'<b class="nob">{HAMEAU.replace(" ", "\u00a0")}</b> (École du Hameau)' in page


def test_one_number_for_all_is_said_as_with_one_school(client, ville):
    Ecole.objects.update(telephone=HAMEAU)

    accueil, jour, _ = pages(client, ville)

    assert f"Appeler le {HAMEAU}</a></p>" in jour
    assert "École du Bourg</a>" not in accueil
