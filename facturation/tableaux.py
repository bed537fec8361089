"""The lines of a month as a table for a spreadsheet: of a month to come (« à blanc », nothing is issued), or closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from enfance.models import Creneau
from facturation.entetes import load_enfants
from facturation.models import Mois, Prestation, Residence
from facturation.montants import euros_csv
from facturation.preparation import Preparation

TITRES = [
    "Payeur",
    "Identifiants",
    "Facture",
    "Enfant",
    "Jour",
    "Créneau",
    "Nature",
    "Quantité",
    "Prix",
    "Avant partage",
    "Part",
    "Montant",
    "Quotient",
    "Résidence",
    "Rang",
    "Tarif",
    "Délibération",
    "Raison",
]
A_VENIR, EN_ATTENTE = "à venir", "en attente"
NATURES = dict(Prestation.Nature.choices)
RESIDENCES = dict(Residence.choices)


def lignes_a_blanc(preparation: Preparation) -> Iterator[list[Any]]:
    """The lines that closing this month would write, and those that waited, payer by payer. Two queries."""
    creneaux = _creneaux()
    cles = {ligne.enfant for projet in preparation.projets for ligne in projet.charges}
    cles |= {ligne.cle_enfant for projet in preparation.projets for ligne in projet.attente}
    enfants = load_enfants(cles)
    for projet in preparation.projets:
        facture = A_VENIR if projet.genre else EN_ATTENTE
        tete = [projet.identite.nom, ", ".join(projet.identite.identifiants), facture]
        for ligne in projet.attente:
            yield [*tete, *_ligne(ligne, ligne.cle_enfant, ligne.creneau_id, enfants, creneaux)]
        for charge in projet.charges:
            yield [*tete, *_ligne(charge, charge.enfant, charge.creneau, enfants, creneaux)]


def lignes_arretees(mois: Mois) -> Iterator[list[Any]]:
    """The lines of a closed month, invoice by invoice, as they are frozen."""
    creneaux = _creneaux()
    lignes = Prestation.objects.filter(facture__mois=mois).select_related("facture")
    for ligne in lignes.order_by("facture__rang", "jour", "pk").iterator(2000):
        assert ligne.facture is not None
        entete = ligne.facture.entete
        tete = [entete["payeur"]["nom"], ", ".join(entete["payeur"]["identifiants"]), ligne.facture.numero]
        enfants = {int(cle): enfant for cle, enfant in entete["enfants"].items()}
        yield [*tete, *_ligne(ligne, ligne.cle_enfant, ligne.creneau_id, enfants, creneaux)]
    attente = Prestation.objects.waiting().filter(mois=mois).select_related("enfant", "compte__foyer")
    for ligne in attente.prefetch_related("compte__foyer__responsables__user").order_by("compte", "jour", "pk"):
        enfant = {ligne.cle_enfant: {"prenom": ligne.enfant.prenom, "nom": ligne.enfant.nom}} if ligne.enfant else {}
        tete = [str(ligne.compte), "", EN_ATTENTE]
        yield [*tete, *_ligne(ligne, ligne.cle_enfant, ligne.creneau_id, enfant, creneaux)]


def _creneaux() -> dict[int, str]:
    return dict(Creneau.objects.order_by().values_list("pk", "nom_court"))


def _ligne(
    ligne: Any,
    enfant: int,
    creneau: int | None,
    enfants: Mapping[int, Mapping[str, str]],
    creneaux: Mapping[int, str],
) -> Iterable[Any]:
    """What one line says after its payer; it is a `Charge` or a `Prestation`."""
    dit = enfants.get(enfant)
    return [
        f"{dit['prenom']} {dit['nom']}" if dit else "",
        ligne.jour.isoformat(),
        creneaux.get(creneau, "") if creneau else "",
        NATURES[ligne.nature],
        ligne.quantite,
        euros_csv(ligne.prix),
        euros_csv(ligne.entier),
        ligne.part,
        euros_csv(ligne.montant),
        "" if ligne.quotient is None else ligne.quotient,
        RESIDENCES[ligne.residence],
        ligne.rang or "",
        ligne.prix_dit.get("tarif", ""),
        ligne.prix_dit.get("deliberation", ""),
        ligne.motif,
    ]
