"""What is left of the boxes that a device kept: told under today's rules, and saved as a difference."""

import re
from datetime import timedelta

import pytest

from enfance.models import Creneau, Enregistrement, Evenement, Inscription
from enfance.planning.semaines import remplir
from enfance.regles import Acteur
from enfance.semaine_modele import Modele
from tests.enfance.views.conftest import NOW
from tests.enfance.views.grille import MOIS, cle, post
from tests.factories import make_enfant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def ask(client, *gardees, montrees=None):
    """`montrees`: the boxes that the grid in view shows, None where there is no grid."""
    grille = {} if montrees is None else {"montrees": " ".join(montrees)}
    return client.post("/planning/gardees/", {"gardees": " ".join(gardees)} | grille)


def left(client, *gardees):
    response = ask(client, *gardees)
    assert response.status_code == 200
    return response.context["restent"].split()


def test_boxes_left_are_told_with_what_was_wanted_and_the_way_to_their_grid(client, famille):
    lea, tom = cle(famille["lea"], 8, "soir"), cle(famille["tom"], 10, "midi")
    Inscription.objects.create(enfant=famille["tom"], jour="2026-12-10", creneau=famille["midi"])

    response = ask(client, f"{lea}=r=", f"{tom}==abc")

    page = response.text
    assert "2\u00a0cases n’ont pas été enregistrées" in page
    assert "Léa, soir\u00a0: à ajouter mardi 8\u00a0décembre" in page
    assert "Tom, midi\u00a0: à retirer jeudi 10\u00a0décembre" in page
    assert f'href="{MOIS}">Retrouver en décembre</a>' in page
    assert (response.context["ici"], response.context["oubliables"]) == ([], f"{lea} {tom}")
    assert "<button" not in page  # the grid's own is the only one


def test_boxes_that_the_grid_in_view_shows_come_back_in_it(client, famille):
    lea, tom = cle(famille["lea"], 8, "soir"), f"{famille['tom'].pk}:2027-01-07:midi"

    response = ask(client, f"{lea}=r=", f"{tom}=r=", montrees=[lea])

    page = response.text
    assert f'data-ici="{lea}"' in page
    assert 'data-mots="Léa, soir\u00a0: à ajouter mardi 8\u00a0décembre"' in page
    assert "<b>1\u00a0case reprise</b>" in page
    assert "1\u00a0case n’a pas été enregistrée" in page
    assert 'href="/planning/2027-01/">Retrouver en janvier</a>' in page
    assert response.context["oubliables"] == lea  # the other is forgotten in its own page


def test_boxes_of_two_months_lead_each_to_its_own(client, famille):
    lea = famille["lea"].pk

    page = ask(client, f"{lea}:2027-01-07:midi=r=", f"{lea}:2026-12-10:midi=r=").text

    assert re.findall(r">Retrouver en (\w+)<", page) == ["décembre", "janvier"]


def test_box_that_somebody_saved_meanwhile_is_not_left_and_is_told(client, famille):
    """Of the parent's own sending, whose answer was lost, there is nothing to tell."""
    post(client, r=[cle(famille["lea"], 8, "soir"), cle(famille["lea"], 10, "soir")], preuve="mienne")
    lea, tom = cle(famille["lea"], 8, "soir"), cle(famille["tom"], 8, "soir")

    page = ask(client, f"{lea}=r=", f"{tom}==", f"{cle(famille['lea'], 10, 'soir')}=r=mienne")

    assert page.context["restent"] == ""
    assert re.findall(r"<li>(.*?)</li>", page.text) == [
        "Léa, mardi 8, soir\u00a0: déjà ajouté",
        "Tom, mardi 8, soir\u00a0: déjà retiré",
    ]


def test_box_that_was_saved_then_changed_is_not_told_as_unsaved(client, famille):
    soir = cle(famille["lea"], 8, "soir")
    post(client, r=[soir], preuve="abc123")
    post(client, avant=[soir])

    assert left(client, f"{soir}=r=abc123") == []
    assert left(client, f"{soir}=r=autre1") == [soir]


def test_box_of_a_sending_that_was_refused_is_left(client, famille):
    lea, tom = cle(famille["lea"], 4, "soir"), cle(famille["tom"], 8, "soir")  # Friday 4 is past its limit
    post(client, r=[lea, tom], preuve="abc123")

    page = ask(client, f"{lea}=r=abc123", f"{tom}=r=abc123")

    assert page.context["restent"] == lea
    assert "Un changement n’est plus possible" in page.text
    assert "la date limite est passée" in page.text
    assert (page.context["ici"], page.context["oubliables"]) == ([], lea)


def test_box_that_is_full_meanwhile_is_told_and_not_forced(client, famille):
    Creneau.objects.filter(code="soir").update(places=0)
    voulue = cle(famille["lea"], 8, "soir")

    page = ask(client, f"{voulue}=r=", montrees=[voulue])

    assert "il n’y a plus de place" in page.text
    assert page.context["ici"] == []


@pytest.mark.parametrize(("places", "mots"), [(0, "à mettre en liste d’attente"), (5, "à ajouter")])
def test_box_of_the_waiting_list_is_told_as_it_would_be_saved_now(client, famille, places, mots):
    Creneau.objects.filter(code="soir").update(places=places)
    voulue = cle(famille["lea"], 8, "soir")

    page = ask(client, f"{voulue}=attente=", montrees=[voulue])

    assert page.context["ici"] == [voulue]
    assert f"Léa, soir\u00a0: {mots} mardi" in page.context["mots"][0]


