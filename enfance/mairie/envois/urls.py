"""Addresses of what goes to many families, under /admin/."""

from django.urls import path

from enfance.mairie.envois import pages, pages_identifiants

urlpatterns = [
    path("enfance/responsable/identifiants/", pages_identifiants.identifiants, name="enfance_responsable_identifiants"),
    path("enfance/responsable/lettres/", pages_identifiants.choisir_lettres, name="enfance_responsable_lettres"),
    path(
        "enfance/responsable/sans-courriel/", pages_identifiants.sans_courriel, name="enfance_responsable_sans_courriel"
    ),
    path(
        "enfance/responsable/sans-courriel/tableau/",
        pages_identifiants.sans_courriel_tableau,
        name="enfance_responsable_sans_courriel_tableau",
    ),
    path("enfance/responsable/numeros/", pages_identifiants.numeros, name="enfance_responsable_numeros"),
    path("enfance/message/add/", pages.ecrire, name="enfance_message_add"),
    path("enfance/message/<int:object_id>/change/", pages.message, name="enfance_message_change"),
    path("enfance/message/<int:pk>/rappeler/", pages.rappeler, name="enfance_message_rappeler"),
    path("enfance/message/<int:pk>/apercu/", pages.apercu, name="enfance_message_apercu"),
    path("enfance/actualite/add/", pages.annoncer, name="enfance_actualite_add"),
]
