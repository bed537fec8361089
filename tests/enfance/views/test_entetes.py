"""The headings of a grid, as a browser without JavaScript uses them: a row, a day, the month. Nothing is saved."""

from __future__ import annotations

import re
from datetime import date

import pytest

from enfance.models import Fermeture, Inscription, Repas, SemaineType
from enfance.models.repas import ListeRepas
from tests.enfance.views.grille import MOIS, cle, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
TYPE = "/semaine-type/"


def ticked(response) -> set[str]:
    """The boxes that the page shows ticked, without the number of their child."""
    return set(re.findall(r'value="\d+:([^"]+)" checked', response.text))


def buttons(html: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}"[^>]* value="([^"]+)"', html)


def test_heading_of_a_row_ticks_the_week_of_a_child(client, famille):
    page = post(client, bouton="titre", valeur=cle(famille["lea"], 7, "soir"))

    assert ticked(page) == {f"2026-12-{jour:02}:soir" for jour in (7, 8, 10, 11)}
    assert "4\u00a0changements à enregistrer" in page.text
    assert Inscription.objects.count() == 0


def test_heading_of_a_day_ticks_it_for_all_the_children(client, famille):
    page = post(client, bouton="titre", valeur="2026-12-08")

    assert ticked(page) == {f"2026-12-08:{creneau}" for creneau in ("matin", "midi", "soir")}
    assert "6\u00a0changements à enregistrer" in page.text


def test_heading_of_what_is_ticked_whole_unticks_it(client, famille):
    semaine = [cle(famille["lea"], jour, "soir") for jour in (7, 8, 10, 11)]

    assert ticked(post(client, r=semaine[:3], bouton="titre", valeur=semaine[0])) == {
        c.split(":", 1)[1] for c in semaine
    }
    assert ticked(post(client, r=semaine, bouton="titre", valeur=semaine[0])) == set()


@pytest.mark.parametrize(
    ("valeur", "phrase", "jours", "creneaux"),
    [
        ("{lea}:2026-12-07:soir", "Tout le mois aussi", (7, 8, 10, 11, 14, 15, 17, 18), ["soir"]),
        ("2026-12-08", "Tous les mardis aussi", (8, 15), ["matin", "midi", "soir"]),
    ],
)
def test_what_a_heading_did_is_repeated_over_the_month(client, famille, valeur, phrase, jours, creneaux):
    valeur = valeur.format(lea=famille["lea"].pk)
    page = post(client, r=[cle(famille["tom"], 14, "midi")], bouton="titre", valeur=valeur)
    assert f">{phrase}</button>" in page.text
    [partout] = buttons(page.text, "partout")

    page = post(client, r=re.findall(r'value="([^"]+)" checked', page.text), bouton="partout", valeur=partout)

    partout = {f"2026-12-{jour:02}:{creneau}" for jour in jours for creneau in creneaux}
    assert ticked(page) == partout | {"2026-12-14:midi"}
    assert buttons(page.text, "partout") == []
    assert Inscription.objects.count() == 0


def test_heading_touches_neither_full_nor_locked_nor_closed_boxes(client, famille):
    famille["soir"].places = 0
    famille["soir"].save()
    liste = ListeRepas.objects.create(debut=date(2026, 12, 1), fin=date(2026, 12, 18))
    Repas.objects.create(enfant=famille["lea"], jour=date(2026, 12, 8), liste=liste)
    Inscription.objects.create(enfant=famille["lea"], jour=date(2026, 12, 8), creneau=famille["midi"])
    Fermeture.objects.create(debut=date(2026, 12, 10), fin=date(2026, 12, 10), motif="grève")
    html = client.get(MOIS).text
    lignes = buttons(html, "titre")

    assert cle(famille["lea"], 7, "soir") not in lignes  # all full
    assert cle(famille["lea"], 7, "matin") in lignes
    assert "2026-12-10" not in buttons(html, "titre")
    page = post(client, bouton="titre", valeur=cle(famille["lea"], 7, "midi"))
    assert ticked(page) == {"2026-12-07:midi", "2026-12-11:midi"}
    assert ticked(post(client, bouton="titre", valeur=cle(famille["lea"], 7, "soir"))) == set()
    assert ticked(post(client, bouton="titre", valeur="2026-12-11")) == {"2026-12-11:matin", "2026-12-11:midi"}


def test_heading_of_a_week_that_is_past_is_words(client, famille):
    html = client.get(MOIS).text

    assert [valeur for valeur in buttons(html, "titre") if not re.search("2026-12-(07|08|1.)", valeur)] == []
    assert re.search(r'<th scope="col" aria-label="lundi 30.novembre[^"]*" class="clos">lun. <b>30</b></th>', html)


@pytest.mark.parametrize("bouton", ["titre", "partout"])
@pytest.mark.parametrize("valeur", ["", "x", "2026-13-45", "1:2026-12-07", "999999:2026-12-07:soir", "1999-01-04"])
def test_heading_that_does_not_exist_ticks_nothing(client, famille, bouton, valeur):
    page = post(client, bouton=bouton, valeur=valeur)

    assert page.status_code == 200
    assert ticked(page) == set()
    assert Inscription.objects.count() == 0


def type_post(client, titre, *boxes):
    return client.send(TYPE, {"t": list(boxes), "fin": "annee", "rythme": "1", "titre": titre})


def test_heading_of_a_semaine_type_ticks_its_row_or_its_day(client, famille):
    lea = famille["lea"].pk

    page = type_post(client, f"{lea}:soir", f"{lea}:1:soir")
    assert ticked(page) == {f"{jour}:soir" for jour in (1, 2, 4, 5)}
    page = type_post(client, f"{lea}:soir", *(f"{lea}:{box}" for box in ticked(page)))
    assert ticked(page) == set()
    page = type_post(client, f"{lea}:4")
    assert ticked(page) == {"4:matin", "4:midi", "4:soir"}
    assert Inscription.objects.count() == SemaineType.objects.count() == 0


def test_heading_of_a_semaine_type_leaves_the_days_without_garderie(client, famille):
    famille["soir"].jeudi = famille["soir"].vendredi = False
    famille["soir"].save()
    lea = famille["lea"].pk

    page = type_post(client, f"{lea}:soir")

    assert ticked(page) == {"1:soir", "2:soir"}


@pytest.mark.parametrize("valeur", ["", "x", "999999:soir", "1:nuit", "1:7"])
def test_heading_of_no_semaine_type_ticks_nothing(client, famille, valeur):
    page = type_post(client, valeur)

    assert page.status_code == 200
    assert ticked(page) == set()
