"""The addresses of monitoring."""

from django.urls import path

from surveillance.views import sante

urlpatterns = [path("sante/", sante, name="sante")]
