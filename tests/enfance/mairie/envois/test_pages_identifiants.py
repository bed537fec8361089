"""Credentials in number in the admin: by mail, by letter, from a list. Seen before anything is done."""

from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult

from accounts.models import FormerIdentifiant, Mailing, TemporaryPassword, User
from enfance.models import Responsable
from tests.factories import STAFF_PASSWORD, ClasseFactory, FoyerFactory, ResponsableFactory, make_enfant
from tests.reading import messages_of, words_of
from tests.temoins import assert_kept, paper_of

LISTE, IDENTIFIANTS, LETTRES, NUMEROS = (
    f"/admin/enfance/responsable/{chemin}" for chemin in ("", "identifiants/", "lettres/", "numeros/")
)


@pytest.fixture
def yvonne(lea):
    """Without e-mail, in a class of her own."""
    yvonne = ResponsableFactory(
        user__email="",
        user__first_name="Yvonne",
        user__last_name="Besson",
        user__identifiant="4716230",
        civilite="mme",
        foyer=FoyerFactory(adresse="3 rue du Lac"),
    )
    make_enfant(yvonne, prenom="Tom").scolarites.update(classe=ClasseFactory(nom="PS Mme Saule"))
    return yvonne


# --- By mail ----------------------------------------------------------------------------------------------------------


def test_list_leads_to_what_is_done_for_many(mairie, lea):
    html = mairie.get(LISTE).text

    assert [url for url in (IDENTIFIANTS, LETTRES, NUMEROS) if url not in html] == []


def test_preview_tells_numbers_and_sends_nothing(mairie, lea, yvonne):
    page = words_of(mairie.post(IDENTIFIANTS, {"classe": ""}))

    assert "Pour toutes les familles : 1 e-mail partira." in page
    assert "Sans adresse e-mail : une lettre (1) Yvonne Besson" in page
    assert (Mailing.objects.count(), DBTaskResult.objects.count(), LogEntry.objects.count()) == (0, 0, 0)


def test_confirmation_sends_and_shows_how_far_it_is(mairie, agente, lea, yvonne):
    page = mairie.agree(IDENTIFIANTS, {"classe": ""})

    mailing = Mailing.objects.get()
    assert page.request["PATH_INFO"] == f"/admin/accounts/mailing/{mailing.pk}/change/"
    assert messages_of(page) == [
        "L’envoi pour toutes les familles est en route.",
        "Sans adresse e-mail, une lettre à imprimer : Yvonne Besson.",
    ]
    assert "En attente (1)" in words_of(page)
    assert DBTaskResult.objects.get().args_kwargs["args"] == ["3816238"]
    assert mailing.asked_by == agente
    entry = LogEntry.objects.get()  # ADM-04
    assert (str(entry.object_repr), entry.get_change_message()) == ("Camille Morel", "Identifiants envoyés par e-mail.")


def test_double_click_sends_once(mairie, lea):
    seen = mairie.post(IDENTIFIANTS, {"classe": ""})

    _, page = [mairie.confirm_preview(seen) for _ in "12"]

    assert messages_of(page)[-1].startswith("Rien de plus à envoyer")
    assert (Mailing.objects.count(), DBTaskResult.objects.count()) == (1, 1)


def test_class_and_those_who_came_in_are_a_choice(mairie, lea, yvonne):
    User.objects.update(last_login="2026-12-01T08:00:00Z")
    classe = lea.scolarites.get().classe.pk

    sans = words_of(mairie.post(IDENTIFIANTS, {"classe": classe}))
    avec = words_of(mairie.post(IDENTIFIANTS, {"classe": classe, "connectes": "on"}))

    assert "aucun e-mail à envoyer" in sans
    assert "1 adulte s’est déjà connecté : rien ne leur est envoyé." in sans
    assert "Pour les familles de la classe CE1-CE2 Mme Sorbier : 1 e-mail partira" in avec


