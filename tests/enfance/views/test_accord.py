"""« La cantine voit qu’il y a une allergie ou un PAI »: a parent's choice, traced, told to the other parent."""

from datetime import timedelta

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult

from enfance.famille.accords import choisir
from enfance.models import Enfant, Responsabilite
from tests.enfance.views.conftest import NOW
from tests.factories import ResponsableFactory, StaffFactory, make_enfant
from tests.reading import html_of

pytestmark = pytest.mark.django_db
VOIT = "La cantine voit qu’il y a une allergie ou un PAI (rien de plus)"


@pytest.fixture
def lea(camille, sacha):
    return make_enfant(camille, sacha, prenom="Léa", pai=True)


def post(client, child, cantine):
    return client.post(f"/enfants/{child.pk}/", {"cantine": cantine}, follow=True)


def run_tasks():
    while rows := list(DBTaskResult.objects.filter(status="READY")):
        for row in rows:
            DBTaskResult.objects.filter(pk=row.pk).update(status="SUCCESSFUL")
            row.task.func(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])


def test_parent_agrees_and_takes_it_back(connected, camille, lea, journal):  # RGP-11
    assert f"{VOIT} : <b>non</b>." in html_of(connected.get(f"/enfants/{lea.pk}/"))
    page = html_of(post(connected, lea, "oui"))
    lea.refresh_from_db()
    assert (lea.pai_cantine, lea.pai_cantine_par, lea.pai_cantine_le) == (True, camille.user, NOW)
    assert "C’est enregistré : la cantine voit qu’il y a une allergie ou un PAI." in page
    assert f"{VOIT} : <b>oui</b>, depuis jeudi 3 décembre à 20 h 41." in page
    assert f"{VOIT} : <b>non</b>" in html_of(post(connected, lea, "non"))
    assert [event["event"] for event in journal.events if "agreement" in event["event"]] == [
        "canteen_agreement_given",
        "canteen_agreement_withdrawn",
    ]


def test_other_parent_is_told_without_a_word_of_health(connected, camille, sacha, lea):  # RGP-11
    post(connected, lea, "oui")
    run_tasks()
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["sacha@ailleurs.example"], "Ce que la cantine voit de Léa a changé")
    (html,) = [part.content for part in message.alternatives]
    for texte in (message.body, html):
        assert "L’autre parent a changé ce que" in texte
        for word in ["llergie", "PAI", "Camille", "Tilleuls"]:
            assert word not in texte


def test_mail_says_who_as_its_reader_may_know(camille, sacha, lea):
    dominique = ResponsableFactory(user__first_name="Dominique", foyer=camille.foyer)
    Responsabilite.objects.create(enfant=lea, responsable=dominique)
    told = []
    for auteur, accord in [(sacha.user, True), (dominique.user, False), (StaffFactory(email=""), True)]:
        mail.outbox.clear()
        choisir(lea, auteur, accord, now=NOW)
        run_tasks()
        qui = {m.to[0]: m.body.split("\n")[2].split(" a changé")[0] for m in mail.outbox}
        told.append([qui.get(responsable.user.email) for responsable in (camille, dominique, sacha)])
    assert told == [
        ["L’autre parent", "L’autre parent", None],
        ["Dominique", None, "L’autre parent"],
        ["La mairie", "La mairie", "La mairie"],
    ]


def test_either_parent_takes_it_back(client, camille, sacha, lea):
    choisir(lea, camille.user, True, now=NOW)
    client.force_login(sacha.user)
    post(client, lea, "non")
    lea.refresh_from_db()
    assert (lea.pai_cantine, lea.pai_cantine_par) == (False, sacha.user)


def test_twice_is_once(connected, camille, lea, time_machine):
    post(connected, lea, "oui")
    time_machine.move_to(NOW + timedelta(minutes=1), tick=False)
    post(connected, lea, "oui")
    lea.refresh_from_db()
    assert (lea.pai_cantine_le, DBTaskResult.objects.count()) == (NOW, 1)


def test_child_without_pai_nor_instruction_has_nothing_to_tell(connected, camille):
    tom = make_enfant(camille, prenom="Tom")
    assert VOIT not in html_of(connected.get(f"/enfants/{tom.pk}/"))
    post(connected, tom, "oui")
    assert not Enfant.objects.get(pk=tom.pk).pai_cantine


def test_instruction_alone_may_be_told(connected, camille):
    tom = make_enfant(camille, prenom="Tom", consigne="Arachide")
    page = html_of(post(connected, tom, "oui"))
    assert (Enfant.objects.get(pk=tom.pk).pai_cantine, "Arachide" in page) == (True, False)


def test_agreement_that_has_nothing_more_to_tell_can_be_taken_back(connected, camille, lea):
    choisir(lea, camille.user, True, now=NOW)
    Enfant.objects.filter(pk=lea.pk).update(pai=False)
    post(connected, lea, "non")
    assert not Enfant.objects.get(pk=lea.pk).pai_cantine


@pytest.mark.parametrize("choix", ["", "peut-être", "1"])
def test_forged_choice_changes_nothing(connected, lea, choix):
    page = html_of(post(connected, lea, choix))
    assert "Ce choix n’a pas été compris : rien n’a changé." in page
    assert not Enfant.objects.get(pk=lea.pk).pai_cantine


def test_choice_for_another_family_is_an_unknown_page(client, lea):  # ACC-02
    client.force_login(ResponsableFactory().user)
    assert client.post(f"/enfants/{lea.pk}/", {"cantine": "oui"}).status_code == 404


def test_suspended_parent_neither_chooses_nor_is_told(client, camille, sacha, lea):
    Responsabilite.objects.filter(responsable=sacha).update(suspendue=True)
    client.force_login(sacha.user)
    assert client.post(f"/enfants/{lea.pk}/", {"cantine": "oui"}).status_code == 404
    choisir(lea, camille.user, True, now=NOW)
    run_tasks()
    assert mail.outbox == []
