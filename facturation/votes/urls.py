"""Addresses of what the council voted: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.votes import pages as tarifs
from facturation.votes import pages_deliberations as deliberations
from facturation.votes import pages_plafonds as plafonds
from facturation.votes import pages_supplements as supplements

urlpatterns: list[URLPattern] = [
    path("facturation/tarif/", tarifs.tarifs, name="facturation_tarif_changelist"),
    path("facturation/tarif/add/", tarifs.nouveau, name="facturation_tarif_add"),
    path("facturation/tarif/recopier/", tarifs.copier, name="facturation_tarif_recopier"),
    path("facturation/tarif/<int:pk>/change/", tarifs.tarif, name="facturation_tarif_change"),
    path("facturation/deliberation/add/", deliberations.nouvelle, name="facturation_deliberation_add"),
    path(
        "facturation/deliberation/<int:pk>/change/", deliberations.deliberation, name="facturation_deliberation_change"
    ),
    path("facturation/plafond/add/", plafonds.nouveau, name="facturation_plafond_add"),
    path("facturation/plafond/<int:pk>/change/", plafonds.modifier, name="facturation_plafond_change"),
    path("facturation/supplement/add/", supplements.nouveau, name="facturation_supplement_add"),
    path("facturation/supplement/<int:pk>/change/", supplements.modifier, name="facturation_supplement_change"),
]
