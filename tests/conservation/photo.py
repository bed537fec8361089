"""What the other people of the scene have and see, to be compared before and after."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Model

from accounts.models import User
from enfance.famille.donnees import load_donnees
from enfance.inscriptions import annuler_departs, annuler_hors_ecole
from enfance.models import Enfant, Foyer, Inscription, Responsable
from enfance.regles import Acteur
from tests.clients import Client
from tests.conservation.famille_entiere import JEUDI, NOW, Scene

ROOTS: tuple[type[Model], ...] = (User, Responsable, Enfant, Foyer)


def rows_of(*prenoms: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of these adults, of their homes and of the children for whom they answer, by table and column."""
    adultes = Responsable.objects.filter(user__first_name__in=prenoms)
    keys = {
        User: set(adultes.values_list("user", flat=True)),
        Responsable: set(adultes.values_list("pk", flat=True)),
        Foyer: set(adultes.values_list("foyer", flat=True)),
        Enfant: set(Enfant.objects.filter(responsabilites__responsable__in=adultes).values_list("pk", flat=True)),
    }
    rows = {model._meta.label: list(model._base_manager.filter(pk__in=keys[model]).values()) for model in ROOTS}
    for model in apps.get_models():
        for field in model._meta.fields:
            if field.related_model in keys and not model._meta.proxy and model is not LogEntry:
                lignes = model._base_manager.filter(**{f"{field.name}__in": keys[field.related_model]})
                rows[str(field)] = list(lignes.order_by("pk").values())
    return rows


def text(content: bytes) -> str:
    """What a page says, without its markup, its tokens and its words drawn by chance."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


def seen_by(scene: Scene, prenom: str) -> dict[str, str]:
    """The pages of this parent, and the file of their own data."""
    adulte = scene.adulte(prenom)
    client = Client()
    client.force_login(adulte.user)
    enfants = [f"/enfants/{pk}/" for pk in adulte.enfants.order_by("pk").values_list("pk", flat=True)]
    pages = ["/", "/planning/2026-12/", "/jour/2026-12-08/", "/semaine-type/", "/historique/", "/compte/", *enfants]
    vues = {}
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        vues[page] = text(response.content)
    vues["données"] = json.dumps(load_donnees(adulte.user, now=NOW), default=str, ensure_ascii=False)
    return vues


def figures(scene: Scene) -> dict[str, str]:
    """The figures of the town hall: the year by month and by class, the days of two months."""
    client = Client()
    client.force_login(scene.secretaire)
    page = "/admin/enfance/inscription/chiffres/?annee=2026&mois="
    return {mois: text(client.get(f"{page}{mois}").content) for mois in ("2026-11", "2026-12")}


def figures_of_departure(scene: Scene) -> dict[str, str]:
    """What they would be had the family left today without being erased: the days to come given back, no more."""
    demain, systeme = JEUDI + timedelta(days=1), Acteur.systeme()
    with transaction.atomic():
        annuler_departs({scene.enfant("Thymoline").pk}, demain, systeme, now=NOW)
        a_venir = Inscription.objects.active().filter(foyer=scene.foyer, jour__gte=demain)
        annuler_hors_ecole(list(a_venir.values_list("pk", flat=True)), systeme, now=NOW)
        dites = figures(scene)
        transaction.set_rollback(True)
    return dites
