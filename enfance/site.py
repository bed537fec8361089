"""The town hall's admin site as it opens: by task, then by the words of the secretary, not by table."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils import timezone

from accounts.site import TownHallSite
from enfance.extensions import ExtensionEnfance
from portail.bureau import Urgence, choses_of, panneaux_of, tables_by_group
from portail.dates import heure_texte

OTHERS = ("autres", "Autres")  # the tables that no app has put anywhere


class MairieSite(TownHallSite):
    """Django's lists and forms, and before them the pages of tasks, under the same `admin:` names."""

    index_title = "Accueil"
    index_template = "mairie/accueil.html"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's addresses of the admin, after those of the pages that each app adds under the same
        `admin:` names.
        """
        pages = ExtensionEnfance.installed().pages
        return [*(path("", include(urlconf)) for urlconf in pages), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The home page of the town hall: what there is to deal with, the panels and the shortcuts that this agent has
        the right to.
        """
        now, maison, may = timezone.localtime(), ExtensionEnfance.installed(), request.user.has_perm
        choses = choses_of(request, maison.a_traiter, now=now)
        panneaux, contenus = panneaux_of(request, maison.panneaux, now=now)
        context = {
            "choses": choses,
            "groupes": [(u, [chose for chose in choses if chose.urgence is u]) for u in Urgence],
            "suit": any(may(rubrique.droit) for rubrique in maison.a_traiter),
            "panneaux": panneaux,
            "raccourcis": [raccourci for raccourci in maison.raccourcis if may(raccourci.droit)],
            "maintenant": now,
            "heure": heure_texte(now.time()),
        }
        return super().index(request, {**contenus, **context, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """The tables of the admin in the groups that each app has declared, the others at the end; for one application
        (`app_label`), as Django gives them.
        """
        applications = super().get_app_list(request, app_label)
        if app_label:
            return applications
        tables = {table["model"]._meta.label_lower: table for app in applications for table in app["models"]}
        groupes = [
            (nom, [tables.pop(label) for label in labels if label in tables])
            for nom, labels in tables_by_group(ExtensionEnfance.installed().tables).items()
        ]
        groupes.append((OTHERS, list(tables.values())))
        return [
            {
                "app_label": code,
                "name": nom,
                "app_url": f"{reverse('admin:index')}#{code}",
                "has_module_perms": True,
                "models": siennes,
            }
            for (code, nom), siennes in groupes
            if siennes
        ]