def test_adult_who_came_in_since_the_preview_is_seen_before_anything_leaves(mairie, lea, yvonne):
    zoe = make_enfant(ResponsableFactory(), prenom="Zoé").responsables.get()
    seen = mairie.post(IDENTIFIANTS, {"classe": ""})
    User.objects.filter(pk=zoe.user_id).update(last_login="2026-12-01T08:00:00Z")

    again = mairie.confirm_preview(seen)

    assert again.context["change"]
    assert "1 e-mail partira." in words_of(again)
    assert (Mailing.objects.count(), DBTaskResult.objects.count(), LogEntry.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("classe", ["x", "0", "99999999999999999999"])
def test_class_that_is_none_is_refused(mairie, lea, classe):
    page = mairie.post(IDENTIFIANTS, {"classe": classe, "confirmer": "1"})

    assert (page.status_code, Mailing.objects.count()) == (200, 0)


@pytest.mark.parametrize("address", [IDENTIFIANTS, LETTRES, NUMEROS])
def test_right_to_change_accounts_is_asked(agent_with, lea, address):
    client = agent_with("view_responsable", "change_responsable")

    answers = [client.get(address), client.post(address, {"confirmer": "1"}), client.post(address, {"tous": "on"})]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert (Mailing.objects.count(), LogEntry.objects.count()) == (0, 0)


# --- By letter --------------------------------------------------------------------------------------------------------


@pytest.mark.temoin
def test_letters_are_for_those_without_e_mail(mairie, lea, yvonne, journal):
    page = mairie.post(LETTRES, {"imprimer": "1"})

    assert [lettre.destinataire for lettre in page.context["lettres"]] == ["Mme Yvonne Besson"]
    assert_kept(Path(__file__).parent / "temoins" / "lettre_identifiant.txt", paper_of(page))
    assert TemporaryPassword.objects.count() == 0
    assert [(e.object_repr, e.get_change_message()) for e in LogEntry.objects.all()] == [
        ("Yvonne Besson", "Lettre de l’identifiant imprimée.")
    ]
    assert [line["letters"] for line in journal.events if line["event"] == "letters_printed"] == [1]


@pytest.mark.parametrize(
    ("choix", "noms"),
    [
        ({"tous": "on"}, ["Mme Yvonne Besson", "Camille Morel"]),
        ({"classe": "CE1", "tous": "on"}, ["Camille Morel"]),
        ({"classe": "CE1"}, []),
    ],
)
def test_letters_of_a_class_or_of_all(mairie, lea, yvonne, choix, noms):
    if "classe" in choix:
        choix = choix | {"classe": lea.scolarites.get().classe.pk}

    page = mairie.post(LETTRES, choix | {"imprimer": "1"})

    assert [lettre.destinataire for lettre in page.context["lettres"]] == noms


def test_letters_of_chosen_accounts_leave_out_the_closed(mairie, lea, yvonne):
    camille = User.objects.get(identifiant="3816238").responsable
    fermee = ResponsableFactory(user__is_active=False)
    data = {"action": "print_letters", "_selected_action": [camille.pk, yvonne.pk, fermee.pk]}

    page = mairie.post(LISTE, data)

    assert [lettre.destinataire for lettre in page.context["lettres"]] == ["Mme Yvonne Besson", "Camille Morel"]


@pytest.mark.parametrize("address", [LETTRES, "/admin/enfance/responsable/?o=1"])
def test_letters_wait_for_the_password_and_lose_no_choice(mairie, lea, yvonne, address):  # ADM-05
    camille = Responsable.objects.get(user__identifiant="3816238")
    chosen = {"action": "print_letters", "_selected_action": [camille.pk, yvonne.pk]}
    mairie.grow_old()

    asked = mairie.post(address, {"tous": "on"} if address == LETTRES else chosen)
    refused = mairie.confirm(asked, "Tout autre chose 9")
    assert (LogEntry.objects.count(), "lettres" in refused.context) == (0, False)
    page = mairie.confirm(refused, STAFF_PASSWORD)

    assert [lettre.destinataire for lettre in page.context["lettres"]] == ["Mme Yvonne Besson", "Camille Morel"]
    assert len(mairie.post(address, {"tous": "on"} if address == LETTRES else chosen).context["lettres"]) == 2


def test_choice_of_letters_is_come_back_to(mairie, lea):  # ADM-05
    mairie.grow_old()

    asked = mairie.get(LETTRES, follow=True)

    assert mairie.confirm(asked, STAFF_PASSWORD).headers["Location"] == LETTRES
    assert mairie.get(LETTRES).status_code == 200


def test_letter_without_a_postal_address_is_said(mairie, lea, yvonne):
    yvonne.foyer.adresse = ""
    yvonne.foyer.save()

    assert "à remettre en main propre : Yvonne Besson." in words_of(mairie.post(LETTRES, {"imprimer": "1"}))


def test_choice_of_letters_is_asked_first(mairie, lea, yvonne):
    page = mairie.get(LETTRES)

    assert page.status_code == 200
    assert LogEntry.objects.count() == 0  # SES-06


# --- Numbers that parents know ----------------------------------------------------------------------------------------


def fichier(*lignes):
    return SimpleUploadedFile("anciens.csv", "\n".join(["nom;prénom;identifiant", *lignes]).encode())


def apercu(client, *lignes):
    return client.post(NUMEROS, {"fichier": fichier(*lignes)})


def test_list_is_seen_then_applied(mairie, agente, lea):
    page = apercu(mairie, "Morel;Camille;4021", "Inconnu;Zoé;1")
    seen = words_of(page)
    assert "Identifiants : 1 changé, 0 inchangé, 1 ligne refusée." in seen
    assert "Camille Morel 3816238 4021" in seen
    assert User.objects.filter(identifiant="4021").count() == 0

    done, again = [mairie.confirm_preview(page) for _ in "12"]

    assert messages_of(done)[0].startswith("Identifiants : 1 changé")
    assert "anciens.csv, ligne 3 : Zoé Inconnu n’est pas un responsable connu" in messages_of(done)[1]
    assert messages_of(again)[0].startswith("Identifiants : 0 changé, 1 inchangé")
    assert FormerIdentifiant.objects.count() == 1
    entry = LogEntry.objects.get()
    assert (entry.user, entry.get_change_message()) == (agente, "Identifiant 3816238 remplacé par 4021.")


@pytest.mark.parametrize("contenu", [b"", b"PK\x03\x04rien", b"a;b\n1;2\n", b"\xff\xfe\x00"])
def test_file_that_is_no_list_is_refused(mairie, lea, contenu):
    page = mairie.post(NUMEROS, {"fichier": SimpleUploadedFile("x.csv", contenu)})

    assert page.status_code == 200
    assert "apercu" not in page.context
    assert page.text.count("<title>Erreur") == 1


@pytest.mark.parametrize("liste", ["", "contrefaite"])
def test_confirmation_of_something_else_is_refused(mairie, lea, liste):
    page = mairie.post(NUMEROS, {"liste": liste, "confirmer": "1"})

    assert "Rien n’est importé" in words_of(page)
    assert FormerIdentifiant.objects.count() == 0
