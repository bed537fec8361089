"""News on the families' home page, and mails to many of them, as the secretary writes them."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django_tasks_db.models import DBTaskResult

from accounts.models import Mailing, User
from enfance.mairie.tasks import send_messages
from enfance.models import Actualite, Message
from tests.enfance.mairie.admin.formulaires import ACTUALITES, MESSAGES, token_of
from tests.enfance.mairie.conftest import LUNDI
from tests.factories import AnneeFactory, ClasseFactory, ResponsableFactory, make_enfant
from tests.reading import messages_of, words_of

AUJOURDHUI = date(2026, 12, 3)


# --- News -------------------------------------------------------------------------------------------------------------

MARCHE = {"texte": "Marché de Noël <b>samedi</b>.", "debut": "03/12/2026", "fin": "05/12/2026"}


def test_news_is_seen_then_shown(mairie):
    page = mairie.post(f"{ACTUALITES}add/", MARCHE)
    assert "du jeudi 3 décembre au samedi 5 décembre 2026 :" in words_of(page)
    assert "Marché de Noël &lt;b&gt;samedi&lt;/b&gt;." in page.text
    assert Actualite.objects.count() == 0

    liste = mairie.agree(f"{ACTUALITES}add/", MARCHE)

    assert "du jeudi 3 décembre au samedi 5 décembre 2026 en cours" in words_of(liste)
    assert LogEntry.objects.count() == 1  # ADM-04


def test_news_that_ends_before_it_begins_is_refused(mairie):
    page = mairie.post(f"{ACTUALITES}add/", MARCHE | {"fin": "02/12/2026"})

    assert "Le dernier jour doit suivre le premier, ou être le même." in words_of(page)


@pytest.mark.parametrize(
    ("debut", "fin", "words"),
    [
        (date(2026, 12, 4), None, "à partir du vendredi 4 décembre 2026 à venir"),
        (AUJOURDHUI, AUJOURDHUI, "jeudi 3 décembre 2026 en cours"),
        (date(2026, 12, 1), date(2026, 12, 2), "du mardi 1er décembre au mercredi 2 décembre 2026 finie"),
    ],
)
def test_news_is_dated_in_words(mairie, debut, fin, words):
    Actualite.objects.create(texte="Marché", debut=debut, fin=fin)

    assert f"Marché {words}" in words_of(mairie.get(ACTUALITES))


def test_news_is_withdrawn_at_once_and_kept(mairie, client, lea):
    actualite = Actualite.objects.create(texte="Marché de Noël", debut=AUJOURDHUI)
    data = {"action": "withdraw", "_selected_action": [actualite.pk]}

    pages = [mairie.post(ACTUALITES, data, follow=True) for _ in "12"]

    assert [messages_of(page)[-1][-1:] + messages_of(page)[-1][-2:-1] for page in pages] == [".1", ".0"]
    assert "retirée le 3 décembre 2026 à 20 h 41" in words_of(pages[0])
    client.force_login(User.objects.get(identifiant="3816238"))
    assert "Marché de Noël" not in client.get("/").text
    assert LogEntry.objects.get().get_change_message() == "Retirée."


# --- Messages ---------------------------------------------------------------------------------------------------------

PHOTOS = {"cible": "tous", "objet": "Photos de\tclasse", "texte": "Elles sont là.\r\n\r\nÀ demain <b>!</b>"}
PHOTOS |= dict.fromkeys(["creneau", "jour"], "")


def write(client, **fields):
    return client.post(f"{MESSAGES}add/", PHOTOS | fields, follow=True)


def test_message_is_a_draft_then_seen(mairie, agente, lea):
    page = write(mairie)

    message = Message.objects.get()
    assert page.request["PATH_INFO"] == f"{MESSAGES}{message.pk}/apercu/"
    assert (message.objet, message.texte) == ("Photos de classe", "Elles sont là.\n\nÀ demain <b>!</b>")
    assert (message.envoye_le, message.auteur, message.destinataires) == (None, agente, "")
    assert "Pour toutes les familles : 1 adulte, 1 e-mail, un par adresse. " in words_of(page)
    assert "&lt;b&gt;!&lt;/b&gt;" in page.text
    assert DBTaskResult.objects.count() == 0


def test_preview_names_those_without_e_mail(mairie, lea):
    sans = ResponsableFactory(user__email="", user__first_name="Yvonne", telephone="06 39 98 00 00")
    make_enfant(sans)

    assert "1 adulte sans e-mail, à prévenir autrement Yvonne Morel, 06 39 98 00 00" in words_of(write(mairie))


def test_message_is_sent_once_and_followed(mairie, agente, lea):
    write(mairie)
    message = Message.objects.get()
    apercu = f"{MESSAGES}{message.pk}/apercu/"

    seen = mairie.get(apercu)
    first, second = [mairie.confirm_preview(seen, "envoyer") for _ in "12"]

    message.refresh_from_db()
    assert first.request["PATH_INFO"] == f"{MESSAGES}{message.pk}/change/"
    assert "1 e-mail part à 20 h 46" in words_of(first)
    assert "toutes les familles 1" in words_of(mairie.get(MESSAGES))
    assert "part à 20 h 46" in words_of(mairie.get(MESSAGES))
    assert messages_of(second) == ["Ce message est déjà parti : il ne part qu’une fois."]
    assert (Mailing.objects.count(), DBTaskResult.objects.count()) == (1, 1)
    assert LogEntry.objects.latest("pk").get_change_message() == "Envoyé pour toutes les familles\u00a0: 1\u00a0e-mail."
    send_messages.func(message.envoi_id)
    assert "Qui l’a reçu, qui l’attend" in words_of(mairie.get(f"{MESSAGES}{message.pk}/change/"))
    assert "envoyé le 3 décembre 2026 à 20 h 41 toutes les familles 1" in words_of(mairie.get(MESSAGES))


def test_draft_that_has_changed_since_it_was_seen_is_asked_again(mairie, lea):
    write(mairie)
    message = Message.objects.get()
    seen = mairie.get(f"{MESSAGES}{message.pk}/apercu/")
    Message.objects.update(texte="Autre chose")

    again = mairie.confirm_preview(seen, "envoyer")

    assert again.context["change"]
    assert "Bonjour, Autre chose" in words_of(again)
    assert (Mailing.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_message_that_left_is_changed_no_more(mairie, lea):
    write(mairie)
    message = Message.objects.get()
    mairie.agree(f"{MESSAGES}{message.pk}/apercu/", suite="envoyer")

    mairie.post(f"{MESSAGES}{message.pk}/change/", PHOTOS | {"objet": "Autre chose"})

    assert Message.objects.get().objet == "Photos de classe"


def test_draft_is_corrected(mairie, lea):
    write(mairie)
    message = Message.objects.get()
    classe = lea.scolarites.get().classe.pk
    address = f"{MESSAGES}{message.pk}/change/"
    shown = {"_fingerprint": token_of(mairie.get(address))}

    page = mairie.post(address, PHOTOS | shown | {"cible": "classes", "classes": [classe]}, follow=True)

    assert "Pour les familles de la classe CE1-CE2 Mme Sorbier" in words_of(page)
    form = mairie.get(f"{MESSAGES}{message.pk}/change/").context["form"]
    assert (form.initial["cible"], form.initial["texte"]) == ("classes", "Elles sont là.\n\nÀ demain <b>!</b>")


def test_message_is_called_back_and_corrected(mairie, lea):
    write(mairie)
    message = Message.objects.get()
    mairie.agree(f"{MESSAGES}{message.pk}/apercu/", suite="envoyer")

    draft = mairie.post(f"{MESSAGES}{message.pk}/rappeler/", follow=True)
    again = mairie.post(f"{MESSAGES}{message.pk}/rappeler/", follow=True)

    assert messages_of(draft) == ["Ce message est rappelé : rien n’est parti. Corrigez-le ici, ou laissez-le."]
    assert draft.context["form"].initial["objet"] == "Photos de classe"
    assert messages_of(again) == ["Ce message est déjà rappelé : rien n’est parti."]
    assert LogEntry.objects.latest("pk").get_change_message() == "Rappelé avant son départ."
    assert "brouillon" in words_of(mairie.get(MESSAGES))


def test_message_that_has_left_is_not_called_back(mairie, lea):
    write(mairie)
    message = Message.objects.get()
    mairie.agree(f"{MESSAGES}{message.pk}/apercu/", suite="envoyer")
    Message.objects.update(depart=None)  # as the worker does

    page = mairie.post(f"{MESSAGES}{message.pk}/rappeler/", follow=True)

    assert messages_of(page) == ["Trop tard : ce message est parti."]
    assert "Rappeler" not in words_of(page)
    assert Mailing.objects.count() == 1


def test_message_is_read_and_not_called_back_without_the_right(mairie, agent_with, lea):
    write(mairie)
    message = Message.objects.get()
    reader = agent_with("view_message")
    assert "Brouillon" in words_of(reader.get(f"{MESSAGES}{message.pk}/change/"))
    mairie.agree(f"{MESSAGES}{message.pk}/apercu/", suite="envoyer")

    page = reader.get(f"{MESSAGES}{message.pk}/change/")

    assert ("part à 20 h 46" in words_of(page), "Rappeler" in page.text) == (True, False)
    assert reader.post(f"{MESSAGES}{message.pk}/change/", PHOTOS).status_code == 403
    assert reader.post(f"{MESSAGES}{message.pk}/rappeler/").status_code == 403


def test_classes_of_the_year_stand_alone_and_those_of_the_next_are_folded(mairie, lea):
    suivante = AnneeFactory(debut=date(2027, 9, 1), fin=date(2028, 7, 4), ouverture=None)
    ClasseFactory(annee=suivante, nom="CM2 M. Aulne")

    page = mairie.get(f"{MESSAGES}add/").text
    dehors, _, pliees = page.partition("<details>")

    assert ("Classes de 2026-2027" in dehors, "CE1-CE2 Mme Sorbier" in dehors) == (True, True)
    assert ("CM2 M. Aulne" in dehors, "2027-2028" in dehors) == (False, False)
    assert "<summary>Les classes de 2027-2028</summary>" in pliees
    assert "CM2 M. Aulne" in pliees.partition("</details>")[0]


def test_preview_says_the_class_its_year_and_three_names(mairie, lea):
    classe = lea.scolarites.get().classe
    for prenom in ("Zoé", "Tom", "Anna", "Yanis"):
        make_enfant(ResponsableFactory(), prenom=prenom).scolarites.update(classe=classe)

    page = write(mairie, cible="classes", classes=[classe.pk])

    noms = "Anna Morel, Léa Morel, Tom Morel et 2 autres"
    assert f"CE1-CE2 Mme Sorbier de 2026-2027, 5 enfants : {noms}" in words_of(page)
    assert f"2026-2027, 5 enfants : {noms}" in words_of(write(mairie))


def test_draft_that_another_agent_has_corrected_is_asked_again(mairie, lea):
    write(mairie)
    address = f"{MESSAGES}{Message.objects.get().pk}/change/"
    shown = {"_fingerprint": token_of(mairie.get(address))}
    mairie.post(address, PHOTOS | shown | {"objet": "Photos"})

    page = mairie.post(address, PHOTOS | shown | {"texte": "Plus tard."})

    assert page.status_code == 200
    assert Message.objects.get().objet == "Photos"
    assert "Elles sont là." in Message.objects.get().texte


def test_message_to_two_classes_is_sent_to_each_adult_once(mairie, lea):
    parent, saule = lea.responsables.get(), ClasseFactory(nom="PS Mme Saule")
    make_enfant(parent, prenom="Tom").scolarites.update(classe=saule)
    make_enfant(ResponsableFactory(), prenom="Zoé").scolarites.update(classe=ClasseFactory(nom="MS M. Orme"))

    page = write(mairie, cible="classes", classes=[lea.scolarites.get().classe.pk, saule.pk])

    assert "les familles des classes CE1-CE2 Mme Sorbier et PS Mme Saule : 1 adulte, 1 e-mail" in words_of(page)


def test_trial_goes_to_the_agent_and_sends_nothing_else(mairie, agente, lea):
    write(mairie)
    message = Message.objects.get()

    page = mairie.agree(f"{MESSAGES}{message.pk}/apercu/", suite="tester")

    assert messages_of(page) == [f"Un essai part à {agente.email}."]
    assert DBTaskResult.objects.get().args_kwargs["args"] == [message.pk, agente.pk]
    assert Mailing.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"objet": ""}, "Ce champ est obligatoire."),
        ({"texte": " "}, "Ce champ est obligatoire."),
        ({"objet": "x" * 151}, "150 caractères"),
        ({"cible": "classes"}, "Choisissez au moins une classe."),
        ({"cible": "creneau"}, "Il faut un créneau et un jour."),
        ({"cible": "creneau", "jour": "32/13/2026"}, "Saisissez une date valide."),
        ({"cible": "lune"}, "Sélectionnez un choix valide."),
    ],
)
def test_bad_message_is_said_and_what_was_typed_stays(mairie, lea, creneaux, fields, sentence):
    page = write(mairie, **fields)

    assert sentence in words_of(page)
    assert "Elles sont là." in page.text or fields.get("texte") == " "
    assert Message.objects.count() == 0


def test_creneau_of_a_day_is_who_is_registered(mairie, inscription, creneaux):
    make_enfant(ResponsableFactory(), prenom="Tom")

    page = write(mairie, cible="creneau", creneau=creneaux["soir"].pk, jour=LUNDI.strftime("%d/%m/%Y"))

    assert "Pour les familles inscrites le lundi 7 décembre 2026, soir : 1 adulte, 1 e-mail" in words_of(page)


def test_choice_that_does_not_go_with_who_writes_to_nobody(mairie, lea):
    page = write(mairie, classes=[lea.scolarites.get().classe.pk])

    assert "changez l’un ou videz l’autre" in page.text
    assert Message.objects.count() == 0


def test_right_to_write_is_asked(agent_with, mairie, lea):
    write(mairie)
    apercu = f"{MESSAGES}{Message.objects.get().pk}/apercu/"
    reader, writer = agent_with("view_message"), agent_with("view_message", "add_message")

    assert [reader.get(apercu).status_code, reader.post(apercu, {"envoyer": "1"}).status_code] == [403, 403]
    assert writer.get(apercu).status_code == 200
    assert Mailing.objects.count() == 0


@pytest.mark.parametrize(("address", "queries"), [(MESSAGES, 5), ("/admin/accounts/mailing/", 7)])
@pytest.mark.parametrize("sent", [1, 3])
def test_list_costs_the_same_whatever_was_sent(mairie, lea, django_assert_num_queries, sent, address, queries):
    for _ in range(sent):
        write(mairie)
        mairie.agree(f"{MESSAGES}{Message.objects.latest('pk').pk}/apercu/", suite="envoyer")

    mairie.get(address)  # the messages of before are read

    with django_assert_num_queries(queries):
        assert mairie.get(address).content.count(b"Photos de classe") >= sent


@pytest.mark.parametrize("families", [1, 5])
def test_page_of_a_mailing_costs_the_same_whatever_its_mails(mairie, lea, django_assert_num_queries, families):
    for n in range(families - 1):
        make_enfant(ResponsableFactory(), prenom=f"Enfant {n}")
    write(mairie)
    mairie.agree(f"{MESSAGES}{Message.objects.get().pk}/apercu/", suite="envoyer")

    address = f"/admin/accounts/mailing/{Mailing.objects.get().pk}/change/"
    mairie.get(address)  # the messages of before are read

    with django_assert_num_queries(5):
        page = mairie.get(address)

    assert f"En attente ({families})" in words_of(page)
