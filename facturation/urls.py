"""The family's addresses of money, and the two that the payment service calls."""

from __future__ import annotations

from django.urls import path, register_converter

from facturation.factures import pages as factures
from facturation.factures import pages_papier as papiers
from facturation.views import paiement
from facturation.views.converters import NumeroConverter, NumeroRecuConverter
from facturation.views.famille import absences, attestations, payer, planning, quotient, tout_payer
from facturation.views.regie import aide

register_converter(NumeroConverter, "numero")
register_converter(NumeroRecuConverter, "recu")

app_name = "facturation"
urlpatterns = [
    path("aide/regie/", aide.regie, name="aide_regie"),
    path("aide/regie/captures/<str:image>", aide.regie_image, name="aide_regie_image"),
    path("factures/", factures.factures, name="factures"),
    path("factures/absences/", absences.absences, name="absences"),
    path("factures/tarif/", factures.tarifs, name="tarifs"),
    path("factures/prix/<mois:mois>/", planning.prix, name="prix"),
    path("factures/devient/<mois:mois>/", planning.devient, name="devient"),
    path("factures/quotient/", quotient.quotient, name="quotient"),
    path("factures/payer/", tout_payer.tout_payer, name="tout_payer"),
    path("factures/<numero:numero>/", factures.facture, name="facture"),
    path("factures/<numero:numero>/payer/", payer.payer, name="payer"),
    path("factures/<numero:numero>/payer/<int:pk>/", payer.essai, name="essai_paiement"),
    path("paiement/notification/", paiement.notification, name="paiement_notification"),
    path("paiement/retour/", paiement.retour, name="paiement_retour"),
    path("paiement/reponse/", paiement.reponse, name="paiement_reponse"),
    path("paiement/suite/", payer.suite, name="paiement_suite"),
    path("factures/<numero:numero>/papier/", papiers.facture_papier, name="facture_papier"),
    path("factures/<numero:numero>/facture.pdf", papiers.facture_pdf, name="facture_pdf"),
    path("recus/<recu:numero>/", papiers.recu, name="recu"),
    path("recus/<recu:numero>/recu.pdf", papiers.recu_pdf, name="recu_pdf"),
    path("attestations/<int:annee>/", attestations.attestation, name="attestation"),
    path("attestations/<int:annee>/attestation.pdf", attestations.attestation_pdf, name="attestation_pdf"),
]
