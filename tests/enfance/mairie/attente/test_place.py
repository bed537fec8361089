"""A place given from a waiting list, by the town hall."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from accounts.models import User
from enfance.mairie.attente.ecriture import donner, load_donnees
from enfance.models import Enfant, Enregistrement, Inscription
from portail.dates import PARIS
from tests.enfance.mairie.attente.listes import ATTENTE, etats
from tests.enfance.mairie.conftest import JEUDI_SOIR, LUNDI, VENDREDI_11, client_of
from tests.factories import ResponsableFactory, make_enfant
from tests.reading import messages_of


def ask_place(client, prenom, **champs):
    """The button « Donner la place » beside this child."""
    return client.post(ATTENTE, {"donner": pk_of(prenom), "motif": ""} | champs, follow=True)


def pk_of(prenom):
    return Inscription.objects.get(enfant__prenom=prenom).pk


@pytest.fixture
def libre(liste, clock):
    """A place has come free once it was too late to give it by itself."""
    lea = Inscription.objects.get(enfant__prenom="Léa")
    Inscription.objects.filter(pk=lea.pk).update(etat="annulee")
    with time_machine.travel(datetime(2026, 12, 7, 9, 30, tzinfo=PARIS), tick=False):
        yield liste


def test_place_is_given_to_the_first_in_one_click(mairie, libre, agente):
    DBTaskResult.objects.all().delete()
    tom = Enfant.objects.get(prenom="Tom").responsables.get()
    tom.telephone = "06 39 98 00 12"
    tom.save()
    mairie = client_of(agente)
    assert 'href="tel:+33639980012"' in mairie.get(ATTENTE).text

    response = ask_place(mairie, "Tom")

    assert etats() == {"Léa": "annulee", "Tom": "inscrit", "Noé": "attente", "Zoé": "attente"}
    enregistrement = Enregistrement.objects.get(porte="mairie")
    assert (enregistrement.auteur, enregistrement.motif) == (
        agente,
        "Place libre donnée au premier de la liste d’attente",
    )
    assert messages_of(response) == [
        f"Tom Morel a la place : lundi 7 décembre, soir. La famille est prévenue par e-mail : {tom.user.email}."
    ]
    assert [task.task_path for task in DBTaskResult.objects.all()] == ["enfance.courriels.tasks.tell_family"]
    trace = LogEntry.objects.get()
    assert (trace.user, trace.object_id) == (agente, str(pk_of("Tom")))
    assert f"{enregistrement}." in trace.change_message
    assert "Tom" in [don.enfant.prenom for don in response.context["donnees"]]


def test_family_without_mail_is_to_be_told(mairie, libre, agente):
    User.objects.filter(responsable__enfants__prenom="Tom").update(email="")

    response = ask_place(client_of(agente), "Tom")

    assert "dites-le-lui de vive voix" in messages_of(response)[0]


def test_another_than_the_first_wants_a_reason_which_is_kept(libre, agente):
    mairie = client_of(agente)

    response = ask_place(mairie, "Zoé")
    assert response.context["form"]["motif"].errors == [
        "Tom Morel attend depuis plus longtemps\u00a0: écrivez pourquoi."
    ]
    assert "<title>Erreur" in response.text
    assert (etats()["Zoé"], LogEntry.objects.count()) == ("attente", 0)

    ask_place(mairie, "Zoé", motif="Situation d’urgence")
    assert (etats()["Zoé"], etats()["Tom"]) == ("inscrit", "attente")
    assert "Motif\u00a0: Situation d’urgence." in LogEntry.objects.get().change_message


def test_no_place_is_left(mairie, liste):
    response = ask_place(mairie, "Tom")

    assert response.context["form"]["motif"].errors == ["Tom Morel\u00a0: il n’y a plus de place."]
    assert etats()["Tom"] == "attente"


def test_place_beyond_the_last_is_asked_first(mairie, liste):
    data = {"donner": pk_of("Zoé"), "motif": "Situation d’urgence"}

    apercu = mairie.post(ATTENTE, data).context["apercu"]
    assert apercu.titre == "Donner une place de plus à Zoé Morel"
    assert (etats()["Zoé"], LogEntry.objects.count()) == ("attente", 0)

    mairie.agree(ATTENTE, data)
    assert (etats()["Zoé"], LogEntry.objects.count()) == ("inscrit", 1)


@pytest.mark.parametrize("minute", [30, 45])
def test_moment_that_is_over_wants_a_reason(libre, agente, time_machine, minute):
    time_machine.move_to(datetime(2026, 12, 7, 18, minute, tzinfo=PARIS), tick=False)

    response = ask_place(client_of(agente), "Tom")

    assert "la date limite est passée" in response.context["form"]["motif"].errors[0]
    assert etats()["Tom"] == "attente"


def test_home_without_garde_wants_a_reason(libre, agente):
    Enfant.objects.get(prenom="Tom").gardes.update(foyer=ResponsableFactory().foyer)

    response = ask_place(client_of(agente), "Tom")

    assert "n’a plus la garde" in response.context["form"]["motif"].errors[0]
    assert etats()["Tom"] == "attente"


@pytest.mark.parametrize(("depuis", "sans_motif"), [(date(2026, 12, 7), False), (date(2026, 11, 30), True)])
def test_home_of_a_friday_evening_is_that_of_the_hand_over(creneaux, agente, depuis, sans_motif):
    parent = ResponsableFactory()
    tom = make_enfant(parent, prenom="Tom")
    tom.gardes.update(rythme="alternee", depuis=depuis, passage="vendredi")
    attente = {"etat": "attente", "attente_depuis": JEUDI_SOIR, "foyer": parent.foyer}
    inscription = tom.inscriptions.create(jour=VENDREDI_11, creneau=creneaux["soir"], **attente)

    assert (donner(inscription, agente.pk, "", now=JEUDI_SOIR).refus == "") is sans_motif


def test_places_given_of_days_gone_by_are_told_no_more(mairie, libre, agente):
    ask_place(client_of(agente), "Tom")
    assert [donnee.enfant.prenom for donnee in load_donnees(LUNDI)] == ["Tom"]
    assert load_donnees(LUNDI + timedelta(days=1)) == []


def test_place_is_given_once(libre, agente):
    mairie = client_of(agente)
    ask_place(mairie, "Tom")

    response = ask_place(mairie, "Tom", motif="Situation d’urgence")

    assert messages_of(response) == ["Tom Morel n’attend plus : la liste a changé depuis l’affichage."]
    assert Enregistrement.objects.filter(porte="mairie").count() == 1
    assert response.context["form"]["motif"].value() == "Situation d’urgence"


@pytest.mark.parametrize("motif", ["x" * 201, "a\nb"])
def test_reason_that_cannot_be_kept_gives_nothing(libre, agente, motif):
    response = ask_place(client_of(agente), "Tom", motif=motif)

    assert response.context["form"]["motif"].errors
    assert etats()["Tom"] == "attente"


@pytest.mark.parametrize("pk", ["", "x", "9" * 30, "999999"])
def test_place_of_nobody_does_not_exist(mairie, liste, pk):
    assert mairie.post(ATTENTE, {"donner": pk}).status_code == 404


def test_giving_wants_the_right_to_change(agent_with, liste):
    assert agent_with("view_inscription").post(ATTENTE, {"donner": pk_of("Tom")}).status_code == 403
    assert etats()["Tom"] == "attente"
