"""Addresses of the town hall's tasks of money: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
