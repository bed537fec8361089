"""Lines and invoices as tables for a spreadsheet: of a month to come (« à blanc », nothing is issued), or issued.

Amounts are `Decimal`, in euros: numbers that a spreadsheet adds up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from enfance.models import Creneau
from facturation.arrete.preparation import PreparationMois
from facturation.models import Facture, Mois, Prestation
from facturation.montants import valeur
from facturation.payeurs.entetes import load_enfants
from facturation.payeurs.reports import load_reportes
from facturation.prix.tarifs import Residence
from portail.certain import certain

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
NATURES = dict(Prestation.Nature.choices())
RESIDENCES = dict(Residence.choices())


def lignes_a_blanc(preparation: PreparationMois) -> Iterator[list[Any]]:
    """The rows of a table of the lines that closing this month would write, with those that waited, payer by payer;
    nothing is issued. Two queries.
    """
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
    """The rows of a table of the lines of a closed month, as they are frozen: invoice by invoice, then those that wait
    for one.
    """
    creneaux = _creneaux()
    yield from lignes_emises(Facture.objects.filter(mois=mois))
    attente = Prestation.objects.waiting().filter(mois=mois).select_related("enfant", "compte__foyer")
    for ligne in attente.prefetch_related("compte__foyer__responsables__user").order_by("compte", "jour", "pk"):
        enfant = {ligne.cle_enfant: {"prenom": ligne.enfant.prenom, "nom": ligne.enfant.nom}} if ligne.enfant else {}
        tete = [str(ligne.compte), "", EN_ATTENTE]
        yield [*tete, *_ligne(ligne, ligne.cle_enfant, ligne.creneau_id, enfant, creneaux)]


def lignes_emises(factures: QuerySet[Facture]) -> Iterator[list[Any]]:
    """The rows of a table of the lines of these invoices and avoirs, as they are frozen, by number; read little by
    little, never all at once. Two queries.
    """
    creneaux = _creneaux()
    lignes = Prestation.objects.filter(facture__in=factures.order_by()).select_related("facture")
    for ligne in lignes.order_by("facture__annee", "facture__genre", "facture__rang", "jour", "pk").iterator(2000):
        facture = certain(ligne.facture)
        enfants = {int(cle): enfant for cle, enfant in facture.entete["enfants"].items()}
        tete = [*_payeur(facture), facture.numero]
        yield [*tete, *_ligne(ligne, ligne.cle_enfant, ligne.creneau_id, enfants, creneaux)]


TITRES_FACTURES = [
    "Facture",
    "Genre",
    "Émise le",
    "Mois",
    "Payeur",
    "Identifiants",
    "Total",
    "Payé",
    "Reste à payer",
    "À payer avant le",
    "Corrige",
    "Raison",
]


def factures_emises(factures: QuerySet[Facture]) -> Iterator[list[Any]]:
    """The rows of a table of these invoices and avoirs, as they are frozen, with what was paid of each by now; read
    little by little, never all at once. Two queries.
    """
    payees = factures.select_related("mois", "origine").annotate(payee=Coalesce(Sum("imputations__montant"), 0))
    reportes = load_reportes()
    for facture in payees.order_by("annee", "genre", "rang").iterator(2000):
        payee = facture.payee - reportes.get(facture.pk, 0)
        yield [
            facture.numero,
            facture.get_genre_display(),
            timezone.localdate(facture.emise_le),
            f"{facture.mois.premier:%Y-%m}" if facture.mois else "",
            *_payeur(facture),
            valeur(facture.total),
            valeur(payee),
            valeur(max(facture.total, 0) - payee),
            facture.echeance,
            facture.origine.numero if facture.origine else "",
            facture.motif,
        ]


def _payeur(facture: Facture) -> list[str]:
    payeur = facture.entete["payeur"]
    return [payeur["nom"], ", ".join(payeur["identifiants"])]


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
        valeur(ligne.prix),
        valeur(ligne.entier),
        ligne.part,
        valeur(ligne.montant),
        "" if ligne.quotient is None else ligne.quotient,
        ligne.prix_dit.get("lieu") or RESIDENCES.get(ligne.residence, ligne.residence),
        ligne.rang or "",
        ligne.prix_dit.get("tarif", ""),
        ligne.prix_dit.get("deliberation", ""),
        ligne.motif,
    ]
