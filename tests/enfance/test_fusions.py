"""Doubles made one: nothing stays behind, nothing is guessed, all of it or nothing."""

from datetime import date, datetime

import pytest
from django.apps import apps
from django.db import OperationalError, connection
from django_tasks_db.models import DBTaskResult

from accounts import merging
from accounts.models import FormerIdentifiant, Mailing, MailingLine, TemporaryPassword, UndeliveredMail, User
from enfance.fusions import LIENS, reunir_adultes, reunir_foyers, unite_gardes
from enfance.inscriptions import Changement, enregistrer
from enfance.models import (
    Absence,
    Enfant,
    Enregistrement,
    Foyer,
    Garde,
    Inscription,
    PersonneAutorisee,
    Rappel,
    Responsabilite,
    Responsable,
    SemaineType,
)
from enfance.regles import Acteur, Cle
from portail.dates import PARIS
from tests.enfance.test_inscriptions_pannes import Fault
from tests.factories import (
    PASSWORD,
    FoyerFactory,
    ResponsableFactory,
    StaffFactory,
    UserFactory,
    make_creneaux,
    make_enfant,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)
LUNDI_7, MARDI_8, LUNDI_14 = date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 14)
MANY = 120  # more queries than a merge makes


# --- Nothing is forgotten -------------------------------------------------------------------------------------------


