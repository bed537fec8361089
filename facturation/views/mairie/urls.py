"""Addresses of the town hall's tasks of money: under /admin/, named in `admin:`."""

from __future__ import annotations

from django.urls import URLPattern, path

from facturation.factures import pages_mairie as factures
from facturation.nombres import pages as nombres
from facturation.payeurs import pages_lieux as lieux
from facturation.signalements import pages as signalements
from facturation.views.mairie import (
    attestations,
    chiffres,
    liste,
    mois,
    payeurs,
    quotients,
    reglages,
)
from facturation.votes.urls import urlpatterns as votes

urlpatterns: list[URLPattern] = [
    path("facturation/mois/", mois.mois, name="facturation_mois"),
    path("facturation/mois/<mois:mois>/", mois.mois_du, name="facturation_mois_du"),
    path("facturation/mois/<mois:mois>/factures/", mois.factures, name="facturation_mois_factures"),
    path("facturation/mois/<mois:mois>/lignes/", mois.lignes, name="facturation_mois_lignes"),
    path("facturation/mois/<mois:mois>/lettres/", mois.lettres, name="facturation_mois_lettres"),
    path("facturation/chiffres/", chiffres.chiffres, name="facturation_chiffres"),
    path("facturation/chiffres/tableau/", chiffres.tableau, name="facturation_chiffres_tableau"),
    path("facturation/attestations/", attestations.attestations, name="facturation_attestations"),
    path(
        "facturation/attestations/<int:annee>/",
        attestations.attestations_annee,
        name="facturation_attestations_annee",
    ),
    path("facturation/attestations/<int:annee>/faire/", attestations.faire, name="facturation_attestations_faire"),
    path(
        "facturation/attestations/<int:annee>/imprimer/",
        attestations.imprimer,
        name="facturation_attestations_imprimer",
    ),
    path("facturation/facture/<numero:numero>/", factures.facture, name="facturation_facture"),
    path("facturation/facture/<numero:numero>/papier/", factures.papier, name="facturation_facture_papier"),
    path("facturation/facture/<int:pk>/change/", factures.facture_change, name="facturation_facture_change"),
    path("facturation/payeurs/<int:pk>/derniere/", factures.derniere, name="facturation_derniere"),
    path("facturation/payeurs/<int:pk>/", payeurs.payeur, name="facturation_payeur"),
    path("facturation/reglages/", reglages.reglages, name="facturation_reglages"),
    path("facturation/signalements/", signalements.signalements, name="facturation_signalements"),
    path("facturation/residences/", payeurs.residences, name="facturation_residences"),
    path("facturation/residences/liste/", lieux.lieux, name="facturation_lieux"),
    path("facturation/residences/liste/ajouter/", lieux.nouveau, name="facturation_lieu_add"),
    path("facturation/residences/liste/<int:pk>/", lieux.lieu, name="facturation_lieu_change"),
    path("facturation/nombres/", nombres.nombres, name="facturation_nombres"),
    path("facturation/quotients/", quotients.quotients, name="facturation_quotients"),
    path("facturation/quotients/importer/", liste.importer_liste, name="facturation_quotients_importer"),
    path("facturation/quotients/ecrire/", quotients.ecrire, name="facturation_quotients_ecrire"),
    *votes,
]
