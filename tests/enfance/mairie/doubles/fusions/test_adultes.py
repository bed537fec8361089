"""Two files of one adult made one: all that the double had goes on, nothing is guessed."""

from datetime import date, datetime

import pytest
from django_tasks_db.models import DBTaskResult

from accounts import merging, passwords
from accounts.models import FormerIdentifiant, Mailing, MailingLine, TemporaryPassword, UndeliveredMail, User
from enfance.inscriptions import Changement, enregistrer
from enfance.mairie.doubles.fusions import reunir_adultes
from enfance.models import (
    Absence,
    DemandeRappel,
    Enfant,
    Enregistrement,
    Fermeture,
    FermetureLue,
    Foyer,
    Garde,
    Inscription,
    PersonneAutorisee,
    Rappel,
    Responsabilite,
    Responsable,
)
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.mairie.doubles.fusions.doubles import NOW, unite
from tests.factories import PASSWORD, ResponsableFactory, StaffFactory, UserFactory, make_creneaux

pytestmark = [pytest.mark.django_db, pytest.mark.ci]
LUNDI_7, MARDI_8, LUNDI_14 = date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 14)


def test_children_of_the_double_are_those_of_who_stays(camille, double):
    bilan = unite(camille, double)

    camille.refresh_from_db()
    assert [enfant.prenom for enfant in Enfant.objects.for_responsable(camille)] == ["Léa", "Tom"]
    assert {garde.foyer for garde in Garde.objects.all()} == {camille.foyer}
    assert not Responsable.objects.filter(pk=double.pk).exists()
    assert not Foyer.objects.filter(pk=double.foyer_id).exists()
    assert bilan.refus == ()


def test_identifiant_given_up_opens_the_account_and_is_given_to_nobody(camille, double, client):
    unite(camille, double)

    assert not User.objects.filter(identifiant="4000001").exists()
    assert User.objects.is_taken("4000001")
    client.post("/connexion/", {"identifiant": "4000001", "password": PASSWORD})
    assert client.get("/compte/").context["user"] == camille.user


def test_password_that_was_chosen_serves_whichever_account_stays(camille, double, client):
    camille.user.set_unusable_password()
    camille.user.save()

    unite(camille, double)

    client.post("/connexion/", {"identifiant": "3816238", "password": PASSWORD})
    assert client.get("/compte/").context["user"] == camille.user


def test_sessions_of_the_double_end(camille, double, client):
    client.force_login(double.user)

    unite(camille, double)

    assert client.get("/").headers["Location"].startswith("/connexion/")


@pytest.mark.parametrize(
    ("choix", "kept"),
    [
        ({}, ("camille@courriel.example", "mme", "06 39 98 00 01", "04 76 00 00 01")),
        ({"courriel": "double"}, ("c.morel@travail.example", "mme", "06 39 98 00 01", "04 76 00 00 01")),
        ({"telephone": "double"}, ("camille@courriel.example", "mme", "06 39 98 00 01", "04 76 00 00 01")),
    ],
    ids=["by default", "the mail of the double", "what is known stays rather than nothing"],
)
def test_values_are_chosen(camille, double, choix, kept):
    unite(camille, double, **choix)

    camille = Responsable.objects.select_related("user").get(pk=camille.pk)
    assert (camille.user.email, camille.civilite, camille.telephone, camille.telephone_travail) == kept


def test_name_of_the_double_is_chosen(camille, double):
    User.objects.filter(pk=double.user_id).update(last_name="Morel-Dupont")

    unite(camille, double, nom="double")

    assert User.objects.get(pk=camille.user_id).get_full_name() == "Camille Morel-Dupont"


def test_both_addresses_are_told(camille, double):
    unite(camille, double)

    assert [task.args_kwargs["args"] for task in DBTaskResult.objects.order_by("enqueued_at")] == [
        [camille.user_id, "4000001"],
        [camille.user_id, "4000001", "c.morel@travail.example"],
    ]


def test_who_has_no_address_is_to_be_told_by_letter(camille, double):
    User.objects.update(email="")

    bilan = unite(camille, double)

    assert "Sans e-mail\u00a0: dites-lui par lettre ou par téléphone quel identifiant reste." in bilan.avis
    assert not DBTaskResult.objects.exists()


def test_all_that_the_double_did_is_brought_along(camille, double):
    make_creneaux()
    (tom,) = double.enfants.all()
    enregistrer([Changement(Cle(tom.pk, LUNDI_7, "soir"), "inscrit")], Acteur.parent(double), now=NOW)
    Absence.objects.create(enfant=tom, jour=LUNDI_7, signalee_par=double.user)
    PersonneAutorisee.objects.create(enfant=tom, nom="Odile", ajoutee_par=double.user)
    Rappel.objects.create(responsable=double, jour=LUNDI_7)
    Rappel.objects.create(responsable=double, jour=MARDI_8)
    Rappel.objects.create(responsable=camille, jour=MARDI_8)
    DemandeRappel.objects.create(enfant=tom, demandee_par=double.user)
    DemandeRappel.objects.create(enfant=tom, demandee_par=camille.user)
    fermeture = Fermeture.objects.create(debut=LUNDI_7, fin=LUNDI_7, motif="grève")
    for adulte in (camille, double):
        FermetureLue.objects.create(responsable=adulte, fermeture=fermeture)
    UndeliveredMail.objects.create(user=double.user, mail="Envoi", reason="refused")
    for user in (camille.user, double.user):
        MailingLine.objects.create(mailing=Mailing.objects.get_or_create(mail="message")[0], user=user)
        TemporaryPassword.objects.create(
            user=user, digest=user.identifiant.zfill(64), created_at=NOW, expires_at=datetime.max.replace(tzinfo=PARIS)
        )
    FormerIdentifiant.objects.create(identifiant="77", user=double.user)

    bilan = unite(camille, double)

    user = camille.user
    assert Inscription.objects.get().foyer == camille.foyer
    assert (Enregistrement.objects.get().auteur, Enregistrement.objects.get().foyer) == (user, camille.foyer)
    assert (Absence.objects.get().signalee_par, PersonneAutorisee.objects.get().ajoutee_par) == (user, user)
    assert (DemandeRappel.objects.get().demandee_par, FermetureLue.objects.get().responsable) == (user, camille)
    assert list(camille.rappels.order_by("jour").values_list("jour", flat=True)) == [LUNDI_7, MARDI_8]
    assert (user.undelivered_mails.count(), user.mailing_lines.count()) == (1, 1)
    assert sorted(user.temporary_passwords.values_list("reason", flat=True)) == ["", "address"]  # TMP-07
    assert sorted(user.former_identifiants.values_list("identifiant", flat=True)) == ["4000001", "77"]
    assert dict(bilan.deplaces)["absences signalées"] == 1


