"""When doubles are made one, and how."""

from datetime import datetime

from django.apps import apps

from enfance.mairie.doubles.fusions import reunir_adultes
from portail.dates import PARIS

APPS = {"accounts", "enfance", "facturation", "django_tasks_database"}
NOW = datetime(2026, 12, 3, 20, 41, tzinfo=PARIS)


def unite(camille, double, **choix):
    return reunir_adultes(camille.pk, double.pk, choix, now=NOW)


def everything():
    """Every row but those of Django's own tables."""
    return {
        model.__name__: sorted(model._base_manager.values_list(), key=str)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in APPS and not model._meta.proxy
    }
