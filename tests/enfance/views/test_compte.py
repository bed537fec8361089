"""A parent's account: one page, one form each, and the password asked before what a borrowed window must not do."""

import json
import re
from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django_tasks_db.models import DBTaskResult

from accounts import addresses
from accounts.models import EmailChange
from enfance.models import Responsable
from portail.dates import PARIS
from tests.factories import (
    PASSWORD,
    AnneeFactory,
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    UserFactory,
    make_creneaux,
    make_enfant,
)
from tests.reading import html_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
NEW = "nouvelle@courriel.example"


@pytest.fixture
def camille(time_machine):
    time_machine.move_to(NOW, tick=False)
    return ResponsableFactory(
        user__identifiant="3816238", user__email="camille@courriel.example", telephone="06 39 98 00 12"
    )


@pytest.fixture
def connected(client, camille):
    log_in(client)
    return client


def log_in(client, **fields):
    client.post("/connexion/", {"identifiant": "3816238", "password": PASSWORD, **fields})


def post(client, **fields):
    return client.post("/compte/", fields, follow=True)


def contact(client, **fields):
    defaults = {"email": "camille@courriel.example", "telephone": "06 39 98 00 12", "password": PASSWORD}
    return post(client, **defaults | fields)


def test_page_shows_how_the_parent_is_reached(connected):
    page = html_of(connected.get("/compte/"))
    for words in ["Camille Morel", "3816238", "camille@courriel.example", "06 39 98 00 12", "12 chemin des Tilleuls"]:
        assert words in page
    assert page.count("<h1>") == 1


def test_page_of_a_parent_costs_few_queries(connected, django_assert_num_queries):
    with django_assert_num_queries(5):  # the session, the account, its adult, their foyer, the address that waits
        connected.get("/compte/")


@pytest.mark.parametrize("make", [StaffFactory, UserFactory])
def test_whoever_is_no_parent_keeps_the_plain_page(client, make):
    client.force_login(make())
    page = html_of(client.get("/compte/"))
    assert ("Mot de passe" in page, "Dans mon calendrier" in page) == (True, False)


# --- Contact details --------------------------------------------------------------------------------------------------


def run_tasks():
    """Run what was enqueued about addresses, and forget it."""
    for row in DBTaskResult.objects.filter(task_path__contains="email").order_by("enqueued_at", "pk"):
        row.task.func(*row.args_kwargs["args"])
    DBTaskResult.objects.all().delete()


def receivers():
    to = sorted(message.to[0] for message in mail.outbox)
    mail.outbox.clear()
    return to


def address_of(responsable):
    return Responsable.objects.select_related("user").get(pk=responsable.pk).user.email


def test_new_email_is_asked_for_and_waits(connected, camille, journal):  # AUT-13, LOG-01
    page = html_of(contact(connected, email=NEW))
    assert "ouvrez l’e-mail qui arrive à votre nouvelle adresse" in page
    assert f"<b>{NEW}</b>" in page
    assert "avant le vendredi 4 décembre à 20 h 41" in page
    assert "D’ici là, tout arrive encore à camille@courriel.example." in page
    run_tasks()
    assert (receivers(), address_of(camille)) == (["camille@courriel.example", NEW], "camille@courriel.example")
    [event] = [event for event in journal.events if event["event"].startswith("email")]
    assert (event["event"], event["result"], event["user"]) == ("email_change_asked", "ok", camille.user_id)
    assert NEW not in journal.text


def test_page_no_longer_speaks_of_an_address_that_was_confirmed(connected, camille):
    contact(connected, email=NEW)
    addresses.confirm(EmailChange.objects.get(), now=NOW)
    page = html_of(connected.get("/compte/"))
    assert (f"<dd>{NEW}</dd>" in page, "Nouvelle adresse à confirmer" in page) == (True, False)


def test_refused_request_is_written_down(connected, journal):  # LOG-01
    contact(connected, email=NEW, password="faux")
    [event] = [event for event in journal.events if event["event"] == "email_change_asked"]
    assert event["result"] == "refused"