def test_paper_of_the_double_is_said_to_open_nothing_any_more(camille, double):  # TMP-07
    User.objects.update(email="")
    passwords.print_temporary_password(double.user, after=0, now=NOW)

    bilan = unite(camille, double)

    phrase = "Le mot de passe imprimé au guichet pour le double n’ouvrira plus rien\u202f: donnez-en un autre."
    assert phrase in bilan.avis


@pytest.mark.parametrize("stays", ["", "double"])
def test_value_just_mailed_to_the_double_serves_while_its_address_stays(camille, double, stays):  # TMP-07
    valeur = TemporaryPassword.objects.create(
        user=double.user, digest="0" * 64, created_at=NOW, expires_at=datetime.max.replace(tzinfo=PARIS)
    )

    unite(camille, double, courriel=stays)

    assert list(camille.user.temporary_passwords.filter(closed_at=None)) == ([valeur] if stays else [])


def test_link_of_both_to_one_child_is_one_and_stays_suspended(camille, double):
    (lea,) = camille.enfants.all()
    Responsabilite.objects.filter(enfant=lea, responsable=camille).update(origine="onde")
    Responsabilite.objects.create(enfant=lea, responsable=double, suspendue=True)

    bilan = unite(camille, double)

    lien = Responsabilite.objects.get(enfant=lea, responsable=camille)
    assert (lien.origine, lien.suspendue) == ("onde", True)
    assert "Reste suspendu (décision d’un juge)\u00a0: Léa Morel." in bilan.avis


def test_reminder_and_calendar_of_the_double_go_on(camille, double):
    Responsable.objects.filter(pk=double.pk).update(rappel=True, agenda_secret="a" * 43)

    unite(camille, double)

    camille.refresh_from_db()
    assert (camille.rappel, camille.agenda_secret) == (True, "a" * 43)


def test_home_of_the_double_stays_with_who_still_lives_there(camille, double):
    ResponsableFactory(foyer=double.foyer, user__first_name="Paul")

    bilan = unite(camille, double)

    assert Foyer.objects.filter(pk=double.foyer_id).exists()
    assert bilan.avis[-1] == "Tom Morel n’a pas de garde dans ce foyer\u00a0: à régler sur sa fiche."


def test_home_of_the_double_is_chosen(camille, double):
    unite(camille, double, foyer="double")

    assert Responsable.objects.get(pk=camille.pk).foyer == double.foyer
    assert Foyer.objects.filter(pk=camille.foyer_id).exists()  # Karim lives there


@pytest.mark.parametrize(
    ("change", "doute"),
    [
        (
            {"user__first_name": "Karim"},
            "Les prénoms diffèrent\u00a0: Camille et Karim. Est-ce bien la même personne\u202f?",
        ),
        ({"civilite": "m"}, "Les civilités diffèrent. Est-ce bien la même personne\u202f?"),
        ({"user__first_name": "camille"}, None),
    ],
)
def test_who_may_be_somebody_else_is_asked_about(camille, change, doute):
    autre = ResponsableFactory(foyer=camille.foyer, **change)

    bilan = reunir_adultes(camille.pk, autre.pk, {}, now=NOW)

    assert bilan.doutes == ((doute,) if doute else ())


def test_two_files_of_one_adult_in_two_homes_of_a_child_are_no_separated_parents(camille, double):
    (lea,) = camille.enfants.all()
    lea.responsabilites.create(responsable=double)
    lea.gardes.create(foyer=double.foyer)

    assert reunir_adultes(camille.pk, double.pk, {}, now=NOW).doutes == ()


def test_one_file_is_not_merged_with_itself_nor_with_an_agent(camille, double):
    agent = ResponsableFactory(user=StaffFactory(is_superuser=False))

    assert unite(camille, camille).refus == ("Choisissez deux fiches différentes.",)
    for deux in ((camille, agent), (agent, camille)):
        assert unite(*deux).refus == ("Le compte d’un agent ne se réunit avec aucun autre.",)
    with pytest.raises(merging.NotMerged):
        merging.merge(UserFactory(), agent.user, {}, email_of=agent.user, now=NOW)


@pytest.mark.parametrize("origines", [("mairie", "onde"), ("onde", "mairie")])
def test_link_that_onde_gave_to_either_stays_ondes(camille, double, origines):
    lea = Enfant.objects.get(prenom="Léa")
    lea.responsabilites.filter(responsable=camille).update(origine=origines[0])
    lea.responsabilites.create(responsable=double, origine=origines[1])

    unite(camille, double)

    assert lea.responsabilites.get(responsable=camille).origine == "onde"
