"""The settings of production, on a machine of tests: real hashing, no file collected, mails in a folder."""

from portail.settings import *  # noqa: F403
from portail.settings import STORAGES

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
