"""What PayFiP is asked and answers."""

from __future__ import annotations

from datetime import timedelta

from facturation.payfip.echange import (
    DemandePayfip,
    EtatPayfip,
    ReponsePayfip,
)

MEL = "camille@courriel.example"


def minutes(combien: int) -> timedelta:
    return timedelta(minutes=combien)


REPONSE = ReponsePayfip(
    idop="cc0cb210-1cd4-11ea-8cca-0213ad91a103",
    etat=EtatPayfip.PAYE,
    code="P",
    numcli="090909",
    refdet="F20260349",
    montant=6580,
    saisie="T",
    dattrans="03122026",
    heurtrans="2053",
)

DEMANDE = DemandePayfip(
    numcli="090909",
    exer="2026",
    refdet="F20260349",
    objet="Facture F 2026 0349",
    montant=6580,
    mel="camille.durand@famille.example",
    saisie="T",
    urlnotif="http://127.0.0.1:9/paiement/notification/",
    urlredirect="http://127.0.0.1:9/paiement/retour/",
)