def test_box_of_a_child_who_is_another_family_s_tells_no_name(client, famille):
    autre = make_enfant(prenom="Zoé")

    page = ask(client, f"{cle(autre, 8, 'soir')}=r=").text

    assert "pas rattaché à votre compte" in page
    assert "Zoé" not in page


def test_page_after_a_save_says_which_sending_it_answers(client, famille):
    response = post(client, r=[cle(famille["lea"], 8, "soir")], preuve="abc123")

    assert response.status_code == 303
    assert "recu=abc123" in response["Location"]
    assert 'data-recu="abc123"' in client.get(response["Location"]).text
    assert Enregistrement.objects.order_by("pk").last().preuve == "abc123"


def test_same_sending_twice_is_one_change(client, famille):  # VAL-04
    for _ in range(2):
        response = post(client, r=[cle(famille["lea"], 8, "soir")], preuve="abc123")
        assert "recu=abc123" in response["Location"]

    assert Evenement.objects.count() == 1


def test_refusal_says_that_the_sending_was_received(client, famille):
    page = post(client, r=[cle(famille["lea"], 4, "soir")], preuve="abc123")

    assert 'data-recu="abc123"' in page.text


@pytest.mark.parametrize("bouton", ["rapide", "idem", "recopier"])
def test_button_that_only_ticks_received_nothing(client, famille, bouton):
    page = post(client, r=[cle(famille["lea"], 8, "soir")], preuve="abc123", bouton=bouton, valeur="2026-12-07")

    assert 'data-recu=""' in page.text


@pytest.mark.parametrize("preuve", ["", "A B", "é", "x" * 41])
def test_word_that_no_script_draws_is_no_sending(client, famille, preuve):
    post(client, r=[cle(famille["lea"], 8, "soir")], preuve=preuve)

    assert Enregistrement.objects.get().preuve == ""


@pytest.mark.parametrize(
    "gardees", ["", "x", "12:2026-12-08:soir", "12:2026-12-08:soir=z=", "12:9:soir=t=", "12:1:soir=r="]
)
def test_what_no_device_keeps_is_refused(client, famille, gardees):  # VAL-08
    assert ask(client, gardees).status_code == 400


def test_days_that_no_page_shows_are_not_left(client, famille):
    lea = famille["lea"].pk

    assert left(client, f"{lea}:0001-01-01:soir=r=", f"{lea}:9999-12-31:soir=r=") == []


@pytest.mark.parametrize("fois", [1, 20])
def test_asking_writes_nothing_and_costs_the_same_queries_for_one_box_and_many(
    client, famille, django_assert_max_num_queries, fois
):
    soirs = [cle(famille["lea"], jour, "soir") for jour in (7, 8, 10, 11, 14, 15, 17, 18)]

    with django_assert_max_num_queries(16):
        ask(client, *[f"{soir}=r=abc" for soir in soirs[:fois]])

    assert not Inscription.objects.exists()


def test_boxes_of_the_semaine_type_are_told_beside_the_one_that_is_kept(client, famille):
    lea, tom = famille["lea"].pk, famille["tom"].pk
    fin = (NOW + timedelta(days=60)).date()
    remplir(
        [Modele(lea, frozenset({(0, "soir"), (1, "soir")}), NOW.date(), fin)],
        Acteur.semaine_type(famille["camille"], "avant"),
        now=NOW,
    )

    gardees = f"{lea}:1:soir=t=", f"{lea}:2:soir==", f"{tom}:4:midi=t=xyz"
    page = ask(client, *gardees)

    assert page.context["restent"].split() == [f"{lea}:2:soir", f"{tom}:4:midi"]
    html = page.text
    assert "2\u00a0cases de la semaine type n’ont pas été enregistrées" in html
    assert "Léa, soir\u00a0: à décocher mardi" in html
    assert "Tom, midi\u00a0: à cocher jeudi" in html
    assert 'href="/semaine-type/">Retrouver dans la semaine type</a>' in html
    assert left(client, f"{lea}:2:soir==avant") == []
    ici = ask(client, *gardees, montrees=[f"{lea}:2:soir", f"{tom}:4:midi"])
    assert ici.context["ici"] == [f"{lea}:2:soir", f"{tom}:4:midi"]
    assert ici.context["mots"] == ["Léa, soir\u00a0: à décocher mardi", "Tom, midi\u00a0: à cocher jeudi"]


def test_sending_of_the_semaine_type_leaves_nothing(client, famille):
    lea = famille["lea"].pk
    [fin] = re.findall(r'name="fin" value="(\w+)" checked', client.get("/semaine-type/").text)
    data = {"t": [f"{lea}:2:soir"], "fin": fin, "rythme": "1", "garder": "1", "preuve": "def"}

    apercu = client.post("/semaine-type/", data | {"apercu": "1"}, follow=True).text
    rempli = client.post("/semaine-type/", data | {"enregistrer": "1"})

    assert 'name="preuve" value="def"' in apercu
    assert rempli["Location"].endswith("&recu=def")
    assert left(client, f"{lea}:2:soir=t=def") == []
