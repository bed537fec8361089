"""The settings of the tests: those of the portal, with fast hashing and files in a folder of their own."""

import os
import sys

os.environ["ENV_FILE"] = os.devnull  # what a developer's .env says is no matter of the tests

from portail.settings import *  # noqa: E402, F403
from portail.settings import DATABASES, TEMPLATES, VAR_DIR  # noqa: E402

SECRET_KEY = "cle-des-tests"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PAYFIP_NUMCLI = "090909"
PAYFIP_WSDL = "/absent/contrat.wsdl"  # no test asks the real one: those that pay have one on the loopback
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True  # nothing is collected for the tests
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


class UndefinedVariable(str):
    """What an undefined template variable becomes: the test that renders it fails. Django's own admin has some."""

    def __mod__(self, name: object) -> str:
        context = sys._getframe(1).f_locals["context"]
        if context.template.name.startswith(("admin/", "django/")):
            return ""
        raise AssertionError(f"undefined template variable: {name}")


TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UndefinedVariable("undefined: %s")
# Made of the models of today: tests/versions/test_tables.py says that the migrations lead to the same tables.
DATABASES["default"]["TEST"] = {"MIGRATE": False}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads of the race tests share it. One a process: two runs at once do not meet.
    VAR_DIR.mkdir(exist_ok=True)
    DATABASES["default"]["TEST"]["NAME"] = str(VAR_DIR / f"test-{os.getpid()}.sqlite3")
    # Rows come backwards where no order was asked for: on PostgreSQL they come in any, and nothing must count on one.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA reverse_unordered_selects=ON;"
