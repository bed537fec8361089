"""The addresses of monitoring."""

from django.urls import path

from surveillance.views import metrics, sante, sante_web

urlpatterns = [
    path("sante/", sante, name="sante"),
    path("sante/web", sante_web, name="sante_web"),
    path("metrics", metrics, name="metrics"),
]
