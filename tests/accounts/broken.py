"""Addresses of the site, and one with a fault."""

from django.urls import path

from portail.urls import handler400, handler403, handler404, handler500  # noqa: F401
from portail.urls import urlpatterns as site


def broken(request, *args, **kwargs):
    raise RuntimeError("secret-du-serveur")


urlpatterns = [*site, path("panne/", broken)]
broken.login_required = False