def test_phone_alone_leaves_the_address_that_waits(connected, camille):  # VAL-05
    """The form shows the present address: sent again, or from a page of before, it drops nothing."""
    contact(connected, email=NEW)
    contact(connected, telephone="06 39 98 00 13")
    assert EmailChange.objects.get().closed_at is None


def test_mail_is_sent_again_by_a_button_ten_minutes_later(connected, camille, time_machine):
    contact(connected, email=NEW)
    run_tasks()
    mail.outbox.clear()
    for minutes, words, to in (
        (9, "Un e-mail est parti il y a moins de 10 minutes", []),
        (10, "L’e-mail repart à votre nouvelle adresse.", [NEW]),
    ):
        time_machine.move_to(NOW + timedelta(minutes=minutes), tick=False)
        assert words in html_of(post(connected, adresse="renvoyer"))
        run_tasks()
        assert receivers() == to


def test_change_is_given_up_by_a_button(connected, camille, journal):
    contact(connected, email=NEW)
    page = html_of(post(connected, adresse="abandonner"))
    assert ("Votre adresse e-mail ne change pas." in page, NEW in page) == (True, False)
    assert EmailChange.objects.get().reason == "dropped"
    assert [event["event"] for event in journal.events][-1] == "email_change_dropped"


@pytest.mark.parametrize("value", ["renvoyer", "abandonner", "autre"])
def test_buttons_of_an_old_page_change_nothing(connected, camille, value):
    assert post(connected, adresse=value).status_code == 200
    assert (EmailChange.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_parent_without_address_is_asked_to_confirm_the_first(client, camille):  # AUT-13
    camille.user.email = ""
    camille.user.save()
    log_in(client)
    page = html_of(contact(client, email=NEW))
    assert ("D’ici là, rien n’y est envoyé." in page, address_of(camille)) == (True, "")
    run_tasks()
    assert receivers() == [NEW]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"password": ""}, "Indiquez votre mot de passe actuel."),
        ({"password": "faux"}, "Ce n’est pas votre mot de passe actuel."),
        ({"email": ""}, "Indiquez votre adresse e-mail."),
        ({"email": "camille"}, "Écrivez une adresse complète"),
        ({"telephone": "12"}, "Écrivez un numéro complet, comme 06 39 98 00 00."),
        ({"telephone": "demain"}, "Écrivez un numéro complet"),
        ({"telephone": "0" * 31}, "Ce numéro est trop long."),
    ],
)
def test_refused_contact_details_change_nothing(connected, camille, fields, message):
    page = html_of(contact(connected, **{"email": NEW, "telephone": "06 39 98 00 13"} | fields))
    assert page.count(message) == 2  # in the summary and beside the field
    assert "<title>Erreur : Compte" in page
    assert page.count("<details open>") == 1
    camille = Responsable.objects.select_related("user").get(pk=camille.pk)
    assert (camille.user.email, camille.telephone) == ("camille@courriel.example", "06 39 98 00 12")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0639980013", "06 39 98 00 13"),
        ("+33 6 39 98 00 13", "06 39 98 00 13"),
        ("06.39.98.00.13", "06 39 98 00 13"),
        ("+32 470 12 34 56", "+32 470 12 34 56"),
        ("", ""),
    ],
)
def test_phone_is_kept_as_the_others_are(connected, camille, typed, kept):
    contact(connected, telephone=typed)
    camille.refresh_from_db()
    assert camille.telephone == kept
    assert DBTaskResult.objects.count() == 0  # the address is the same: nothing to tell


def test_parent_without_address_may_give_a_phone_alone(client, camille):
    camille.user.email = ""
    camille.user.save()
    log_in(client)
    contact(client, email="", telephone="06 39 98 00 13")
    camille.refresh_from_db()
    assert camille.telephone == "06 39 98 00 13"


def test_contact_form_says_what_it_is_for(connected):  # RGP-03
    page = html_of(connected.get("/compte/"))
    assert "La mairie et la garderie s’en servent pour vous joindre" in page
    assert page.count('href="/donnees-personnelles/"') >= 2


