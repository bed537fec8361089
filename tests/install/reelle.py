"""A portal that is installed for real: its sources, its database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

from tests.install.versions_essai import ROOT

PACKAGES = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
NAMES = [
    *PACKAGES,
    *("demo", "docs", "install", "static", "styles", "templates"),
    *("manage.py", "pyproject.toml", "requirements.txt", "CHANGELOG.md", ".gitignore"),
]


def copy_sources(folder: Path) -> None:
    """The portal as it is here, changes not yet committed included."""
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in NAMES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)


@contextmanager
def database() -> Iterator[str]:
    """An empty database for DATABASE_URL; nothing to say with SQLite."""
    if connection.vendor == "sqlite":
        yield ""
        return
    server = settings.DATABASES["default"]
    name = f"mise_a_jour_{os.getpid()}"
    where = {"host": server["HOST"], "port": server["PORT"], "user": server["USER"], "password": server["PASSWORD"]}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as cluster:
        cluster.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"DATABASE_URL=postgres://{where['user']}:{where['password']}@{where['host']}:{where['port']}/{name}\n"
        finally:
            cluster.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
