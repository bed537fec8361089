"""The ticks that a session was sending when it ended: kept by the server, put back in the grid without any script."""

import re
from datetime import timedelta

import pytest

from enfance.models import Creneau, Inscription
from tests.enfance.views.grille import MOIS, cle, post
from tests.factories import ResponsableFactory
from tests.reading import html_of, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PASSWORD = "Velo nuage 7"


@pytest.fixture
def ended(client, famille, time_machine):
    """Camille has stayed away for more than two hours: her next sending finds the session over."""
    user = famille["camille"].user
    user.set_password(PASSWORD)
    user.save()
    client.logout()
    log_in(client, user, "")
    time_machine.shift(timedelta(hours=2, minutes=1))
    return user


def log_in(client, user, path=MOIS):
    login = {"identifiant": user.identifiant, "password": PASSWORD, "next": path}
    return client.get(client.post("/connexion/", login)["Location"])


def test_ticks_come_back_in_the_grid_beside_one_button(client, famille, ended):  # SES-02
    lea, tom = cle(famille["lea"], 8, "soir"), cle(famille["tom"], 10, "midi")
    Inscription.objects.create(enfant=famille["tom"], jour="2026-12-10", creneau=famille["midi"])

    assert post(client, avant=[tom], r=[lea])["Location"] == f"/connexion/?next={MOIS}"
    page = html_of(log_in(client, ended))

    assert "2 cases reprises, pas encore enregistrées." in words_of(page)
    assert f'value="{lea}" checked data-avant="0" aria-describedby="aide-modif' in page
    assert re.search(rf'value="{tom}" data-avant="1" aria-describedby="aide-modif', page)
    assert '<p id="aide-modif" hidden>à enregistrer</p>' in page
    assert page.count(">Enregistrer</button>") == 2  # the one that Enter presses, unseen; and the bar's
    assert "2 changements à enregistrer" in words_of(page)
    assert f'<a class="btn btn--3" data-oublier href="{MOIS}">Oublier ces 2 cases</a>' in page
    assert Inscription.objects.filter(etat="inscrit").count() == 1


def test_following_the_link_forgets_them(client, famille, ended):
    post(client, r=[cle(famille["lea"], 8, "soir")])
    assert "Oublier cette case</a>" in html_of(log_in(client, ended))

    page = html_of(client.get(MOIS))

    assert "reprise" not in page
    assert "data-avant" not in page


def test_day_gives_them_back_as_well(client, famille, ended):
    lea = cle(famille["lea"], 8, "soir")
    post(client, r=[lea], adresse="/jour/2026-12-08/")

    page = html_of(log_in(client, ended, "/jour/2026-12-08/"))

    assert "1 case reprise, pas encore enregistrée." in words_of(page)
    assert re.search(rf'value="{lea}" checked data-avant="0"[^>]* aria-describedby="h-\S+ aide-modif', page)
    assert page.count('<label class="switch modif">') == 1


def test_login_page_says_how_many_and_neither_whose_nor_which(client, famille, ended):
    post(client, r=[cle(famille["lea"], 8, "soir"), cle(famille["tom"], 8, "soir")])

    page = html_of(client.get("/connexion/"))

    assert "2 cases gardées" in page
    assert "elles seront dans la grille, à leur place" in page
    assert [name for name in ("Léa", "Tom", "Camille", ended.identifiant, "décembre") if name in page] == []


def test_login_page_says_one_box_in_the_singular(client, famille, ended):
    post(client, r=[cle(famille["lea"], 8, "soir")])

    assert "1 case gardée : elle sera dans la grille, à sa place" in words_of(html_of(client.get("/connexion/")))


@pytest.mark.parametrize("path", ["/nulle-part/", "/compte/"])
def test_login_page_counts_no_form_but_those_of_a_grid(client, famille, ended, path):
    client.post(path, {"avant": "", "telephone": "06"})

    page = client.get("/connexion/")

    assert page.status_code == 200
    assert "Vos changements en cours sont gardés" in page.text


def test_another_account_of_the_same_browser_never_gets_them(client, famille, ended):
    dominique = ResponsableFactory(user__first_name="Dominique", foyer=famille["camille"].foyer)
    dominique.user.set_password(PASSWORD)
    dominique.user.save()
    post(client, r=[cle(famille["lea"], 8, "soir")])

    page = html_of(log_in(client, dominique.user))

    assert "reprise" not in page
    client.post("/deconnexion/")
    assert "reprise" not in html_of(log_in(client, ended))  # nor does the first one, through the other's session


def test_box_that_another_saved_or_filled_meanwhile_is_told_and_never_reverted(client, famille, ended):
    soir = Creneau.objects.get(code="soir")
    lea, tom = cle(famille["lea"], 8, "soir"), cle(famille["tom"], 8, "soir")
    post(client, r=[lea, tom])
    Inscription.objects.create(enfant=famille["lea"], jour="2026-12-08", creneau=soir)
    Creneau.objects.filter(code="soir").update(places=1)

    page = html_of(log_in(client, ended))

    assert "Un de vos changements était déjà fait" in page
    assert "<li>Léa, mardi 8, soir : déjà ajouté</li>" in page
    assert "Un changement n’est plus possible" in page
    assert "Tom, mardi 8, soir : il n’y a plus de place" in page
    assert "data-avant" not in page
    assert "reprises" not in page
