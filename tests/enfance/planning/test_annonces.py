"""The banner of a closure to come: for whom, until when."""

from datetime import date, datetime

import pytest
from django.urls import reverse

from enfance.mairie.fermetures.ecriture import Portee, fermer
from enfance.models import Fermeture, FermetureLue, Scolarite
from enfance.planning.annonces import annonces, partager_mois
from enfance.regles import Acteur
from enfance.situation import load_situation
from portail.dates import PARIS
from tests.factories import ClasseFactory, ResponsableFactory, make_creneaux, make_enfant
from tests.reading import html_of, plain

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
MARDI_15, JEUDI_17 = date(2026, 12, 15), date(2026, 12, 17)


@pytest.fixture
def camille(time_machine):
    """Léa is in CE1, Tom in PS."""
    time_machine.move_to(NOW, tick=False)
    camille = ResponsableFactory()
    make_enfant(camille, prenom="Léa")
    tom = make_enfant(camille, prenom="Tom", date_naissance=date(2023, 1, 1))
    Scolarite.objects.filter(enfant=tom).update(classe=ClasseFactory(nom="PS"))
    return camille


@pytest.fixture
def creneaux(camille):
    return make_creneaux()


def close(debut=MARDI_15, fin=MARDI_15, **champs):
    fermer(Portee(debut, fin, "grève", **champs), now=NOW)


def read(responsable, now=NOW, seulement=()):
    situation = load_situation(Acteur.parent(responsable), date(2026, 12, 3), date(2026, 12, 10), now=now)
    return [plain(annonce.phrase) for annonce in annonces(situation, seulement)]


def test_closure_is_announced_whatever_the_days_of_the_page(camille, creneaux):
    close()
    close(JEUDI_17, date(2026, 12, 18), creneaux=(creneaux["matin"], creneaux["soir"]))

    assert read(camille) == [
        "mardi 15 décembre (grève)",
        "du jeudi 17 décembre au vendredi 18 décembre, matin et soir (grève)",
    ]


def test_closure_of_a_class_is_announced_for_its_children(camille, creneaux):
    close(classes=(ClasseFactory(nom="PS"),))
    close(classes=(ClasseFactory(nom="CM2"),))

    assert read(camille) == ["mardi 15 décembre (grève), pour Tom"]
    (lea, tom) = camille.enfants.order_by("prenom")
    assert (read(camille, seulement={lea.pk}), read(camille, seulement={tom.pk})) == ([], ["mardi 15 décembre (grève)"])


@pytest.mark.parametrize(
    ("now", "announced"),
    [
        (datetime(2026, 12, 15, 18, 29, tzinfo=PARIS), True),
        (datetime(2026, 12, 15, 18, 30, tzinfo=PARIS), False),
        (datetime(2026, 12, 16, 0, 0, tzinfo=PARIS), False),
    ],
)
def test_closure_is_announced_until_it_is_over(camille, creneaux, now, announced):
    close()

    assert read(camille, now) == (["mardi 15 décembre (grève)"] if announced else [])


@pytest.mark.parametrize("jour", [date(2026, 12, 12), date(2026, 12, 16), date(2026, 12, 22)])
def test_day_without_garderie_is_not_announced(camille, creneaux, jour):
    close(jour, jour)

    assert read(camille) == []


def test_closure_without_end_is_announced_at_once(camille, creneaux):
    close(MARDI_15, date.max, classes=(ClasseFactory(nom="CM2"),))
    close(MARDI_15, date.max)

    assert read(camille) == ["du mardi 15 décembre au vendredi 2 juillet (grève)"]


def test_days_past_and_days_without_garderie_are_not_announced(camille, creneaux):
    close(date(2026, 11, 30), date(2026, 12, 6))
    close(date(2026, 12, 18), date(2027, 1, 5))

    assert read(camille, datetime(2026, 12, 3, 9, 0, tzinfo=PARIS)) == [
        "du jeudi 3 décembre au vendredi 4 décembre (grève)",
        "vendredi 18 décembre, du lundi 4 janvier au mardi 5 janvier (grève)",
    ]
    assert read(camille)[0] == "vendredi 4 décembre (grève)"


@pytest.mark.parametrize(
    ("page", "jour", "ligne"),
    [
        (reverse("enfance:accueil"), date(2026, 12, 8), "<li>Mardi 8 décembre (grève)</li>"),
        (reverse("enfance:accueil"), MARDI_15, "<span>Fermé mardi 15 décembre : grève</span>"),  # far away
        (reverse("enfance:planning_mois", args=[MARDI_15]), MARDI_15, "<li>Mardi 15 décembre (grève)</li>"),
    ],
)
def test_home_and_planning_announce(client, camille, creneaux, page, jour, ligne):
    client.force_login(camille.user)
    assert "grève" not in client.get(page).text

    close(jour, jour)

    assert ligne in html_of(client.get(page))


@pytest.mark.parametrize(
    ("read_before", "now", "december", "january"),
    [
        (False, NOW, (["mardi 15"], []), ([], ["mardi 15"])),
        (True, NOW, ([], []), ([], [])),  # each of its days says it still
        (True, datetime(2026, 12, 9, 8, tzinfo=PARIS), (["mardi 15"], []), ([], [])),  # near: in full, as on the home
    ],
)
def test_closure_is_told_in_full_on_its_own_month(camille, creneaux, read_before, now, december, january):
    close()
    if read_before:
        FermetureLue.objects.create(responsable=camille, fermeture=Fermeture.objects.get(), lue_le=NOW)
    situation = load_situation(Acteur.parent(camille), date(2026, 12, 3), date(2026, 12, 10), now=now)

    def told(debut, fin):
        return tuple([annonce.quand[:8] for annonce in part] for part in partager_mois(situation, debut, fin))

    assert told(date(2026, 11, 30), date(2027, 1, 3)) == december
    assert told(date(2027, 1, 4), date(2027, 1, 31)) == january


@pytest.mark.parametrize(("mois", "in_full"), [("2026-12", True), ("2027-01", False)])
def test_another_month_tells_it_in_a_line(client, camille, creneaux, mois, in_full):
    close()
    client.force_login(camille.user)
    html = html_of(client.get(f"/planning/{mois}/"))
    assert ('id="fermetures"' in html) == in_full
    assert ("<li>Fermé mardi 15 décembre : grève</li>" in html) != in_full
