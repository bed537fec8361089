"""The groups of staff, and the command that makes them."""

from __future__ import annotations

import ast
import io

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from accounts import groups
from portail import groupes
from portail.groupes import GROUPES, droits
from tests.factories import StaffFactory
from tests.reading import plain
from tests.sources import MODULES, tree

pytestmark = pytest.mark.django_db


def sync() -> list[str]:
    out = io.StringIO()
    call_command("sync_groups", stdout=out)
    return plain(out.getvalue()).splitlines()


def rights_of(group: str) -> set[str]:
    rows = Permission.objects.filter(group__name=group).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def test_differences_tell_what_the_command_would_do_and_do_nothing():
    told = groups.differences()

    assert [(change.group, change.is_new) for change in told] == [(name, True) for name in GROUPES]
    assert not Group.objects.exists()
    groups.sync()
    Group.objects.get(name="Cantine").permissions.clear()
    assert [(change.group, change.added) for change in groups.differences() if change] == [
        ("Cantine", ("enfance.tenir_cantine",))
    ]


def test_groups_are_those_of_the_table():  # ADM-02
    sync()

    assert {group: rights_of(group) for group in Group.objects.values_list("name", flat=True)} == {
        group: droits(group) for group in GROUPES
    }


def test_sync_says_what_it_changed_and_then_nothing():
    first = sync()
    assert first[0] == "Secrétariat : nouveau."
    assert "  + enfance.view_sante" in first

    assert sync() == [f"{group} : à jour." for group in GROUPES]


def test_sync_takes_away_what_is_no_longer_in_the_table(journal):  # ADM-02, LOG-01
    sync()
    cantine = Group.objects.get(name="Cantine")
    cantine.permissions.add(Permission.objects.get(codename="view_enfant"))

    assert sync()[2:4] == ["Cantine : mis à jour.", "  - enfance.view_enfant"]
    assert rights_of("Cantine") == {"enfance.tenir_cantine"}
    assert journal.events[-1] | {"time": ""} == {
        "time": "",
        "event": "rights_changed",
        "result": "ok",
        "user": None,
        "group": "Cantine",
        "added": 0,
        "removed": 1,
    }


def test_sync_refuses_a_table_ahead_of_the_database(monkeypatch):
    monkeypatch.setitem(groupes.GROUPES, "Cantine", {"enfance.absente": "view"})

    with pytest.raises(CommandError, match=r"enfance\.view_absente"):
        sync()
    assert Group.objects.count() == 0


def test_sync_names_the_rights_that_come_from_no_group():  # ADM-02
    sync()
    StaffFactory(identifiant="5550011")
    StaffFactory(identifiant="5550022", is_superuser=False)
    seule = StaffFactory(identifiant="5550033", is_superuser=False)
    seule.groups.add(Group.objects.get(name="Cantine"))
    seule.user_permissions.add(*Permission.objects.filter(codename__startswith="view_enfant"))

    assert sync()[-3:] == [
        "Superutilisateurs, à ne pas utiliser au quotidien : 5550011.",
        "Droits donnés hors des groupes : 5550033.",
        "Agents sans groupe, qui n’ouvrent rien : 5550022.",
    ]


def all_rights() -> list[str]:
    return sorted(
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models()
        for codename in [
            *(f"{verb}_{model._meta.model_name}" for verb in model._meta.default_permissions),
            *(codename for codename, _ in model._meta.permissions),
        ]
    )


@pytest.mark.parametrize("group", GROUPES)
def test_group_has_no_right_but_those_of_its_row(group):  # ADM-02
    """Every right of every model, asked of an agent: what the table does not say is refused, a new model first."""
    groups.sync()
    agent = StaffFactory(is_superuser=False)
    agent.groups.add(Group.objects.get(name=group))

    assert {right for right in all_rights() if agent.has_perm(right)} == droits(group)


@pytest.mark.parametrize(
    ("group", "refused"),
    [
        ("Équipe", ["enfance.view_enfant", "enfance.view_responsable", "accounts.view_user", "enfance.tenir_cantine"]),
        ("Cantine", ["enfance.view_enfant", "enfance.view_sante", "enfance.tenir_feuille", "accounts.view_user"]),
        ("Régie", ["enfance.view_enfant", "enfance.view_foyer", "facturation.view_quotient", "accounts.view_user"]),
        ("Informatique", ["accounts.view_user", "admin.view_logentry", "facturation.tenir_regie"]),
        ("Secrétariat", ["enfance.delete_enfant", "accounts.delete_user", "auth.change_group", "auth.view_permission"]),
    ],
)
def test_group_is_kept_from_what_is_not_its_work(group, refused):
    assert droits(group).isdisjoint(refused)


@pytest.mark.parametrize("group", ["Équipe", "Cantine", "Régie", "Informatique"])
def test_no_other_group_edits_the_families(group):
    assert {right for right in droits(group) if right.split(".")[1].startswith(("add_", "change_", "delete_"))} <= {
        right for right in droits(group) if right.startswith(("accounts.", "facturation."))
    }


def gives_a_group(node: ast.AST) -> bool:
    """Whether this code writes the groups of an account."""
    match node:
        case ast.Call(func=ast.Attribute(attr="add" | "set" | "remove" | "clear", value=ast.Attribute(attr=relation))):
            return relation in {"groups", "user_set"}
    return False


@pytest.mark.ci
@pytest.mark.une_fois
def test_groups_of_an_agent_are_given_when_the_account_is_opened_alone():  # SES-04
    """What changed them later would have to end the sessions and forget the devices of that agent."""
    writers = []
    for path in MODULES:
        functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)]
        writers += [function.name for function in functions if any(map(gives_a_group, ast.walk(function)))]

    assert sorted(writers) == ["_save_staff", "open_account"]