def test_foreign_fields_are_ignored(connected, camille):  # ACC-04
    contact(connected, email=NEW, is_staff="1", foyer=str(FoyerFactory().pk), agenda_secret="x", rappel="on")
    fresh = Responsable.objects.select_related("user").get(pk=camille.pk)
    kept = (fresh.user.is_staff, fresh.foyer_id, fresh.agenda_secret, fresh.rappel)
    assert kept == (False, camille.foyer_id, None, False)


def test_password_form_changes_no_address(connected, camille):
    post(connected, password=PASSWORD, new_password1="Tartine de brume 8", new_password2="autre", email=NEW)
    camille.user.refresh_from_db()
    assert camille.user.email == "camille@courriel.example"


def test_password_is_asked_ten_times_in_all(connected):
    """The forms of the page share one counter: none of them is a way round it."""
    sent = [{"email": NEW, "password": "faux"}, {"donnees": "1", "password": "faux"}, {"password": "faux"}] * 4
    assert [post(connected, **fields).status_code for fields in sent] == [200] * 10 + [429] * 2


def test_password_changes_here_too(connected):  # AUT-05
    phone = Client()
    log_in(phone)
    page = html_of(
        post(connected, password=PASSWORD, new_password1="Tartine de brume 8", new_password2="Tartine de brume 8")
    )
    assert "Votre mot de passe est changé." in page
    assert phone.get("/compte/").status_code == 302


# --- Calendar, reminders ----------------------------------------------------------------------------------------------


def test_feed_address_is_made_renewed_and_dropped_by_a_button(connected, camille):
    assert "/agenda/" not in html_of(connected.get("/compte/"))
    secrets = []
    for value in ("renouveler", "renouveler", "supprimer"):
        page = html_of(post(connected, agenda=value))
        camille.refresh_from_db()
        secrets.append(camille.agenda_secret)
        assert (f"/agenda/{camille.agenda_secret}.ics" in page) is (value == "renouveler")
    assert (len(set(secrets)), len(secrets[0]), secrets[2]) == (3, 43, None)


def test_feed_opens_in_the_agenda_of_the_phone(connected, camille, settings):
    settings.SITE_URL = "https://famille.saint-sauveur.example"
    assert "webcal:" not in html_of(connected.get("/compte/"))
    page = html_of(post(connected, agenda="renouveler"))
    camille.refresh_from_db()
    address = f"//famille.saint-sauveur.example/agenda/{camille.agenda_secret}.ics"
    assert f'href="webcal:{address}"' in page
    assert f'value="https:{address}"' in page  # to be copied where no agenda opens


def test_feed_address_is_in_no_journal(connected, camille, journal):
    post(connected, agenda="renouveler")
    camille.refresh_from_db()
    assert camille.agenda_secret not in journal.text
    assert "agenda_changed" in journal.text


def test_reminder_is_chosen_and_left(connected, camille):
    seen = []
    for fields in ({"rappel": "on"}, {}):
        page = html_of(post(connected, rappels="1", **fields))
        camille.refresh_from_db()
        seen.append((camille.rappel, 'name="rappel" checked' in page))
    assert seen == [(True, True), (False, False)]


def test_parent_without_address_is_told_to_give_one_first(client, camille):
    camille.user.email = ""
    camille.user.save()
    log_in(client)
    assert "indiquez d’abord votre adresse e-mail" in html_of(client.get("/compte/"))


# --- Own data ---------------------------------------------------------------------------------------------------------


def test_own_data_come_as_a_file(connected, camille, journal):  # RGP-07
    AnneeFactory()
    make_creneaux()
    make_enfant(camille, prenom="Léa")
    response = post(connected, donnees="1", password=PASSWORD)
    assert response["Content-Disposition"] == 'attachment; filename="mes-donnees-2026-12-03.json"'
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/json", "no-store")
    told = json.loads(response.content)
    assert (told["compte"][0]["identifiant"], told["enfants"][0]["prénom"]) == ("3816238", "Léa")
    [event] = [event for event in journal.events if event["event"] == "data_exported"]
    assert (event["user"], event["by"]) == (camille.user_id, "account")


