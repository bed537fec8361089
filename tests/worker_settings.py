"""The settings of a worker started by a test, in a process of its own: the test's database and mail server."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES

DAILY_TASKS = {}  # whatever the hour, its queue holds the tasks of the test alone
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {"host": "127.0.0.1", "port": int(os.environ["MAIL_PORT"]), "timeout": 60},
    }
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"]["timeout"] = float(os.environ["SQLITE_TIMEOUT"])
