"""Who goes to every address of the portal, and what it asks with."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.apps import apps

from accounts import temporary
from accounts.models import User
from portail.dates import PARIS
from tests import matrice
from tests.clients import Client
from tests.factories import FoyerFactory, ResponsableFactory, StaffFactory
from tests.writes import ASIDE

NOW = datetime(2026, 12, 3, 20, 40, tzinfo=PARIS)
MATRIX = matrice.read()
QUERIES = {
    "/planning/places.json": {"mois": "2026-12"},
    "/equipe/<jour>/etat.json": {"creneau": "soir"},
    "/equipe/<jour>/": {"creneau": "soir"},
    "/equipe/<jour>/pointage/": {"creneau": "soir"},
    "/equipe/<jour>/ajouter/": {"creneau": "soir"},
    "/admin/autocomplete/": {"app_label": "enfance", "model_name": "responsable", "field_name": "user"},
}
FIELDS = {"creneau": "soir", "is_staff": "1", "is_superuser": "1", "foyer": "1"}  # those of a form, and some of none


def visitor(kind: str) -> Client:
    client = Client(raise_request_exception=False)
    match kind:
        case "anonyme":
            pass
        case "temporaire":
            _, value = temporary.issue(User.objects.get(identifiant="2000001"), now=NOW)
            client.post("/connexion/", {"identifiant": "2000001", "password": value})
        case "parent":
            client.force_login(User.objects.get(identifiant="2000001"))
        case "autre parent":
            client.force_login(ResponsableFactory(foyer=FoyerFactory(adresse="3 rue du Lac")).user)
        case "sans groupe":
            client.force_login(StaffFactory(is_superuser=False))
        case "sans code":
            client.force_login(agent("Secrétariat"), second_factor=False)
        case _:
            client.force_login(agent(kind))
    return client


def agent(group: str) -> User:
    return User.objects.get(groups__name=group)


def snapshot() -> str:
    """A digest of every row, but those that are set aside."""
    digest = hashlib.sha256()
    for model in sorted(apps.get_models(), key=lambda model: model._meta.label):
        if model not in ASIDE:
            digest.update(repr(list(model.objects.order_by("pk").values_list())).encode())
    return digest.hexdigest()