def links_to(*models):
    """Every column of every table that leads to one of these."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.remote_field
        and isinstance(field.related_model, type)
        and field.related_model._meta.concrete_model in models
        and not model._meta.auto_created
    }


def test_every_link_to_an_adult_an_account_or_a_home_is_brought_along():
    assert links_to(User, Responsable, Foyer) == {*LIENS, *merging.LINKS, *merging.STAFF_LINKS}


@pytest.mark.parametrize("link", ["enfance.Rappel.responsable", "enfance.Garde.foyer", "accounts.MailingLine.user"])
def test_a_forgotten_link_is_seen(link):
    """The introspection looks for real."""
    assert link in links_to(User, Responsable, Foyer)


# --- Adults ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def camille():
    """As ONDE gave her, in a home with Karim and their daughter."""
    camille = ResponsableFactory(
        user__identifiant="3816238",
        user__email="camille@courriel.example",
        civilite="mme",
        telephone="06 39 98 00 01",
    )
    karim = ResponsableFactory(foyer=camille.foyer, user__first_name="Karim")
    make_enfant(camille, karim, prenom="Léa")
    return camille


@pytest.fixture
def double():
    """The same woman, typed by hand for her son: another mail, no mobile, alone in her home."""
    double = ResponsableFactory(
        foyer=FoyerFactory(adresse="12 ch. des Tilleuls"),
        user__identifiant="4000001",
        user__email="c.morel@travail.example",
        telephone_travail="04 76 00 00 01",
    )
    make_enfant(double, prenom="Tom")
    return double


def unite(camille, double, **choix):
    return reunir_adultes(camille.pk, double.pk, choix, now=NOW, confirme=True)


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
    assert list(camille.rappels.order_by("jour").values_list("jour", flat=True)) == [LUNDI_7, MARDI_8]
    assert (user.undelivered_mails.count(), user.mailing_lines.count()) == (1, 1)
    assert sorted(user.temporary_passwords.values_list("reason", flat=True)) == ["", "replaced"]
    assert sorted(user.former_identifiants.values_list("identifiant", flat=True)) == ["4000001", "77"]
    assert dict(bilan.deplaces)["absences signalées"] == 1


def test_value_just_mailed_to_the_double_still_serves(camille, double):
    valeur = TemporaryPassword.objects.create(
        user=double.user, digest="0" * 64, created_at=NOW, expires_at=datetime.max.replace(tzinfo=PARIS)
    )

    unite(camille, double)

    assert camille.user.temporary_passwords.get(closed_at=None) == valeur


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

    assert bilan.a_confirmer == ((doute,) if doute else ())
    assert Responsable.objects.filter(pk=autre.pk).exists() is bool(doute)


def test_one_file_is_not_merged_with_itself_nor_with_an_agent(camille, double):
    agent = ResponsableFactory(user=StaffFactory(is_superuser=False))

    assert unite(camille, camille).refus == ("Choisissez deux fiches différentes.",)
    assert unite(camille, agent).refus == ("Le compte d’un agent ne se réunit avec aucun autre.",)
    with pytest.raises(merging.NotMerged):
        merging.merge(UserFactory(), agent.user, {}, email_of=agent.user, now=NOW)


def test_preview_writes_nothing_and_says_the_same(camille, double):
    avant = everything()

    vu = reunir_adultes(camille.pk, double.pk, {}, now=NOW, simuler=True)

    assert everything() == avant
    assert vu == unite(camille, double)


# --- Homes ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def ailleurs(camille):
    """Another home of the same child, with another parent."""
    ailleurs = ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac"), user__first_name="Sacha")
    (lea,) = camille.enfants.all()
    lea.responsabilites.create(responsable=ailleurs)
    lea.gardes.create(foyer=ailleurs.foyer)
    return ailleurs


def test_two_homes_are_one(camille, double):
    make_creneaux()
    (tom,) = double.enfants.all()
    enregistrer([Changement(Cle(tom.pk, LUNDI_7, "soir"), "inscrit")], Acteur.parent(double), now=NOW)
    for foyer in (camille.foyer, double.foyer):
        SemaineType.objects.create(foyer=foyer, enfant=tom, debut=LUNDI_7, fin=LUNDI_14, modifiee_le=NOW)

    bilan = reunir_foyers(camille.foyer_id, double.foyer_id, {})

    foyer = Foyer.objects.get()
    assert (foyer, foyer.adresse) == (camille.foyer, "12 chemin des Tilleuls")
    assert (foyer.responsables.count(), foyer.gardes.count(), foyer.inscriptions.count()) == (3, 2, 1)
    assert (foyer.semaines_types.count(), foyer.enregistrements.count()) == (2, 1)
    assert dict(bilan.deplaces)["inscriptions"] == 1


def test_address_of_the_double_is_chosen(camille, double):
    reunir_foyers(camille.foyer_id, double.foyer_id, {"adresse": "double"})

    assert Foyer.objects.get().adresse == "12 ch. des Tilleuls"


def test_parents_who_may_be_separated_are_asked_about(camille, ailleurs):
    bilan = reunir_foyers(camille.foyer_id, ailleurs.foyer_id, {})

    assert bilan.a_confirmer == (
        "Léa Morel a la garde dans les deux foyers. Camille Morel, Karim Morel et Sacha Morel "
        "vivent-ils ensemble\u202f?",
    )
    assert Foyer.objects.count() == 2

    bilan = reunir_foyers(camille.foyer_id, ailleurs.foyer_id, {}, confirme=True)

    assert bilan.gardes == ("Léa Morel\u00a0: toujours",)
    assert Garde.objects.get().foyer == camille.foyer


def test_alternating_custody_is_asked_about_and_becomes_always(camille, ailleurs):
    Garde.objects.filter(foyer=camille.foyer).update(rythme="alternee", depuis=LUNDI_7)
    Garde.objects.filter(foyer=ailleurs.foyer).update(rythme="alternee", depuis=LUNDI_14)

    bilan = reunir_foyers(camille.foyer_id, ailleurs.foyer_id, {})
    assert bilan.a_confirmer == ("Léa Morel est en garde alternée. Ses parents vivent-ils de nouveau ensemble\u202f?",)

    reunir_foyers(camille.foyer_id, ailleurs.foyer_id, {}, confirme=True)
    assert (Garde.objects.get().rythme, Garde.objects.get().depuis) == ("toujours", None)


def test_whom_a_judge_keeps_away_is_asked_about(camille, double):
    (tom,) = double.enfants.all()
    Responsabilite.objects.create(enfant=tom, responsable=camille, suspendue=True)

    bilan = reunir_foyers(camille.foyer_id, double.foyer_id, {})

    assert bilan.a_confirmer == (
        "Un juge a éloigné Camille Morel de Tom Morel, qui vit dans l’autre foyer. "
        "Vivent-ils de nouveau ensemble\u202f?",
    )


def test_one_home_is_not_merged_with_itself(camille):
    assert reunir_foyers(camille.foyer_id, camille.foyer_id, {}).refus == ("Choisissez deux foyers différents.",)


@pytest.mark.parametrize(
    ("gardes", "restantes"),
    [
        ([{}, {}], [("toujours", None, None)]),
        ([{"depuis": LUNDI_7}, {"depuis": LUNDI_14}], [("toujours", None, None)]),
        ([{"depuis": LUNDI_7}, {"depuis": date(2026, 12, 21)}], [("alternee", None, None)]),
        ([{"depuis": LUNDI_7}, {}], [("toujours", None, None)]),
        ([{"fin": LUNDI_7}, {"debut": MARDI_8}], [("toujours", None, LUNDI_7), ("toujours", MARDI_8, None)]),
        ([{"debut": LUNDI_7, "fin": MARDI_8}, {"debut": LUNDI_7}], [("toujours", LUNDI_7, None)]),
        (
            [{"depuis": LUNDI_7, "fin": MARDI_8}, {"depuis": LUNDI_14}],
            [("alternee", None, MARDI_8), ("alternee", None, None)],
        ),
    ],
    ids=["same", "a week each", "the same weeks", "always holds some", "one after the other", "longer", "two periods"],
)
def test_gardes_of_one_child_in_one_home(gardes, restantes):
    lignes = [Garde(rythme="alternee" if "depuis" in garde else "toujours", **garde) for garde in gardes]

    assert [(garde.rythme, garde.debut, garde.fin) for garde in unite_gardes(lignes)] == restantes


# --- Faults ---------------------------------------------------------------------------------------------------------


def everything():
    """Every row but those of Django's own tables."""
    return {
        model.__name__: sorted(model._base_manager.values_list(), key=str)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in {"accounts", "enfance", "django_tasks_database"} and not model._meta.proxy
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_a_fault_at_any_query_leaves_all_or_nothing(camille, double, done):
    (lea,) = camille.enfants.all()
    Responsabilite.objects.create(enfant=lea, responsable=double)
    lea.gardes.create(foyer=double.foyer)
    avant = everything()

    for n in range(1, MANY):
        try:
            with connection.execute_wrapper(Fault(n, done=done)):
                unite(camille, double)
        except OperationalError:
            assert everything() == avant, f"query {n}"
        else:
            break

    assert 30 < n < MANY - 1  # the last one had no fault: every query has had one
    assert FormerIdentifiant.objects.get().user == camille.user