def test_own_data_are_read_on_a_page_that_says_what_the_file_says(connected, camille, journal, time_machine):  # RGP-07
    AnneeFactory()
    make_creneaux()
    make_enfant(camille, prenom="Léa")
    file = json.loads(post(connected, donnees="1", password=PASSWORD).content)
    response = post(connected, donnees="lire", password=PASSWORD)
    assert response.redirect_chain == [("/compte/mes-donnees/", 302)]
    page = html_of(response)
    headings = [h.lower() for h in re.findall(r'<h2 id="c-[0-9]+">([^<]+)</h2>', page)]
    assert headings == [nom.lower() for nom, lignes in file.items() if isinstance(lignes, list) and lignes]
    assert "<li>Identifiant : 3816238</li>" in page
    links = re.findall(r'<li><a href="#(c-[0-9]+)">', page)
    assert links == re.findall(r'<h2 id="(c-[0-9]+)">', page)
    assert 'href="/compte/#t-donnees"' in page
    assert "data-imprimer" in page
    vides = re.search("Rien n’est gardé dans : ([^<]+)[.]</p>", page)[1].split(", ")
    assert vides == [nom for nom, lignes in file.items() if lignes == []]
    assert "2026-12" not in page.split("<main")[1]  # days in words
    exported = [event for event in journal.events if event["event"] == "data_exported"]
    assert len(exported) == 2
    time_machine.move_to(NOW + timedelta(minutes=15), tick=False)
    assert connected.get("/compte/mes-donnees/")["Location"] == "/compte/"


def test_page_of_own_data_asks_the_password_first(connected, journal):  # SES-02
    assert connected.get("/compte/mes-donnees/")["Location"] == "/compte/"
    assert "<title>Erreur : Compte" in html_of(post(connected, donnees="lire", password="faux"))
    assert connected.get("/compte/mes-donnees/")["Location"] == "/compte/"
    assert "data_exported" not in journal.text


@pytest.mark.parametrize("souvenir", [{}, {"souvenir": "on"}])
def test_own_data_ask_the_password_again(client, camille, souvenir, journal):  # SES-02
    log_in(client, **souvenir)
    for password in ("", "faux"):
        response = post(client, donnees="1", password=password)
        assert response["Content-Type"].startswith("text/html")
        assert "<title>Erreur : Compte" in html_of(response)
    assert "data_exported" not in journal.text


def test_remembered_session_is_asked_the_password_for_its_address(client, camille, time_machine):  # SES-02
    log_in(client, souvenir="on")
    time_machine.move_to(NOW + timedelta(days=20), tick=False)
    contact(client, email=NEW, password="")
    camille.user.refresh_from_db()
    assert camille.user.email == "camille@courriel.example"


def test_parents_of_one_child_have_each_their_own_file(connected, camille):  # ACC-03
    AnneeFactory()
    sacha = ResponsableFactory(user__email="sacha@ailleurs.example", foyer=FoyerFactory(adresse="3 rue du Lac"))
    lea = make_enfant(camille, sacha, prenom="Léa")
    lea.absences.create(jour=date(2026, 12, 4), signalee_par=sacha.user)
    told = post(connected, donnees="1", password=PASSWORD).text
    assert ("sacha@ailleurs.example" in told, "rue du Lac" in told) == (False, False)


@pytest.mark.parametrize(("envoi", "titre"), [({"agenda": "renouveler"}, "t-agenda"), ({"rappels": "1"}, "t-rappel")])
def test_what_was_done_is_said_where_it_was_asked(connected, envoi, titre):
    response = connected.post("/compte/", envoi)
    assert response.headers["Location"] == "/compte/#resultat"
    html = connected.get("/compte/").text
    assert html.count('id="resultat"') == 1
    assert html.index(f'id="{titre}"') < html.index('id="resultat"') < html.index("</section>", html.index(titre))
