"""WSGI entry point, for gunicorn."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portail.settings")
if settings.SECRET_KEY == settings.INSECURE_KEY and not settings.DEBUG:
    raise ImproperlyConfigured(
        f"SECRET_KEY : à donner pour servir des pages. {settings.ENV_FILE} existe-t-il, rempli ? Voir .env.example."
    )
application = get_wsgi_application()
