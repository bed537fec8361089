"""The agents' accounts and the worker's failures, for the IT service; a family's account is never an agent's."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_tasks_db.models import DBTaskResult

from accounts import agents, groups, ratelimit, second_factor
from accounts.models import FailedTask, User
from tests.accounts.agents import AGENTS, act, client_in
from tests.accounts.conftest import choose, log_in
from tests.accounts.phones import give_phone
from tests.clients import Client
from tests.factories import StaffFactory
from tests.reading import messages_of

COMPTES = "/admin/accounts/user/"
TACHES = "/admin/accounts/failedtask/"


@pytest.fixture
def informatique(db) -> Client:
    return client_in("Informatique")


@pytest.fixture
def secretaire(db) -> Client:
    return client_in("Secrétariat")


@pytest.fixture
def animateur(db) -> User:
    groups.sync()
    user = StaffFactory(identifiant="5550044", last_name="Brun", is_superuser=False)
    user.groups.add(Group.objects.get(name="Équipe"))
    return user


def test_agents_are_listed_with_their_groups_and_without_families(informatique, animateur, parent):  # ADM-02
    page = informatique.get(AGENTS).text

    assert [agent.pk for agent in informatique.get(AGENTS).context["cl"].result_list][0] == animateur.pk
    assert "Équipe" in page
    assert parent.identifiant not in page
    assert informatique.get(f"{AGENTS}{parent.pk}/change/").status_code == 302


def test_it_service_sees_no_family(informatique, parent):  # ADM-02
    assert informatique.get(COMPTES).status_code == 403
    assert informatique.get(f"{COMPTES}{parent.pk}/change/").status_code == 403
    assert informatique.get("/admin/admin/logentry/").status_code == 403
    assert informatique.get(f"/admin/r/9/{parent.pk}/").status_code in (403, 404)


def test_list_of_agents_costs_the_same_for_one_and_three(informatique, django_assert_num_queries):
    informatique.get(AGENTS)  # the session notes once a minute that it is used
    with django_assert_num_queries(11):
        informatique.get(AGENTS)
    StaffFactory.create_batch(2)
    with django_assert_num_queries(11):
        informatique.get(AGENTS)


def test_secretary_handles_the_families_alone(secretaire, animateur, parent):  # ADM-02
    assert [user.pk for user in secretaire.get(COMPTES).context["cl"].result_list] == [parent.pk]
    assert secretaire.get(f"{COMPTES}{parent.pk}/change/").context["has_change_permission"] is True
    informaticien = StaffFactory(is_superuser=False)
    informaticien.groups.add(Group.objects.get(name="Informatique"))
    assert [agent.pk for agent in secretaire.get(AGENTS).context["cl"].result_list] == [animateur.pk]  # AUT-11
    assert secretaire.get(f"{AGENTS}{informaticien.pk}/change/").status_code == 302
    assert secretaire.post(f"{COMPTES}{animateur.pk}/change/", {"email": "a@b.example"}).status_code == 302
    assert User.objects.get(pk=animateur.pk).email == animateur.email


@pytest.mark.parametrize("action", ["send_temporary_password", "close_sessions"])
def test_actions_on_families_leave_agents_alone(secretaire, animateur, action):
    act(secretaire, action, animateur)

    assert not DBTaskResult.objects.exists()
    assert not LogEntry.objects.exists()
    assert User.objects.get(pk=animateur.pk).session_version == 1


# --- Opened, reset by another agent (AUT-11) --------------------------------------------------------------------------


NOUVEAU = {"first_name": "Inès", "last_name": "Durand", "email": "ines@mairie.example", "group": "Équipe"}


def test_agent_is_opened_with_a_mail_and_a_letter(informatique, journal):
    response = informatique.post(f"{AGENTS}add/", NOUVEAU, follow=True)

    nouveau = User.objects.get(last_name="Durand")
    assert (nouveau.is_staff, nouveau.has_usable_password()) == (True, False)
    assert [group.name for group in nouveau.groups.all()] == ["Équipe"]
    assert nouveau.identifiant in response.text
    assert DBTaskResult.objects.get().args_kwargs["args"] == [nouveau.identifiant]
    entry = LogEntry.objects.get()
    assert (entry.action_flag, entry.get_change_message()) == (1, "Compte ouvert dans le groupe Équipe.")
    assert "staff_created" in [line["event"] for line in journal.events]


def test_new_agent_without_a_mail_gets_a_printed_password_then_a_phone(secretaire, client):
    secretaire.post(f"{AGENTS}add/", NOUVEAU | {"email": ""})
    nouveau = User.objects.get(last_name="Durand")
    page = f"{AGENTS}{nouveau.pk}/guichet/"

    printed = secretaire.post(page, {"identity": "on", "after": 0}).context["value"]
    log_in(client, nouveau.identifiant, printed)
    refused = choose(client, "Court9xx")
    choose(client, "Un-mot-de-passe-long-9")
    log_in(client, nouveau.identifiant, "Un-mot-de-passe-long-9")

    assert "14" in refused.text
    assert client.get("/equipe/", follow=True).request["PATH_INFO"] == "/deuxieme-facteur/inscription/"
    assert secretaire.get(page).context["possible"] is False  # chosen: nobody prints another


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("informatique", ["Secrétariat", "Équipe", "Cantine", "Régie", "École", "Informatique"]),
        ("secretaire", ["Équipe", "Cantine", "École"]),
    ],
)
def test_groups_that_each_may_give(request, who, offered):
    client = request.getfixturevalue(who)

    form = client.get(f"{AGENTS}add/").context["form"]
    client.post(f"{AGENTS}add/", NOUVEAU | {"group": "Informatique"})

    assert [name for name, _ in form.fields["group"].choices] == offered
    assert User.objects.filter(last_name="Durand").exists() == ("Informatique" in offered)


def test_other_agents_open_nobody(animateur):
    client = Client()
    client.force_login(animateur)

    assert client.post(f"{AGENTS}add/", NOUVEAU).status_code == 403


@pytest.mark.parametrize("page", ["lettre", "guichet", "facteur", "change"])
def test_nobody_handles_themself_nor_above(secretaire, informatique, page):
    moi = User.objects.get(last_name="Secrétariat")
    informaticien = User.objects.get(last_name="Informatique")

    for pk in [moi.pk, informaticien.pk]:
        response = secretaire.post(f"{AGENTS}{pk}/{page}/", {"identity": "reconnu au guichet", "is_active": ""})
        assert response.status_code in (302, 403, 405)
        assert secretaire.get(f"{AGENTS}{pk}/{page}/").status_code in (302, 403)
        assert User.objects.get(pk=pk).is_active
    assert not LogEntry.objects.exists()


def test_phone_is_forgotten_by_another_agent_once_the_identity_is_checked(secretaire, animateur, journal):
    give_phone(animateur)
    page = f"{AGENTS}{animateur.pk}/facteur/"

    refused = secretaire.post(page, {"identity": "oui"})
    assert (refused.context["form"].errors["identity"], TOTPDevice.objects.count()) == (
        ["Dites-le en quelques mots."],
        1,
    )
    secretaire.post(page, {"identity": "reconnue au guichet, carte vue"})

    assert not TOTPDevice.objects.filter(user=animateur).exists()
    assert "reconnue au guichet, carte vue" in LogEntry.objects.get().get_change_message()
    assert journal.events[-1]["identity_check"] == "reconnue au guichet, carte vue"
    again = secretaire.post(page, {"identity": "reconnue au guichet, carte vue"}, follow=True)
    assert "n’a pas encore de téléphone inscrit" in again.text


def test_agent_who_leaves_is_closed_at_once(informatique, animateur, journal):  # SES-04, ACC-06
    theirs = Client()
    theirs.force_login(animateur)
    data = {"first_name": "Camille", "last_name": "Brun", "email": animateur.email}

    assert informatique.post(f"{AGENTS}{animateur.pk}/change/", data).status_code == 302

    assert User.objects.get(pk=animateur.pk).is_active is False
    assert theirs.get("/compte/", follow=True).request["PATH_INFO"] == "/connexion/"
    assert LogEntry.objects.get().get_change_message() == "Modification de Actif."
    assert [line["event"] for line in journal.events][-1] == "is_active_changed"


def test_agent_page_gives_no_right(informatique, animateur):  # ACC-04
    data = {
        "first_name": "Camille",
        "last_name": "Brun",
        "email": animateur.email,
        "is_active": "on",
        "is_staff": "",
        "is_superuser": "on",
        "groups": [group.pk for group in Group.objects.all()],
        "user_permissions": ["1"],
        "password": "secret",
    }

    assert list(informatique.get(f"{AGENTS}{animateur.pk}/change/").context["adminform"].form.fields) == [
        "first_name",
        "last_name",
        "email",
        "is_active",
    ]
    informatique.post(f"{AGENTS}{animateur.pk}/change/", data)

    after = User.objects.get(pk=animateur.pk)
    assert (after.is_staff, after.is_superuser, after.password) == (True, False, animateur.password)
    assert [group.name for group in after.groups.all()] == ["Équipe"]
    assert not after.user_permissions.exists()


def test_superuser_is_changed_by_another_one_only(informatique):
    chef = StaffFactory()
    assert informatique.post(f"{AGENTS}{chef.pk}/change/", {"email": "a@b.example"}).status_code == 403

    autre = Client()
    autre.force_login(StaffFactory())
    assert autre.get(f"{AGENTS}{chef.pk}/change/").context["has_change_permission"] is True


def test_agent_paused_by_too_many_tries_is_freed(informatique, animateur, rf):  # LIM-10
    for _ in range(11):
        log_in(Client(), animateur.identifiant, "faux")
    assert log_in(Client(), animateur.identifiant, "faux").status_code == 429

    give_phone(animateur)
    for _ in range(6):
        second_factor.accepts(animateur, "000000")
        TOTPDevice.objects.update(throttling_failure_timestamp=None)  # as if each had waited
    assert TOTPDevice.objects.get().throttling_failure_count == 6

    response = act(informatique, "unlock", animateur, liste=AGENTS)

    assert messages_of(response) == ["La connexion est de nouveau possible : Camille Brun (5550044)."]
    assert TOTPDevice.objects.get().throttling_failure_count == 0
    assert ratelimit.wait_for_key(rf.get("/"), "login", "5550044", ratelimit.LOGIN_BY_IDENTIFIANT) == 0


def test_agent_sessions_are_closed(informatique, animateur):
    theirs = Client()
    theirs.force_login(animateur)

    act(informatique, "close_sessions", animateur, liste=AGENTS)

    assert theirs.get("/compte/", follow=True).request["PATH_INFO"] == "/connexion/"


@pytest.mark.parametrize("group", ["Équipe", "Cantine", "École"])
@pytest.mark.parametrize("path", ["/admin/", COMPTES, "/admin/login/", "/admin/absente/", "/admin/jsi18n/"])
def test_admin_is_closed_to_who_has_nothing_to_do_there(db, group, path):  # ADM-02
    assert client_in(group).get(path).status_code == 403


# --- What the worker could not do -------------------------------------------------------------------------------------


@pytest.fixture
def failed(db) -> FailedTask:
    return FailedTask.objects.create(
        status="FAILED",
        args_kwargs={"args": ["3816238", "camille@courriel.example"], "kwargs": {}},
        task_path="accounts.tasks.send_identifiants",
        backend_name="default",
        run_after=timezone.now(),
        finished_at=timezone.now(),
        exception_class_path="builtins.ValueError",
        traceback='Traceback (most recent call last):\n  File "/srv/tasks.py", line 12, in send\n    boom()\n'
        "ValueError: camille@courriel.example",
    )


def test_failed_task_says_where_and_never_about_whom(informatique, failed):  # ADM-02
    DBTaskResult.objects.create(
        status="SUCCESSFUL", args_kwargs={}, task_path="accounts.tasks.purge", run_after=timezone.now()
    )

    liste = informatique.get(TACHES)
    page = informatique.get(f"{TACHES}{failed.pk}/change/").text

    assert [row.task_path for row in liste.context["cl"].result_list] == ["accounts.tasks.send_identifiants"]
    assert "builtins.ValueError" in page
    assert "line 12, in send" in page
    for english in ["ask path", "inished at", "xception class"]:
        assert english not in page + liste.text
    for personal in ["camille@courriel.example", "3816238"]:
        assert personal not in page + liste.text


def test_failed_tasks_are_only_read(informatique, failed):
    assert informatique.post(f"{TACHES}{failed.pk}/change/", {}).status_code == 403
    assert informatique.post(f"{TACHES}{failed.pk}/delete/", {"post": "yes"}).status_code == 403


def test_account_opened_has_the_rights_of_its_group_as_they_are_today(db):
    groups.sync()
    Group.objects.get(name="Équipe").permissions.clear()
    champs = {"last_name": "Brun", "first_name": "Alix", "email": "alix@courriel.example"}

    agent = agents.open_account(group="Équipe", **champs, now=timezone.now())

    assert User.objects.get(pk=agent.pk).get_group_permissions()
