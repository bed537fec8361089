"""Of which children a preview speaks: the class and its year, how many they are, the names of three. Reads."""

from __future__ import annotations

from django.db.models import F, QuerySet

from enfance.models import Scolarite
from portail.bureau import nommer
from portail.francais import NBSP, pluriel


def effectifs(scolarites: QuerySet[Scolarite], *, par_classe: bool) -> tuple[str, ...]:
    """« CM1 M. Frêne de 2026-2027, 24 enfants : Léa Morel, Tom Roux, Zoé Petit et 21 autres »: a sentence for each
    class of these scolarités, or for each school year where they are not told by class, the year that begins first
    before the others. A child is counted once in each. One query.
    """
    noms: dict[str, dict[int, str]] = {}
    for place in scolarites.select_related("annee", "classe", "enfant").order_by(
        "annee__debut", F("classe__nom").asc(nulls_last=True), "classe", "enfant__tri", "enfant"
    ):
        titre = str(place.annee)
        if par_classe:
            titre = f"{place.classe or place.get_niveau_display()} de {titre}"
        noms.setdefault(titre, {})[place.enfant_id] = str(place.enfant)
    return tuple(
        f"{titre}, {pluriel(len(siens), 'enfant,enfants')}{NBSP}: {nommer(list(siens.values()), len(siens))}"
        for titre, siens in noms.items()
    )
