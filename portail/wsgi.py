"""WSGI entry point, for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portail.settings")
application = get_wsgi_application()

from portail.presence import announce  # noqa: E402 - it reads the settings

announce()  # held for the life of the process
