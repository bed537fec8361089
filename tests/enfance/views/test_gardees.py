"""What is left of the boxes that a device kept: told under today's rules, and saved as a difference."""

from datetime import timedelta

import pytest

from enfance.models import Creneau, Enregistrement, Evenement, Inscription
from enfance.planning.semaines import remplir
from enfance.semaine_modele import Modele
from tests.enfance.views.conftest import NOW
from tests.enfance.views.grille import MOIS, cle, post
from tests.factories import make_enfant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def ask(client, *gardees):
    return client.post("/planning/gardees/", {"gardees": " ".join(gardees)})


def left(client, *gardees):
    response = ask(client, *gardees)
    assert response.status_code == 200
    return response.context["restent"].split()


def test_boxes_left_are_told_with_what_was_wanted(client, famille):
    lea, tom = cle(famille["lea"], 8, "soir"), cle(famille["tom"], 10, "midi")
    Inscription.objects.create(enfant=famille["tom"], jour="2026-12-10", creneau=famille["midi"])

    page = ask(client, f"{lea}=r=", f"{tom}==abc").content.decode()

    assert "2\u00a0cases n’ont pas été enregistrées" in page
    assert "Léa, soir\u00a0: à ajouter mardi 8\u00a0décembre" in page
    assert "Tom, midi\u00a0: à retirer jeudi 10\u00a0décembre" in page
    assert f'action="{MOIS}"' in page
    assert f'name="avant" value="{tom}"' in page
    assert f'name="r" value="{lea}"' in page


def test_box_that_is_as_wanted_is_not_left(client, famille):
    post(client, r=[cle(famille["lea"], 8, "soir")])

    assert left(client, f"{cle(famille['lea'], 8, 'soir')}=r=", f"{cle(famille['tom'], 8, 'soir')}==") == []


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
    assert "1\u00a0case n’a pas été enregistrée" in page.content.decode()
    assert "Elles ne sont plus possibles" in page.content.decode()
    assert "la date limite est passée" in page.content.decode()
    assert 'name="enregistrer"' not in page.content.decode()


def test_box_that_is_full_meanwhile_is_told_and_not_forced(client, famille):
    Creneau.objects.filter(code="soir").update(places=0)

    page = ask(client, f"{cle(famille['lea'], 8, 'soir')}=r=").content.decode()

    assert "il n’y a plus de place" in page
    assert 'name="enregistrer"' not in page


def test_box_of_the_waiting_list_joins_it(client, famille):
    Creneau.objects.filter(code="soir").update(places=0)
    voulue = cle(famille["lea"], 8, "soir")

    assert f'name="attente" value="{voulue}"' in ask(client, f"{voulue}=attente=").content.decode()


def test_box_of_a_child_who_is_another_family_s_tells_no_name(client, famille):
    autre = make_enfant(prenom="Zoé")

    page = ask(client, f"{cle(autre, 8, 'soir')}=r=").content.decode()

    assert "pas rattaché à votre compte" in page
    assert "Zoé" not in page


def test_saving_what_is_left_changes_nothing_else_and_says_so(client, famille):
    post(client, r=[cle(famille["tom"], 10, "soir")])
    Inscription.objects.create(enfant=famille["tom"], jour="2026-12-11", creneau=famille["soir"])

    response = post(client, r=[cle(famille["lea"], 8, "soir")], reprise="1", preuve="abc123")

    assert response.status_code == 303
    assert "recents" not in response["Location"]
    assert "recu=abc123" in response["Location"]
    assert 'data-recu="abc123"' in client.get(response["Location"]).content.decode()
    assert Enregistrement.objects.order_by("pk").last().preuve == "abc123"


def test_same_sending_twice_is_one_change(client, famille):  # VAL-04
    for _ in range(2):
        response = post(client, r=[cle(famille["lea"], 8, "soir")], preuve="abc123")
        assert "recu=abc123" in response["Location"]

    assert Evenement.objects.count() == 1


def test_refusal_says_that_the_sending_was_received(client, famille):
    page = post(client, r=[cle(famille["lea"], 4, "soir")], preuve="abc123")

    assert 'data-recu="abc123"' in page.content.decode()


@pytest.mark.parametrize("bouton", ["rapide", "idem", "recopier"])
def test_button_that_only_ticks_received_nothing(client, famille, bouton):
    page = post(client, r=[cle(famille["lea"], 8, "soir")], preuve="abc123", bouton=bouton, valeur="2026-12-07")

    assert 'data-recu=""' in page.content.decode()


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
        famille["camille"],
        preuve="avant",
        now=NOW,
    )

    page = ask(client, f"{lea}:1:soir=t=", f"{lea}:2:soir==", f"{tom}:4:midi=t=xyz")

    assert page.context["restent"].split() == [f"{lea}:2:soir", f"{tom}:4:midi"]
    html = page.content.decode()
    assert "2\u00a0cases de la semaine type n’ont pas été enregistrées" in html
    assert "Léa, soir\u00a0: à décocher mardi" in html
    assert "Tom, midi\u00a0: à cocher jeudi" in html
    assert [f'name="t" value="{t}"' in html for t in (f"{lea}:1:soir", f"{lea}:2:soir", f"{tom}:4:midi")] == [
        True,
        False,
        True,
    ]
    assert left(client, f"{lea}:2:soir==avant") == []


def test_preview_of_the_semaine_type_opens_from_what_is_left(client, famille):
    lea = famille["lea"].pk
    page = ask(client, f"{lea}:2:soir=t=abc")
    data = {"t": page.context["reprise_type"].boxes, **page.context["periode"], "apercu": "1", "preuve": "def"}

    apercu = client.post("/semaine-type/", data, follow=True).content.decode()

    assert "Voici ce qui va changer" in apercu
    assert 'name="preuve" value="def"' in apercu
    data.pop("apercu")
    rempli = client.post("/semaine-type/", data | {"enregistrer": "1"})
    assert rempli["Location"].endswith("&recu=def")
    assert left(client, f"{lea}:2:soir=t=def") == []
