"""What a sum is made of, in one line for the treasury: « 13 matins × 1,20 €, 21 demi-heures (soir) × 0,80 € ». From
the lines that were frozen. Reads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from facturation.models import Facture, Prestation
from facturation.montants import euros
from facturation.papiers import mots
from facturation.papiers.pourquoi import titre, titre_correction
from facturation.prix.tarifs import UniteTarif
from portail.francais import NBSP

Nature = Prestation.Nature
LOT = 500  # invoices of a query


def load_bases(factures: Collection[int]) -> dict[int, str]:
    """What the sum of each of these invoices (primary keys) is made of, in one French line for the treasury, by primary
    key: « 13 matins × 1,20 €, 21 demi-heures (soir) × 0,80 € »; an invoice without lines is left out. A query by 500.
    """
    bases: dict[int, list[Prestation]] = {}
    cles = sorted(factures)
    for debut in range(0, len(cles), LOT):
        lignes = Prestation.objects.filter(facture__in=cles[debut : debut + LOT]).select_related("creneau")
        for ligne in lignes.order_by("jour", "pk"):
            bases.setdefault(ligne.facture_id or 0, []).append(ligne)
    return {cle: bases_of(lignes) for cle, lignes in bases.items()}


def bases_of(lignes: Iterable[Prestation]) -> str:
    """What the sum of these lines is made of, in one French line for the treasury: « 13 matins × 1,20 €, 21 demi-heures
    (soir) × 0,80 € »; lines of 0 € are left out, and it is empty when all are.
    """
    groupes: dict[tuple[Any, ...], list[Prestation]] = {}
    for ligne in lignes:
        if ligne.montant:
            groupes.setdefault(_cle(ligne), []).append(ligne)
    return ", ".join(_phrase(cle, groupes[cle]) for cle in sorted(groupes, key=lambda cle: tuple(map(str, cle))))


def _cle(ligne: Prestation) -> tuple[Any, ...]:
    """Lines of one cell of the grid: their order, title, unit, price and share; each correction apart."""
    if ligne.nature in {Nature.CORRECTION, Nature.REPORT}:
        return (9, ligne.pk)
    if ligne.nature == Nature.PLAFOND:
        return (8, titre(ligne))
    supplement = ligne.nature not in {Nature.SEANCE, Nature.FORFAIT}
    ordre = (ligne.creneau.ordre if ligne.creneau else 0) + (5 if supplement else 0)
    produit = ligne.quantite * ligne.prix == ligne.entier
    return (
        ordre,
        titre(ligne),
        ligne.prix_dit.get("unite", ""),
        ligne.prix_dit.get("minutes"),
        ligne.prix if produit else ligne.entier,
        ligne.part,
        produit,
    )


def _phrase(cle: tuple[Any, ...], lignes: list[Prestation]) -> str:
    premiere = lignes[0]
    if cle[0] == 9:
        dit = titre_correction(premiere) if premiere.nature == Nature.CORRECTION else titre(premiere)
        return f"correction, {dit.lower()}{NBSP}: {euros(premiere.montant)}"
    if cle[0] == 8 and len(cle) == 2:
        return f"{cle[1].lower()}{NBSP}: {euros(sum(ligne.montant for ligne in lignes))}"
    _, nom, unite, minutes, prix, part, produit = cle
    nombre = sum(ligne.quantite for ligne in lignes) if produit else len(lignes)
    if unite in {UniteTarif.TRANCHE, UniteTarif.MOIS} and produit:
        compte = f"{mots.combien(nombre, unite, minutes)} ({nom.lower()})"
    else:
        compte = f"{nombre}{NBSP}{_pluriel(nom.lower()) if nombre > 1 else nom.lower()}"
    return f"{compte} × {euros(prix)}{f', part de {part}{NBSP}%' if part < 100 else ''}"


def _pluriel(nom: str) -> str:
    """« matins », « retards le soir », « absences non excusées »."""
    premier, *suite = nom.split(" ", 1)
    pluriels = premier if premier[-1] in "sx" else f"{premier}s"
    return " ".join([pluriels, *(reste + "s" if reste == "non excusée" else reste for reste in suite)])


def objet_of(facture: Facture) -> str:
    """What an invoice is for, in words for the treasury: « Garderie de novembre 2026 »; « Garderie » for an invoice of
    no month.
    """
    if facture.mois is None:
        return "Garderie"
    return f"Garderie {mots.de_mois(facture.mois.premier)} {facture.mois.premier.year}"
