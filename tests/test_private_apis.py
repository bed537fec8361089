"""What we use of other people's code that they have not promised: each name, and a test that an update would fail."""

from __future__ import annotations

import ast
import re
import signal
import sys
import tomllib
from argparse import ArgumentParser, HelpFormatter
from collections.abc import Iterator
from importlib import import_module
from inspect import getsource, isfunction, signature

import pytest
from django.apps import apps
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.cache import caches
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import get_resolver
from django_ratelimit import ALL, core
from django_tasks_db.management.commands import db_worker

from accounts.tasks import purge
from tests.sources import MODULES, PACKAGES, ROOT, tree

# Django and Python document these, whatever their look.
DOCUMENTED = {"_base_manager", "_db", "_default_manager", "_fields", "_make", "_meta", "_replace", "_save", "_state"}
RATELIMIT = {"_get_window", "_make_cache_key", "_split_rate"}
WORKER = {"_run_tasks"}
ARGPARSE = {"_actions", "_fill_text", "_optionals", "_positionals"}
# Public by their look, and Django's own all the same: what makes a query and runs it (`portail.select` is the door).
COMPILER = {"execute_sql", "get_compiler"}
QUERY = {
    "as_sql",
    "compiler",
    "query",
    *COMPILER,
}  # nobody puts another in their place; an `as_sql` of one's own is said
DJANGO = {"_get_obj_does_not_exist_redirect", "_registry", "_reject"}


def is_private(name: str) -> bool:
    return re.match(r"_[A-Za-z]\w*[^_]$", name) is not None and name not in DOCUMENTED


def names_of_others() -> Iterator[str]:
    """The private names that our modules read or import, and that none of them makes."""
    nodes = [node for path in MODULES for node in ast.walk(tree(path))]
    made = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    made |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if is_private(alias.name) and alias.name not in made)
        elif isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in made:
            yield node.attr


def seen_of_the_compiler(code: ast.AST) -> list[str]:
    """Where this code reaches into how Django makes a query: it asks for a compiler, runs or defines one, or replaces
    the query, the compiler or the SQL of an object that is not itself.
    """
    seen = []
    for node in ast.walk(code):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if node.attr in QUERY and not (isinstance(node.value, ast.Name) and node.value.id == "self"):
                seen.append(node.attr)
        elif isinstance(node, ast.Attribute) and node.attr in COMPILER:
            seen.append(node.attr)
        elif isinstance(node, ast.FunctionDef) and node.name in COMPILER:
            seen.append(node.name)
        elif isinstance(node, ast.ClassDef):
            named = [base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases]
            seen += [name for name in named if name.endswith("Compiler")]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"setattr", "getattr"}:
            told = [arg.value for arg in node.args[1:2] if isinstance(arg, ast.Constant)]
            seen += [name for name in told if name in (QUERY if node.func.id == "setattr" else COMPILER)]
    return seen


def names_overridden() -> Iterator[str]:
    """The private methods that our classes write over those of a class which is not ours."""
    modules = [module for name, module in list(sys.modules.items()) if name.split(".")[0] in PACKAGES]
    classes = {cls for module in modules for cls in vars(module).values() if isinstance(cls, type)}
    for cls in classes:
        if cls.__module__.split(".")[0] in PACKAGES:
            others = [base for base in cls.__mro__ if base.__module__.split(".")[0] not in PACKAGES]
            methods = [name for name, value in vars(cls).items() if isfunction(value)]
            yield from (name for name in methods if is_private(name) and any(name in vars(base) for base in others))


def test_private_names_of_others_are_these_and_no_other():
    assert get_resolver().url_patterns  # the views and the admin are imported
    found = {*names_of_others(), *names_overridden()}
    assert found - RATELIMIT - WORKER - ARGPARSE - DJANGO == set()


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("kept.query = mine", ["query"]),
        ("setattr(kept, 'query', mine)", ["query"]),
        ("kept.query.get_compiler(using=kept.db)", ["get_compiler"]),
        ("compiler.execute_sql = lambda: rows", ["execute_sql"]),
        ("compiler.as_sql = lambda *args, **kwargs: (self.sql, params)", ["as_sql"]),
        ("def get_compiler(self, using): ...", ["get_compiler"]),
        ("class Mine(compiler.SQLCompiler): ...", ["SQLCompiler"]),
        ("class Mine(Func):\n    def as_sql(self, compiler, connection): ...", []),
        ("self.query = request.GET.get('q')", []),
        ("request.GET.query", []),
        ("cursor.execute(sql, values)", []),
    ],
)
def test_what_reaches_into_the_compiler_is_seen(code, seen):
    assert seen_of_the_compiler(ast.parse(code)) == seen


def test_nothing_of_ours_reaches_into_how_django_makes_a_query():
    assert {path.name: seen for path in MODULES if (seen := seen_of_the_compiler(tree(path)))} == {}


@pytest.mark.parametrize("package", ["django", "django-ratelimit", "django-tasks-db", "eopayment"])
def test_package_whose_private_names_are_used_is_pinned(package):
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    assert [one for one in dependencies if re.match(rf"{package}(\[\w+\])?>=[\d.]+,<[\d.]+$", one)]


