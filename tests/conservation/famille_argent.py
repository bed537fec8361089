"""What the whole family and its neighbours owe and paid: their names stand in each table of money."""

from __future__ import annotations

from datetime import date

from enfance.models import Creneau
from facturation.models import (
    Facture,
    Justification,
    Partage,
    ReglageFacturation,
    Relance,
    ReponseAbsence,
    SignalementFacture,
)
from facturation.payeurs.comptes import compte_of
from tests.conservation.famille_entiere import Scene
from tests.facturation.grille import make_tarifs
from tests.facturation.registres.argent import make_argent

# The columns of what was issued: they keep the names that they bear.
PIECES = {
    "facturation_attestation.contenu",
    "facturation_encaissement.contenu",
    "facturation_encaissement.payeur",
    "facturation_encaissement.signe",
    "facturation_facture.entete",
    "facturation_facture.motif",
    "facturation_prestation.faits",
}


def add_argent(scene: Scene) -> None:
    """Three payers, two of whom share Oriandre; what others wrote of the family."""
    make_tarifs()
    ReglageFacturation.objects.create()
    ysolde, maxence, paloma = (scene.adulte(prenom) for prenom in ("Ysolde", "Maxence", "Paloma"))
    oriandre = scene.enfant("Oriandre")
    for adulte, enfant in ((ysolde, scene.enfant("Thymoline")), (maxence, oriandre), (paloma, scene.enfant("Zelie"))):
        make_argent(adulte.foyer, enfant, adulte.user, agent=scene.secretaire)
    Partage.objects.create(enfant=oriandre, compte=compte_of(ysolde.foyer), part=50)
    jour, midi = date(2026, 11, 9), Creneau.objects.get(code="midi")
    Justification.objects.create(enfant=oriandre, jour=jour, raison="famille", dite_par=ysolde.user)
    ReponseAbsence.objects.create(
        enfant=oriandre, jour=jour, creneau=midi, reponse="facturee", motif="Ysolde Quirvanne a prévenu trop tard"
    )
    facture = Facture.objects.get(compte__foyer=maxence.foyer, genre="F")
    SignalementFacture.objects.create(facture=facture, texte="C’était le tour de Thymoline Quirvanne.")
    Relance.objects.create(facture=facture, genre="premier", motif="Balderic Trasquin a répondu")
