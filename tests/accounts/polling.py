"""Addresses of the site, and one that a script asks at regular times."""

from django.http import JsonResponse
from django.urls import path

from accounts.decorators import renews_nothing
from portail.urls import handler404  # noqa: F401
from portail.urls import urlpatterns as site


@renews_nothing
def places(request):
    return JsonResponse({})


urlpatterns = [*site, path("places.json", places)]
