"""What answers a form of a family has an address of its own, to come back to: drawn again as things are by then."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from accounts.session_store import SessionStore
from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Inscription
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.reading import words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
MOIS, JOUR, TYPE = "/planning/2026-12/", "/jour/2026-12-07/", "/semaine-type/"
SEMAINE = {"fin": "annee", "rythme": "1"}
GONE = "Cette page n’est plus gardée"
LIMITE = datetime(2026, 12, 4, 12, 0, tzinfo=PARIS)  # of Monday 7


def cle(enfant, jour: int, creneau: str = "soir") -> str:
    return f"{enfant.pk}:2026-12-{jour:02}:{creneau}"


def ask(client, address: str, data: dict[str, object]) -> str:
    """Send a form that a page of its own answers; its address."""
    response = client.post(address, data)
    assert response.status_code == 303
    assert re.search(r"[?&]envoi=[A-Za-z0-9]{12}(&|$)", response["Location"])
    return response["Location"]


def wait(client, time_machine) -> None:
    """Half an hour goes by, in a session that lasts longer."""
    session = client.session
    session["idle"] = settings.SESSION_IDLE
    session.save()
    time_machine.shift(timedelta(minutes=30))


def boxes(response) -> dict[str, object]:
    return {str(case.cle): case for semaine in response.context["mois"].semaines for case in semaine.cases}


def asked(famille) -> dict[str, tuple[str, dict[str, object]]]:
    """Each form of a family that a page of its own answers, by its words on that page."""
    lea, ferme = famille["lea"], cle(famille["lea"], 4)
    return {
        "4 changements à enregistrer": (
            MOIS,
            {"avant": "", "r": [cle(lea, 8), cle(lea, 10)], "idem": "2026-12-07"},
        ),
        "2 changements à enregistrer": (MOIS, {"avant": "", "r": [cle(lea, 8)], "recopier": "2026-12-07"}),
        "Léa, vendredi 4, soir : la date limite est passée": (MOIS, {"avant": "", "r": [ferme], "enregistrer": "1"}),
        "Léa, mercredi 9, soir : il n’y a pas école": (
            JOUR,
            {"avant": "", "r": [cle(lea, 9)], "enregistrer": "1"},
        ),
        "Voici ce qui va changer": (TYPE, SEMAINE | {"t": [f"{lea.pk}:1:soir"], "apercu": "1"}),
        "Semaine type Choisissez une fois": (TYPE, SEMAINE | {"t": [f"{lea.pk}:1:soir"], "idem": "type"}),
        "Cochez au moins un moment.": (TYPE, SEMAINE | {"apercu": "1"}),
        "Indiquez la date de fin.": (
            TYPE,
            SEMAINE | {"t": [f"{lea.pk}:1:soir"], "fin": "dates", "du": "2026-12-07", "apercu": "1"},
        ),
        "Léa, vendredi 4, midi : la date limite est passée": ("/", {"repas": f"{lea.pk}:2026-12-04"}),
    }


CASES = range(9)


@pytest.mark.parametrize("n", CASES)
def test_what_answers_has_an_address_that_a_reload_asks_again(client, famille, n):
    words, (page, data) = list(asked(famille).items())[n]

    address = ask(client, page, data)

    assert address.startswith(f"{page}?")
    for _ in range(2):
        assert words in words_of(client.get(address))
    assert Inscription.objects.count() == Enregistrement.objects.count() == 0


@pytest.mark.parametrize("n", CASES)
def test_address_says_after_half_an_hour_that_it_is_no_longer_kept(client, famille, time_machine, n):
    words, (page, data) = list(asked(famille).items())[n]
    address = ask(client, page, data)
    wait(client, time_machine)

    response = client.get(address)

    assert response.status_code == 200
    assert GONE in words_of(response)
    assert words.replace("Semaine type ", "") not in words_of(response) or page == TYPE
    assert GONE not in words_of(client.get(page))


def test_address_of_another_parent_says_nothing_of_theirs(client, famille):
    address, autre = ask(client, MOIS, {"avant": "", "r": [cle(famille["lea"], 4)]}), ResponsableFactory()
    make_enfant(autre, prenom="Noé")
    client.force_login(autre.user)

    page = words_of(client.get(address))

    assert GONE in page
    assert "Léa" not in page


@pytest.mark.parametrize("word", ["", "x", "éàç", "a" * 300])
@pytest.mark.parametrize("page", [MOIS, JOUR, TYPE, "/", "/historique/"])
def test_word_that_never_was_is_the_ordinary_page(client, famille, page, word):
    response = client.get(page, {"envoi": word})

    assert response.status_code == 200
    assert GONE in words_of(response)


def test_ticks_asked_for_are_saved_from_their_page_and_going_back_shows_nothing_to_save(client, famille):
    data = {"avant": "", "r": [cle(famille["lea"], 8)], "idem": "2026-12-07"}
    address = ask(client, MOIS, data)
    both = [cle(famille["lea"], 8), cle(famille["tom"], 8)]

    response = client.post(address, {"avant": "", "r": both, "enregistrer": "1"})

    assert response["Location"] == f"{MOIS}?enregistre={Enregistrement.objects.get().pk}#resultat"
    assert "Pensez à enregistrer" in words_of(client.get(address))


@pytest.mark.parametrize("bouton", ["titre", "partout", "idem", "recopier"])
def test_going_back_to_ticks_that_were_saved_unticks_none(client, famille, bouton):
    """A heading unticks a row that is ticked: it is pressed once, not each time that its page is seen."""
    lea = famille["lea"]
    valeur = cle(lea, 7) if bouton in {"titre", "partout"} else "2026-12-07"
    address = ask(client, MOIS, {"avant": "", "r": [cle(lea, 7), cle(lea, 8)], bouton: valeur})
    coches = [key for key, case in boxes(client.get(address)).items() if case.coche]
    assert len(coches) > 2
    client.post(address, {"avant": "", "r": coches, "enregistrer": "1"})

    vues = boxes(client.get(address))

    assert [key for key, case in vues.items() if case.modif] == []
    assert all(vues[key].coche for key in coches)


def test_filter_of_the_page_stays(client, famille):
    lea = famille["lea"]
    page = f"{MOIS}?enfant={lea.pk}"
    for data in ({"r": [cle(lea, 8)], "recopier": "2026-12-07"}, {"r": [cle(lea, 4)], "enregistrer": "1"}):
        response = client.get(ask(client, page, {"avant": "", **data}))
        assert {case.cle.enfant for case in boxes(response).values()} == {lea.pk}


def test_refused_save_is_made_once_and_its_page_tells_the_rest(client, famille):
    address = ask(client, MOIS, {"avant": "", "r": [cle(famille["lea"], 4), cle(famille["lea"], 8)]})

    pages = [words_of(client.get(address)) for _ in range(3)]

    reference = Enregistrement.objects.get().pk
    assert all("Un changement n’a pas pu être enregistré" in page for page in pages)
    assert all("L’autre changement est enregistré." in page for page in pages)
    assert all(f"Référence {reference}." in page for page in pages)


# --- Drawn again, later ---------------------------------------------------------------------------------------------


def test_ticks_are_a_difference_with_what_is_ticked_by_now(client, famille):
    lea, tom = famille["lea"], famille["tom"]
    address = ask(client, MOIS, {"avant": "", "r": [cle(lea, 8)], "recopier": "2026-12-07"})
    camille = Acteur.parent(famille["camille"])
    enregistrer([Changement(Cle.parse(cle(tom, 10)), "inscrit")], camille, now=timezone.now())

    vues = boxes(client.get(address))

    assert (vues[cle(tom, 10)].coche, vues[cle(tom, 10)].modif) == (True, False)
    assert (vues[cle(lea, 8)].coche, vues[cle(lea, 8)].modif) == (True, True)


def test_tick_whose_limit_passes_is_told_and_not_shown_as_to_be_saved(client, famille, time_machine):
    lea = famille["lea"]
    time_machine.move_to(LIMITE - timedelta(minutes=10), tick=False)
    client.force_login(famille["camille"].user)
    address = ask(client, MOIS, {"avant": "", "r": [cle(lea, 7), cle(lea, 8)], "recopier": "2026-12-07"})
    time_machine.move_to(LIMITE, tick=False)

    page = words_of(client.get(address))

    assert "Un changement n’est plus possible" in page
    assert "Léa, lundi 7, soir : la date limite est passée" in page


@pytest.mark.parametrize("page", [MOIS, "/jour/2026-12-08/"])
def test_place_that_went_meanwhile_is_told_and_asks_for_no_rank(client, famille, page):
    lea, autre = famille["lea"], ResponsableFactory()
    Creneau.objects.filter(code="soir").update(places=1)
    noe = make_enfant(autre, prenom="Noé")
    address = ask(client, page, {"avant": "", "r": [cle(lea, 8)], "rapide": "1"})
    enregistrer(
        [Changement(Cle(noe.pk, date(2026, 12, 8), "soir"), "inscrit")], Acteur.parent(autre), now=timezone.now()
    )

    response = client.get(address)

    assert "Léa, mardi 8, soir : il n’y a plus de place." in words_of(response)
    assert f'name="attente" value="{cle(lea, 8)}" checked' not in response.text


def test_refusal_is_told_as_it_was_said_and_the_boxes_as_they_are(client, famille):
    lea, autre = famille["lea"], ResponsableFactory()
    Creneau.objects.filter(code="soir").update(places=1)
    noe = make_enfant(autre, prenom="Noé")
    prise = [Changement(Cle(noe.pk, date(2026, 12, 8), "soir"), "inscrit")]
    enregistrer(prise, Acteur.parent(autre), now=timezone.now())
    address = ask(client, MOIS, {"avant": "", "r": [cle(lea, 8)], "enregistrer": "1"})
    enregistrer([Changement(prise[0].cle, "annulee")], Acteur.parent(autre), now=timezone.now())

    response = client.get(address)

    assert "Léa, mardi 8, soir : il n’y a plus de place." in words_of(response)
    assert boxes(response)[cle(lea, 8)].complet is False


# --- The other pages ------------------------------------------------------------------------------------------------


def test_semaine_type_goes_from_its_preview_to_its_boxes_and_back(client, famille):
    data = SEMAINE | {"t": [f"{famille['lea'].pk}:1:soir"]}
    apercu = ask(client, TYPE, data | {"apercu": "1"})
    choix = ask(client, TYPE, data | {"revenir": "1"})

    assert f'value="{famille["lea"].pk}:1:soir" checked' in client.get(choix).text
    assert "Enregistrer l’année" in words_of(client.get(apercu))
    assert client.post(TYPE, data | {"enregistrer": "1"})["Location"].startswith(f"{TYPE}?enregistre=")
    assert "Rien ne change" in words_of(client.get(apercu))


def test_semaine_type_asked_to_be_saved_is_never_saved_by_its_address(client, famille):
    """The planning is emptied only once its button says so: until then nothing is written, whatever happens to it."""
    lea = famille["lea"]
    Inscription.objects.create(enfant=lea, jour=date(2026, 12, 14), creneau=famille["soir"], origine="semaine_type")
    data = SEMAINE | {"t": [f"{famille['tom'].pk}:1:soir"], "enregistrer": "1"}
    address = ask(client, TYPE, data)
    assert "confirmez que Léa ne vient plus" in words_of(client.get(address))
    Inscription.objects.update(etat="annulee")

    page = words_of(client.get(address))

    assert "Enregistrer l’année" in page
    assert not Enregistrement.objects.exists()


def test_undoing_in_part_is_told_at_an_address_of_the_history(client, famille, time_machine):
    client.post(MOIS, {"avant": "", "r": cle(famille["lea"], 7), "enregistrer": "1"})
    reference = Enregistrement.objects.get().pk
    time_machine.shift(timedelta(minutes=15))

    address = ask(client, f"/historique/{reference}/annuler/", {"retour": MOIS})

    assert address.startswith("/historique/?envoi=")
    page = client.get(address)
    assert "Ces changements ne s’annulent plus d’un coup" in words_of(page)
    assert f'href="{MOIS}">Revenir à la page' in page.text
    wait(client, time_machine)
    assert GONE in words_of(client.get(address))


def test_counter_keeps_what_was_typed_at_the_address(client, famille):
    client.force_login(StaffFactory())
    page = f"/guichet/{famille['camille'].foyer_id}/planning/2026-12/"
    address = ask(client, page, {"avant": "", "r": [cle(famille["lea"], 4)], "motif": "", "enregistrer": "1"})

    response = client.get(address)

    assert "Possible avec un motif." in words_of(response)
    assert boxes(response)[cle(famille["lea"], 4)].modif is True
    assert "motif" in response.context["form"].errors


# --- Not held -------------------------------------------------------------------------------------------------------


def test_page_answers_itself_where_the_session_cannot_be_written(client, famille, monkeypatch):
    """What is saved is saved: a database that locks just then does not tell it as lost."""

    def locked(store, must_create=False):
        raise OperationalError("database is locked")

    client.get(MOIS)
    monkeypatch.setattr(SessionStore, "save", locked)

    refused = client.post(MOIS, {"avant": "", "r": [cle(famille["lea"], 4), cle(famille["lea"], 8)]})
    ticked = client.post(MOIS, {"avant": "", "r": [cle(famille["tom"], 10)], "recopier": "2026-12-07"})

    assert (refused.status_code, ticked.status_code) == (200, 200)
    assert "L’autre changement est enregistré." in words_of(refused)
    assert "2 changements à enregistrer" in words_of(ticked)
    assert Inscription.objects.count() == 1
