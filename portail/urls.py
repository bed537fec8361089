"""All addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("enfance.urls")),  # first: a parent's /compte/ is composed there
    path("", include("accounts.urls")),
    path("", include("facturation.urls")),
    path("", include("surveillance.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "portail.errors.bad_request"
handler403 = "portail.errors.permission_denied"
handler404 = "portail.errors.page_not_found"
handler500 = "portail.errors.server_error"
