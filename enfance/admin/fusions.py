"""Two rows of a list that may be one: the action that compares them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


@admin.action(description="Réunir deux doubles", permissions=["reunir"])
def reunir(modeladmin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
    """The action « Réunir deux doubles » of a list, the page of a single row having its own link: with two rows chosen,
    on to the page that compares them; with one, on to the page that looks for the other. More than two are refused.
    """
    pks = list(queryset.values_list("pk", flat=True)[:3])
    if len(pks) > 2:
        modeladmin.message_user(request, "Choisissez deux lignes, pas plus.", messages.ERROR)
        return None
    adresse = reverse(f"admin:enfance_{modeladmin.opts.model_name}_reunir", args=[pks[0]])
    return redirect(f"{adresse}?avec={pks[1]}" if len(pks) == 2 else adresse)
