"""Every mail leaves by a task of the mails' own queue, which ENVOIS_RETENUS holds, and by nothing else."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.tasks import Task, default_task_backend
from django.urls import get_resolver
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import outbox
from accounts.models import Passage
from accounts.outbox import FANS, KINDS, QUEUE, RESTORED
from tests.sources import DOMAIN, ROOT, tree

# What a mail leaves by: ours, Django's, Python's.
SENDERS = {
    ("accounts.emails", "send"),
    ("accounts.emails", "deliver"),
    ("accounts.emails", "try_address"),
    ("accounts.mailings", "deliver_line"),
    *(("django.core.mail", name) for name in ["send_mail", "send_mass_mail", "mail_admins", "mail_managers"]),
    *(("django.core.mail", name) for name in ["EmailMessage", "EmailMultiAlternatives", "get_connection", "mailers"]),
    *(("smtplib", name) for name in ["SMTP", "SMTP_SSL", "LMTP"]),
}
# The modules that they are made of, the one that looks whether the server is there, the file that stands for one, the
# sender of them all.
OWN = {"accounts.emails", "accounts.mailings", "accounts.serveur_courriel", "portail.courriels", "portail.retours"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in DOMAIN:
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), tree(path)


def names_of(source: ast.Module) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """What names stand for in a module: functions of others by (module, name), other modules by their path."""
    functions, others = {}, {}
    for node in ast.walk(source):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                functions[alias.asname or alias.name] = (str(node.module), alias.name)
                others[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            others |= {alias.asname or alias.name: alias.name for alias in node.names}
    return functions, others


def senders() -> set[str]:
    """Every function, by its path, whose text can make a mail leave; « <module> » outside of any."""
    found = set()
    for module, source in modules():
        if module in OWN:
            continue
        functions, others = names_of(source)
        for top in source.body:
            if isinstance(top, ast.Import | ast.ImportFrom):
                continue
            for node in ast.walk(top):
                sends = isinstance(node, ast.Name) and functions.get(node.id) in SENDERS
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    sends = (others.get(node.value.id), node.attr) in SENDERS
                if sends:
                    found.add(f"{module}.{getattr(top, 'name', '<module>')}")
    return found


def declared() -> dict[str, Task]:
    """Every task of the portal, by its path."""
    tasks = {}
    for module, source in modules():
        if any(isinstance(node, ast.FunctionDef) and node.decorator_list for node in source.body):
            for value in vars(import_module(module)).values():
                if isinstance(value, Task):
                    tasks[value.module_path] = value
    return tasks


def test_only_tasks_of_their_queue_send_mails():
    mails = {path for path, task in declared().items() if task.queue_name == QUEUE}

    assert senders() == mails
    assert len(mails) > 10


def test_tasks_are_of_two_queues_that_the_settings_name():
    assert {task.queue_name for task in declared().values()} == {"default", QUEUE}
    assert set(default_task_backend.queues) == {"default", QUEUE, RESTORED}


def test_every_task_that_enqueues_mails_says_so():
    """It is held with them after a restore: run again, it would write anew what has left already."""
    tasks = declared()
    fans = set()
    for module, source in modules():
        for top in source.body:
            if f"{module}.{getattr(top, 'name', '')}" in tasks.keys() - KINDS.keys():
                called = {node.id for node in ast.walk(top) if isinstance(node, ast.Name)}
                reached = {getattr(import_module(module), name, None) for name in called}
                if {task.module_path for task in reached if isinstance(task, Task)} & (KINDS.keys() | FANS.keys()):
                    fans.add(f"{module}.{top.name}")
    assert fans == FANS.keys()
    assert len(fans) > 5
    assert {path for path in settings.DAILY_TASKS if outbox.may_mail(path)} == {
        "enfance.cantine.tasks.plan_cantine",
        "enfance.courriels.tasks.send_rappels",
        "facturation.quotients.demandes.ask_quotients",
    }


def test_a_task_of_another_version_may_send_a_mail():
    assert outbox.may_mail("accounts.tasks.gone")
    assert outbox.may_mail("gone.tasks.send")
    assert not outbox.may_mail("accounts.tasks.purge")


def is_view(node: ast.expr) -> bool:
    """`request.resolver_match.func`, `resolve(path).func`: the view that answers."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "resolve"
    return isinstance(node, ast.Attribute) and node.attr == "resolver_match"


def test_nothing_runs_a_task_but_the_worker():
    """A task called as a function would send from where it is called."""
    paths = declared()
    called = set()
    for module, source in modules():
        for node in ast.walk(source):
            if isinstance(node, ast.Attribute) and node.attr in {"call", "acall", "func"} and not is_view(node.value):
                called.add(module)
    # They read the names of its parameters, and the check that a `partial` holds.
    assert called == {"accounts.outbox", "surveillance.diagnostic.examen"}
    assert len(paths) > 15


def test_every_mail_task_says_what_it_is_and_for_whom():
    mails = {path: task for path, task in declared().items() if task.queue_name == QUEUE}

    assert KINDS.keys() == mails.keys()
    for path, task in mails.items():
        parameters = inspect.signature(task.func).parameters
        assert KINDS[path].recipient.parameter in ["", *parameters], path
        assert KINDS[path].name


