"""The form of a price list."""

from __future__ import annotations


def typed(vote, *creneaux, rangees=None, **fields):
    """What the page of a tariff sends: two tranches a residence and the unknown quotient, one price each."""
    grille = rangees or {
        "commune-1": ("0", "599", "0,55"),
        "commune-2": ("600", "", "0,70"),
        "hors-1": ("0", "", "1,40"),
    }
    data = {
        "genre": "prix",
        "nom": "Soir",
        "deliberation": vote.pk,
        "debut": "2027-01-04",
        "creneaux": [creneau.pk for creneau in creneaux],
        "moment": "",
        "unite": "tranche",
        "minutes": "30",
        "base": "inscription",
        "tranches_absent": "1",
        "arrondi": "1",
        "axe": "rang",
        "tolerance": "0",
        "jours": "",
        "colonnes": "3",
        "plus": "",
        "rangee": list(grille),
        "essai-residence": "commune",
        "essai-qf": "",
        "essai-enfants": "1",
        "essai-fois": "1",
        "essai-duree": "",
    }
    for cle, (de, a, p1) in grille.items():
        data |= {f"{cle}-de": de, f"{cle}-a": a, f"{cle}-p1": p1, f"{cle}-p2": "", f"{cle}-p3": ""}
    for residence in ("commune", "hors"):
        data |= {f"{residence}-inconnu-p1": "2", f"{residence}-inconnu-p2": "", f"{residence}-inconnu-p3": ""}
    return data | fields
