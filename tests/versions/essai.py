"""The day of a school, as a version of the portal serves it: run by that version's code, on a database that another
version made. Prints what each step answered, as JSON; the standard library and what that version has had since 0.3.0.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import django
import time_machine

NOW = datetime(2026, 12, 3, 17, 0, tzinfo=ZoneInfo("Europe/Paris"))
PARENT, PASSWORD = "3816238", "Velo-nuage-7"
EQUIPE, CANTINE = "1000017", "1000025"
STEPS: list[tuple[str, int]] = []


def note(name: str, status: int) -> None:
    STEPS.append((name, status))


class Browser:
    """Whoever comes; each answer is noted."""

    def __init__(self) -> None:
        from tests.clients import Client

        self.client = Client(raise_request_exception=False)

    def get(self, path: str):
        response = self.client.get(path, follow=True)
        note(f"GET {path}", response.status_code)
        return response

    def post(self, path: str, data: dict[str, object]):
        response = self.client.post(path, data, follow=True)
        note(f"POST {path}", response.status_code)
        return response


def body(response) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode()


def boxes(html: str) -> tuple[list[str], list[str], str]:
    """Of a planning: the boxes ticked, those that may be, and what the page says was there before."""
    tags = re.findall(r"<input\b[^>]*>", html)
    shown = [tag for tag in tags if 'name="r"' in tag]
    value = {tag: re.search(r'value="([^"]*)"', tag)[1] for tag in tags if "value=" in tag}
    ticked = [value[tag] for tag in shown if re.search(r"\bchecked\b", tag)]
    free = [value[tag] for tag in shown if not re.search(r"\b(checked|disabled)\b", tag)]
    return ticked, free, next(value[tag] for tag in tags if 'name="avant"' in tag)


def save_month(browser: Browser, path: str) -> None:
    """Tick a box of this month, as a page without script sends it; the inscription must be there."""
    from enfance.models import Inscription

    ticked, free, avant = boxes(body(browser.get(path)))
    browser.post(path, {"avant": avant, "r": [*ticked, free[-1]], "enregistrer": "1"})
    enfant, jour, creneau = free[-1].split(":")
    saved = Inscription.objects.inscrit().filter(enfant=enfant, jour=jour, creneau__code=creneau).exists()
    note(f"{path}, une case de plus", 200 if saved else 500)


def be_a_parent() -> None:
    parent = Browser()
    parent.get("/connexion/")
    response = parent.post("/connexion/", {"identifiant": PARENT, "password": PASSWORD})
    note("connexion", 200 if response.wsgi_request.user.is_authenticated else 401)
    children = re.findall(r"/enfants/\d+/", body(parent.get("/")))
    for path in [*sorted(set(children)), "/planning/", "/jour/2026-12-10/", "/semaine-type/"]:
        parent.get(path)
    save_month(parent, "/planning/2026-12/")
    for path in ["/historique/", "/compte/", "/compte/mes-donnees/", "/accessibilite/", "/donnees-personnelles/"]:
        parent.get(path)
    parent.post("/mot-de-passe-oublie/", {"identifiant": PARENT})
    parent.post("/deconnexion/", {})


def be_an_agent(identifiant: str) -> Browser:
    from accounts.models import User

    agent = Browser()
    agent.client.force_login(User.objects.get(identifiant=identifiant))
    return agent


def keep_the_sheet() -> None:
    from enfance.models import Geste, Inscription

    agent = be_an_agent(EQUIPE)
    agent.get("/equipe/")
    agent.get("/equipe/2026-12-03/?creneau=soir")
    agent.get("/equipe/fiches.json")
    enfant = Inscription.objects.inscrit().filter(jour="2026-12-03", creneau__code="soir").latest("pk").enfant_id
    before = Geste.objects.count()
    sheet = {"creneau": "soir", "avant": "", "present": [enfant], "parti": [enfant]}
    agent.post("/equipe/2026-12-03/?creneau=soir", sheet)
    note("pointage", 200 if Geste.objects.count() > before else 500)
    agent.get(f"/equipe/2026-12-03/enfants/{enfant}/?creneau=soir")
    agent.get("/equipe/2026-12-03/imprimer/")


def look_at_the_canteen() -> None:
    agent = be_an_agent(CANTINE)
    for path in ["/cantine/", "/cantine/2026-12-04/", "/cantine/2026-12-04.csv", "/cantine/semaine/"]:
        agent.get(path)


def work_at_the_town_hall() -> None:
    """Every list, the form of a new row and of the first one, then the planning of a family at the counter."""
    from django.contrib import admin
    from django.test import RequestFactory
    from django.urls import reverse

    from enfance.models import Foyer
    from tests.factories import StaffFactory

    super_user = StaffFactory(identifiant="999000111")
    agent = Browser()
    agent.client.force_login(super_user)
    agent.get("/admin/")
    request = RequestFactory().get("/")
    request.user = super_user
    for model, model_admin in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label):
        names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        agent.get(reverse(f"{names}_changelist"))
        row = model_admin.get_queryset(request).order_by("pk").first()
        if row is not None:
            agent.get(reverse(f"{names}_change", args=[row.pk]))
        if model_admin.has_add_permission(request):
            agent.get(reverse(f"{names}_add"))
    foyer = Foyer.objects.filter(responsables__user__identifiant=PARENT).get()
    save_month(agent, f"/guichet/{foyer.pk}/planning/2026-12/")


def type_commands(demo: Path) -> None:
    from django.core.management import call_command

    onde = [str(demo / f"CSVExtraction-{name}.csv") for name in ("eleves", "responsables")]
    with tempfile.TemporaryDirectory() as folder:
        meals = Path(folder) / "repas.csv"
        meals.write_text("nom;prénom;date\nMOREL;Léa;10/12/2026\n", encoding="utf-8")
        days = ["--du", "2026-12-10", "--au", "2026-12-10"]
        for command in [
            ["importer_onde", *onde],
            ["importer_repas", str(meals), *days, "--retirer"],
            ["exporter_inscriptions", "--du", "2026-12-01", "--au", "2026-12-31"],
            ["exporter_donnees", PARENT],
            ["fermer", "--du", "2026-12-15", "--motif", "grève"],
            ["send_temporary_password", PARENT],
            ["sync_groups"],
        ]:
            call_command(*command, stdout=StringIO(), stderr=StringIO())
            note(f"manage.py {command[0]}", 200)


def let_the_worker_pass() -> None:
    """All that the day has asked for, and the jobs of the day, purge and reminders: none may fail."""
    from django.core.management import call_command
    from django_tasks_db.models import DBTaskResult

    call_command("db_worker", "--batch", stdout=StringIO(), stderr=StringIO())
    states = list(DBTaskResult.objects.values_list("task_path", "status"))
    done = sum(status == "SUCCESSFUL" for _, status in states)
    note(f"{done} tâches faites", 200 if done > 3 else 500)
    for task, status in states:
        if status == "FAILED":
            note(task, 500)


def forget() -> None:
    """What a year of retention deletes."""
    from accounts import retention

    deleted = retention.purge(now=NOW + timedelta(days=800))
    gone = sorted(name for name, number in deleted.items() if number)
    note("purge", 200 if {"devices", "sessions", "tasks", "temporary_passwords"} <= set(gone) else 500)


def main() -> None:
    sys.path[0] = os.getcwd()
    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    with time_machine.travel(NOW, tick=True):
        be_a_parent()
        keep_the_sheet()
        look_at_the_canteen()
        work_at_the_town_hall()
        type_commands(Path("demo"))
        let_the_worker_pass()
        forget()
    sys.stdout.write(json.dumps(STEPS, ensure_ascii=False))


if __name__ == "__main__":
    main()
