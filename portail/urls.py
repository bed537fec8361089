"""All addresses."""

from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("enfance.urls")),
]
