"""What a family's papers call its children: by their first name, and by more where two would be read as one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from enfance.models import Enfant
from facturation.models import Facture
from facturation.papiers import mots


class EnfantNomme(NamedTuple):
    """A child as a file, or an invoice, names it; the birth date in ISO, empty when it is not known."""

    prenom: str
    nom: str
    naissance: str


def fiche_of(enfant: Enfant) -> EnfantNomme:
    """The names and birth date of this child's file, as papers compare them."""
    return EnfantNomme(enfant.prenom, enfant.nom, enfant.date_naissance.isoformat())


def prenoms_of(fiches: Mapping[int, EnfantNomme]) -> dict[int, str]:
    """What papers call each of these children, by the same keys: « Léa »; « Léa Lefort » beside another Léa, « Léa (2
    janvier 2018) » beside another Léa Lefort.
    """
    prenoms = Counter(fiche.prenom for fiche in fiches.values())
    entiers = Counter((fiche.prenom, fiche.nom) for fiche in fiches.values())
    dits = {}
    for cle, (prenom, nom, naissance) in fiches.items():
        if prenoms[prenom] == 1:
            dits[cle] = prenom
        elif entiers[prenom, nom] == 1:
            dits[cle] = f"{prenom} {nom}"
        else:
            dits[cle] = f"{prenom} ({mots.jour_vote(date.fromisoformat(naissance))})" if naissance else prenom
    return dits


def prenoms_vivants(enfants: Iterable[Enfant]) -> dict[int, str]:
    """What papers call each of these children, by primary key, from their files of today: the first name, and more
    where two would be read as one.
    """
    return prenoms_of({enfant.pk: fiche_of(enfant) for enfant in enfants})


def prenoms_geles(facture: Facture) -> list[str]:
    """What papers call the children of this invoice, the oldest first, from the names that it froze: the first name,
    and more where two would be read as one.
    """
    geles = facture.entete.get("enfants", {}).values()
    fiches = [EnfantNomme(e["prenom"], e.get("nom", ""), e.get("naissance", "")) for e in geles]
    fiches.sort(key=lambda fiche: (fiche.naissance, fiche.prenom))
    return list(prenoms_of(dict(enumerate(fiches))).values())
