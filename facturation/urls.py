"""The family's addresses of money, and the two that the payment service calls."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "facturation"
urlpatterns: list[URLPattern] = []
