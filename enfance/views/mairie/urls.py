"""Addresses of the town hall's tasks: under /admin/, named in `admin:`, before those of Django's own pages."""

from django.urls import path

from enfance.mairie.attente import pages as attente
from enfance.mairie.doubles import pages as fusions
from enfance.mairie.enfants import pages as enfant
from enfance.mairie.enfants import pages_demandes as demandes
from enfance.mairie.envois import pages as annonces
from enfance.mairie.envois import pages_identifiants as courrier
from enfance.mairie.familles import pages as familles
from enfance.mairie.familles import pages_arrivees as arrivees
from enfance.mairie.familles import pages_effacement as effacement
from enfance.mairie.familles import pages_historique as historique
from enfance.mairie.familles import pages_rappels as rappels
from enfance.mairie.familles import pages_separation as separation
from enfance.mairie.fermetures import pages as fermetures
from enfance.mairie.onde import pages as onde
from enfance.views.mairie import chiffres, ecarts, remises, rentree, repas

urlpatterns = [
    path("enfance/enfant/proches/", fusions.proches, name="enfance_enfant_proches"),
    path("enfance/enfant/<int:pk>/reunir/", fusions.reunir_enfants, name="enfance_enfant_reunir"),
    path("enfance/foyer/<int:pk>/reunir/", fusions.reunir_foyers, name="enfance_foyer_reunir"),
    path("enfance/responsable/identifiants/", courrier.identifiants, name="enfance_responsable_identifiants"),
    path("enfance/responsable/lettres/", courrier.choisir_lettres, name="enfance_responsable_lettres"),
    path("enfance/responsable/sans-courriel/", courrier.sans_courriel, name="enfance_responsable_sans_courriel"),
    path(
        "enfance/responsable/sans-courriel/tableau/",
        courrier.sans_courriel_tableau,
        name="enfance_responsable_sans_courriel_tableau",
    ),
    path("enfance/responsable/numeros/", courrier.numeros, name="enfance_responsable_numeros"),
    path("enfance/responsable/<int:pk>/foyer/", separation.changer, name="enfance_responsable_foyer"),
    path("enfance/responsable/<int:pk>/reunir/", fusions.reunir_adultes, name="enfance_responsable_reunir"),
    path("enfance/enfant/rappels/", rappels.rappels, name="enfance_enfant_rappels"),
    path("enfance/enfant/demandes/", demandes.demandes, name="enfance_enfant_demandes"),
    path("enfance/enfant/<object_id>/change/", enfant.fiche, name="enfance_enfant_change"),
    path("enfance/foyer/<int:pk>/historique/", historique.historique, name="enfance_foyer_historique"),
    path("enfance/foyer/<int:pk>/effacer/", effacement.effacer, name="enfance_foyer_effacer"),
    path("enfance/foyer/add/", arrivees.nouvelle_famille, name="enfance_foyer_add"),
    path("enfance/foyer/<int:pk>/ajouter/", arrivees.ajouter, name="enfance_foyer_ajouter"),
    path("enfance/foyer/trouver/", familles.trouver, name="enfance_foyer_trouver"),
    path("enfance/foyer/<int:pk>/famille/", familles.famille, name="enfance_foyer_famille"),
    path("enfance/inscription/attente/", attente.attente, name="enfance_inscription_attente"),
    path("enfance/fermeture/add/", fermetures.fermer, name="enfance_fermeture_add"),
    path("enfance/fermeture/<int:pk>/rouvrir/", fermetures.rouvrir, name="enfance_fermeture_rouvrir"),
    path("enfance/fermeture/<int:pk>/liste/", fermetures.liste, name="enfance_fermeture_liste"),
    path("enfance/inscription/chiffres/", chiffres.chiffres, name="enfance_inscription_chiffres"),
    path("enfance/inscription/chiffres/tableau/", chiffres.tableau, name="enfance_inscription_chiffres_tableau"),
    path("enfance/message/add/", annonces.ecrire, name="enfance_message_add"),
    path("enfance/message/<int:object_id>/change/", annonces.message, name="enfance_message_change"),
    path("enfance/message/<int:pk>/rappeler/", annonces.rappeler, name="enfance_message_rappeler"),
    path("enfance/message/<int:pk>/apercu/", annonces.apercu, name="enfance_message_apercu"),
    path("enfance/actualite/add/", annonces.annoncer, name="enfance_actualite_add"),
    path("enfance/pointage/ecarts/", ecarts.ecarts, name="enfance_pointage_ecarts"),
    path("enfance/pointage/remises/", remises.remises, name="enfance_pointage_remises"),
    path("enfance/listerepas/add/", repas.importer, name="enfance_listerepas_add"),
    path("enfance/importonde/add/", onde.deposer, name="enfance_importonde_add"),
    path("enfance/importonde/<int:object_id>/change/", onde.depot, name="enfance_importonde_change"),
    path("enfance/importonde/<int:pk>/bilan.txt", onde.bilan, name="enfance_importonde_bilan"),
    path("enfance/anneescolaire/rentree/", rentree.prochaine, name="enfance_anneescolaire_rentree"),
    path("enfance/anneescolaire/rentree/<int:debut>/", rentree.rentree, name="enfance_anneescolaire_rentree_de"),
    path("enfance/anneescolaire/<int:pk>/calendrier/", rentree.calendrier, name="enfance_anneescolaire_calendrier"),
]
