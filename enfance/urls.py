"""The family's addresses, and the pages open to all."""

from django.urls import include, path, register_converter

from enfance.famille.absences import pages as absences
from enfance.mairie.familles import pages_guichet as guichet
from enfance.mairie.familles import pages_papier as papier
from enfance.mairie.familles import pages_semaine_type as semaine_guichet
from enfance.mairie.fermetures import pages_ecole as ecole
from enfance.views import (
    agenda,
    aide,
    annulation,
    cantine,
    compte,
    donnees,
    enfant,
    famille,
    fermetures,
    gardees,
    pages,
    planning,
    rappels,
    semaine_type,
)
from portail.adresses import JourConverter, MoisConverter, SecretConverter

register_converter(JourConverter, "jour")
register_converter(MoisConverter, "mois")
register_converter(SecretConverter, "secret")

app_name = "enfance"
urlpatterns = [
    path("", famille.accueil, name="accueil"),
    path("planning/", planning.planning, name="planning"),
    path("planning/places.json", planning.places, name="places"),
    path("service-worker.js", gardees.service_worker, name="service"),
    path("hors-ligne/", gardees.hors_ligne, name="hors_ligne"),
    path("planning/gardees/", gardees.gardees, name="gardees"),
    path("planning/<mois:mois>/", planning.planning_mois, name="planning_mois"),
    path("jour/<jour:jour>/", planning.jour, name="jour"),
    path("jour/<jour:jour>/absences/", absences.absences, name="absences"),
    path("jour/<jour:jour>/absences/dites/", absences.absences_dites, name="absences_dites"),
    path("semaine-type/", semaine_type.semaine_type, name="semaine_type"),
    path("enfants/<int:pk>/", enfant.enfant, name="enfant"),
    path("fermetures/masquer/", fermetures.masquer, name="fermeture_masquer"),
    path("compte/", compte.compte, name="compte"),
    path("compte/mes-donnees/", donnees.mes_donnees, name="mes_donnees"),
    path("agenda/<secret:secret>.ics", agenda.agenda, name="agenda"),
    path("rappel/<str:jeton>/", rappels.arret, name="rappel_arret"),
    path("guichet/<int:pk>/planning/", guichet.planning, name="guichet"),
    path("guichet/<int:pk>/planning/<mois:mois>/", guichet.planning_mois, name="guichet_mois"),
    path("guichet/<int:pk>/planning/<mois:mois>/papier/", papier.planning_papier, name="guichet_papier"),
    path("guichet/<int:pk>/semaine-type/", semaine_guichet.semaine_type, name="guichet_semaine_type"),
    path("historique/", famille.historique, name="historique"),
    path("historique/<int:reference>/", famille.recapitulatif, name="recapitulatif"),
    path("historique/<int:reference>/annuler/", annulation.annuler, name="annuler"),
    path("ecole/", ecole.ecole, name="ecole"),
    path("ecole/sortie/", ecole.sortie, name="ecole_sortie"),
    path("equipe/", include("enfance.equipe.urls")),
    path("cantine/", cantine.cantine, name="cantine"),
    path("cantine/semaine/", cantine.cantine_semaine, name="cantine_semaine"),
    path("cantine/semaine/<jour:jour>/", cantine.cantine_semaine, name="cantine_semaine_du"),
    path("cantine/importer/", cantine.cantine_importer, name="cantine_importer"),
    path("cantine/importer/<int:pk>/annuler/", cantine.cantine_defaire, name="cantine_defaire"),
    path("cantine/reglages/", cantine.cantine_reglages, name="cantine_reglages"),
    path("cantine/export.csv", cantine.cantine_export, name="cantine_export"),
    path("cantine/<jour:jour>/", cantine.cantine_jour, name="cantine_jour"),
    path("cantine/<jour:jour>.csv", cantine.cantine_csv, name="cantine_csv"),
    path("aide/mairie/", aide.mairie, name="aide_mairie"),
    path("aide/mairie/captures/<str:image>", aide.mairie_image, name="aide_mairie_image"),
    path("aide/equipe/", aide.equipe, name="aide_equipe"),
    path("aide/equipe/captures/<str:image>", aide.equipe_image, name="aide_equipe_image"),
    path("aide/cantine/", aide.cantine, name="aide_cantine"),
    path("aide/cantine/captures/<str:image>", aide.cantine_image, name="aide_cantine_image"),
    path("accessibilite/", pages.accessibilite, name="accessibilite"),
    path("donnees-personnelles/", pages.donnees_personnelles, name="donnees_personnelles"),
    path("mentions-legales/", pages.mentions_legales, name="mentions_legales"),
    path("plan-du-site/", pages.plan_du_site, name="plan_du_site"),
]