RETRY = {"attempt": 1}
# What the rows of the version before hold: of a second attempt, that named its number apart from one task.
BEFORE: dict[str, tuple[list[object], dict[str, object]]] = {
    "accounts.tasks.send_temporary_password": (["3816238"], RETRY | {"instead_of": 3, "line": 5}),
    "accounts.tasks.send_identifiants": (["camille@courriel.example"], RETRY),
    "accounts.tasks.send_login_alarm": ([1, "spraying", "2026-11-16T10:00:00+00:00"], RETRY),
    "accounts.tasks.send_password_changed": ([1, "2026-11-16T10:00:00+00:00"], RETRY),
    "accounts.tasks.send_email_change_asked": ([1], RETRY),
    "accounts.tasks.send_email_confirmation": ([1], RETRY),
    "accounts.tasks.send_address_changed": ([1, True], RETRY),
    "accounts.tasks.send_second_factor_notice": ([1, "used", "2026-11-16T10:00:00+00:00"], RETRY),
    "accounts.tasks.send_accounts_merged": ([1, "4000001", ""], RETRY),
    "enfance.mairie.tasks.send_message": ([1, 5], RETRY),
    "enfance.mairie.tasks.send_message_test": ([1, 1], RETRY),
    "enfance.famille.tasks.send_autorisation": ([[1], 1, 2, False], RETRY),
    "enfance.famille.tasks.send_accord": ([1, 1, 2], RETRY),
    "enfance.famille.absences.tasks.send_absences": ([[1], 1, False], RETRY),
    "enfance.courriels.tasks.send_confirmation": ([1, 1], RETRY),
    "enfance.courriels.tasks.send_enregistrements": ([1], RETRY),
    "enfance.courriels.tasks.send_ecole": ([1, 1], RETRY),
    "enfance.courriels.tasks.send_garde": ([1, [1], None], RETRY),
    "enfance.courriels.tasks.tell_cantine": ([1], RETRY | {"ecole_pk": 2}),
    "enfance.courriels.tasks.send_repas": ([1], RETRY),
    "enfance.courriels.tasks.send_rappel": ([1, ["2026-12-07"]], RETRY),
    "enfance.cantine.tasks.send_cantine": (["2026-12-07", None, 1, 2, True], {}),
    "facturation.absences.tasks.send_reponse_absence": ([1, [1]], RETRY),
    "facturation.arrete.tasks.send_facture": ([1, 5], RETRY),
    "facturation.arrete.tasks.send_avoir": ([1, 1], RETRY),
    "facturation.attestations.tasks.send_attestation": ([2026, 5], RETRY),
    "facturation.quotients.tasks.send_demande_quotient": ([5], RETRY),
    "facturation.signalements.tasks.send_reponse_signalement": ([1, 1], RETRY),
    "facturation.signalements.tasks.send_signalement_recu": ([1, 1], RETRY),
    "facturation.payfip.questions.send_essai": ([1, 1], RETRY),
    "facturation.regie.tasks.send_recu": ([1, 1], RETRY),
    "facturation.regie.relances.tasks.send_rappel": ([1, [1], "premier"], RETRY),
}


@pytest.mark.django_db
def test_row_of_the_version_before_is_understood_and_runs():
    assert BEFORE.keys() == {path for path, task in declared().items() if task.queue_name == QUEUE}

    for path, (args, kwargs) in BEFORE.items():
        row = DBTaskResult(task_path=path, args_kwargs={"args": args, "kwargs": kwargs}, backend_name="default")
        assert list(outbox.arguments_of(row).values())[1 : 1 + len(args)] == args, path
        row.task.func(*args, **kwargs)  # nobody is there: it ends without a word

    assert mail.outbox == []


def test_web_server_knows_every_kind_of_mail():
    """Its list names and filters them: the pages import the tasks that they enqueue."""
    get_resolver().url_patterns  # noqa: B018 - imports the views
    assert {path.rpartition(".")[0] for path in outbox.KINDS} >= {
        "enfance.cantine.tasks",
        "enfance.courriels.tasks",
        "enfance.mairie.tasks",
    }


@pytest.mark.django_db(transaction=True)
def test_mails_of_a_backup_of_before_join_the_queue_that_is_held():
    migration = import_module("enfance.migrations.0020_hold_the_mails_that_wait")
    tasks = declared()
    for path in {*tasks, *migration.TASKS}:
        DBTaskResult.objects.create(
            args_kwargs={"args": [], "kwargs": {}}, task_path=path, backend_name="default", run_after=timezone.now()
        )

    migration.hold(apps, None)
    held = DBTaskResult.objects.filter(queue_name=QUEUE)
    assert {row.task_path for row in held} == set(migration.TASKS)
    import_module("enfance.migrations.0021_the_tasks_of_mails_have_moved").forwards(apps, None)
    known = tasks.keys() & {row.task_path for row in held.all()}  # some of that day are no more
    assert {tasks[path].queue_name for path in known} == {QUEUE}
    assert len(known) > 10
    migration.let_go(apps, None)
    assert not DBTaskResult.objects.filter(queue_name=QUEUE).exists()


@pytest.mark.django_db
def test_tasks_that_wait_and_daily_jobs_are_known_by_the_new_name_of_their_module():
    migration = import_module("enfance.migrations.0021_the_tasks_of_mails_have_moved")
    row = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}},
        task_path="enfance.tasks.send_rappels",
        backend_name="default",
        run_after=timezone.now(),
    )
    for job in ("accounts.tasks.purge", "enfance.tasks.send_rappels", "enfance.courriels.tasks.send_rappels"):
        Passage.objects.create(job=job, done_at=timezone.now())

    migration.forwards(apps, None)
    row.refresh_from_db()
    assert row.task_path in declared()
    assert set(Passage.objects.values_list("job", flat=True)) == {"accounts.tasks.purge", row.task_path}
    migration.backwards(apps, None)
    row.refresh_from_db()
    assert row.task_path == "enfance.tasks.send_rappels"
