"""« Parti le », on the page of a child: what it cancels or gives back is shown before anything is written."""

from datetime import date

import pytest
from django_tasks_db.models import DBTaskResult

from enfance.inscriptions import Changement, enregistrer
from enfance.models import Creneau, Enregistrement, Inscription, Scolarite
from enfance.regles import Acteur, Cle
from tests.enfance.admin.conftest import JEUDI_SOIR, LUNDI
from tests.enfance.admin.test_personnes import ENFANTS, save, texts

PASSE = date(2026, 11, 30)
MARDI = date(2026, 12, 8)
LUNDI_14 = date(2026, 12, 14)


@pytest.fixture
def jours(lea, creneaux):
    """Léa has three evenings to come, one that is over, and one that her parent cancelled."""
    parent = lea.responsables.get()
    for voulu, dates in (("inscrit", (LUNDI, MARDI, LUNDI_14, date(2026, 12, 15))), ("annulee", (date(2026, 12, 15),))):
        cles = [Cle(lea.pk, jour, "soir") for jour in dates]
        enregistrer([Changement(cle, voulu) for cle in cles], Acteur.parent(parent), now=JEUDI_SOIR)
    Inscription.objects.create(enfant=lea, jour=PASSE, creneau=creneaux["soir"], foyer=parent.foyer)
    DBTaskResult.objects.all().delete()


def etats():
    return {jour.day: etat for jour, etat in Inscription.objects.order_by("jour").values_list("jour", "etat")}


def ask(client, lea, depart, **champs):
    return save(client, f"{ENFANTS}{lea.pk}/change/", **{"scolarites-0-depart": depart}, **champs)


def confirm(client, response):
    data = {}
    for nom, valeur in response.context["champs"]:
        data.setdefault(nom, []).append(valeur)
    data.setdefault("depart_vu", []).append(response.context["bilan"].empreinte)
    return client.post(response.request["PATH_INFO"], data, follow=True)


def leave(client, lea, depart):
    return confirm(client, ask(client, lea, depart))


AVANT = {30: "inscrit", 7: "inscrit", 8: "inscrit", 14: "inscrit", 15: "annulee"}
PARTIE = {30: "inscrit", 7: "inscrit", 8: "annulee", 14: "annulee", 15: "annulee"}


def test_departure_is_shown_and_nothing_is_written(mairie, lea, jours):
    response = ask(mairie, lea, "2026-12-08")

    assert response.context["bilan"].jours_annules == [
        ("mardi 8\u00a0décembre 2026", 1),
        ("lundi 14\u00a0décembre 2026", 1),
    ]
    assert etats() == AVANT
    assert Scolarite.objects.get().depart is None


def test_departure_confirmed_cancels_what_comes_after(mairie, lea, jours):
    response = leave(mairie, lea, "2026-12-08")

    assert etats() == PARTIE
    assert Scolarite.objects.get().depart == MARDI
    assert Enregistrement.objects.latest("pk").motif == "Départ de l’école"
    assert "Inscriptions annulées à partir du départ\u00a0: 2. La famille n’est pas prévenue par e-mail." in texts(
        response
    )
    assert not DBTaskResult.objects.exists()


def test_departure_in_the_past_leaves_days_past(mairie, lea, jours):
    leave(mairie, lea, "2026-09-15")

    assert etats() == AVANT | {7: "annulee", 8: "annulee", 14: "annulee"}


def test_departure_shown_is_asked_again_when_it_has_changed(mairie, lea, jours):
    shown = ask(mairie, lea, "2026-12-08")
    Inscription.objects.filter(jour=LUNDI_14).update(etat="annulee")

    again = confirm(mairie, shown)

    assert again.context["bilan"].jours_annules == [("mardi 8\u00a0décembre 2026", 1)]
    assert Scolarite.objects.get().depart is None
    confirm(mairie, again)
    assert Scolarite.objects.get().depart == MARDI


@pytest.mark.parametrize("jour", ["1990-01-01", "2026-08-31", "2027-08-31"])
def test_departure_outside_its_year_is_refused(mairie, lea, jours, jour):
    response = ask(mairie, lea, jour)

    annee = Scolarite.objects.get().annee
    phrase = f"Indiquez un jour de l’année {annee}, du {annee.debut:%d/%m/%Y} au {annee.fin:%d/%m/%Y}."
    formset = response.context["inline_admin_formsets"][0].formset
    assert formset.forms[0].errors == {"depart": [phrase]}
    assert etats() == AVANT


def test_departure_cleared_gives_back_what_it_cancelled_and_nothing_else(mairie, lea, jours):
    leave(mairie, lea, "2026-12-08")

    shown = ask(mairie, lea, "")

    assert len(shown.context["bilan"].rendues) == 2
    assert etats() == PARTIE
    response = confirm(mairie, shown)
    assert etats() == AVANT
    assert "Inscriptions rétablies\u00a0: 2. La famille est prévenue par e-mail." in texts(response)
    assert DBTaskResult.objects.count() == 1


def test_departure_moved_gives_back_the_days_before(mairie, lea, jours):
    leave(mairie, lea, "2026-12-08")
    leave(mairie, lea, "2026-12-10")
    assert etats() == AVANT | {14: "annulee"}

    leave(mairie, lea, "")

    assert etats() == AVANT


def test_departure_cleared_takes_no_place(mairie, lea, jours):
    leave(mairie, lea, "2026-12-08")
    Creneau.objects.update(places=0)

    response = leave(mairie, lea, "")

    assert etats() == PARTIE
    assert Scolarite.objects.get().depart is None
    assert [text.startswith("Non rétablie\u00a0: ") for text in texts(response)[:2]] == [True, True]


def test_departure_and_garde_of_the_same_save_are_asked_one_after_the_other(mairie, lea, jours):
    departed = ask(mairie, lea, "2026-12-14", **{"gardes-0-fin": "2026-12-07"})

    garde = confirm(mairie, departed)

    assert [ligne.jour for ligne in garde.context["lignes"]] == [MARDI]
    data = {"montree": [str(garde.context["lignes"][0].cle)], "suite": "annuler"}
    for nom, valeur in garde.context["champs"]:
        data.setdefault(nom, []).append(valeur)
    mairie.post(garde.request["PATH_INFO"], data, follow=True)
    assert etats() == AVANT | {8: "annulee", 14: "annulee"}
    assert Scolarite.objects.get().depart == LUNDI_14
