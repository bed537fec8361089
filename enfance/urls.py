"""The family's addresses, and the pages open to all."""

from django.urls import path, register_converter

from enfance.views import agenda, famille, pages, planning, rappels
from enfance.views.converters import JourConverter, MoisConverter, SecretConverter

register_converter(JourConverter, "jour")
register_converter(MoisConverter, "mois")
register_converter(SecretConverter, "secret")

app_name = "enfance"
urlpatterns = [
    path("", famille.accueil, name="accueil"),
    path("planning/", planning.planning, name="planning"),
    path("planning/<mois:mois>/", planning.planning_mois, name="planning_mois"),
    path("jour/<jour:jour>/", planning.jour, name="jour"),
    path("enfants/<int:pk>/", famille.enfant, name="enfant"),
    path("agenda/<secret:secret>.ics", agenda.agenda, name="agenda"),
    path("rappel/<str:jeton>/", rappels.arret, name="rappel_arret"),
    path("historique/", famille.historique, name="historique"),
    path("accessibilite/", pages.accessibilite, name="accessibilite"),
    path("donnees-personnelles/", pages.donnees_personnelles, name="donnees_personnelles"),
    path("mentions-legales/", pages.mentions_legales, name="mentions_legales"),
    path("plan-du-site/", pages.plan_du_site, name="plan_du_site"),
]
