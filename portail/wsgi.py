"""WSGI entry point, for gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portail.settings")
application = get_wsgi_application()

from portail.presence import announce  # noqa: E402 - it reads the settings

application = import_string("accounts.heartbeats.Battements")(application)

announce()  # held for the life of the process
reverse("accounts:login")  # loads all the pages: else whoever comes first waits for them
# What is loaded now stays: no collection of garbage looks through it again, which takes a tenth of a second.
gc.collect()
gc.freeze()