def test_django_ratelimit_names_its_counters_as_we_read_them(db, rf, time_machine):
    """`forget` and `is_spent` find the counter that `get_usage` has made."""
    time_machine.move_to("2026-12-03 20:41:00+01:00", tick=False)

    core.get_usage(rf.get("/"), group="essai", key=lambda *_: "3816238", rate="10/15m", increment=True)

    assert core._split_rate("10/15m") == (10, 15 * 60)
    window = core._get_window("3816238", 15 * 60)
    assert caches["limites"].get(core._make_cache_key("essai", window, "10/15m", "3816238", ALL)) == 1


def make_worker() -> db_worker.Worker:
    return db_worker.Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=1,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=1,
        worker_id="essai",
    )


@pytest.mark.django_db(transaction=True)  # it closes its connections
def test_django_tasks_db_worker_does_one_task_and_counts_it():
    """`accounts.worker` calls its `run` once a turn, and reads in `_run_tasks` whether there was a task."""
    purge.enqueue()
    purge.enqueue()
    worker, counts = make_worker(), []

    for _ in range(3):
        worker._run_tasks = 0
        worker.run()
        counts.append(worker._run_tasks)

    assert (counts, worker.running) == ([1, 1, 0], True)
    assert list(signature(worker.run_task).parameters) == ["db_task_result"]


def test_django_tasks_db_worker_ends_at_the_second_signal(monkeypatch):
    worker = make_worker()
    worker.running = False  # as `accounts.worker` does at the first
    monkeypatch.setattr(worker, "reset_signals", lambda: None)

    with pytest.raises(SystemExit):
        worker.shutdown(signal.SIGTERM, None)


def test_argparse_lets_its_titles_be_changed_and_its_options_be_read():
    parser = ArgumentParser(prog="essai", epilog="  a\n  b", formatter_class=type("Help", (HelpFormatter,), {}))
    parser.formatter_class._fill_text = lambda self, text, width, indent: text
    parser.add_argument("annee")
    parser._positionals.title, parser._optionals.title = "arguments ", "réglages "

    said = parser.format_help()

    assert ("arguments :\n  annee" in said, "réglages :" in said, said.endswith("  a\n  b\n")) == (True, True, True)
    assert [action.dest for action in parser._actions] == ["help", "annee"]


def test_argparse_says_each_mistake_by_the_error_of_the_parser():
    said, parser = [], ArgumentParser(prog="essai")
    parser.error = lambda objection: said.append(objection) or exit()

    with pytest.raises(SystemExit):
        parser.parse_args(["--rien"])

    assert said == ["unrecognized arguments: --rien"]


def test_django_refuses_a_forged_form_by_what_its_reject_returns(rf):
    class Check(CsrfViewMiddleware):
        def _reject(self, request, reason):
            return f"refused: {bool(reason)}"

    request = rf.post("/")
    assert Check(HttpResponse).process_view(request, HttpResponse, (), {}) == "refused: True"


def test_django_keeps_the_models_of_an_admin_in_its_registry():
    site, model = AdminSite(), apps.get_model("enfance.Enfant")
    site.register(model)
    assert list(site._registry) == [model]


def test_django_admin_sends_back_who_asks_for_a_row_that_is_not_there():
    parameters = signature(ModelAdmin._get_obj_does_not_exist_redirect).parameters
    assert list(parameters) == ["self", "request", "opts", "object_id"]


@pytest.fixture
def eopayment_payfip():
    """Imported where it is used: a portal that takes no payment never reads it."""
    return import_module("eopayment.payfip_ws")


def test_eopayment_asks_payfip_by_these_names(eopayment_payfip):
    asked = signature(eopayment_payfip.PayFiP.get_idop).parameters
    assert {"numcli", "saisie", "exer", "refdet", "montant", "mel", "url_notification", "url_redirect"} <= set(asked)
    assert {"objet", "timeout"} <= set(asked)
    assert list(signature(eopayment_payfip.PayFiP.get_info_paiement).parameters) == ["self", "idop", "timeout"]
    assert eopayment_payfip.PayFiPError("P5", "inconnu").code == "P5"


def test_eopayment_says_by_these_words_what_is_no_code_of_payfip(eopayment_payfip):
    """`facturation.payfip.echange` takes a code for an answer of PayFiP, and these for its absence."""
    source = getsource(eopayment_payfip.PayFiP)
    said = re.findall(r"PayFiPError\(\s*'([^']+)'", source)
    assert sorted(said) == ["Cound not initialize the SOAP client", "HTTP error", "SOAP error"] + [
        "Unexpected error",
        "inconnu",
        "unknown",
    ]


def test_eopayment_takes_its_address_from_the_contract_alone(eopayment_payfip):
    """Why PAYFIP_WSDL is a contract, not an address."""
    client = eopayment_payfip.PayFiP(service_url="http://127.0.0.1:9/").client
    (port,) = client.wsdl.services["PaiementSecuriseService"].ports.values()
    assert port.binding_options["address"] == "https://www.payfip.gouv.fr/tpa/services/securite"


def test_eopayment_truncates_amounts_where_we_do_not_hand_them(eopayment_payfip):
    assert eopayment_payfip.Payment.clean_amount("12.349") == "1234"


def test_eopayment_reads_one_spelling_of_the_return(eopayment_payfip):
    payment = eopayment_payfip.Payment({"numcli": "090909"})
    with pytest.raises(eopayment_payfip.ResponseError):
        payment.response("idOp=cc0cb210-1cd4-11ea-8cca-0213ad91a103")
